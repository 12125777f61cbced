"""Products that torch makes of matrix products: einsum, tensordot, inner, kron and the like.

HOWTO. Functions on Tensors over the rows of products.py, in torch's steps; so the nodes are torch's too.
"""

from __future__ import annotations

import math
from string import ascii_letters
from typing import Any

import numpy as np

from ..dtypes import FLOAT, LEGACY
from ..tensor import Tensor
from . import products, reduce, shape
from .form import composite
from .shape import wrap_dim
from .shaping import broadcast_shapes, reshape
from .structure import conj

# -- einsum


@composite(method=False)
def einsum(equation: Any, *operands: Any) -> Tensor:
    """Sums of products by labelled dimensions (source: torch.einsum)."""
    if not isinstance(equation, str):
        equation, operands = spelled_by_lists(equation, operands)
    tensors = list(operands[0] if len(operands) == 1 and not isinstance(operands[0], Tensor) else operands)
    inputs, output = parse(equation, tensors)
    order = [*output, *sorted(set("".join(inputs)) - set(output), key=label_rank)]
    sizes = label_sizes(inputs, tensors)
    aligned = [align(t, labels, order) for t, labels in zip(tensors, inputs, strict=True)]
    summed = [d for d, label in enumerate(order) if label not in output]
    result = aligned[0]
    if len(aligned) == 1:
        result = reduce.sum(result, tuple(summed)) if summed else result
        return result
    for k, other in enumerate(aligned[1:], 1):
        later = aligned[k + 1 :]
        now = [d for d in summed if all(t.shape[d] == 1 for t in later)]
        now = [d for d in now if sizes[order[d]] != 1 or k == len(aligned) - 1]
        result = sum_of_products(result, other, [d for d in now if not gone(result, other, d)])
    return reshape(result, result.shape[: len(output)]) if summed else result


def gone(x: Tensor, y: Tensor, d: int) -> bool:
    return x.shape[d] == 1 == y.shape[d]


def label_rank(label: str) -> tuple:
    return (ascii_letters.index(label) if label in ascii_letters else -1, label)


def spelled_by_lists(first: Tensor, rest: tuple) -> tuple[str, list]:
    """einsum(A, [0, 1], B, [1, 2], [0, 2])."""
    items = [first, *rest]
    pairs, out = len(items) // 2, items[-1] if len(items) % 2 else None

    def word(labels: Any) -> str:
        return "".join(
            "..." if k is Ellipsis else ascii_letters[26:][k] if k < 26 else ascii_letters[k - 26] for k in labels
        )

    text = ",".join(word(items[2 * i + 1]) for i in range(pairs))
    return text + (f"->{word(out)}" if out is not None else ""), items[: 2 * pairs : 2]


def parse(equation: str, tensors: list[Tensor]) -> tuple[list[str], str]:
    """The labels of each operand and of the result; an ellipsis becomes digits, counted from the right."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    words = left.split(",")
    if len(words) < len(tensors):
        raise RuntimeError("einsum(): more operands were provided than specified in the equation")
    if len(words) > len(tensors):
        raise RuntimeError("einsum(): fewer operands were provided than specified in the equation")
    spare = []
    for i, (w, t) in enumerate(zip(words, tensors, strict=True)):
        named = len(w.replace("...", ""))
        if ("..." not in w and named != t.ndim) or named > t.ndim:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({named}) "
                f"{'is more than' if '...' in w else 'does not match'} the number of dimensions ({t.ndim}) for operand "
                f"{i}" + ("" if "..." in w else " and no ellipsis was given")
            )
        spare.append(t.ndim - named)
    widest = max((s for s, w in zip(spare, words, strict=True) if "..." in w), default=0)
    digits = "".join(chr(0x2460 + k) for k in range(widest))
    inputs = [w.replace("...", digits[widest - s :] if s else "") for s, w in zip(spare, words, strict=True)]
    if arrow:
        output = right.replace("...", digits)
        for label in output:
            if label not in "".join(inputs):
                raise RuntimeError(
                    f"einsum(): output subscript {label} does not appear in the equation for any input operand"
                )
    else:
        every = "".join(words).replace("...", "")
        output = digits + "".join(sorted((c for c in set(every) if every.count(c) == 1), key=label_rank))
    return inputs, output


def label_sizes(inputs: list[str], tensors: list[Tensor]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for i, (labels, t) in enumerate(zip(inputs, tensors, strict=True)):
        for label, n in zip(labels, t.shape, strict=True):
            if sizes.get(label, 1) not in (1, n) and n != 1:
                raise RuntimeError(
                    f"einsum(): subscript {label} has size {n} for operand {i} which does not broadcast with previously "
                    f"seen size {sizes[label]}"
                )
            sizes[label] = max(sizes.get(label, 1), n) if n else n
    return sizes


def align(t: Tensor, labels: str, order: Any) -> Tensor:
    """Diagonals of labels that come twice; then one dimension for every label, in order."""
    labels = list(labels)
    while len(set(labels)) < len(labels):
        label = next(c for c in labels if labels.count(c) > 1)
        a = labels.index(label)
        b = labels.index(label, a + 1)
        if t.shape[a] != t.shape[b]:
            raise RuntimeError(
                f"einsum(): subscript {label} is repeated for operand 0 but the sizes don't match, "
                f"{t.shape[b]} != {t.shape[a]}"
            )
        t = shape.diagonal(t, 0, a, b)
        del labels[b]
        labels.append(labels.pop(a))
    present = [c for c in order if c in labels]
    t = shape.permute(t, tuple(labels.index(c) for c in present))
    for d, c in enumerate(order):
        if c not in labels:
            t = shape.unsqueeze(t, d)
    return t


def sum_of_products(x: Tensor, y: Tensor, dims: list[int]) -> Tensor:
    """sum(x * y, dims, keepdim=True) of two broadcasting tensors, by one batched product of matrices."""
    rank = x.ndim
    a, b = x.shape, y.shape
    for d in dims:  # what only one of them has is summed first
        if (a[d] == 1) != (b[d] == 1):
            x, y = (reduce.sum(x, d, True), y) if b[d] == 1 else (x, reduce.sum(y, d, True))
    dims = [d for d in dims if a[d] != 1 and b[d] != 1]
    if not dims:
        return x * y
    a, b = x.shape, y.shape
    free = [d for d in range(rank) if d not in dims]
    batch = [d for d in free if a[d] != 1 and b[d] != 1]
    left = [d for d in free if d not in batch and b[d] == 1]
    right = [d for d in free if d not in batch and d not in left]
    size = [max(m, n) if m and n else 0 for m, n in zip(a, b, strict=True)]

    def count(ds: list[int]) -> int:
        return math.prod([size[d] for d in ds])

    p = reshape(shape.permute(x, (*batch, *left, *dims, *right)), (count(batch), count(left), count(dims)))
    q = reshape(shape.permute(y, (*batch, *dims, *right, *left)), (count(batch), count(dims), count(right)))
    r = products.bmm(p, q)
    order = [*batch, *left, *right, *dims]
    r = reshape(r, tuple(1 if d in dims else size[d] for d in order))
    return shape.permute(r, shape.inverse(order))


# -- by dimensions


@composite(method=False, out=True)
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Sum over pairs of dimensions (source: torch.tensordot)."""
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    whole = dims if isinstance(dims, int) else None
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a.ndim, b.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        dims = (range(a.ndim - dims, a.ndim), range(dims))
    if a.dtype is not b.dtype:
        raise RuntimeError("both inputs should have same dtype")
    given = dims
    p, q = (
        [wrap_dim(d, t.ndim) for d in ([ds] if isinstance(ds, int) else ds)] for ds, t in zip(dims, (a, b), strict=True)
    )
    if len(p) != len(q):
        raise RuntimeError("both dimension lists should have same length")
    for k, (i, j) in enumerate(zip(p, q, strict=True)):
        m, n = a.shape[i], b.shape[j]
        if m == 1 != n:  # broadcast: what the other has is summed
            b = reduce.sum(b, j, True, dtype=b.dtype)
        elif n == 1 != m:
            a = reduce.sum(a, i, True, dtype=a.dtype)
        elif m != n:
            shown = [ds if isinstance(ds, int) else list(ds)[k] for ds in given]
            if whole is not None:
                shown[0] -= a.ndim
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {m} in dim {shown[0]} and second has size "
                f"{n} in dim {shown[1]}"
            )
    rest_a, rest_b = ([d for d in range(t.ndim) if d not in ds] for t, ds in ((a, p), (b, q)))
    kept = [t.shape[d] for t, ds in ((a, rest_a), (b, rest_b)) for d in ds]
    n = math.prod([a.shape[d] for d in p])
    rows = math.prod([a.shape[d] for d in rest_a])
    columns = math.prod([b.shape[d] for d in rest_b])
    left = reshape(shape.permute(a, (*rest_a, *p)), (rows, n))
    right = reshape(shape.permute(b, (*q, *rest_b)), (n, columns))
    return reshape(products.mm(left, right), tuple(kept))


@composite(out=True)
def inner(input: Tensor, other: Tensor) -> Tensor:
    if not input.ndim or not other.ndim:
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
    x = reshape(input, tuple(n for m in a for n in (m, 1)))
    y = reshape(other, tuple(n for m in b for n in (1, m)))
    return shape.reshape_copy(x * y, tuple(m * n for m, n in zip(a, b, strict=True)))


@composite(method=False)
def chain_matmul(*matrices: Any) -> Tensor:
    return multi_dot(matrices if len(matrices) != 1 or isinstance(matrices[0], Tensor) else matrices[0])


@composite("linalg_multi_dot", modules="linalg", out=True)
def multi_dot(tensors: Any) -> Tensor:
    """A chain of products in the cheapest order (source: torch.linalg.multi_dot)."""
    ts = list(tensors)
    if len(ts) < 2:
        if len(ts) == 1:
            return ts[0]
        raise RuntimeError("multi_dot(): expected at least 2 tensors but got 0")
    first, last = ts[0].ndim == 1, ts[-1].ndim == 1
    ts[0] = shape.unsqueeze(ts[0], 0) if first else ts[0]
    ts[-1] = shape.unsqueeze(ts[-1], 1) if last else ts[-1]
    result = chain(ts, cheapest(ts), 0, len(ts) - 1)
    result = shape.squeeze(result, 0) if first else result
    return shape.squeeze(result, -1) if last else result


def cheapest(ts: list[Tensor]) -> dict[tuple[int, int], int]:
    """Where to split each part of the chain (Cormen et al., Introduction to Algorithms, 15.2)."""
    p = [t.shape[0] for t in ts] + [ts[-1].shape[1]]
    cost = {(i, i): 0 for i in range(len(ts))}
    cut: dict[tuple[int, int], int] = {}
    for length in range(1, len(ts)):
        for i in range(len(ts) - length):
            j = i + length
            best = [(cost[i, k] + cost[k + 1, j] + p[i] * p[k + 1] * p[j + 1], k) for k in range(i, j)]
            cost[i, j], cut[i, j] = min(best)
    return cut


def chain(ts: list[Tensor], cut: dict[tuple[int, int], int], i: int, j: int) -> Tensor:
    if i == j:
        return ts[i]
    k = cut[i, j]
    return products.mm(chain(ts, cut, i, k), chain(ts, cut, k + 1, j))


@composite(modules="torch nn.functional", method=False)
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x1' W_k x2 for every k (source: torch.nn.functional.bilinear)."""
    batch = input1.shape[:-1]
    x1, x2 = (reshape(x, (-1, x.shape[-1])) for x in (input1, input2))
    out = einsum("bi,kij,bj->bk", x1, weight, x2)
    out = reshape(out, (*batch, weight.shape[0]))
    return out if bias is None else out + bias


@composite("linalg_vecdot", aliases=("vecdot",), modules="linalg", method=False, out=True)
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    if x.dtype.category < FLOAT:
        raise RuntimeError(
            f"linalg.vecdot: Expected a floating point or complex tensor as input. Got {LEGACY[x.dtype]}"
        )
    return reduce.sum(x.conj() * y, dim)


@composite(out=True)
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The vector product of 3-vectors along dim (source: torch.cross)."""
    target = broadcast_shapes(input.shape, other.shape)
    if dim is None:
        dim = next((d for d, n in enumerate(target) if n == 3), None)
        if dim is None:
            raise RuntimeError("no dimension of size 3 in input")
    d = wrap_dim(dim, len(target))
    if target[d] != 3 or input.shape[d - len(target)] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {input.shape[d - len(target)]} and "
            f"{other.shape[d - len(target)]}"
        )
    x, y = shape.expand(input, tuple(target)), shape.expand(other, tuple(target))
    return cross_rows(x, y, d)


def cross_kernel(x, y, dim):
    return np.cross(x, y, axisa=dim, axisb=dim, axisc=dim)


cross_rows = products.bilinear(
    "linalg_cross(self, other, dim)",
    cross_kernel,
    self=lambda g, other, dim: cross_rows(conj(other), g, dim),
    other=lambda g, self, dim: cross_rows(g, conj(self), dim),
    public=False,
    refuses="bool",
)
