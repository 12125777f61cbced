"""What a custom Function's backward returned: Tensors, validated as torch does.

Only these gradients were not projected onto their input by a formula, so the projection is here too (`fit`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dtypes import Size
from ..graph.node import AccumulateGrad, Node
from ..tensor import Tensor

if TYPE_CHECKING:
    from .custom import CustomNode


def check_results(node: CustomNode, results: tuple) -> tuple:
    """torch's checks; only gradients of Tensor inputs go on."""
    name, count = node.name(), len(node.input_meta)
    if len(results) > count and all(r is None for r in results[count:]):
        results = results[:count]
    if len(results) != count:
        raise RuntimeError(
            f"function {name} returned an incorrect number of gradients (expected {count}, got {len(results)})"
        )
    for i, (r, meta) in enumerate(zip(results, node.input_meta, strict=True)):
        if meta is None and r is not None:
            raise RuntimeError(
                f"function {name} returned a gradient different than None at position {i + 1}, but the corresponding "
                "forward input was not a Variable"
            )
        if r is not None and not isinstance(r, Tensor):
            raise RuntimeError(f"expected Variable or None (got {type(r).__name__})")
    pairs = [(r, meta) for r, meta in zip(results, node.input_meta, strict=True) if meta is not None]
    return tuple(
        None if r is None or edge is None else fit(r, meta, name, i, edge)
        for i, ((r, meta), edge) in enumerate(zip(pairs, node.next, strict=True))
    )


def fit(r: Tensor, meta: tuple, name: str, i: int, edge: Node) -> Tensor:
    """A gradient in the shape and dtype of its input, or torch's error. A leaf's grad_dtype goes before its dtype."""
    from ..ops import structure

    shape, dtype = meta
    if r.shape != shape:
        have, want = r.shape, Size(shape)
        lead = len(have) - len(want)
        if lead < 0 or any(w not in (1, h) for w, h in zip(want, have[lead:], strict=True)):
            raise RuntimeError(
                f"Function {name} returned an invalid gradient at index {i} - got {list(have)} but expected shape "
                f"compatible with {list(want)}"
            )
        r = structure.sum_to(r, shape)
    if r.dtype.np.kind not in "fV" and (r.dtype.np.kind == "c") != (dtype.kind == "c"):
        raise RuntimeError(
            "Expected isFloatingType(grad.scalar_type()) || (input_is_complex == grad_is_complex) to be true, but got false.  "
            "(Could this error message be improved?  If so, please report an enhancement request to PyTorch.)"
        )
    own = isinstance(edge, AccumulateGrad) and edge.variable._grad_dtype is not False
    return r if own or r.dtype.np == dtype else structure.cast(r, dtype)
