"""Faults that can be put into the simulated device: a lane that cannot fail checks nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import torch

Bend = Callable[[torch.Tensor], torch.Tensor]

bends: dict[str, Bend] = {}
"""By the name of a kernel (``aten::mul``): what becomes of each tensor that it computes."""


@contextlib.contextmanager
def bent(kernel: str, bend: Bend) -> Iterator[None]:
    """While this lasts the kernel computes something else: ``bend`` of the right result, given and returned on the host."""
    bends[kernel] = bend
    try:
        yield
    finally:
        del bends[kernel]
