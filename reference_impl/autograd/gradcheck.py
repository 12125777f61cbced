"""gradcheck: analytical against numerical Jacobians (source: torch.autograd.gradcheck)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..tensor import Tensor, wrap
from . import as_tuple, grad


class GradcheckError(RuntimeError):
    """The two Jacobians differ."""


def numerical(func: Callable[..., Any], inputs: tuple, i: int, o: int, eps: float) -> np.ndarray:
    """d output o / d input i by central differences, of shape (input size, output size)."""
    flat = np.asarray(inputs[i]._array).reshape(-1)
    rows = []
    for k in range(flat.size):
        ends = []
        for step in (eps, -eps):
            moved = flat.copy()
            moved[k] += step
            x = wrap(moved.reshape(inputs[i]._array.shape)[()]).requires_grad_()
            ends.append(np.array(as_tuple(func(*inputs[:i], x, *inputs[i + 1:]))[o]._array).reshape(-1))
        rows.append((ends[0] - ends[1]) / (2 * eps))
    return np.stack(rows)


def analytical(output: Tensor, x: Tensor) -> np.ndarray:
    columns = []
    for k in range(output.numel()):
        seed = np.zeros(output.numel(), output._array.dtype)
        seed[k] = 1
        (g,) = grad(output, x, wrap(seed.reshape(output._array.shape)[()]), retain_graph=True, allow_unused=True)
        columns.append(np.zeros(x.numel()) if g is None else np.asarray(g._array).reshape(-1))
    return np.stack(columns, 1)


def gradcheck(func: Callable[..., Any], inputs: Any, *, eps: float = 1e-6, atol: float = 1e-5, rtol: float = 1e-3,
              raise_exception: bool = True) -> bool:
    """True if the gradients of func agree with finite differences; inputs must be float64."""
    inputs = as_tuple(inputs)
    outputs = as_tuple(func(*inputs))
    for i, x in enumerate(inputs):
        if not (isinstance(x, Tensor) and x.requires_grad):
            continue
        for o, y in enumerate(outputs):
            if not y.requires_grad:
                continue
            n, a = numerical(func, inputs, i, o, eps), analytical(y, x)
            if not np.allclose(n, a, rtol, atol):
                if raise_exception:
                    raise GradcheckError(f"Jacobian mismatch for output {o} with respect to input {i},\n"
                                         f"numerical:{wrap(n)!r}\nanalytical:{wrap(a)!r}\n")
                return False
    return True


def gradgradcheck(func: Callable[..., Any], inputs: Any, grad_outputs: Any = None, **options: Any) -> bool:
    """gradcheck of the gradient."""
    inputs = as_tuple(inputs)
    outputs = [y for y in as_tuple(func(*inputs)) if y.requires_grad]
    rng = np.random.default_rng(0)
    seeds = as_tuple(grad_outputs) if grad_outputs is not None else tuple(
        wrap(rng.standard_normal(y.shape)).requires_grad_() for y in outputs)
    wanted = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]

    def gradient(*args: Any) -> tuple:
        xs, gs = args[:len(inputs)], args[len(inputs):]
        ys = tuple(y for y in as_tuple(func(*xs)) if y.requires_grad)
        return tuple(g for g in grad(ys, [xs[i] for i in wanted], gs, create_graph=True, allow_unused=True)
                     if g is not None)
    return gradcheck(gradient, (*inputs, *seeds), **options)
