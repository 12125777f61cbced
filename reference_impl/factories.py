"""Making tensors from data, sizes and random numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import dtypes
from .ops.shaping import sizes_of as as_size
from .tensor import Tensor, storage_of, wrap

_random = None  # numpy.random takes 20 ms to import: only when asked for


def generator():
    global _random
    if _random is None:
        _random = np.random.default_rng()
    return _random


def manual_seed(seed: int) -> None:
    """Seed the random numbers (source: torch.manual_seed; the numbers themselves are not torch's)."""
    global _random
    _random = np.random.default_rng(seed)


def made(array: Any, requires_grad: bool, device: Any = None) -> Tensor:
    if device is not None:
        dtypes.device(device)
    t = wrap(array)
    if requires_grad:
        if array.dtype.kind not in "fcV":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        t.requires_grad = True
    return t


def tensor(data: Any, *, dtype: dtypes.dtype | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A copy of data as a leaf (source: torch.tensor). Python floats take the default dtype."""
    if isinstance(data, Tensor):
        a = np.array(data._array)
    elif isinstance(data, np.ndarray | np.generic):
        a = np.array(data)
    else:
        a = np.array(plain(data))
        if a.dtype.kind in "fc" or not a.size:
            default = dtypes.get_default_dtype()
            a = a.astype((dtypes.COMPLEX_OF[default] if a.dtype.kind == "c" else default).np)
    if dtype is not None:
        a = a.astype(dtype.np)
    dtypes.from_numpy(a.dtype)
    return made(a[()], requires_grad, device)


def plain(data: Any) -> Any:
    if isinstance(data, Tensor):
        return data.tolist()
    return [plain(x) for x in data] if isinstance(data, list | tuple) else data


def filled_by(make: Callable[..., np.ndarray], name: str) -> Callable[..., Tensor]:
    def factory(
        *size: Any,
        dtype: dtypes.dtype | None = None,
        device: Any = None,
        requires_grad: bool = False,
        layout: Any = None,
        out: Any = None,
    ) -> Tensor:
        d = (dtype or dtypes.get_default_dtype()).np
        return made(np.asarray(make(as_size(size)), d)[()], requires_grad, device)

    def like(
        input: Tensor,
        *,
        dtype: dtypes.dtype | None = None,
        device: Any = None,
        requires_grad: bool = False,
        memory_format: Any = None,
        layout: Any = None,
    ) -> Tensor:
        return factory(input._array.shape, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)

    factory.__name__, like.__name__ = name, name + "_like"
    MADE[name], MADE[name + "_like"] = factory, like
    setattr(
        Tensor,
        "new_" + name,
        lambda self, *size, dtype=None, requires_grad=False, device=None: factory(
            *size, dtype=dtype or self.dtype, requires_grad=requires_grad
        ),
    )
    return factory


MADE: dict[str, Any] = {"tensor": tensor, "manual_seed": manual_seed}
zeros = filled_by(np.zeros, "zeros")
ones = filled_by(np.ones, "ones")
empty = filled_by(np.zeros, "empty")
rand = filled_by(lambda size: generator().random(size), "rand")
randn = filled_by(lambda size: generator().standard_normal(size), "randn")


def full(size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    d = dtype or dtypes.of_number(fill_value.item() if isinstance(fill_value, Tensor) else fill_value)
    return made(np.full(as_size((size,)), fill_value, d.np)[()], requires_grad, device)


def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    return full(input._array.shape, fill_value, dtype=dtype or input.dtype, requires_grad=requires_grad)


def arange(
    start: Any, end: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    if end is None:
        start, end = 0, start
    d = dtype or (dtypes.get_default_dtype() if any(isinstance(v, float) for v in (start, end, step)) else dtypes.int64)
    return made(np.arange(start, end, step).astype(d.np), requires_grad, device)


def linspace(start: Any, end: Any, steps: int, *, dtype: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    return made(np.linspace(start, end, steps).astype((dtype or dtypes.get_default_dtype()).np), requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    return made(np.eye(n, m, dtype=(dtype or dtypes.get_default_dtype()).np), requires_grad)


def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor that shares the array's memory (source: torch.from_numpy)."""
    dtypes.from_numpy(array.dtype)
    t = wrap(array)
    storage_of(t)
    return t


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    return from_numpy(data) if isinstance(data, np.ndarray) and dtype is None else tensor(data, dtype=dtype)


def is_tensor(obj: Any) -> bool:
    return isinstance(obj, Tensor)


MADE |= {f.__name__: f for f in (full, full_like, arange, linspace, eye, from_numpy, as_tensor, is_tensor)}
