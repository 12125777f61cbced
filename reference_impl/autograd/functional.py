"""torch.autograd.functional: derivatives of functions. Stage one: jacobian, row by row."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensor import Tensor
from . import as_tuple, grad


def prepared(inputs: tuple, create_graph: bool) -> tuple:
    """Copies of the inputs that the caller's graph does not see (views of them where the graph must be kept)."""
    return tuple(x.view(x.shape) if create_graph and x.requires_grad else x.detach().requires_grad_() for x in inputs)


def jacobian(func: Callable[..., Any], inputs: Any, create_graph: bool = False, strict: bool = False,
             vectorize: bool = False, strategy: str = "reverse-mode") -> Any:
    """The Jacobian: for each output and input a Tensor of shape output.shape + input.shape
    (source: torch.autograd.functional.jacobian)."""
    from .. import Unsupported, stack, zeros_like
    from .grad_mode import enable_grad
    if strict or vectorize or strategy != "reverse-mode":
        raise Unsupported("autograd.functional.jacobian: strict, vectorize or forward-mode")
    with enable_grad():
        xs = prepared(as_tuple(inputs), create_graph)
        ys = func(*xs)
        table = []
        for y in as_tuple(ys):
            rows: list[list[Tensor]] = [[] for _ in xs]
            flat = y.reshape(-1)
            for k in range(flat.numel()):
                gs = grad(flat[k], xs, retain_graph=True, create_graph=create_graph, allow_unused=True)
                for row, g, x in zip(rows, gs, xs, strict=True):
                    row.append(zeros_like(x) if g is None else g)
            table.append(tuple(stack(row).view(*y.shape, *x.shape) for row, x in zip(rows, xs, strict=True)))
    result = [row if isinstance(inputs, tuple) else row[0] for row in table]
    return tuple(result) if isinstance(ys, tuple) else result[0]
