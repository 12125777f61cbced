"""Making tensors from ranges of numbers: arange, linspace, logspace, range; and from those of a triangle's places."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..compiler.arguments import check_ints, is_int
from ..errors import type_name
from ..tensor import Tensor
from . import MADE, asked_for, made, public
from .sizes import check_size


def number(x: Any, name: str, argument: str, position: int) -> Any:
    """A number, or that of a 0-dim tensor."""
    if not isinstance(x, int | float | complex | np.number | np.bool_) and not (isinstance(x, Tensor) and not x.ndim):
        raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be Number, not {type_name(x)}")
    return x.item() if isinstance(x, Tensor | np.generic) else x


def written(values: np.ndarray, out: Tensor | None, requires_grad: bool, device: Any, layout: Any) -> Tensor:
    """Into `out` in the order of its elements, if it has as many."""
    if out is not None and out.numel() == values.size:
        values = values.reshape(tuple(out.shape))
    return made(values, requires_grad, device, out, layout)


# -- by steps


def ranged(*values: Any) -> dtypes.dtype:
    """The dtype of a range: an integer one only if all its numbers are."""
    return dtypes.get_default_dtype() if any(isinstance(v, float) for v in values) else dtypes.int64


def check_bounds(start: Any, end: Any, step: Any, zero: type[Exception] = RuntimeError) -> None:
    for x in (start, end, step):
        if isinstance(x, complex):
            raise RuntimeError("value cannot be converted to type double without overflow")
        if isinstance(x, int) and not -(2**63) <= x < 2**63:
            raise RuntimeError("value cannot be converted to type int64_t without overflow")
    if not step:
        raise zero("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")


def cut_off(start: Any, end: Any, step: Any, d: dtypes.dtype) -> tuple[Any, Any, Any]:
    """In int64 the bounds and the step are integers before anything is counted; in the smaller dtypes they are not."""
    if d is not dtypes.int64:
        return start, end, step
    if not int(step):
        raise ValueError("step must be nonzero")
    return int(start), int(end), int(step)


def stepped(start: Any, step: Any, count: int, d: dtypes.dtype) -> np.ndarray:
    exact = np.float64 if d.category >= dtypes.FLOAT else np.int64
    return (np.asarray(start, exact) + np.arange(count) * np.asarray(step, exact)).astype(d.np)


MISSING = object()  # None is no bound


@public
def arange(
    start: Any = MISSING, end: Any = MISSING, step: Any = 1, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, out: Any = None, layout: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """start (0 unless given), start + step ... below end (source: torch.arange)."""
    if start is MISSING or end is MISSING:
        start, end = 0, start if end is MISSING else end
    if end is MISSING:
        raise TypeError('arange() missing 1 required positional arguments: "end"')
    start, end = number(start, "arange", "start", 1), number(end, "arange", "end", 1)
    step = number(step, "arange", "step", 3)
    check_bounds(start, end, step, RuntimeError if out is None else ValueError)
    d = asked_for(dtype, out, ranged(start, end, step))
    if d is dtypes.bool_ or d.is_complex:
        raise NotImplementedError(f"\"arange_cpu\" not implemented for '{d.legacy}'")
    start, end, step = cut_off(start, end, step, d)
    count = math.ceil((end - start) / step)
    if count >= 2**63:
        raise RuntimeError("invalid size, possible overflow?")
    check_size((count,))
    values = stepped(start, step, count, d)
    if out is not None and out.numel() not in (0, values.size):
        warnings.warn(
            f"The number of elements in the out tensor of shape {list(out.shape)} is {out.numel()} which does not match the "
            f"computed number of elements {values.size}. Note that this may occur as a result of rounding error. The out "
            f"tensor will be resized to a tensor of shape ({values.size},).",
            UserWarning,
            stacklevel=2,
        )
    return written(values, out, requires_grad, device, layout)


@public
def range(
    start: Any = 0, end: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
    out: Any = None, layout: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """As arange, with the end, and of floats (source: torch.range, deprecated)."""
    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with "
        "Python's range builtin. Instead, use torch.arange, which produces values in [start, end).",
        UserWarning,
        stacklevel=2,
    )
    start, end = (0, start) if end is None else (start, end)
    check_bounds(start, end, step)
    d = asked_for(dtype, out, dtypes.get_default_dtype())
    start, end, step = cut_off(start, end, step, d)
    return written(stepped(start, step, math.floor((end - start) / step) + 1, d), out, requires_grad, device, layout)


# -- by a number of steps


def spaced(
    name: str, start: Any, end: Any, steps: int, dtype: Any, out: Tensor | None
) -> tuple[Any, Any, int, dtypes.dtype]:
    """The bounds and the count as numbers, and the dtype: complex if one of the bounds is."""
    ranks = [x.ndim if isinstance(x, Tensor) else 0 for x in (start, end)]
    if any(ranks):
        raise RuntimeError(
            f"{name} only supports 0-dimensional start and end tensors, but got start with {ranks[0]} dimension(s) and end "
            f"with {ranks[1]} dimension(s)."
        )
    start, end = number(start, name, "start", 1), number(end, name, "end", 2)
    if not is_int(steps):
        kinds = ", ".join(map(type_name, (start, end, steps)))
        raise TypeError(f"{name}() received an invalid combination of arguments - got ({kinds})")
    default = dtypes.get_default_dtype()
    if isinstance(start, complex) or isinstance(end, complex):
        default = dtypes.COMPLEX_OF[default]
        if dtype is not None and not dtypes.wanted(dtype, None).is_complex:
            raise RuntimeError(
                f"torch.{name}(): inferred dtype {default.cpp} can't be safely cast to passed dtype "
                f"{dtypes.wanted(dtype, None).legacy}"
            )
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    d = asked_for(dtype, out, default)
    if d is dtypes.bool_:
        raise NotImplementedError(f"\"{name}_cpu\" not implemented for 'Bool'")
    return start, end, int(steps), d


def batched(*bounds: Any) -> bool:
    """Whether one of them differs from sample to sample of a vmap."""
    return any(isinstance(x, Tensor) and hasattr(x, "level") for x in bounds)


def by_samples(factory: Callable[..., Tensor], name: str, args: list, kwargs: dict[str, Any]) -> Any:
    from ..batching.calls import by_samples as compute

    return compute(factory, name, args, kwargs)


@public
def linspace(
    start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None,
    layout: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """steps values from start to end, both included (source: torch.linspace)."""
    if batched(start, end):
        return by_samples(linspace, "linspace", [start, end, steps], {"dtype": dtype, "requires_grad": requires_grad})
    start, end, steps, d = spaced("linspace", start, end, steps, dtype, out)
    return written(symmetric(start, end, steps, d.np), out, requires_grad, device, layout)


# Note [Fused]
# torch multiplies and adds floats of 32 and 64 bits with one rounding. A wider dtype holds the product exactly, so that
# only the sum is rounded.
FUSED: dict[Any, Any] = {np.float32: np.float64, np.float64: np.longdouble}


def symmetric(start: Any, end: Any, steps: int, d: Any) -> np.ndarray:
    """As torch: counted up from start in the first half, down from end in the second, in the dtype itself (Note [Fused])."""
    if steps < 2:
        return np.full(steps, start, d)
    if d.kind not in "fcV":
        start, end = int(start), int(end)
    own = d.type if d.kind in "fcV" else np.float64
    a, b = own(start), own(end)
    step = (b - a) / own(steps - 1)
    k, exact = np.arange(steps), FUSED.get(d.type, own)
    return np.where(k < steps // 2, a + step * k.astype(exact), b - step * (steps - 1 - k).astype(exact)).astype(d)


@public
def logspace(
    start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, out: Any = None, layout: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """base to the powers of linspace (source: torch.logspace)."""
    if batched(start, end):
        given = {"dtype": dtype, "requires_grad": requires_grad}
        return by_samples(logspace, "logspace", [start, end, steps, base], given)
    start, end, steps, d = spaced("logspace", start, end, steps, dtype, out)
    if d.category < dtypes.FLOAT:
        start, end = int(start), int(end)
    base = number(base, "logspace", "base", 4)
    exponents = symmetric(start, end, steps, np.dtype("c16" if d.is_complex else "f8"))
    return written(np.power(base, exponents).astype(d.np), out, requires_grad, device, layout)


def indices(name: str, find: Callable[..., Any]) -> None:
    def factory(
        row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None,
        pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        check_ints(name, row=row, col=col, offset=offset)
        for side, n in (("row", row), ("col", col)):
            if n < 0:
                raise RuntimeError(f"{side} must be non-negative, got{n}")
        d = dtypes.wanted(dtype, dtypes.int64)
        if d not in (dtypes.int32, dtypes.int64):
            raise NotImplementedError(f"\"{name}\" not implemented for '{d.legacy}'")
        return made(np.stack(find(row, offset, col)).astype(d.np), False, device, None, layout)

    factory.__name__ = factory.__qualname__ = name
    MADE[name] = factory


indices("tril_indices", np.tril_indices)
indices("triu_indices", np.triu_indices)
