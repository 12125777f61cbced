"""`out=`: a result written into a tensor that is given, which may not take part in autograd."""

from __future__ import annotations

import warnings
from typing import Any

from ..compiler.runtime import result_class
from ..errors import type_name
from ..ops.windows import overlapping
from ..tensor import Tensor, storage_array
from .dual import all_tangents
from .modes import DUAL, GRAD, MUTATION, mode
from .out_rules import BOUNDS, check_dtype
from .overlap import IN_STEP, SCATTERING, TWICE, check_in_step, check_of
from .saved import keep_originals
from .views import wrote


def write_out(out: Any, result: Any, name: str, operands: tuple[Any, ...] = (), pointwise: bool = False) -> Any:
    """The result, or each of several, written into the tensors given."""
    many = isinstance(result, tuple | list)
    if not isinstance(out, tuple | list if many else Tensor):
        kind = "tuple of Tensors" if many else "Tensor"
        raise TypeError(f"{name}(): argument 'out' must be {kind}, not {type_name(out)}")
    if many:
        written = [write_out(o, r, name, operands, pointwise) for o, r in zip(out, result, strict=True)]
        kind = type(result)
        return (
            result_class(f"{kind.__name__}_out", *kind._fields)(written) if hasattr(kind, "_fields") else kind(written)
        )
    if mode() & DUAL and (all_tangents(result) or all_tangents(out)):
        raise NotImplementedError(
            f"Trying to use forward AD with {name}_out that does not support it because it is an out= function"
        )
    if mode() & GRAD and (result._edge is not None or out._edge is not None):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the "
            "arguments requires grad."
        )
    magnitude = name == "abs" and result.dtype is not operands[0].dtype  # of complex numbers: that one casts
    casts = magnitude or (name in BOUNDS and any(isinstance(x, Tensor) for x in operands[1:]))
    check_dtype(out.dtype, result.dtype, "" if casts else name, pointwise or casts)
    check_memory(out, name, operands, pointwise)
    in_place = (pointwise or name in IN_STEP) and any(x is out for x in operands)
    if in_place and out._array.shape != result._array.shape:
        raise RuntimeError(
            f"output with shape {list(out.shape)} doesn't match the broadcast shape {list(result.shape)}"
        )
    return write(out, result)


def check_memory(out: Tensor, name: str, operands: tuple[Any, ...], pointwise: bool) -> None:
    """Whether out has each of its places once, and is not among what is still to be read."""
    if not out._array.size:
        return
    if overlapping(out._array.shape, out._array.strides):
        raise RuntimeError(TWICE)
    if name in SCATTERING:  # the first is what would be changed in place
        check_in_step(out, operands[:1])
        operands = operands[1:]
    if check := check_of(name, pointwise):
        check(out, operands)


RESIZED = (
    "An output with one or more elements was resized since it had shape {}, which does not match the required output "
    "shape {}. This behavior is deprecated, and in a future PyTorch release outputs will not be resized unless they have "
    "zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with t.resize_(0)."
)


def write(out: Tensor, result: Tensor) -> Tensor:
    if out._array.shape != result._array.shape:
        if out._array.size:
            warnings.warn(RESIZED.format(list(out.shape), list(result.shape)), UserWarning, stacklevel=4)
        out._array = result._array.astype(out.dtype.np)
    else:
        into = storage_array(out)
        if mode() & MUTATION:
            keep_originals(into)
        into[...] = result._array
    wrote(out)
    return out
