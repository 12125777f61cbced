"""no_grad, enable_grad, set_grad_enabled, inference_mode: contexts and decorators."""
from __future__ import annotations

import functools
import inspect
from typing import Any

from ..graph.modes import GRAD, INFERENCE, mode, set_mode


class Mode:
    """A context that changes the mode of this thread, and a decorator that enters it at each call."""

    on, off = 0, 0

    def __new__(cls, function: Any = None) -> Any:
        self = object.__new__(cls)
        return self(function) if callable(function) else self

    def __init__(self) -> None:
        self.before: list[int] = []

    def __enter__(self) -> None:
        self.__dict__.setdefault("before", []).append(mode())
        set_mode(mode() & ~self.off | self.on)

    def __exit__(self, *_: object) -> None:
        set_mode(self.before.pop())

    def clone(self) -> Mode:
        return type(self)()

    def __call__(self, function: Any) -> Any:
        if inspect.isgeneratorfunction(function):
            return in_mode(self, function)

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)
        return wrapped


def in_mode(context: Mode, function: Any) -> Any:
    """A generator whose body runs in the mode, its caller outside of it."""
    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
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
                generator.close()
                raise
            except BaseException as error:
                step, value = generator.throw, error
    return wrapped


class no_grad(Mode):
    """Nothing is recorded inside (source: torch.no_grad)."""

    off = GRAD


class enable_grad(Mode):
    """Recorded again, inside no_grad (source: torch.enable_grad)."""

    on = GRAD


class set_grad_enabled(Mode):
    """Switch at once; as a context, until its end (source: torch.set_grad_enabled)."""

    def __new__(cls, mode: bool) -> Any:
        return object.__new__(cls)

    def __init__(self, mode_: bool) -> None:
        self.value = bool(mode_)
        self.before = [mode()]
        self.on, self.off = (GRAD, 0) if mode_ else (0, GRAD)
        set_mode(mode() & ~GRAD | self.on)

    def __enter__(self) -> None:
        set_mode(mode() & ~GRAD | self.on)

    def __call__(self, function: Any) -> Any:
        set_mode(self.before.pop())
        return Mode.__call__(self, function)

    def clone(self) -> Mode:
        return set_grad_enabled(self.value)


class inference_mode(Mode):
    """As no_grad, and what is made inside can never be recorded (source: torch.inference_mode)."""

    def __new__(cls, mode: Any = True) -> Any:
        self = object.__new__(cls)
        if callable(mode):
            self.__init__()
            return self(mode)
        return self

    def __init__(self, mode: bool = True) -> None:
        self.before = []
        self.value = mode
        self.on, self.off = (INFERENCE, GRAD) if mode is not False else (GRAD, INFERENCE)

    def clone(self) -> Mode:
        return inference_mode(self.value)
