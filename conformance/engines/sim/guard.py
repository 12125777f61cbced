"""The device guard, by which torch asks which device and stream are current, and the errors that it would cost.

Note [Errors in the device thread]
When a hook raises during backward, Python's error is under way in the device thread while torch leaves the streams that it
had entered. A guard in Python is then called with an error set, which Python answers with another error, at a place where
C++ allows none: the process would end. So the guard takes the error, and ``run_backward``, which finds none where it
expects one (a SystemError), raises it again in the thread that called it.
"""

from __future__ import annotations

import ctypes
from typing import Any

import torch

_raise_what_is_set = ctypes.pythonapi.PyErr_Occurred
_raise_what_is_set.restype = ctypes.c_void_p

_taken: list[BaseException] = []


class DeviceGuard(torch._C._acc.DeviceGuard):  # type: ignore[misc]
    """There is one device with one stream; see Note [Errors in the device thread]."""

    def type_(self) -> Any:
        try:
            _raise_what_is_set()
        except BaseException as error:
            _taken.append(error.with_traceback(error.__traceback__ and error.__traceback__.tb_next))
        return torch._C._autograd.DeviceType.PrivateUse1


class _Engine:
    """torch's engine, which raises what the guard took."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def run_backward(self, *arguments: Any, **keywords: Any) -> Any:
        try:
            return self._engine.run_backward(*arguments, **keywords)
        except SystemError:
            if not _taken:
                raise
            error = _taken.pop()
        raise error


def return_errors() -> None:
    """Have ``run_backward`` raise the errors of the device thread."""
    torch.autograd.Variable._execution_engine = _Engine(torch.autograd.Variable._execution_engine)
