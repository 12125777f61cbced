"""Forward mode of custom Functions: when jvp is called, and torch's checks of what it returns."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.dual import Level, Primals, active, all_tangents, attach, remember, tangent_of
from ..tensor import Tensor, wrap

NOT_IN_PLACE = (
    "An inplace custom Function is not modifying the forward mode gradients inplace. If the forward is modifying an input "
    "inplace, then the jvp function must modify the corresponding gradient inplace."
)
NOT_A_VIEW = "A custom Function's forward is returning a view (or an input as-is) but the jvp is not returning a view."
ANOTHER_VIEW = "A custom Function is returning a view but the jvp is not returning a view of the {}given grad input."


def by_level(args: tuple) -> dict[Level, list[Tensor | None]]:
    """The arguments' tangents, at each level where one has any."""
    found: dict[Level, list[Tensor | None]] = {}
    for i, a in enumerate(args):
        for level, tangent in all_tangents(a):
            found.setdefault(level, [None] * len(args))[i] = tangent
    return found


def apply_jvp(node: Any, args: tuple, outputs: tuple, dirty: tuple, tangents: dict) -> None:
    """Call the user's jvp right after forward, for the outermost level first."""
    with Primals() as level:
        if active():
            apply_jvp(node, args, outputs, dirty, tangents)
    if level in tangents:
        one_level(node, args, outputs, dirty, tangents[level])
        remember(node, range(len(outputs)), outputs)  # for outputs that were saved


def one_level(node: Any, args: tuple, outputs: tuple, dirty: tuple, tangents: list[Tensor | None]) -> None:
    """Give the outputs the tangents that jvp returns."""
    if node.materialize:
        tangents = [
            zeros_like(a) if t is None and differentiable(a) else t for a, t in zip(args, tangents, strict=True)
        ]
    versions = [None if t is None else t._version for t in tangents]
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
    for i, t in enumerate(results):
        if not (t is None or isinstance(t, Tensor)):
            raise RuntimeError(f"expected Variable or None (got {type(t).__name__}) for grad output {i}.")
    inputs = list(zip(args, tangents, versions, strict=True))
    for i, (out, t) in enumerate(zip(outputs, results, strict=True)):
        if not isinstance(out, Tensor):
            continue
        if i in node.differentiable:
            set_tangent(out, t, inputs, any(out is d for d in dirty))
        elif t is not None:
            raise RuntimeError(
                f"Function's jvp returned a gradient at position {i}, but  the corresponding forward output is not a "
                "differentiable Tensor.You should return None at that position instead."
            )


def set_tangent(out: Tensor, t: Tensor | None, inputs: list[tuple], in_place: bool) -> None:
    """Give an output what jvp returned for it. inputs: each with its tangent, and the version of that before jvp."""
    if in_place:
        before, version = next((tangent, v) for a, tangent, v in inputs if a is out)
        if t is not before or t._version == version:
            raise RuntimeError(NOT_IN_PLACE)
        if tangent_of(out) is not None:
            return
    elif out._base is not None:
        viewed = next(((a, tangent) for a, tangent, _ in inputs if isinstance(a, Tensor) and views_of(out, a)), None)
        if viewed is not None and viewed[1] is not None:
            check_view(t, *viewed)
    if t is None or not differentiable(t):
        raise RuntimeError("Expected both tensor and its forward grad to be floating point or complex")
    attach(out, t)


def views_of(out: Tensor, a: Tensor) -> bool:
    return out._base is a or (a._base is not None and out._base is a._base)


def check_view(t: Tensor | None, of: Tensor, tangent: Tensor) -> None:
    """The tangent of a view of an input is a view of that input's tangent."""
    if t is None or t._base is None:
        raise RuntimeError(NOT_A_VIEW)
    if of._base is None or tangent._base is None:
        if t._base is not tangent:
            raise RuntimeError(ANOTHER_VIEW.format(""))
    elif t._base is not tangent._base:
        raise RuntimeError(ANOTHER_VIEW.format("same base as the "))


def differentiable(a: Any) -> bool:
    return isinstance(a, Tensor) and a.dtype.np.kind in "fcV"


def zeros_like(a: Tensor) -> Tensor:
    return wrap(np.zeros_like(a._array)[()])
