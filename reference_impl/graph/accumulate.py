"""How a gradient enters `.grad`: the rules of the section "Default gradient layouts" of torch.autograd."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor, storage_of, wrap
from .hooks import run_post_accumulate
from .modes import GRAD, mode


def accumulate(leaf: Tensor, g: Any, create_graph: bool, owned: bool = False) -> None:
    """Add g, an array (or a Tensor where the graph is recorded), to leaf.grad, then call its post-accumulate hooks.

    owned: nobody else holds the buffer of g, so .grad may take it over.
    """
    if g is None:
        return
    old = leaf._grad
    if create_graph:
        leaf._grad = g.clone() if old is None else old + g if mode() & GRAD else old.add_(g)
    elif old is None:
        if type(g) is np.ndarray and not (owned and g.strides == leaf._array.strides):
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
