"""Forward mode of custom Functions: when jvp is called, and torch's checks of what it returns."""

from __future__ import annotations

from typing import Any

from ..graph.dual import Level, Primals, attach, tangent_of
from ..tensor import Tensor, wrap

NOT_IN_PLACE = (
    "An inplace custom Function is not modifying the forward mode gradients inplace. If the forward is modifying an input "
    "inplace, then the jvp function must modify the corresponding gradient inplace."
)
NOT_A_VIEW = "A custom Function's forward is returning a view (or an input as-is) but the jvp is not returning a view."


def apply_jvp(node: Any, args: tuple, outputs: tuple, dirty: tuple, tangents: list[Tensor | None]) -> None:
    """Call the user's jvp right after forward, and give its results to the outputs."""
    if all(t is None for t in tangents):
        return
    if node.materialize:
        tangents = [
            zeros_like(a) if t is None and isinstance(a, Tensor) else t for a, t in zip(args, tangents, strict=True)
        ]
    node.forward_mode = True
    try:
        with Primals():
            found = node.function.jvp(node.shown(), *tangents)
    finally:
        node.forward_mode = False
    results = found if isinstance(found, tuple) else (found,)
    if len(results) != len(outputs):
        raise RuntimeError(
            "Function's jvp returned an invalid number of forward gradients "
            f"(expected {len(outputs)} but got {len(results)})"
        )
    for i, (out, t) in enumerate(zip(outputs, results, strict=True)):
        if i not in node.differentiable:
            if t is not None:
                raise RuntimeError(
                    f"Function's jvp returned a gradient at position {i}, but  the corresponding forward output is not a "
                    "differentiable Tensor.You should return None at that position instead."
                )
        elif t is None:
            raise RuntimeError("Expected both tensor and its forward grad to be floating point or complex")
        else:
            set_tangent(out, t, args, tangents, dirty)
    Level.results[node] = {i: tangent_of(out) for i, out in enumerate(outputs)}  # for outputs that were saved


def set_tangent(out: Tensor, t: Tensor, args: tuple, tangents: list, dirty: tuple) -> None:
    if any(out is d for d in dirty):
        k = next(k for k, a in enumerate(args) if a is out)
        if t is not tangents[k]:
            raise RuntimeError(NOT_IN_PLACE)
        if tangent_of(out) is None:
            attach(out, t)
        return
    if out._base is not None:
        k = next((k for k, a in enumerate(args) if a is out._base or same_memory(a, out)), None)
        if k is not None and not same_memory(tangents[k], t):
            raise RuntimeError(NOT_A_VIEW)
    attach(out, t)


def same_memory(a: Any, b: Tensor) -> bool:
    return isinstance(a, Tensor) and a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


def zeros_like(a: Tensor) -> Tensor:
    import numpy as np

    return wrap(np.zeros_like(a._array)[()])
