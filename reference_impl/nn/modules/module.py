"""Module: parameters, buffers and modules by name, training mode, hooks (source: torch.nn.Module)."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ... import dtypes
from ...tensor import Tensor
from ..parameter import Buffer, Parameter, is_lazy
from . import calling, state
from .global_hooks import *  # noqa: F403  (this is where torch has them)
from .global_hooks import GLOBAL, REGISTRATION
from .state import _IncompatibleKeys  # noqa: F401  (libraries take it from here)
from .walking import Walking

# under torch's names, for those who look at them or clear them
_global_forward_pre_hooks, _global_forward_hooks = GLOBAL["forward_pre"], GLOBAL["forward"]
_global_backward_pre_hooks, _global_backward_hooks = GLOBAL["backward_pre"], GLOBAL["backward"]
_global_last_node_hooks = GLOBAL["last_node"]  # the deprecated ones, which torch has among the backward hooks
_global_parameter_registration_hooks = REGISTRATION["_parameters"]
_global_buffer_registration_hooks = REGISTRATION["_buffers"]
_global_module_registration_hooks = REGISTRATION["_modules"]

COMPLEX = (
    "Complex modules are a new feature under active development whose design may change, and some modules might not work as "
    "expected when using complex tensors as parameters or buffers. Please file an issue at "
    "https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml if a complex module does not work as expected."
)


class Module(calling.WithHooks, state.WithState, Walking):
    """Subclass it, assign Parameters and Modules in __init__ after super().__init__(), and define forward."""

    training: bool
    call_super_init = False  # whether __init__ calls that of the next class, which it does not otherwise

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init and (args or kwargs):
            self.refuse_arguments(args, kwargs)
        fresh: dict[str, Any] = {"training": True, "_non_persistent_buffers_set": set()}
        for name in ("_parameters", "_buffers", "_modules"):
            fresh[name] = OrderedDict()
        self.__dict__.update(fresh)
        self.make_hooks()
        self.make_state_hooks()
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def refuse_arguments(self, args: tuple, kwargs: dict[str, Any]) -> None:
        what = f"{type(self).__name__}.__init__()"
        if kwargs:
            raise TypeError(f"{what} got an unexpected keyword argument '{next(iter(kwargs))}'")
        raise TypeError(f"{what} takes 1 positional argument but {len(args) + 1} were given")

    # -- attributes
    def __setattr__(self, name: str, value: Any) -> None:
        kinds = (("_parameters", Parameter), ("_modules", Module), ("_buffers", Buffer))
        for place, cls in kinds:
            if isinstance(value, cls):
                if place not in self.__dict__:
                    what = {"_parameters": "parameters", "_modules": "module", "_buffers": "buffers"}[place]
                    raise AttributeError(f"cannot assign {what} before Module.__init__() call")
                self.forget(name, place)
                self.keep(place, name, value)
                if cls is Buffer:
                    kept = self._non_persistent_buffers_set
                    (kept.discard if value.persistent else kept.add)(name)
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
                self.keep(place, name, value)
                return
        object.__setattr__(self, name, value)

    def keep(self, place: str, name: str, value: Any) -> None:
        for hook in REGISTRATION[place].values():
            changed = hook(self, name, value)
            value = value if changed is None else changed
        self.__dict__[place][name] = value

    def __getattr__(self, name: str) -> Any:
        for place in ("_parameters", "_buffers", "_modules"):
            known = self.__dict__.get(place, {})
            if name in known:
                return known[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        if name in self.__dict__ or not self.forget(name):
            object.__delattr__(self, name)

    def forget(self, name: str, but: str = "") -> bool:
        """Take a name away; what is replaced in its place (but) keeps its rank there."""
        found = False
        for place in ("_parameters", "_buffers", "_modules"):
            found |= place != but and self.__dict__[place].pop(name, self) is not self
        self.__dict__.pop(name, None)
        return found

    def check_name(self, name: Any, what: str) -> None:
        """torch's checks of the name of a new parameter, buffer or module."""
        if not isinstance(name, str):
            raise TypeError(f"{what} name should be a string. Got {type(name).__name__}")
        if hasattr(self, name) and name not in self.__dict__[f"_{what}s"]:
            raise KeyError(f"attribute '{name}' already exists")
        if "." in name:
            raise KeyError(f'{what} name can\'t contain "."' + (f", got: {name}" if what == "module" else ""))
        if not name:
            raise KeyError(f'{what} name can\'t be empty string ""')

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        self.check_name(name, "parameter")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{typename(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        self.keep("_parameters", name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        self.check_name(name, "buffer")
        if not (tensor is None or isinstance(tensor, Tensor) or hasattr(tensor, "__torch_function__")):
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self.keep("_buffers", name, tensor)
        (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)

    def register_module(self, name: str, module: Module | None) -> None:
        if not (module is None or isinstance(module, Module)):
            raise TypeError(f"{typename(module)} is not a Module subclass")
        self.check_name(name, "module")
        self.keep("_modules", name, module)

    add_module = register_module

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
        """Floating point and complex parameters, gradients and buffers in another dtype, in place."""
        args = (*args, kwargs.pop("tensor")) if "tensor" in kwargs else args
        by_dtype = args and isinstance(args[0], dtypes.dtype | Tensor)
        if kwargs.pop("copy", False) or any(args[2 if by_dtype else 3 :]):
            raise RuntimeError(".to() does not accept copy argument")
        for a in (*args, *kwargs.values()):
            a = a.dtype if isinstance(a, Tensor) else a
            if isinstance(a, dtypes.dtype) and not (a.is_floating_point or a.is_complex):
                raise TypeError(
                    f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={a}"
                )
            if isinstance(a, dtypes.dtype) and a.is_complex:
                warnings.warn(COMPLEX, stacklevel=2)
        layout = kwargs.pop("memory_format", None)  # which only images and volumes have

        def converted(t: Tensor) -> Tensor:
            here = {"memory_format": layout} if layout is not None and t.ndim in (4, 5) else {}
            return t.to(*args, **kwargs, **here) if t.is_floating_point() or t.is_complex() else t

        return self._apply(converted)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Module:
        """Give parameters, their gradients, and buffers the data that fn makes of theirs."""
        for t in (*self.parameters(recurse), *self.buffers(recurse)):
            t.data = fn(t.data if is_lazy(t) else t.detach())
            if t._grad is not None:
                t._grad.data = fn(t._grad.detach())
        return self

    def to_empty(self, *, device: Any, recurse: bool = True) -> Module:
        """Fresh memory for parameters and buffers (source: torch.nn.Module.to_empty)."""
        from ...factories import empty_like

        return self._apply(lambda t: empty_like(t, device=device), recurse)

    def type(self, dst_type: dtypes.dtype) -> Module:
        return self.to(dst_type)

    def cpu(self) -> Module:
        return self

    def cuda(self, device: Any = None) -> Module:
        """There is no CUDA: raises Unsupported."""
        return self._apply(lambda t: t.cuda(device))

    def share_memory(self) -> Module:
        """Move parameters and buffers to shared memory (source: torch.nn.Module.share_memory)."""
        for t in (*self.parameters(), *self.buffers()):
            t.share_memory_()
        return self

    def double(self) -> Module:
        return self.to(dtypes.float64)

    def float(self) -> Module:
        return self.to(dtypes.float32)

    def half(self) -> Module:
        return self.to(dtypes.float16)

    def bfloat16(self) -> Module:
        return self.to(dtypes.bfloat16)

    # -- showing
    def __dir__(self) -> list[str]:
        own = (*self.__dict__, *self._parameters, *self._modules, *self._buffers)
        return sorted(name for name in (*dir(type(self)), *own) if not name[0].isdigit())

    def extra_repr(self) -> str:
        return ""

    def __repr__(self) -> str:
        name, own = self._get_name(), list(filter(None, self.extra_repr().split("\n")))
        children = [f"({n}): {repr(m).replace(chr(10), chr(10) + '  ')}" for n, m in self._modules.items()]
        if not children and len(own) < 2:
            return f"{name}({''.join(own)})"
        return f"{name}(\n  " + "\n  ".join([*own, *children]) + "\n)"

    def _get_name(self) -> str:
        return type(self).__name__


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
