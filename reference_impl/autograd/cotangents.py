"""Where backward starts and ends: the cotangents of the outputs, and the places of tensors in the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..dtypes import Size
from ..graph.node import Node, Output
from ..graph.reach import count_edges
from ..tensor import LEAF, Tensor, edge_of, history, wrap


def as_tuple(x: Any) -> tuple:
    return (x,) if isinstance(x, Tensor) or is_edge(x) else tuple(x)


def is_edge(x: Any) -> bool:
    """Whether x is a GradientEdge: a tensor's place in the graph, without the tensor (autograd/graph.py)."""
    return isinstance(x, tuple) and hasattr(x, "ownership_token")


def place(x: Any) -> Node | None:
    """The edge of a Tensor or GradientEdge."""
    if type(x) is Tensor:
        return edge_of(x)
    if is_edge(x):
        return x.edge
    if not isinstance(x, Tensor):
        raise RuntimeError(f"all inputs have to be Tensors or GradientEdges, but got {type(x).__name__}")
    return place(x.value) if hasattr(x, "level") else edge_of(x)


def beyond(outs: tuple, xs: tuple) -> bool:
    """Whether what vmap made of tensors outside of it is to be differentiated by them: the sum over the batch would come."""
    from ..func.tracking import OF_NODES

    return any(hasattr(o, "level") for o in outs) and any(
        type(x) is Tensor and x._transform is None and history(x) not in OF_NODES for x in xs
    )


def places(xs: tuple, starts: list[tuple[Node, Any]]) -> list[Node | None]:
    """The edges of inputs. One made by hand, of a node with several outputs, is looked for in the graph of the roots."""
    found = [place(x) for x in xs]
    if None in found:  # to a view that was made without history no gradient comes
        found = [Node() if e is None and x.requires_grad else e for x, e in zip(xs, found, strict=True)]
    if Output in map(type, found) and any(
        type(e) is Output and is_edge(x) and x._found is None for x, e in zip(xs, found, strict=True)
    ):
        known = {e.source(): e for e in count_edges(starts) if type(e) is Output}
        found = [known.get(e.source(), e) if type(e) is Output else e for e in found]
    return found


def seeds(outputs: tuple, given: Any, batched: bool = False) -> tuple[Tensor | None, ...]:
    """A cotangent for each output: the given one, checked, or 1 for a real scalar."""
    if given is None:
        return tuple(map(implicit_one, outputs))
    given = (given,) if isinstance(given, Tensor) else tuple(given)
    pairs = zip(outputs, given, strict=False)  # more seeds than outputs are ignored, as in torch
    found = tuple(seed(out, g, batched, outputs, given) for out, g in pairs)
    if len(found) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(found)} gradients")
    return found


def seed(out: Any, g: Any, batched: bool, outputs: tuple, given: tuple) -> Tensor | None:
    def named() -> tuple[int, int]:
        # as torch: to compare roots of several elements is an error of its own
        return given.index(g), outputs.index(out)

    if g is None:
        return implicit_one(out)
    if not isinstance(g, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    check_output(out)
    if is_edge(out) and not out.knows_shape:
        return g
    shape = Size(g.shape[1:]) if batched else g.shape
    if shape != out.shape:
        if batched and is_edge(out):
            raise RuntimeError("Batched grads are not supported with GradientEdge")
        shown = Size(shape[1:]) if batched else shape  # torch drops a dimension twice here
        i, k = named()
        where = f"grad_output[{i}] has a shape of {shown} and output[{k}] has a shape of {out.shape}."
        if batched:
            raise RuntimeError(
                "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch dimension. "
                "The sizes of the remaining dimensions are expected to match the shape of corresponding output, but a "
                f"mismatch was detected: {where} If you only want some tensors in `grad_output` to be considered "
                "batched, consider using vmap."
            )
        raise RuntimeError("Mismatch in shape: " + where)
    if g.dtype.is_complex != out.dtype.is_complex:
        i, k = named()
        raise RuntimeError(
            "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: "
            f"grad_output[{i}] has a dtype of {g.dtype} and output[{k}] has a dtype of {out.dtype}."
        )
    return g


def check_output(out: Any) -> None:
    if type(out) is not Tensor and not is_edge(out) and not isinstance(out, Tensor):
        raise AssertionError("Expected output to be a Tensor")


ONES = {np.float32: np.float32(1), np.float64: np.float64(1)}


def implicit_one(out: Any) -> Tensor | None:
    """The cotangent of a real scalar; None for what requires no grad, about which `roots` complains."""
    check_output(out)
    if not is_edge(out) and out._edge is None:
        return None
    one = ONES.get(type(out._array)) if type(out) is Tensor else None
    if one is not None:
        return wrap(one)
    if out.shape.numel() != 1:
        raise RuntimeError("grad can be implicitly created only for scalar outputs")
    if not out.dtype.is_floating_point:
        raise RuntimeError(f"grad can be implicitly created only for real scalar outputs but got {out.dtype}")
    if is_edge(out) or type(out) is not Tensor:
        from ..factories import ones

        return ones(out.shape, dtype=out.dtype) if is_edge(out) else out.new_ones(out.shape)
    return wrap(np.ones_like(out._array)[()])


def roots(outputs: tuple, cotangents: tuple[Tensor | None, ...]) -> list[tuple[Node, Tensor]]:
    """Each output's edge and its cotangent."""
    found: list[tuple[Node, Tensor]] = []
    for out in outputs:
        g = cotangents[len(found)]
        plain = type(out) is Tensor is type(g)
        edge = out._edge if plain and out._edge is not LEAF else place(out)
        if edge is None:
            raise RuntimeError(f"element {len(found)} of tensors does not require grad and does not have a grad_fn")
        assert g is not None
        if not plain and is_edge(out) and not out.knows_shape:
            found.append((edge, g))
            continue
        if (g._array.dtype is not out._array.dtype) if plain else (g.dtype is not out.dtype):
            g = g.to(out.dtype)
        if plain and out._recorded_shape is not None:
            g = as_recorded(g, out)
        found.append((edge, g if plain or type(out) is Tensor or is_edge(out) else of_batch("lower", g, out)))
    return found


def as_recorded(g: Tensor, out: Tensor) -> Tensor:
    """A cotangent of the shape that `out` had when its node was recorded: `.data` may have given it another one since."""
    from ..ops.structure import sum_to

    return sum_to(g, out._recorded_shape)


def listed(inputs: Any, function: str) -> tuple:
    """The inputs as a tuple: of one, of a sequence, of a dict's values."""
    if isinstance(inputs, Tensor) or is_edge(inputs):
        return (inputs,)
    if type(inputs) is dict:
        inputs = inputs.values()
    elif type(inputs) is not list and isinstance(inputs, Mapping):
        raise TypeError(
            f"`inputs` argument to `{function}()` must be a dict, not {type(inputs).__name__}. Other Mapping types are "
            "not supported."
        )
    found = tuple(inputs)
    if not found:
        raise RuntimeError(f"`inputs` argument to `{function}()` cannot be empty.")
    return found


def of_batch(direction: str, g: Tensor, t: Tensor) -> Tensor:
    """Between the gradient of a batched tensor and that of its physical tensor (batching/__init__.py)."""
    from .. import batching

    return getattr(batching, direction)(g, t)
