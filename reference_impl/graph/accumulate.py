"""How a gradient enters `.grad`: the rules of the section "Default gradient layouts" of torch.autograd."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np

from ..tensor import NoArray, Tensor, storage_of, wrap
from ..warn import once
from .hooks import run_post_accumulate
from .modes import GRAD, Switches, mode

one_at_a_time = Lock()


def accumulate(leaf: Tensor, g: Any, create_graph: bool, owned: bool = False) -> None:
    """Add g, an array (or a Tensor where the graph is recorded), to leaf.grad, then call its post-accumulate hooks.

    owned: nobody else holds g, so .grad may take it over (graph/memory.py).
    """
    if g is None:
        return
    if leaf._edge is None:  # requires_grad was switched off since
        if leaf._post_hooks:
            run_post_accumulate(leaf)
        return
    with one_at_a_time:  # several threads may run backward on graphs that share a leaf
        old = leaf._grad
        try:
            if create_graph:
                leaf._grad = taped(leaf, old, g)
            elif old is None:
                if type(g) is np.ndarray:
                    if not (owned and (g.strides == leaf._array.strides or not enforced())):
                        g = copy_like(g, leaf._array)
                    leaf._grad = wrap(g)
                else:
                    leaf._grad = g.clone() if isinstance(g, Tensor) else wrap(g)  # a sparse one, or a scalar
            elif type(old._array) is np.ndarray:
                if old._array.strides != leaf._array.strides:
                    check_layout(old, leaf)
                np.add(old._array, g, out=old._array)
                storage_of(old).bump()
            else:
                old._array = old._array + g  # 0-dim: a scalar has no memory to share, so only its identity must stay
                storage_of(old).bump()
        except NoArray as why:
            leaf._grad = why.accumulate(leaf, old, g, create_graph)
    if leaf._post_hooks:
        run_post_accumulate(leaf)


def taped(leaf: Tensor, old: Tensor | None, g: Tensor) -> Tensor:
    """The new .grad where the graph is recorded: another tensor, so that the old one keeps its value."""
    from ..ops.writes import copy

    if old is None:
        fresh = copy.function(wrap(g._array), g)
        return laid_out(fresh, copy_like(g._array, leaf._array)) if g._array.ndim > 1 else fresh
    like = old._array
    return laid_out(old + g, like) if mode() & GRAD else old.add_(g)


def laid_out(t: Tensor, like: Any) -> Tensor:
    """t, which nobody else has yet, in memory laid out as an array of its shape is."""
    if t._array.strides != like.strides:
        laid = np.empty_like(like, t._array.dtype)
        laid[...] = t._array
        t._array = laid
    return t


def enforced() -> bool:
    return Switches.of_thread().grad_layout


LAYOUT = (
    "grad and param do not obey the gradient layout contract. This is not an error, but may impair performance.\n"
    "grad.sizes() = {size}, strides() = {stride}\nparam.sizes() = {own_size}, strides() = {own_stride}"
)


def check_layout(grad: Tensor, leaf: Tensor) -> None:
    """Refuse to add into a .grad that has a place twice; warn, once a process, of one laid out as no new one would be."""
    from ..ops.windows import overlapping
    from .overlap import TWICE

    if overlapping(grad._array.shape, grad._array.strides):
        raise RuntimeError(TWICE)
    strides = wrap(copy_like(grad._array, leaf._array)).stride()
    if enforced() and significant(strides, grad.shape) != significant(grad.stride(), grad.shape):
        once(
            LAYOUT, size=list(grad.shape), stride=list(grad.stride()), own_size=list(leaf.shape),
            own_stride=list(leaf.stride()),
        )  # fmt: skip


def significant(strides: tuple[int, ...], shape: tuple[int, ...]) -> list[int]:
    return [s for s, n in zip(strides, shape, strict=True) if n > 1]


def copy_like(g: np.ndarray, leaf: Any) -> np.ndarray:
    """A copy with the leaf's strides where the leaf is dense, else C-contiguous."""
    if g.shape != leaf.shape != ():
        g = in_shape_of(leaf, g)
    if leaf.flags.c_contiguous or g.ndim < 2:
        return g.copy()
    order = sorted(range(leaf.ndim), key=lambda i: (-leaf.strides[i], i))
    back = np.argsort(order)
    dense = leaf.transpose(order).flags.c_contiguous
    return g.transpose(order).copy().transpose(back) if dense else g.copy()


def in_shape_of(leaf: Any, g: np.ndarray) -> np.ndarray:
    """g spread over the shape that `.data` has given the leaf since its node was made."""
    from ..compiler.runtime import cannot_broadcast

    try:
        both = np.broadcast_shapes(g.shape, leaf.shape)
    except ValueError:
        raise cannot_broadcast(leaf.shape, g.shape) from None
    if both != leaf.shape:
        raise RuntimeError(f"output with shape {list(leaf.shape)} doesn't match the broadcast shape {list(both)}")
    return np.broadcast_to(g, leaf.shape)
