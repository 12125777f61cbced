"""What tensors print of their history."""

from __future__ import annotations

import contextlib
import re

from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]

NODE = re.compile(r"grad_fn=<(\w+?)\d*>")


@mutant("tut.blitz.repr-shows-grad-fn", "seed000.in7.scalar-times-vector", "seed002.in3.sum-grad-fn")
def results_print_that_they_require_gradients(torch: Torch) -> Changed:
    """What was computed prints requires_grad=True, as leaves do, and not its grad_fn."""
    return wrapped(
        torch.Tensor, "__repr__", lambda real, self, **options: NODE.sub("requires_grad=True", real(self, **options))
    )


@mutant("seed000.in7.view-grad-fn-name")
def nodes_print_without_number(torch: Torch) -> Changed:
    """What was computed prints the name of its node without the number of the overload."""
    return wrapped(
        torch.Tensor, "__repr__", lambda real, self, **options: NODE.sub(r"grad_fn=<\1>", real(self, **options))
    )
