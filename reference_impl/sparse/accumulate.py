"""How gradients enter `.grad` where one of them, or the leaf, is sparse (graph/accumulate.py has the others)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.modes import GRAD, mode
from ..graph.visit import as_tensor
from ..tensor import Tensor, storage_of
from .calls import become
from .tensor import SparseTensor


def accumulated(leaf: Tensor, old: Tensor | None, g: Any, create_graph: bool) -> Tensor:
    """The new .grad. Sparse added to sparse stays sparse, in the same tensor; dense and sparse make a new, dense one."""
    g = as_tensor(g)
    if old is None:
        return g.clone()
    if isinstance(old, SparseTensor) and not isinstance(g, SparseTensor):
        return g + old  # there is no sum of a sparse and a dense tensor, but one of a dense and a sparse one
    if create_graph and mode() & GRAD:
        return old + g
    if isinstance(old, SparseTensor):
        become(old, old + g)
        return old
    if isinstance(g, SparseTensor):
        np.add(old._array, g, out=old._array)
    else:
        old._array += g._array
    storage_of(old).bump()
    return old
