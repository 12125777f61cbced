"""no_grad, enable_grad, set_grad_enabled, inference_mode and two rarer switches: contexts and decorators.

All are of one thread: a new one starts with gradients on.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from typing import Any

from ..graph.modes import GRAD, INFERENCE, SHOWN, WARY, Switches, mode, set_mode
from ..tensor import Tensor, storage_of

__all__ = [
    "enable_grad", "enforce_grad_layout_policy", "inference_mode", "no_grad", "set_grad_enabled",
    "set_multithreading_enabled",
]  # fmt: skip

CLASSES = (
    "Decorating classes is deprecated and will be disabled in future versions. You should only decorate functions or "
    "methods. To preserve the current behavior of class decoration, you can directly decorate the `__init__` method and "
    "nothing else."
)


class Decorator:
    """A context that can also decorate: it is then entered anew at each call."""

    def clone(self) -> Any:
        return type(self)()

    def __call__(self, function: Any) -> Any:
        if inspect.isclass(function):
            warnings.warn(CLASSES, FutureWarning, stacklevel=2)
            return self.decorate(lambda *args, **kwargs: function(*args, **kwargs))
        return self.decorate(function)

    def decorate(self, function: Any) -> Any:
        if inspect.isgeneratorfunction(function):
            return in_context(self, function)

        @functools.wraps(function)
        def decorate_context(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return decorate_context


def in_context(context: Decorator, function: Any) -> Any:
    """A generator whose body runs in the context, its caller outside of it."""

    @functools.wraps(function)
    def generator_context(*args: Any, **kwargs: Any) -> Any:
        generator = function(*args, **kwargs)
        step, value = generator.send, None
        while True:
            try:
                with context.clone():
                    item = step(value)
            except StopIteration as end:
                return end.value
            try:
                step, value = generator.send, (yield item)
            except GeneratorExit:
                with context.clone():
                    generator.close()
                raise
            except BaseException as error:
                step, value = generator.throw, error

    return generator_context


def grad_bits(enabled: bool) -> int:
    """The mode with gradients on or off; in inference mode they only seem to be on."""
    m = mode() & ~(GRAD | SHOWN)
    if enabled:
        return m | (SHOWN if m & INFERENCE else GRAD)
    return m


class Mode(Decorator):
    """A context that changes bits of the mode, and puts those bits back."""

    bits = GRAD | SHOWN

    def __new__(cls, function: Any = None) -> Any:
        self = object.__new__(cls)
        self.before = []
        return self if function is None else self(function)

    def inside(self) -> int:
        raise NotImplementedError

    def __enter__(self) -> None:
        self.before.append(mode())
        set_mode(self.inside())

    def __exit__(self, *_: object) -> None:
        set_mode(mode() & ~self.bits | self.before.pop() & self.bits)


class no_grad(Mode):
    """Nothing is recorded inside (source: torch.no_grad)."""

    def inside(self) -> int:
        return grad_bits(False)


class enable_grad(Mode):
    """Recorded again, inside no_grad (source: torch.enable_grad)."""

    def inside(self) -> int:
        return grad_bits(True)


class set_grad_enabled(Mode):
    """Switch at once; as a context, until its end (source: torch.set_grad_enabled)."""

    def __new__(cls, *_: Any, **__: Any) -> Any:
        return object.__new__(cls)

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(
                f"set_grad_enabled(): argument 'enabled' (position 1) must be bool, not {type(mode).__name__}"
            )
        self.mode, self.before = mode, []
        super().__enter__()

    def inside(self) -> int:
        return grad_bits(self.mode)

    def __enter__(self) -> None:
        set_mode(self.inside())

    def __call__(self, function: Any) -> Any:
        self.__exit__()
        return Decorator.__call__(self, function)

    def __str__(self) -> str:
        return f"torch.autograd.grad_mode.set_grad_enabled(mode={self.mode})"

    __repr__ = __str__

    def clone(self) -> set_grad_enabled:
        return set_grad_enabled(self.mode)


class inference_mode(Mode):
    """As no_grad, and what is made inside can never be recorded (source: torch.inference_mode)."""

    bits = GRAD | SHOWN | INFERENCE

    def __new__(cls, mode: Any = True) -> Any:
        self = object.__new__(cls)
        if isinstance(mode, bool):
            return self
        self.__init__()
        return self(mode)

    def __init__(self, mode: bool = True) -> None:
        self.before: list[int] = []
        self.mode = mode

    def inside(self) -> int:
        m = mode() & ~self.bits | WARY
        return m | INFERENCE if self.mode else m | GRAD

    def clone(self) -> inference_mode:
        return inference_mode(self.mode)


class Switch(Decorator):
    """A flag of this thread, set at once; as a context, until its end."""

    name = ""

    def set(self, value: bool) -> None:
        self.before = getattr(Switches.of_thread(), self.name)
        setattr(Switches.of_thread(), self.name, value)
        self.mode = value

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        setattr(Switches.of_thread(), self.name, self.before)

    def clone(self) -> Any:
        return type(self)(self.mode)


class set_multithreading_enabled(Switch):
    """Whether backward may use several threads; here it uses one either way (source: torch.autograd.grad_mode)."""

    name = "multithreading"

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(
                f"set_multithreading_enabled(): argument 'enabled' (position 1) must be bool, not {type(mode).__name__}"
            )
        self.set(mode)


class enforce_grad_layout_policy(Switch):
    """Whether a new .grad gets the layout of its parameter (source: torch.autograd.grad_mode)."""

    name = "grad_layout"

    def __init__(self, enable: bool = True) -> None:
        self.set(enable)

    def __call__(self, function: Any) -> Any:
        self.__exit__()
        return Decorator.__call__(self, function)


class _force_original_view_tracking(Switch):
    """Whether views are made again from their base step by step; here they never are (source: torch.autograd.grad_mode)."""

    name = "view_replay"

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(
                f"set_view_replay_enabled(): argument 'enabled' (position 1) must be bool, not {type(mode).__name__}"
            )
        self.set(mode)

    def __call__(self, function: Any) -> Any:
        self.__exit__()
        return Decorator.__call__(self, function)


def is_view_replay_enabled() -> bool:
    return Switches.of_thread().view_replay


class _unsafe_preserve_version_counter(Decorator):
    """Writes inside are not counted, so that nobody notices them (source: torch.autograd._unsafe_preserve_version_counter)."""

    def __init__(self, tensors: Tensor | tuple[Tensor, ...]) -> None:
        self.tensors = (tensors,) if isinstance(tensors, Tensor) else tensors
        if not isinstance(self.tensors, tuple):
            raise AssertionError("Expected tensors to be a tuple")
        for t in self.tensors:
            t._version  # refuses inference tensors  # noqa: B018
        self.before = [storage_of(t).snapshot() for t in self.tensors]

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        for t, state in zip(self.tensors, self.before, strict=True):
            storage_of(t).restore(state)


def is_multithreading_enabled() -> bool:
    return Switches.of_thread().multithreading


for _class in (
    no_grad,
    enable_grad,
    set_grad_enabled,
    inference_mode,
    set_multithreading_enabled,
    enforce_grad_layout_policy,
    _force_original_view_tracking,
    _unsafe_preserve_version_counter,
):
    _class.__module__ = "torch.autograd.grad_mode"
