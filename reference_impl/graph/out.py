"""`out=`: a result written into a tensor that is given, which may not take part in autograd.

Note [The dtype of out]
Pointwise operators, reductions and what else torch computes by its TensorIterator may be asked for in any dtype of the same
or a higher category (bool, integers, floats, complex). The others write in the dtype that they compute in, and no other.
"""

from __future__ import annotations

import warnings
from typing import Any

from .. import dtypes
from ..compiler.runtime import result_class
from ..errors import type_name
from ..ops.windows import overlapping
from ..tensor import Tensor, storage_array
from .dual import tangent_of
from .modes import DUAL, GRAD, MUTATION, mode
from .overlap import SCATTERING, TWICE, check_in_step, check_of
from .saved import keep_originals
from .views import wrote

# what casts (see Note [The dtype of out]), beside pointwise rows
REDUCTIONS = "all any cumprod cumsum logsumexp mean nanmean nansum prod std sum var"
POINTWISE = (
    "addr angle bernoulli clamp diff div float_power kron normalize outer polygamma special_ndtr special_polygamma"
)
JOINING = "cat column_stack dstack factory hstack stack vstack"
MATRICES = "cholesky cholesky_inverse cholesky_solve geqrf lu linalg_cond linalg_eig linalg_eigvals linalg_matrix_power"
MATRICES += (
    " linalg_householder_product linalg_lstsq linalg_matrix_rank linalg_pinv linalg_tensorinv linalg_tensorsolve"
)
FOURIER = " ".join(f"{way}{kind}fft{rank}" for way in ("", "i") for kind in ("", "h", "r") for rank in ("", "2", "n"))
CASTING = frozenset(f"{REDUCTIONS} {POINTWISE} {JOINING} {MATRICES} {FOURIER}".split())

# what the others say, where it is not REFUSAL
REFUSAL = "Expected out tensor to have dtype {have.cpp}, but got {want.cpp} instead"
WORDS = {
    "Found dtype {want.legacy} but expected {have.legacy}": "abs bitwise_not ceil conj_physical floor frac gelu hardshrink neg "
    "round sgn sign softplus softshrink trunc",
    "{name}(): self and result must have the same scalar type": "index_select masked_select",
    "take(): self and out expected to have the same dtype, but got self.dtype = {have.legacy} and out.dtype = "
    "{want.legacy}": "take",
    "Expected object of scalar type {have.legacy} but got scalar type {want.legacy} for argument 'out'": "complex polar",
    "Expected the dtype for input and out to match, but got {have.legacy} for input's dtype and {want.legacy} for out's "
    "dtype.": "amax amin",
}
REFUSALS = {name: words for words, names in WORDS.items() for name in names.split()}


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
    if mode() & DUAL and (tangent_of(result) is not None or tangent_of(out) is not None):
        raise NotImplementedError(
            f"Trying to use forward AD with {name}_out that does not support it because it is an out= function"
        )
    if mode() & GRAD and (result._edge is not None or out._edge is not None):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the "
            "arguments requires grad."
        )
    magnitude = name == "abs" and result.dtype is not operands[0].dtype  # of complex numbers: that one casts
    check_dtype(out.dtype, result.dtype, "" if magnitude else name, pointwise or magnitude)
    check_memory(out, name, operands, pointwise)
    return write(out, result)


def check_dtype(want: dtypes.dtype, have: dtypes.dtype, name: str, pointwise: bool) -> None:
    if want is not have and (name in REFUSALS or (not pointwise and name not in CASTING)):
        raise RuntimeError(REFUSALS.get(name, REFUSAL).format(name=name, have=have, want=want))
    if have.category > want.category and name in ("cat", "concat", "concatenate"):
        raise TypeError(f"torch.cat(): input types can't be cast to the desired output type {want.legacy}")
    if have.category > want.category:
        raise RuntimeError(
            f"result type {dtypes.LEGACY[have]} can't be cast to the desired output type {dtypes.LEGACY[want]}"
        )


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
