"""Central differences, and what gradcheck compares them with: element by element, or along random directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..placement import strided
from ..tensor import Tensor, storage_array, wrap
from . import grad
from .gradcheck import GradcheckError, as_tuple

NOT_REENTRANT = """Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives \
different values, although analytical gradient matches numerical gradient.The tolerance for nondeterminism was {tol}.

NOTE: If your op relies on non-deterministic operations i.e., it is listed here:
https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
this failure might be expected.
"""


def taking_part(inputs: tuple) -> list[int]:
    return [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]


def numbers(t: Tensor) -> np.ndarray:
    return np.array(t._array) if t.layout is strided else np.array(t.detach().to_dense()._array)


def movable(t: Tensor) -> np.ndarray:
    """The elements of an input as memory: of a sparse one those that are specified."""
    return storage_array(t if t.layout is strided else t._values_tensor)


# ---------------------------------------------------------------- numerical


def difference(func: Any, inputs: tuple, i: int, move: np.ndarray, step: float) -> list[np.ndarray]:
    """(f(x + move) - f(x - move)) / (2 step) for each output. Input i is moved in place: func may know it by name."""
    array = movable(inputs[i])
    before = array.copy()
    ends = []
    try:
        for sign in (-1, 1):
            array[...] = before + sign * move
            ends.append([numbers(o) for o in as_tuple(func(*inputs))])
    finally:
        array[...] = before
    for a, b in zip(*ends, strict=True):
        for what, x, y in (("shape", a.shape, b.shape), ("dtype", a.dtype, b.dtype)):
            if x != y:
                raise AssertionError(
                    f"Expected `func` to return outputs with the same {what} when inputs are perturbed by {step}, but got: "
                    f"{what}s {x} and {y}."
                )
    if any(a.dtype.kind == "b" for a in ends[0]):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator "
            "instead."
        )
    return [(b - a) / (2 * step) for a, b in zip(*ends, strict=True)]


def numerical(
    func: Any, inputs: tuple, i: int, eps: float, forward: bool = False, masked: bool = False
) -> list[Tensor]:
    """For each output the Jacobian of shape (elements of input i, elements of the output). masked: of a sparse input."""
    if inputs[i].layout is strided:
        return moved(func, inputs, i, eps, forward)
    from ..sparse.checking import of_all_elements

    return of_all_elements(
        inputs[i], masked, lambda x: moved(func, (*inputs[:i], x, *inputs[i + 1 :]), i, eps, forward)
    )


def moved(func: Any, inputs: tuple, i: int, eps: float, forward: bool) -> list[Tensor]:
    """The same with a row for each element that can be moved."""
    array = movable(inputs[i])
    rows = []
    for k in range(array.size):
        move = np.zeros(array.shape, array.dtype)
        move.flat[k] = eps
        found = difference(func, inputs, i, move, eps)
        if array.dtype.kind == "c" and not forward:
            turned = difference(func, inputs, i, move * 1j, eps)
            found = [x + 1j * y for x, y in zip(found, turned, strict=True)]
        rows.append(found)
    return stacked(rows, func, inputs, array.dtype)


def stacked(rows: list, func: Any, inputs: tuple, dtype: np.dtype) -> list[Tensor]:
    """For each output the Jacobian whose rows are its changes; there are none where the input is empty."""
    if not rows:
        return [wrap(np.zeros((0, o.numel()), dtype)) for o in as_tuple(func(*inputs))]
    return [wrap(np.stack([f.reshape(-1) for f in column])) for column in zip(*rows, strict=True)]


# ---------------------------------------------------------------- analytical


def analytical(output: Tensor, xs: list[Tensor]) -> list[Tensor]:
    """The Jacobians by backward, one cotangent at a time."""
    found = [np.zeros((x.numel(), output.numel()), x.dtype.np) for x in xs]
    through = output.clone()
    for k in range(output.numel()):
        seed = np.zeros(output.numel(), output.dtype.np)
        seed[k] = 1
        for jacobian, g, x in zip(found, vjp(through, xs, seed), xs, strict=True):
            if g is not None:
                check_gradient(g, x)
                jacobian[:, k] = numbers(g).reshape(-1)
    return [wrap(j) for j in found]


def vjp(output: Tensor, xs: list[Tensor], v: np.ndarray) -> tuple[Tensor | None, ...]:
    g = wrap(v.reshape(output.shape).astype(output.dtype.np)[()])
    return grad(output, xs, g, retain_graph=True, allow_unused=True)


def check_gradient(g: Tensor, x: Tensor) -> None:
    if g.dtype is not x.dtype or g.shape != x.shape:
        raise GradcheckError("Analytical gradient has incorrect size")


def distance(a: Tensor, b: Tensor) -> float:
    return float(np.max(np.abs(numbers(a) - numbers(b)), initial=0.0))


def jvp(func: Any, inputs: tuple, i: int, direction: np.ndarray, dtypes_too: bool) -> list[np.ndarray]:
    """The tangents of all outputs for one of input i."""
    from .forward_ad import dual_level, make_dual, unpack_dual

    with dual_level():
        duals = [
            make_dual(x.detach(), wrap((direction if k == i else np.zeros_like(x._array)).astype(x.dtype.np)))
            if k in taking_part(inputs) else x for k, x in enumerate(inputs)
        ]  # fmt: skip
        found = []
        for o in as_tuple(func(*duals)):
            primal, tangent = unpack_dual(o)
            if dtypes_too and tangent is not None and primal.is_complex() != tangent.is_complex():
                raise GradcheckError("Forward AD gradient has dtype mismatch.")
            found.append(np.zeros(primal.shape, primal.dtype.np) if tangent is None else numbers(tangent))
    return found


def forward_jacobians(func: Any, inputs: tuple, i: int, dtypes_too: bool) -> list[Tensor]:
    array = inputs[i]._array
    rows = []
    for k in range(array.size):
        direction = np.zeros(array.shape, array.dtype)
        direction.flat[k] = 1
        rows.append(jvp(func, inputs, i, direction, dtypes_too))
    return stacked(rows, func, inputs, array.dtype)


# ---------------------------------------------------------------- the comparison


def close(a: Tensor, n: Tensor, rtol: float, atol: float) -> bool:
    return bool(np.allclose(a._array, n._array, rtol, atol))


def mismatch(a: Any, n: Any, o: int, i: int, complex_at: Any, part: str, forward: bool) -> str:
    concerned = complex_at and (i if forward else o) in complex_at
    name = {"imag": "imaginary"}.get(part, part)
    start = (
        f"While considering the {name} part of complex {'inputs' if forward else 'outputs'} only, " if concerned else ""
    )
    return (
        f"{start}Jacobian {'computed with forward mode ' if forward else ''}mismatch for output {o} with respect to input "
        f"{i},\nnumerical:{n}\nanalytical:{a}\n"
    )


def slow(
    func: Callable[..., Any], inputs: tuple, *, forward: bool, eps: float, atol: float, rtol: float, nondet_tol: float,
    dtypes_too: bool, masked: bool = False, outputs: Any = None, complex_at: Any = None, part: str = "",
) -> None:  # fmt: skip
    """Every element of every Jacobian."""
    found = as_tuple(func(*inputs) if outputs is None else outputs)
    kept = [k for k, o in enumerate(found) if o.requires_grad]
    places = taking_part(inputs)
    expected = [numerical(func, inputs, i, eps, forward, masked) for i in places]
    if not kept:
        if any(np.any(n._array != 0) for row in expected for n in row):
            raise GradcheckError("Numerical gradient for function expected to be zero")
        return
    if forward:
        for j, i in enumerate(places):
            jacobians = forward_jacobians(func, inputs, i, dtypes_too)
            for o, k in enumerate(kept):
                if not close(jacobians[k], expected[j][k], rtol, atol):
                    raise GradcheckError(mismatch(jacobians[k], expected[j][k], o, j, complex_at, part, True))
        return
    xs = [inputs[i] for i in places]
    for o, k in enumerate(kept):
        once, again = analytical(found[k], xs), analytical(found[k], xs)
        if any(distance(a, b) > nondet_tol for a, b in zip(once, again, strict=True)):
            raise GradcheckError(NOT_REENTRANT.format(tol=nondet_tol))
        for j, a in enumerate(once):
            if not close(a, expected[j][k], rtol, atol):
                raise GradcheckError(mismatch(a, expected[j][k], o, j, complex_at, part, False))


def directions(xs: list[Tensor], outputs: list[Tensor]) -> tuple[list, list]:
    """Random directions without negative entries: for each input, of a complex one a second for its imaginary part; for each
    output. They are the same at each call, and leave the generator of torch.rand alone."""
    from ..random import Generator

    source = Generator().source

    def unit(x: Tensor) -> np.ndarray:
        u = source.uniform((x.numel(),), np.dtype(np.float32)).astype(np.float64).reshape(tuple(x.shape))
        return u / max(np.sqrt(np.sum(u * u)), 1e-300)

    return [(unit(x), unit(x) if x.is_complex() else None) for x in xs], [unit(o) for o in outputs]


def fast(
    func: Callable[..., Any], inputs: tuple, *, forward: bool, eps: float, atol: float, rtol: float, nondet_tol: float,
    dtypes_too: bool, masked: bool = False, outputs: Any = None, complex_at: Any = None, part: str = "",
) -> None:  # fmt: skip
    """One number for each Jacobian J: v J u for random u, v (J u in forward mode). See the note "Gradcheck mechanics"."""
    found = as_tuple(func(*inputs) if outputs is None else outputs)
    kept = [k for k, o in enumerate(found) if o.requires_grad]
    places = taking_part(inputs)
    pairs, drawn = directions([inputs[i] for i in places], [] if forward else [found[k] for k in kept])
    vs = dict(zip(kept, drawn, strict=not forward))
    for j, i in enumerate(places):
        x, (u, w) = inputs[i], pairs[j]
        if masked and x.layout is not strided:
            from ..sparse.checking import has_elements

            u, w = (None if d is None else d * has_elements(x) for d in (u, w))
        along = difference_along(func, inputs, i, u * eps, eps)
        turned = difference_along(func, inputs, i, w * eps * 1j, eps) if x.is_complex() else None
        if not kept and any(np.max(np.abs(d), initial=0.0) > nondet_tol for d in along):
            raise GradcheckError("Numerical gradient for function expected to be zero")
        tangents = jvp(func, inputs, i, u, dtypes_too) if forward else []
        size = float(u.sum() + (w.sum() if x.is_complex() else 0.0))
        for o, k in enumerate(kept):
            if forward:
                a, n, tol = wrap(tangents[k]), wrap(along[k]), atol * size
            else:
                v = vs[k]
                n = wrap(np.sum(v * along[k]) + (1j * np.sum(v * turned[k]) if turned is not None else 0))
                a = wrap(along_gradient(found[k], x, v, u, w, nondet_tol))
                tol = atol * size * float(v.sum())
            if not close(a, n, rtol, tol):
                text = mismatch(a, n, o, j, complex_at, part, forward)
                raise GradcheckError(text + in_slow_mode(func, inputs, found, i, k, eps, rtol, atol, forward))


def difference_along(func: Any, inputs: tuple, i: int, move: np.ndarray, step: float) -> list[np.ndarray]:
    """The same along a direction of a whole input, also of a sparse one."""
    if inputs[i].layout is strided:
        return difference(func, inputs, i, move, step)
    from ..sparse.checking import apart

    x = apart(inputs[i], False)
    return difference(func, (*inputs[:i], x, *inputs[i + 1 :]), i, move.reshape(x._values_tensor.shape), step)


def along_gradient(output: Tensor, x: Tensor, v: np.ndarray, u: np.ndarray, w: np.ndarray, nondet_tol: float) -> Any:
    through = output.clone()
    (once,), (again,) = vjp(through, [x], v), vjp(through, [x], v)
    if once is None:
        return np.float64(0)
    check_gradient(once, x)
    if again is None or distance(once, again) > nondet_tol:
        raise GradcheckError(NOT_REENTRANT.format(tol=nondet_tol))
    g = numbers(once)
    return np.sum(g.real * u) + 1j * np.sum(g.imag * w) if x.is_complex() else np.sum(g * u)


def in_slow_mode(
    func: Any, inputs: tuple, outputs: tuple, i: int, k: int, eps: float, rtol: float, atol: float, forward: bool
) -> str:
    """The two Jacobians in full, for the error."""
    n = numerical(func, inputs, i, eps, forward)[k]
    a = forward_jacobians(func, inputs, i, False)[k] if forward else analytical(outputs[k], [inputs[i]])[0]
    text = (
        "\nThe above quantities relating the numerical and analytical jacobians are computed \nin fast mode. See: "
        "https://github.com/pytorch/pytorch/issues/53876 for more background \nabout fast mode. Below, we recompute "
        f"numerical and analytical jacobians in slow mode:\n\nNumerical:\n {n}\nAnalytical:\n{a}\n\nThe max per-element "
        f"difference (slow mode) is: {distance(n, a)}.\n"
    )
    if close(a, n, rtol, atol):
        text += (
            "Fast gradcheck failed but element-wise differences are small. This means that the\ntest might've passed in "
            "slow_mode!"
        )
    return text
