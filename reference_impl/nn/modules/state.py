"""The state of a module: as a dict, from a dict, and other tensors in the place of its own."""

from __future__ import annotations

import warnings
from collections import OrderedDict, namedtuple
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

from ...autograd.grad_mode import no_grad
from ...graph.hooks import RemovableHandle, register
from ...tensor import Tensor
from ..parameter import Parameter, is_lazy

EXTRA = "_extra_state"
FROM_PUBLIC = "_from_public_api"  # what marks a hook that must return None
NO_EXTRA = (
    "Reached a code path in Module.get_extra_state() that should never be called. Please file an issue at "
    "https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml to report this bug."
)
POSITIONAL = (
    "Positional args are being deprecated, use kwargs instead. Refer to "
    "https://pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.state_dict for details."
)


class _IncompatibleKeys(namedtuple("IncompatibleKeys", "missing_keys unexpected_keys")):
    """What load_state_dict did not find, and what it did not expect."""

    def __repr__(self) -> str:
        return super().__repr__() if any(self) else "<All keys matched successfully>"


class WithState:
    """The part of a Module that is saved and loaded. Subclasses may override the methods with an underscore."""

    _version = 1

    def make_state_hooks(self) -> None:
        """Called once, by Module.__init__."""
        self.__dict__["_state_hooks"] = {kind: OrderedDict() for kind in ("before", "after", "loading", "loaded")}

    def get_extra_state(self) -> Any:
        raise RuntimeError(NO_EXTRA)

    def set_extra_state(self, state: Any) -> None:
        raise RuntimeError(NO_EXTRA)

    def _kept(self: Any) -> dict[str, Tensor]:
        """Parameters and persistent buffers."""
        buffers = {n: b for n, b in self._buffers.items() if n not in self._non_persistent_buffers_set}
        return {n: t for n, t in {**self._parameters, **buffers}.items() if t is not None}

    def _has_extra(self: Any, method: str) -> bool:
        return getattr(type(self), method) is not getattr(WithState, method)

    # -- as a dict
    def state_dict(
        self: Any, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> OrderedDict[str, Any]:
        """Parameters and persistent buffers: detached, sharing memory; with keep_vars themselves
        (source: torch.nn.Module.state_dict)."""
        if args:
            warnings.warn(POSITIONAL, FutureWarning, stacklevel=2)
            given = dict(zip(("destination", "prefix", "keep_vars"), args, strict=False))
            return self.state_dict(**{"destination": destination, "prefix": prefix, "keep_vars": keep_vars} | given)
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = metadata
        for hook in self._state_hooks["before"].values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, child in self._modules.items():
            if child is not None:
                child.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in self._state_hooks["after"].values():
            found = hook(self, destination, prefix, metadata)
            if found is not None and getattr(hook, FROM_PUBLIC, False):
                raise RuntimeError("state_dict post-hook must return None")
            destination = destination if found is None else found
        return destination

    def _save_to_state_dict(self: Any, destination: Any, prefix: str, keep_vars: bool) -> None:
        for name, t in self._kept().items():
            destination[prefix + name] = t if keep_vars or is_lazy(t) else t.detach()
        if self._has_extra("get_extra_state"):
            destination[prefix + EXTRA] = self.get_extra_state()

    # -- from a dict
    def load_state_dict(
        self: Any, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> _IncompatibleKeys:
        """Copy the tensors of a state_dict into the module's own; with assign, put them in their place
        (source: torch.nn.Module.load_state_dict)."""
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        metadata, state = getattr(state_dict, "_metadata", None) or {}, OrderedDict(state_dict)
        missing: list[str] = []
        unexpected: list[str] = []
        wrong: list[str] = []

        load_all(self, state, "", metadata, assign, (missing, unexpected, wrong))
        if strict:
            for keys, words in ((unexpected, "Unexpected"), (missing, "Missing")):
                if keys:
                    wrong.insert(0, words + " key(s) in state_dict: {}. ".format(", ".join(f'"{k}"' for k in keys)))
        if wrong:
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t" + "\n\t".join(wrong))
        return _IncompatibleKeys(missing, unexpected)

    def _load_from_state_dict(
        self: Any, state_dict: Any, prefix: str, local_metadata: dict[str, Any], strict: bool, missing_keys: list[str],
        unexpected_keys: list[str], error_msgs: list[str],
    ) -> None:  # fmt: skip
        """What concerns this module alone."""
        for hook in self._state_hooks["loading"].values():
            hook(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        own = self._kept()
        for name, t in own.items():
            if prefix + name in state_dict:
                given = state_dict[prefix + name]
                found = load_one(self, name, t, prefix + name, given, "assign_to_params_buffers" in local_metadata)
                error_msgs.extend([found] if found else [])
            elif strict:
                missing_keys.append(prefix + name)
        extra = prefix + EXTRA
        if self._has_extra("set_extra_state") and extra in state_dict:
            self.set_extra_state(state_dict[extra])
        elif strict and self._has_extra("set_extra_state"):
            missing_keys.append(extra)
        elif strict and extra in state_dict:
            unexpected_keys.append(extra)
        for key in state_dict if strict else ():
            if key.startswith(prefix) and key != extra:
                first, dot, _ = key[len(prefix) :].partition(".")
                if first not in (self._modules if dot else own):
                    unexpected_keys.append(key)

    # -- hooks
    def register_state_dict_pre_hook(self: Any, hook: Any) -> RemovableHandle:
        """Call hook(module, prefix, keep_vars) before state_dict."""
        return register(self._state_hooks["before"], hook)

    def register_state_dict_post_hook(self: Any, hook: Any) -> RemovableHandle:
        """Call hook(module, state_dict, prefix, local_metadata) after state_dict; it may change the dict in place."""
        setattr(hook, FROM_PUBLIC, True)
        return register(self._state_hooks["after"], hook)

    def register_load_state_dict_pre_hook(self: Any, hook: Any) -> RemovableHandle:
        """Call hook(module, state_dict, prefix, local_metadata, strict, missing, unexpected, errors) before loading."""
        return register(self._state_hooks["loading"], hook)

    def register_load_state_dict_post_hook(self: Any, hook: Any) -> RemovableHandle:
        """Call hook(module, incompatible_keys) after loading; it may change the keys in place."""
        return register(self._state_hooks["loaded"], hook)

    def _register_load_state_dict_pre_hook(self: Any, hook: Any, with_module: bool = False) -> RemovableHandle:
        """The former register_load_state_dict_pre_hook, whose hook does not receive the module."""
        return self.register_load_state_dict_pre_hook(hook if with_module else lambda _, *given: hook(*given))

    def _register_state_dict_hook(self: Any, hook: Any) -> RemovableHandle:
        """The former register_state_dict_post_hook, whose hook may return another dict."""
        if getattr(hook, FROM_PUBLIC, False):
            raise RuntimeError(
                "Cannot register the same function as the state dict post hook that was previously registered via "
                "register_state_dict_post_hook"
            )
        return register(self._state_hooks["after"], hook)


def load_all(module: Any, state: Any, prefix: str, metadata: Any, assign: bool, lists: tuple) -> None:
    """Load a module and those in it. Each sees the part of the state that is under its name."""
    local = {**metadata.get(prefix[:-1], {}), **({"assign_to_params_buffers": True} if assign else {})}
    missing, unexpected, wrong = lists
    module._load_from_state_dict(state, prefix, local, True, missing, unexpected, wrong)
    for name, child in module._modules.items():
        if child is not None:
            start = f"{prefix}{name}."
            own = OrderedDict((k, v) for k, v in state.items() if k.startswith(start))
            load_all(child, own, start, metadata, assign, lists)
    keys = _IncompatibleKeys(missing, unexpected)
    for hook in module._state_hooks["loaded"].values():
        if hook(module, keys) is not None:
            raise AssertionError(
                "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new values, if "
                "incompatible_keys need to be modified, it should be done inplace."
            )


def load_one(module: Any, name: str, own: Tensor, key: str, given: Any, assign: bool) -> str:
    """Load one tensor; what is wrong with it, in torch's words."""
    if not isinstance(given, Tensor):
        return (
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from checkpoint but '
            f"received {type(given)}"
        )
    if is_lazy(given) and is_lazy(own):
        return ""
    if given.shape != own.shape:
        return (
            f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, the shape in current "
            f"model is {own.shape}."
        )
    if assign:
        setattr(module, name, as_one_of(given, own))
    else:
        with no_grad():
            own.copy_(given)
    return ""


def as_one_of(given: Tensor, own: Tensor) -> Tensor:
    if isinstance(own, Parameter) and not isinstance(given, Parameter):
        return Parameter(given, own.requires_grad)
    return given.requires_grad_(own.requires_grad)


@contextmanager
def swapped(module: Any, tensors: dict[str, Tensor]) -> Any:
    """A block in which a module has other tensors in place of its parameters and buffers."""
    before = []
    for path, t in tensors.items():
        *way, name = path.split(".")
        owner = module.get_submodule(".".join(way))
        place = owner._parameters if name in owner._parameters else owner._buffers
        if name not in place:
            raise AttributeError(f"{type(owner).__name__} has no attribute `{name}`")
        before.append((place, name, place[name]))
        place[name] = t
    try:
        yield
    finally:
        for place, name, t in reversed(before):
            place[name] = t
