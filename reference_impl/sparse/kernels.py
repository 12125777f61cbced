"""What rows compute on sparse tensors: kernels on Tensors, which take a row's arguments and give a Tensor without history.

HOWTO. A kernel takes the names of its rows, `@kernel("mm")`; where torch has no kernel it raises torch's error. What is
not here is Unsupported, except functions of one operand that do not map 0 to 0: torch, too, has none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..batching.rules import call
from ..compiler.runtime import cannot_broadcast, tensor_of
from ..dtypes import FLOAT, bool_, int64, promote_types
from ..errors import Unsupported
from ..ops.arithmetic import check_alpha, no_bool
from ..ops.dims import wrap_dims
from ..placement import sparse_coo, sparse_csc
from ..tensor import Tensor, wrap
from .reductions import summed
from .tensor import SparseTensor, coalesced, flat, in_layout, kind_of, like, made

Kernel = Callable[..., Any]
KERNELS: dict[str, Kernel] = {}
# functions that map 0 to 0, so that they act on the values alone
CURVES = "asin asinh atan atanh erf erfinv expm1 log1p sin sinh sqrt tan tanh deg2rad rad2deg"
STEPS = "abs ceil floor frac isinf isnan isneginf isposinf nan_to_num relu round sgn sign signbit square trunc"
KEEP_ZERO = frozenset(f"{CURVES} {STEPS}".split())
# linear ones, which take duplicates as they are
LINEAR = "neg positive conj conj_physical real_part imaginary_part"
ON_VALUES = frozenset(f"{LINEAR} cast clone alias to_copy".split())
COMPARISONS = "eq ne lt le gt ge isclose max min argmax argmin"
NOT_THERE = frozenset(f"{COMPARISONS} mean nonzero where clamp linalg_vector_norm".split())
# what matrices of compressed rows or columns have as well
COMPRESSED = frozenset(["add", "addmm", "div", "expand", "mm", "mul", "mv", "select", "sub", "sum", "t", "transpose"])


def kernel(*names: str) -> Callable[[Kernel], Kernel]:
    def take(f: Kernel) -> Kernel:
        KERNELS.update(dict.fromkeys(names, f))
        return f

    return take


def of(row: Any, t: SparseTensor) -> Kernel | None:
    """The kernel for a row where t is among its arguments."""
    name = row.name
    if name in KEEP_ZERO:
        return lambda s, *options: on_values(row, coalesced(s), options)
    if name in ON_VALUES:
        return lambda s, *options: on_values(row, s, options)
    if name in NOT_THERE or (row.broadcasts and row.public and len(row.inputs) == 1 and name not in KERNELS):
        raise no_kernel(name, t)
    return KERNELS.get(name) if t.is_sparse or name in COMPRESSED else None


def no_kernel(name: str, t: SparseTensor) -> Exception:
    """torch's error where it has none either."""
    if not t.is_sparse:
        return RuntimeError(f"unsupported tensor layout: {kind_of(t)}")
    return NotImplementedError(
        f"Could not run 'aten::{name}' with arguments from the 'SparseCPU' backend. This could be because the operator "
        "doesn't exist for this backend, or was omitted during the selective/custom build process (if using custom build)."
    )


def on_values(row: Any, s: SparseTensor, options: tuple) -> Tensor:
    return like(s, call(row, (s._values_tensor, *options)))


# ---------------------------------------------------------------- arithmetic


def single(x: Any) -> bool:
    """Whether x is a number, or a strided tensor of no dimension."""
    return not isinstance(x, Tensor) or (not x.ndim and not isinstance(x, SparseTensor))


@kernel("mul")
def mul(x: Any, y: Any) -> Tensor:
    if not isinstance(x, SparseTensor):
        x, y = y, x
    if single(y):
        return like(x, x._values_tensor * y)
    if x.layout is sparse_csc:
        raise RuntimeError("Expected result Tensor to be of format CSR")
    if not isinstance(y, SparseTensor):
        if y.shape != x.shape:
            y = fitted(y, x)
        return like(x, x._values_tensor * at(y, x._indices_array))
    if x.shape != y.shape or x.sparse_dim() != y.sparse_dim():
        raise RuntimeError(
            "sparse_binary_op_intersection_cpu(): expects sparse inputs with equal dimensionality, number of sparse dimensions, "
            "and shape of sparse dimensions"
        )
    layout = x.layout
    same_layout("mul", x, y)
    if x.dtype is y.dtype is bool_:
        raise NotImplementedError("\"mul_out_sparse\" not implemented for 'Bool'")
    x, y = in_layout(x, sparse_coo), in_layout(y, sparse_coo)
    dims = x._size[: x.sparse_dim()]
    _, i, k = np.intersect1d(flat(x._indices_array, dims), flat(y._indices_array, dims), True, True)
    product = made(x._indices_array[:, i], x._values_tensor[wrap(i)] * y._values_tensor[wrap(k)], x._size, True)
    return in_layout(product, layout)


def at(t: Tensor, indices: np.ndarray) -> Tensor:
    """The elements of a strided tensor at some places."""
    return t[tuple(map(wrap, indices))] if len(indices) else t.unsqueeze(0).expand(indices.shape[1], *t.shape)


def fitted(y: Tensor, x: SparseTensor) -> Tensor:
    """A strided operand expanded to the shape of a sparse one."""
    try:
        whole = np.broadcast_shapes(y.shape, x.shape)
    except ValueError:
        raise cannot_broadcast(y.shape, x.shape) from None
    if whole != tuple(x.shape):
        raise Unsupported(f"mul: a sparse tensor expanded to {list(whole)}")
    return y.expand(x.shape)


def same_layout(name: str, x: SparseTensor, y: SparseTensor) -> None:
    if x.layout is not y.layout:
        raise Unsupported(f"{name}: tensors of layouts {x.layout} and {y.layout}")


@kernel("div")
def div(x: Any, y: Any) -> Tensor:
    if not single(y):
        raise RuntimeError(
            f"Sparse division requires a scalar or zero-dim dense tensor divisor (got shape {list(y.shape)} for divisor)"
        )
    return like(x, x._values_tensor / y)


@kernel("pow")
def pow(x: Any, exponent: Any) -> Tensor:
    if not isinstance(x, SparseTensor) or isinstance(exponent, Tensor):
        raise no_kernel("pow", x if isinstance(x, SparseTensor) else exponent)
    if isinstance(exponent, complex) and not x.is_complex():
        raise RuntimeError("value cannot be converted to type double without overflow")
    if exponent == 0:
        raise RuntimeError("pow: cannot raise to zeroth power on sparse tensor; it would make the result tensor dense")
    x = coalesced(x)
    return like(x, x._values_tensor**exponent)


def of_dtype(x: Any) -> Any:
    """What tells an operand's dtype to the checks of dense kernels."""
    return np.zeros((), x.dtype.np) if isinstance(x, Tensor) else x


@kernel("add", "add_scalar")
def add(x: Any, y: Any, alpha: Any = 1) -> Tensor:
    check_alpha(alpha, *map(of_dtype, (x, y)))
    if not isinstance(x, SparseTensor):
        return added_to_dense(x, y, alpha)
    if not isinstance(y, SparseTensor):
        raise RuntimeError("add(sparse, dense) is not supported. Use add(dense, sparse) instead.")
    if x.shape != y.shape:
        raise RuntimeError(
            f"add: expected sizes of 'self' and 'other' to match, but {list(x.shape)} != {list(y.shape)}"
        )
    if x.sparse_dim() != y.sparse_dim():
        raise RuntimeError(
            "add: Expected self and other to have same number of sparse dimensions, but got "
            f"{x.sparse_dim()} and {y.sparse_dim()}"
        )
    same_layout("add", x, y)
    common = promote_types(x.dtype, y.dtype)
    if common is bool_:
        kernel_name = "cadd_sparse" if x.layout is sparse_coo else "add_out_sparse_csr_impl_mkl"
        raise NotImplementedError(f"\"{kernel_name}\" not implemented for 'Bool'")
    return merged(x, y if alpha == 1 else like(y, y._values_tensor.to(common) * alpha))


def merged(x: SparseTensor, y: SparseTensor) -> SparseTensor:
    """The sum. Where there are duplicates it goes through both side by side, as torch does, and adds what meets; values
    that do not lie in rows (of one cotangent for all, say) are put behind each other."""
    a, b = x._indices_array, y._indices_array
    sum = made(np.concatenate([a, b], 1), joined(x._values_tensor, y._values_tensor), x._size)
    if not (x._values_tensor.is_contiguous() and y._values_tensor.is_contiguous()):
        return sum
    if x._coalesced and y._coalesced:
        return in_layout(sum, x.layout)
    dims = x._size[: len(a)]
    order = side_by_side(flat(a, dims).tolist(), flat(b, dims).tolist())
    number, kept = np.unique(order, return_index=True)
    v = sum._values_tensor
    values = v.new_zeros(len(number), *v.shape[1:]).index_add_(0, wrap(np.array(order)), v)
    return made(sum._indices_array[:, kept], values, x._size)


def side_by_side(a: list[int], b: list[int]) -> list[int]:
    """Where in the sum each element of a, and then each of b, comes to lie: the smaller first, equal ones together."""
    of_a, of_b = [], []
    i = k = place = 0
    while i < len(a) or k < len(b):
        left = a[i] if i < len(a) else None
        right = b[k] if k < len(b) else None
        if right is None or (left is not None and left <= right):
            of_a.append(place)
            i += 1
        if left is None or (right is not None and right <= left):
            of_b.append(place)
            k += 1
        place += 1
    return of_a + of_b


def joined(a: Tensor, b: Tensor) -> Tensor:
    from .. import cat

    return cat([a, b])


def added_to_dense(x: Any, y: SparseTensor, alpha: Any) -> Tensor:
    x = x if isinstance(x, Tensor) else tensor_of(x)
    if x.shape != y.shape:
        raise RuntimeError(
            f"add: expected 'self' and 'other' to have same size, but self has size {list(x.shape)} while other has size "
            f"{list(y.shape)} (FYI: dense-sparse addition does not currently support broadcasting)"
        )
    wanted = promote_types(x.dtype, y.dtype)
    values = y._values_tensor if alpha == 1 else y._values_tensor.to(wanted) * alpha
    places = tuple(map(wrap, y._indices_array))
    return x.to(wanted, copy=True).index_put_(places, values.to(wanted), accumulate=True)


@kernel("sub", "sub_scalar")
def sub(x: Any, y: Any, alpha: Any = 1) -> Tensor:
    no_bool(*map(of_dtype, (x, y)))
    return add(x, y, -alpha)


@kernel("zero")
def zero(x: SparseTensor) -> Tensor:
    return made(x._indices_array[:, :0], x._values_tensor[:0], x._size, True)


@kernel("copy")
def copy(x: Tensor, source: Tensor, non_blocking: bool = False) -> Tensor:
    if not (isinstance(x, SparseTensor) and isinstance(source, SparseTensor)):
        raise RuntimeError(
            "copy_() between dense and sparse Tensors is not implemented! Found self type = "
            f"{x.type()} and src type = {source.type()}"
        )
    return like(source, source._values_tensor.to(x.dtype, copy=True))


@kernel("any")
def any(x: SparseTensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    if dim is not None:
        raise Unsupported("any: along a dimension of a sparse tensor")
    return x._values_tensor.any()


@kernel("sum")
def sum(x: SparseTensor, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    if dim is None:
        return x._values_tensor.sum(dtype=dtype)
    if not x.is_sparse:
        raise Unsupported(f"sum: along a dimension of a tensor of layout {x.layout}")
    dtype = dtype or (int64 if x.dtype.category < FLOAT else x.dtype)
    found = summed(like(x, x._values_tensor.to(dtype)), dim)
    if keepdim:
        for d in sorted(wrap_dims(dim, x.ndim)) or range(x.ndim):  # torch keeps all where none is named
            found = found.unsqueeze(d)
    return found
