"""Products that torch makes of matrix products: tensordot, inner, kron and the like.

HOWTO. Functions on Tensors over the rows of products.py, in torch's steps; so the nodes are torch's too.
"""

from __future__ import annotations

import math
from itertools import pairwise
from operator import index as integer
from typing import Any

import numpy as np

from ..dtypes import FLOAT, LEGACY
from ..errors import type_name
from ..tensor import Tensor
from . import expanding, products, reduce, shape
from .dims import wrap_dim
from .form import composite, general
from .shaping import broadcast_shapes, reshape
from .structure import conj, sum_to
from .systems import check_same_dtype

# -- by dimensions


@composite(method=False, out=True)
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Sum over pairs of dimensions (source: torch.tensordot)."""
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if not isinstance(dims, int | tuple | list):
        wanted = "int or tuple[list[int], list[int]] or list[list[int]] containing two lists"
        raise RuntimeError(f"tensordot expects dims to be {wanted}, but got dims={dims}")
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a.ndim, b.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        dims = (range(-dims, 0), range(dims))
    of_a, of_b = dims
    for position, (name, given) in enumerate((("dims_self", of_a), ("dims_other", of_b)), 3):
        if not isinstance(given, tuple | list | range):
            raise TypeError(
                f"tensordot(): argument '{name}' (position {position}) must be tuple of ints, not {type_name(given)}"
            )
    if len(of_a) != len(of_b):
        raise RuntimeError("both dimension lists should have same length")
    if a.dtype is not b.dtype:
        raise RuntimeError("both inputs should have same dtype")
    p, q = ([wrap_dim(d, t.ndim) for d in given] for given, t in ((of_a, a), (of_b, b)))
    a, b = matched(a, b, list(zip(p, q, strict=True)), list(zip(of_a, of_b, strict=True)))
    rest_a, rest_b = ([d for d in range(t.ndim) if d not in ds] for t, ds in ((a, p), (b, q)))
    kept = [t.shape[d] for t, ds in ((a, rest_a), (b, rest_b)) for d in ds]
    n = math.prod([a.shape[d] for d in p])
    rows = math.prod([a.shape[d] for d in rest_a])
    columns = math.prod([b.shape[d] for d in rest_b])
    if rows == columns == 1:
        total = sum_of_all(shape.permute(a, (*rest_a, *of_a)), shape.permute(b, (*of_b, *rest_b)))
        return shape.view_(total, tuple(kept))
    left = reshape(shape.permute(a, (*rest_a, *of_a)), (rows, n))
    right = reshape(shape.permute(b, (*of_b, *rest_b)), (n, columns))
    return reshape(products.mm(left, right), tuple(kept))


def matched(a: Tensor, b: Tensor, pairs: list[tuple[int, int]], named: list[tuple[int, int]]) -> tuple[Tensor, Tensor]:
    """a and b with equal sizes in pairs of dimensions: beside a size of 1 the other is summed. named: the pairs as given."""
    for (i, j), (named_i, named_j) in zip(pairs, named, strict=True):
        m, n = a.shape[i], b.shape[j]
        if m == 1 != n:
            b = reduce.sum(b, j, True, dtype=b.dtype)
        elif n == 1 != m:
            a = reduce.sum(a, i, True, dtype=a.dtype)
        elif m != n:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {m} in dim {named_i} and second has size {n} in "
                f"dim {named_j}"
            )
    return a, b


def sum_of_all(x: Tensor, y: Tensor) -> Tensor:
    """The sum of the products of all elements, as they lie."""
    if x.is_contiguous() and y.is_contiguous():
        x, y = (t if t.ndim == 1 else reshape(t, -1) for t in (x, y))
        return products.dot(x, y)
    return reduce.sum(shape.squeeze(x) * shape.squeeze(y), dtype=x.dtype)


@composite(aliases=("ger",), out=True)
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """The products of every pair of elements of two vectors (source: torch.outer)."""
    for who, x in (("self", input), ("vec2", vec2)):
        if x.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {who}, but got {x.ndim}-D")
    return reshape(input, (input.shape[0], 1)) * vec2


@composite(out=True)
def inner(input: Tensor, other: Tensor) -> Tensor:
    if 0 in (input.ndim, other.ndim):
        return input * other
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(input.shape)} and {list(other.shape)}"
        )
    return tensordot(input, other, ((-1,), (-1,)))


@composite(out=True)
def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product (source: torch.kron)."""
    rank = max(input.ndim, other.ndim)
    a, b = ((1,) * (rank - t.ndim) + tuple(t.shape) for t in (input, other))
    x = shape.reshape_copy(input, tuple(n for m in a for n in (m, 1)))
    y = shape.reshape_copy(other, tuple(n for m in b for n in (1, m)))
    return shape.reshape_copy(x * y, tuple(m * n for m, n in zip(a, b, strict=True)))


@composite("linalg_multi_dot", modules="linalg", out=True)
def multi_dot(tensors: Any) -> Tensor:
    """A chain of products in the cheapest order (source: torch.linalg.multi_dot)."""
    ts = list(tensors)
    if len(ts) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(ts)}")
    check_chain(ts)
    first, last = ts[0].ndim == 1, ts[-1].ndim == 1
    ts[0] = shape.unsqueeze(ts[0], 0) if first else ts[0]
    ts[-1] = shape.unsqueeze(ts[-1], 1) if last else ts[-1]
    found = chain(ts, cheapest(ts), 0, len(ts) - 1)
    return shape.view_(found, tuple(found.shape)[int(first) : 2 - last])


def check_chain(ts: list[Tensor]) -> None:
    for k, x in enumerate(ts):
        if k in (0, len(ts) - 1):
            if x.ndim not in (1, 2):
                end = "last" if k else "first"
                raise RuntimeError(f"multi_dot(): the {end} tensor must be 1D or 2D but got {x.ndim}D")
        elif x.ndim != 2:
            raise RuntimeError(f"multi_dot(): tensor {k} must be 2D but got {x.ndim}D")
    for k, x in enumerate(ts):
        if x.dtype is not ts[0].dtype:
            raise RuntimeError(
                f"multi_dot(): all tensors must have be the same dtype but tensor 0 is {ts[0].dtype.cpp} and tensor {k} "
                f"{x.dtype.cpp}"
            )
    for k, (x, y) in enumerate(pairwise(ts)):
        if x.shape[-1] != y.shape[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {k} and {k + 1} with shapes {list(x.shape)} and {list(y.shape)} cannot be multiplied"
            )


def cheapest(ts: list[Tensor]) -> dict[tuple[int, int], int]:
    """Where to split each part of the chain (Cormen et al., Introduction to Algorithms, 15.2)."""
    p = [t.shape[0] for t in ts] + [ts[-1].shape[1]]
    cost = {(i, i): 0 for i in range(len(ts))}
    cut: dict[tuple[int, int], int] = {}
    late = -1 if len(ts) == 3 else 1  # of three, torch first multiplies two in front where that costs no more
    for length in range(1, len(ts)):
        for i in range(len(ts) - length):
            j = i + length
            best = [(cost[i, k] + cost[k + 1, j] + p[i] * p[k + 1] * p[j + 1], late * k) for k in range(i, j)]
            cost[i, j], k = min(best)
            cut[i, j] = late * k
    return cut


def chain(ts: list[Tensor], cut: dict[tuple[int, int], int], i: int, j: int) -> Tensor:
    if i == j:
        return ts[i]
    k = cut[i, j]
    return products.mm(chain(ts, cut, i, k), chain(ts, cut, k + 1, j))


def absent(words: tuple[str, ...], k: int) -> tuple[int, ...]:
    """Which of all dimensions, those of the result first, a word lacks."""
    every = words[3] + "".join(sorted(set("".join(words)) - set(words[3])))
    return tuple(d for d, name in enumerate(every) if name not in words[k])


@np.errstate(all="ignore")  # numpy's einsum is Python's, and warns in numpy's name
def trilinear_kernel(a, b, c, words):
    return np.einsum("{},{},{}->{}".format(*words), a, b, c, optimize=True)


# a sum of products of three: words name the dimensions of each, and of the result
trilinear = general(
    "trilinear(i1, i2, i3, words)",
    trilinear_kernel,
    i1=lambda g, i2, i3, words: trilinear(g, conj(i2), conj(i3), (words[3], words[1], words[2], words[0])),
    i2=lambda g, i1, i3, words: trilinear(conj(i1), g, conj(i3), (words[0], words[3], words[2], words[1])),
    i3=lambda g, i1, i2, words: trilinear(conj(i1), conj(i2), g, (words[0], words[1], words[3], words[2])),
    jvp=lambda i1, i2, i3, words, i1_t, i2_t, i3_t: products.add_up(
        [
            None if i1_t is None else trilinear(i1_t, i2, i3, words),
            None if i2_t is None else trilinear(i1, i2_t, i3, words),
            None if i3_t is None else trilinear(i1, i2, i3_t, words),
        ]
    ),
    saved_as={"words": ""},
    shows={
        "expand1": lambda words: absent(words, 0),
        "expand2": lambda words: absent(words, 1),
        "expand3": lambda words: absent(words, 2),
        "sumdim": lambda words: absent(words, 3),
    },
    public=False,
)


def check_bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    if input1.ndim != input2.ndim or not input1.ndim:
        raise RuntimeError(f"bilinear(): input dimensions do not match: got {input1.ndim} and {input2.ndim}")
    for d, (m, n) in enumerate(zip(input1.shape[:-1], input2.shape[:-1], strict=True)):
        if m != n:
            raise RuntimeError(f"bilinear(): input batch dimensions do not match at dim {d}: got {m} and {n}")
    for k, x in enumerate((input1, input2), 1):
        if x.shape[-1] != weight.shape[k]:
            raise RuntimeError(
                f"bilinear(): input{k} size does not match weight size: got {x.shape[-1]} but expected {weight.shape[k]}"
            )
    if bias is not None and bias.size(0) != weight.shape[0]:
        raise RuntimeError(
            f"bilinear(): bias size does not match weight size: got {bias.size(0)} but expected {weight.shape[0]}"
        )
    if input1.dtype.np.kind == "b" and input1.numel():
        raise NotImplementedError("\"bmm\" not implemented for 'Bool'")


@composite(modules="torch nn.functional", method=False)
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x1' W_k x2 for every k (source: torch.nn.functional.bilinear)."""
    given = [t for t in (input1, input2, weight, bias) if t is not None]
    if any(t.dtype is not input1.dtype for t in given):
        names = zip(("input1", "input2", "weight", "bias"), given, strict=False)
        shown = ", ".join(f"{name}: {t.dtype.cpp}" for name, t in names)
        raise RuntimeError(f"All tensors must have the same dtype, got {shown}")
    check_bilinear(input1, input2, weight, bias)
    batch = input1.shape[:-1]
    x1, x2 = (reshape(x, (-1, x.shape[-1])) for x in (input1, input2))
    out = shape.view_(trilinear(x1, weight, x2, ("bi", "kij", "bj", "bk")), (*batch, weight.shape[0]))
    return out if bias is None else out + bias


@composite("linalg_vecdot", aliases=("vecdot",), modules="linalg", method=False, out=True)
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    if x.dtype.category < FLOAT:
        raise RuntimeError(
            f"linalg.vecdot: Expected a floating point or complex tensor as input. Got {LEGACY[x.dtype]}"
        )
    check_same_dtype(x, y, "linalg.vecdot", "x y")
    if x.ndim == y.ndim == 1:
        integer(dim)  # which is not looked at any further
        return products.vdot(x, y)
    return reduce.sum(x.conj() * y, dim)


@composite(out=True)
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The vector product of 3-vectors along dim (source: torch.cross)."""
    if input.dtype is not other.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.legacy} but found {other.dtype.legacy}")
    if not input.ndim and dim is None:
        raise RuntimeError("no dimension of size 3 in input")
    if input.ndim != other.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    target = broadcast_shapes(input.shape, other.shape)
    if dim is None:
        dim = next((d for d, n in enumerate(target) if n == 3), None)
        if dim is None:
            raise RuntimeError("no dimension of size 3 in input")
    d = wrap_dim(dim, len(target))
    if not target[d] == input.shape[d - len(target)] == other.shape[d - len(target)] == 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {input.shape[d - len(target)]} and "
            f"{other.shape[d - len(target)]}"
        )
    return cross_rows(
        *(x if x.ndim == len(target) else expanding.expand(x, tuple(target)) for x in (input, other)), dim
    )


@np.errstate(all="ignore")
def cross_kernel(x, y, dim):
    return np.cross(x, y, axisa=dim, axisb=dim, axisc=dim)


cross_rows = products.bilinear(
    "linalg_cross(self, other, dim)",
    cross_kernel,
    self=lambda g, other, self_shape, dim: sum_to(cross_rows(conj(other), g, dim), self_shape),
    other=lambda g, self, other_shape, dim: sum_to(cross_rows(g, conj(self), dim), other_shape),
    public=False,
    refuses="bool",
)
