"""The state of a module: as a dict, from a dict, and other tensors in the place of its own."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

from ...autograd.grad_mode import no_grad
from ...tensor import Tensor


class _IncompatibleKeys(namedtuple("IncompatibleKeys", "missing_keys unexpected_keys")):
    """What load_state_dict did not find, and what it did not expect."""

    def __repr__(self) -> str:
        return super().__repr__() if any(self) else "<All keys matched successfully>"


def entries(module: Any, prefix: str = "") -> dict[str, tuple[dict[str, Any], str]]:
    """The parameters and persistent buffers of a module and of those in it: where each is kept, and its name there."""
    found: dict[str, tuple[dict[str, Any], str]] = {}
    for place, left_out in ((module._parameters, ()), (module._buffers, module._non_persistent)):
        found |= {prefix + n: (place, n) for n, t in place.items() if t is not None and n not in left_out}
    for name, child in module._modules.items():
        if child is not None:
            found |= entries(child, f"{prefix}{name}.")
    return found


def state_dict(module: Any, prefix: str, keep_vars: bool) -> OrderedDict[str, Tensor]:
    """Parameters and persistent buffers: detached, sharing memory; with keep_vars themselves."""
    kept = entries(module, prefix)
    return OrderedDict((n, place[short] if keep_vars else place[short].detach()) for n, (place, short) in kept.items())


def load_state_dict(module: Any, state: Mapping[str, Tensor], strict: bool, assign: bool) -> _IncompatibleKeys:
    """Copy the tensors of a state_dict into the module's own; with assign, put them in their place."""
    if not isinstance(state, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state)}.")
    own, wrong = entries(module), []
    missing = [n for n in own if n not in state]
    unexpected = [n for n in state if n not in own]
    if strict and unexpected:
        wrong.append("Unexpected key(s) in state_dict: {}. ".format(", ".join(f'"{n}"' for n in unexpected)))
    if strict and missing:
        wrong.insert(0, "Missing key(s) in state_dict: {}. ".format(", ".join(f'"{n}"' for n in missing)))
    with no_grad():
        for name, (place, short) in own.items():
            given = state.get(name)
            if given is None:
                continue
            if given.shape != place[short].shape:
                wrong.append(
                    f"size mismatch for {name}: copying a param with shape {given.shape} from checkpoint, the shape in "
                    f"current model is {place[short].shape}."
                )
            elif assign:
                place[short] = as_one_of(given, place[short])
            else:
                place[short].copy_(given)
    if wrong:
        raise RuntimeError(f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join(wrong))
    return _IncompatibleKeys(missing, unexpected)


def as_one_of(given: Tensor, own: Tensor) -> Tensor:
    from ..parameter import Parameter

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
