"""torch.matmul in torch's steps: what is a batch becomes one matrix (folded) or a batch of one dimension.

Formulas use the matmul of products.py, which is one operator whatever the shapes.
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..compiler.runtime import cannot_broadcast
from ..tensor import Tensor
from .expanding import expand
from .form import composite
from .products import bmm, dot, mm, mv, squeezed
from .shape import reshape_copy, squeeze, t, transpose, unsqueeze, view_
from .shaping import reshape


@composite(dunder="__matmul__", out=True)
def matmul(input, other):
    """The product of matrices, vectors or batches (source: torch.matmul)."""
    a, b = input.ndim, other.ndim
    if a == 2 == b:
        return mm(input, other)
    if not a or not b:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {a}D and {b}D")
    if a == 1 == b:
        return dot(input, other)
    if a == 2 and b == 1:
        return mv(input, other)
    if a == 1 and b == 2:
        if input.shape[0] != other.shape[0]:
            raise RuntimeError(
                f"mat1 and mat2 shapes cannot be multiplied (1x{input.shape[0]} and {other.shape[0]}x{other.shape[1]})"
            )
        return squeezed(mm(unsqueeze(input, 0), other), 0)
    if a >= b:
        return folded(input, other) if folds(input, other) else in_batches(input, other)
    if (a == 2 and not input.requires_grad) or not folds(transpose(other, -2, -1), input):
        return in_batches(input, other)
    product = folded(transpose(other, -2, -1), t(input) if a == 2 else input)
    return transpose(product, -2, -1).contiguous() if a == 2 else product


def folds(large: Tensor, small: Tensor) -> bool:
    """Whether torch makes one matrix of the batch: where that is a view, or saves a large gradient of `small`."""
    if small.ndim > 2:
        return False
    inner = zip(large.stride()[:-2], large.stride()[1:-1], large.shape[1:-1], strict=True)
    return small.requires_grad or not prod(large.shape) or all(s == below * n for s, below, n in inner)


def folded(large: Tensor, small: Tensor) -> Tensor:
    rows = reshape(large, (prod(large.shape[:-1]), large.shape[-1]))
    product = mm(rows, small) if small.ndim == 2 else mv(rows, small)
    return reshape_copy(product, (*large.shape[:-1], *small.shape[1:]))


def in_batches(x: Tensor, y: Tensor) -> Tensor:
    """Both expanded to one batch, its dimensions made one."""
    a, b = tuple(x.shape), tuple(y.shape)
    if len(a) == len(b) == 3 and a[0] != b[0]:  # folding saves the gradient of what is expanded
        if a[0] == 1 and x.requires_grad:
            return matmul(squeeze(x, 0), y)
        if b[0] == 1 and y.requires_grad:
            return matmul(x, squeeze(y, 0))
    outside = (*a[-2:-1], *b[-1:]) if len(b) > 1 else a[-2:-1]
    left, right = a[-2:] if len(a) > 1 else (1, *a), b[-2:]
    batch = joint_batch(a[:-2], b[:-2])
    x, y = one_batch(x, batch, left), one_batch(y, batch, right)
    product = bmm(x, y) if len(right) == 2 else squeeze(bmm(x, unsqueeze(y, 2)), -1)
    return reshape_copy(product, (*batch, *outside))


def one_batch(x: Tensor, batch: tuple[int, ...], matrix: tuple[int, ...]) -> Tensor:
    x, size = expand.function(x, batch + matrix), (prod(batch), *matrix)
    return view_.function(x, size) if x.is_contiguous() else reshape(x, size)


def joint_batch(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    try:
        return a if a == b else np.broadcast_shapes(a, b)
    except ValueError:
        raise cannot_broadcast(a, b) from None


@composite(modules="", dunder="__rmatmul__")
def reflected_matmul(self, other):
    return matmul(other, self)
