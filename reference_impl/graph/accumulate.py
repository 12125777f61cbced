"""How a gradient enters `.grad`: the rules of the section "Default gradient layouts" of torch.autograd."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..tensor import Tensor, storage_of, wrap
from .hooks import run_post_accumulate
from .modes import GRAD, mode

# Taking over a buffer needs to know that nobody else holds it; CPython below 3.14 counts every reference to it.
COUNTED = sys.implementation.name == "cpython" and sys.version_info < (3, 14)


def alone(a: Any) -> bool:
    """Whether the array that our caller's caller passes on is referred to by nobody but them."""
    return COUNTED and a.base is None and sys.getrefcount(a) <= OURS


OURS = 4  # the engine's argument, deliver's g, accumulate's and alone's: more means somebody else holds it


def accumulate(leaf: Tensor, g: Any, create_graph: bool) -> None:
    """Add g, an array (or a Tensor where the graph is recorded), to leaf.grad, then call its post-accumulate hooks."""
    if g is None:
        return
    old = leaf._grad
    if create_graph:
        leaf._grad = g.clone() if old is None else old + g if mode() & GRAD else old.add_(g)
    elif old is None:
        if type(g) is np.ndarray and not (alone(g) and g.strides == leaf._array.strides):
            g = copy_like(g, leaf._array)
        leaf._grad = wrap(g)
    elif old._edge is None and type(old._array) is np.ndarray:
        np.add(old._array, g, out=old._array)
        storage_of(old).bump()
    else:
        grown = wrap(old._array + g)  # 0-dim: a scalar has no memory to share, so only its identity must stay
        if old._edge is None:
            old._array = grown._array
            storage_of(old).bump()
        else:
            leaf._grad = grown
    if leaf._post_hooks:
        run_post_accumulate(leaf)


def copy_like(g: np.ndarray, leaf: Any) -> np.ndarray:
    """A copy with the leaf's strides where the leaf is dense, else C-contiguous."""
    if leaf.flags.c_contiguous or g.ndim < 2:
        return g.copy()
    order = sorted(range(leaf.ndim), key=lambda i: (-leaf.strides[i], i))
    back = np.argsort(order)
    dense = leaf.transpose(order).flags.c_contiguous
    return g.transpose(order).copy().transpose(back) if dense else g.copy()
