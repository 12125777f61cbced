"""Module: parameters, buffers and modules by name, training mode, hooks (source: torch.nn.Module)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ...graph.hooks import RemovableHandle, register
from ...tensor import Tensor
from ..parameter import Buffer, Parameter
from .backward_hooks import BackwardHook

GLOBAL: dict[str, dict[int, Any]] = {"forward_pre": {}, "forward": {}, "backward_pre": {}, "backward": {}}


class Module:
    """Subclass it, assign Parameters and Modules in __init__ after super().__init__(), and define forward."""

    training: bool

    def __init__(self) -> None:
        fresh: dict[str, Any] = {"training": True, "_non_persistent": set()}
        for name in ("_parameters", "_buffers", "_modules"):
            fresh[name] = OrderedDict()
        for kind in GLOBAL:
            fresh[f"_{kind}_hooks"] = OrderedDict()
        self.__dict__.update(fresh)

    def forward(self, *_: Any) -> Any:
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    # -- attributes
    def __setattr__(self, name: str, value: Any) -> None:
        kinds = (("_parameters", Parameter), ("_modules", Module), ("_buffers", Buffer))
        for place, cls in kinds:
            if isinstance(value, cls):
                if place not in self.__dict__:
                    what = {"_parameters": "parameters", "_modules": "module", "_buffers": "buffers"}[place]
                    raise AttributeError(f"cannot assign {what} before {'Module.__init__() call'}")
                self.forget(name)
                self.__dict__[place][name] = value
                if cls is Buffer and not value.persistent:
                    self._non_persistent.add(name)
                return
        for place, _ in kinds:
            known = self.__dict__.get(place, {})
            if name in known:
                if value is not None and not (place == "_buffers" and isinstance(value, Tensor)):
                    what = {"_parameters": "parameter", "_modules": "child module", "_buffers": "buffer"}[place]
                    want = {
                        "_parameters": "torch.nn.Parameter",
                        "_modules": "torch.nn.Module",
                        "_buffers": "torch.Tensor",
                    }
                    raise TypeError(
                        f"cannot assign '{typename(value)}' as {what} '{name}' ({want[place]} or None expected)"
                    )
                known[name] = value
                return
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        for place in ("_parameters", "_buffers", "_modules"):
            known = self.__dict__.get(place, {})
            if name in known:
                return known[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        if not self.forget(name):
            object.__delattr__(self, name)

    def forget(self, name: str) -> bool:
        found = False
        for place in ("_parameters", "_buffers", "_modules"):
            found |= self.__dict__[place].pop(name, self) is not self
        self.__dict__.pop(name, None)
        return found

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{typename(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        self._buffers[name] = tensor
        if not persistent:
            self._non_persistent.add(name)

    def register_module(self, name: str, module: Module | None) -> None:
        self._modules[name] = module

    add_module = register_module

    # -- walking
    def named_modules(self, memo: set | None = None, prefix: str = "") -> Iterator[tuple[str, Module]]:
        memo = set() if memo is None else memo
        if self not in memo:
            memo.add(self)
            yield prefix, self
            for name, child in self._modules.items():
                if child is not None:
                    yield from child.named_modules(memo, prefix + ("." if prefix else "") + name)

    def named_members(self, place: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen = set()
        for start, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
            for name, value in module.__dict__[place].items():
                if value is not None and id(value) not in seen:
                    seen.add(id(value))
                    yield start + ("." if start else "") + name, value

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        return self.named_members("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        return self.named_members("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        return (b for _, b in self.named_buffers(recurse=recurse))

    def modules(self) -> Iterator[Module]:
        return (m for _, m in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        return ((n, m) for n, m in self._modules.items() if m is not None)

    def children(self) -> Iterator[Module]:
        return (m for _, m in self.named_children())

    def get_parameter(self, target: str) -> Parameter:
        *path, name = target.split(".")
        return getattr(self.get_submodule(".".join(path)), name)

    def get_submodule(self, target: str) -> Module:
        found = self
        for name in filter(None, target.split(".")):
            found = getattr(found, name)
        return found

    # -- changing all
    def train(self, mode: bool = True) -> Module:
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        for m in self.modules():
            m.training = mode
        return self

    def eval(self) -> Module:
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        zero_grads(self.parameters(), set_to_none)

    def apply(self, fn: Callable[[Module], None]) -> Module:
        for m in self.children():
            m.apply(fn)
        fn(self)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Module:
        for t in (*self.parameters(), *self.buffers()):
            if t.is_floating_point():
                t.data = t.detach().to(*args, **kwargs)
        return self

    def double(self) -> Module:
        from ... import dtypes

        return self.to(dtypes.float64)

    def float(self) -> Module:
        from ... import dtypes

        return self.to(dtypes.float32)

    def state_dict(self, *, keep_vars: bool = False) -> OrderedDict:
        """Parameters and persistent buffers: detached, sharing memory; with keep_vars themselves."""
        held = OrderedDict()
        for start, module in self.named_modules():
            kept = {n: b for n, b in module._buffers.items() if n not in module._non_persistent}
            for name, t in (*module._parameters.items(), *kept.items()):
                if t is not None:
                    held[start + ("." if start else "") + name] = t if keep_vars else t.detach()
        return held

    def load_state_dict(self, state: dict[str, Tensor], strict: bool = True) -> None:
        from ...autograd.grad_mode import no_grad

        own = {**dict(self.named_parameters()), **dict(self.named_buffers())}
        if strict and own.keys() ^ state.keys():
            missing, extra = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
            raise RuntimeError(
                f"Error(s) in loading state_dict for {type(self).__name__}:\n\tMissing key(s): {missing}. "
                f"Unexpected key(s): {extra}. "
            )
        with no_grad():
            for name in own.keys() & state.keys():
                own[name].copy_(state[name])

    # -- hooks and calling
    def register_forward_pre_hook(self, hook: Any) -> RemovableHandle:
        return register(self._forward_pre_hooks, hook)

    def register_forward_hook(self, hook: Any) -> RemovableHandle:
        return register(self._forward_hooks, hook)

    def register_full_backward_hook(self, hook: Any) -> RemovableHandle:
        """Call hook(module, grad_input, grad_output); what it returns replaces grad_input."""
        return register(self._backward_hooks, hook)

    def register_full_backward_pre_hook(self, hook: Any) -> RemovableHandle:
        """Call hook(module, grad_output); what it returns replaces grad_output."""
        return register(self._backward_pre_hooks, hook)

    def hooks(self, kind: str) -> list[Any]:
        return [*GLOBAL[kind].values(), *self.__dict__[f"_{kind}_hooks"].values()]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for hook in self.hooks("forward_pre"):
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        backward, before = self.hooks("backward"), self.hooks("backward_pre")
        watch = BackwardHook(self, backward, before) if backward or before else None
        if watch is not None:
            args = watch.inputs(args)
        output = self.forward(*args, **kwargs)
        for hook in self.hooks("forward"):
            changed = hook(self, args, output)
            output = output if changed is None else changed
        return output if watch is None else watch.outputs(output)

    # -- showing
    def extra_repr(self) -> str:
        return ""

    def __repr__(self) -> str:
        children = [f"({n}): {repr(m).replace(chr(10), chr(10) + '  ')}" for n, m in self._modules.items()]
        lines = ([self.extra_repr()] if self.extra_repr() else []) + children
        if not children:
            return f"{type(self).__name__}({''.join(lines)})"
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"


def typename(x: Any) -> str:
    module = type(x).__module__.replace(__package__.partition(".")[0], "torch", 1)
    if isinstance(x, Tensor) and not isinstance(x, Parameter):
        return "torch.FloatTensor"
    return type(x).__name__ if module == "builtins" else f"{module}.{type(x).__name__}"


def zero_grads(parameters: Any, set_to_none: bool) -> None:
    for p in parameters:
        if p.grad is None:
            continue
        if set_to_none:
            p.grad = None
        else:
            p.grad = p.grad.detach() if p.grad.grad_fn is not None else p.grad.requires_grad_(False)
            p.grad.zero_()


def register_module_full_backward_hook(hook: Any) -> RemovableHandle:
    """For every module (source: torch.nn.modules.module)."""
    return register(GLOBAL["backward"], hook)


def register_module_full_backward_pre_hook(hook: Any) -> RemovableHandle:
    return register(GLOBAL["backward_pre"], hook)


def register_module_forward_hook(hook: Any) -> RemovableHandle:
    return register(GLOBAL["forward"], hook)


def register_module_forward_pre_hook(hook: Any) -> RemovableHandle:
    return register(GLOBAL["forward_pre"], hook)


@contextmanager
def swapped(module: Module, tensors: dict[str, Tensor]) -> Any:
    """A block in which a module has other tensors in place of its parameters and buffers."""
    before = []
    for path, t in tensors.items():
        *way, name = path.split(".")
        owner = module.get_submodule(".".join(way))
        place = owner._parameters if name in owner._parameters else owner._buffers
        before.append((place, name, place[name]))
        place[name] = t
    try:
        yield
    finally:
        for place, name, t in reversed(before):
            place[name] = t
