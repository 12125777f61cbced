"""What becomes of an operator inside autocast: dtypes and values of its results, and the casts in the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

import reference_impl

from .checks import outcome, torchs
from .exchange import Wrong, closeness, compare, numbers, resolve, same_numbers
from .graphs import both


def check_autocast(op: Any, sample: Any, lower: torch.dtype) -> None:
    """One sample, inside autocast to `lower`."""

    def inside(module: Any) -> list[Any]:
        with region(module, lower):
            return outcome(module, op, sample)

    theirs, ours = torchs(lambda: inside(torch)), inside(reference_impl)
    compare("output", ours, theirs, values=False)
    close = closeness(op, sample)
    for index, (a, b) in enumerate(zip(ours, theirs, strict=True)) if same_numbers(op, sample) else ():
        coarse = torch.bfloat16 if b.dtype is torch.float32 else b.dtype  # between the casts it may have been rounded
        if not close(numbers(a), numbers(b), coarse).all():
            raise Wrong(f"output {index}: values {numbers(a)}, torch gives {numbers(b)}")
    if not any(t.requires_grad for t in theirs):
        return

    def call(module: Any) -> Callable[..., Any]:
        return region(module, lower)(resolve(op, module))

    have, want = (graph.text for graph in both(call, [sample.input, *sample.args], sample.kwargs))
    if have.count("ToCopyBackward0") != want.count("ToCopyBackward0"):
        raise Wrong(f"{have}, torch has {want}")


def region(module: Any, lower: torch.dtype) -> Any:
    return module.autocast("cpu", dtype=getattr(module, str(lower).removeprefix("torch.")))
