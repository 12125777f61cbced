"""Every row of every table, visited by construction: a new row is tested without writing a test.

Derivatives are compared along random directions: <v, J t> by central differences against <J'v, t> from backward and against
forward mode; then the same for the gradient itself. What needs more than PARAMS says so in row_examples.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import reference_impl as T
from reference_impl.autograd import forward_ad
from reference_impl.ops.form import Row
from reference_impl.ops.structure import no_derivative, no_tangent, not_implemented
from reference_impl.tensor import wrap
from reference_impl.tests.every_row import label, rows
from reference_impl.tests.row_examples import UNVISITED, arguments


def refuses_backward(row: Row) -> bool:
    """Whether torch has no derivative of it."""
    refusals = {no_derivative.__name__, not_implemented.__name__}
    return bool(row.formulas) and all(f.__qualname__.partition(".")[0] in refusals for f in row.formulas.values())


def differentiated_once(row: Row) -> bool:
    """Whether torch has an operator for its gradient, and no derivative of that."""
    named = [f.__globals__.get(name) for f in row.formulas.values() for name in f.__code__.co_names]
    return any(isinstance(r, Row) and refuses_backward(r) for r in (row.backward, *named))


def refuses_tangents(row: Row) -> bool:
    return row.jvp is not None and row.jvp.__qualname__.startswith(no_tangent.__name__)


PATTERNS = dict(rows())
ROWS = [r for r in PATTERNS if not {r.name, label(r)} & set(UNVISITED) and not refuses_backward(r)]
DIFFERENTIABLE = [r for r in ROWS if r.formulas or r.vjp is not None]
TWICE = [r for r in DIFFERENTIABLE if not differentiated_once(r)]


def named(found: list[Row]) -> Any:
    return pytest.mark.parametrize("row", found, ids=label)


class Visit:
    """One row at one point: its differentiable inputs as one flat list of arrays."""

    def __init__(self, row: Row) -> None:
        given = arguments(row, PATTERNS[row])
        assert given is not None, f"{row.signature}: add a line to EXAMPLES in row_examples.py"
        self.row, self.given = row, given
        self.places = [k for k, a in enumerate(row.args[: len(given)]) if a in row.inputs and self.takes(a, given[k])]
        self.point = [y for k in self.places for y in (given[k] if row.args[k].variadic else [given[k]])]

    def takes(self, arg: Any, value: Any) -> bool:
        wanted = arg.name in self.row.formulas or arg.name in self.row.wrt
        return wanted and value is not None and not isinstance(value, int | float)

    def __call__(self, *leaves: Any) -> list[Any]:
        """The differentiable outputs at these leaves."""
        found = self.call(self.row.function, list(leaves))
        found = list(found) if isinstance(found, tuple | list) else [found]
        return [y for y in found if y.dtype.is_floating_point or y.dtype.is_complex]

    def call(self, function: Callable[..., Any], leaves: list[Any]) -> Any:
        queue, args, keywords = list(leaves), [], {}
        for k, (arg, value) in enumerate(zip(self.row.args, self.given, strict=False)):
            if k in self.places:
                value = [queue.pop(0) for _ in value] if arg.variadic else queue.pop(0)
            elif isinstance(value, np.ndarray):
                value = wrap(value)
            elif isinstance(value, tuple) and value and isinstance(value[0], np.ndarray):
                value = tuple(wrap(v) for v in value)
            if arg.keyword_only:
                keywords[arg.name] = value
            else:
                args.append(value)
        return function(*args, **keywords)


def leaves(arrays: list[np.ndarray], requires_grad: bool = True) -> list[Any]:
    return [wrap(np.array(a)).requires_grad_(requires_grad) for a in arrays]


def directions(arrays: list[Any], seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)

    def one(a: Any) -> np.ndarray:
        real = rng.standard_normal(np.shape(a))
        return np.asarray(real + 1j * rng.standard_normal(np.shape(a)) if np.iscomplexobj(a) else real)

    return [one(a) for a in arrays]


def inner(a: list[Any], b: list[Any]) -> float:
    """<a, b>, complex numbers counted as pairs of reals."""
    return float(sum(np.sum((np.conj(p) * np.asarray(q)).real) for p, q in zip(a, b, strict=True)))


def raw(found: list[Any]) -> list[np.ndarray]:
    return [np.asarray(y.detach()._array) for y in found]


def slope(f: Callable[..., list[Any]], point: list[np.ndarray], along: list[np.ndarray]) -> list[np.ndarray]:
    """The derivative of f along a direction by central differences."""
    h = 1e-6
    up = raw(f(*leaves([p + h * t for p, t in zip(point, along, strict=True)])))
    down = raw(f(*leaves([p - h * t for p, t in zip(point, along, strict=True)])))
    return [(u - d) / (2 * h) for u, d in zip(up, down, strict=True)]


def pulled_back(f: Callable[..., list[Any]], xs: list[Any], vs: list[Any], create_graph: bool = False) -> list[Any]:
    ys = f(*xs)
    kept = [(y, v) for y, v in zip(ys, vs, strict=True) if y.requires_grad]
    return list(
        T.autograd.grad(
            [y for y, _ in kept], xs, [v for _, v in kept], create_graph=create_graph, materialize_grads=True
        )
    )


def agree(a: float, b: float, what: str, tolerance: float = 2e-5) -> None:
    assert abs(a - b) <= tolerance * (1 + abs(a) + abs(b)), f"{what}: {a} against {b}"


def test_what_is_not_visited_is_there() -> None:
    assert set(UNVISITED) <= {n for r in PATTERNS for n in (r.name, label(r))}
    print(f"{len(ROWS)} rows visited, {len(UNVISITED)} not: {UNVISITED}")


@named(DIFFERENTIABLE)
def test_gradient_matches_differences(row: Row) -> None:
    f = Visit(row)
    xs = leaves(f.point)
    ys = f(*xs)
    ts, vs = directions(f.point, 1), directions([y._array for y in ys], 2)
    back = pulled_back(f, xs, [wrap(v) for v in vs])
    for x, g in zip(xs, back, strict=True):
        assert g.shape == x.shape
        assert g.dtype is x.dtype
    agree(inner(slope(f, f.point, ts), vs), inner(raw(back), ts), "differences against backward")


@named(DIFFERENTIABLE)
def test_single_precision_stays_single(row: Row) -> None:
    f = Visit(row)
    xs = leaves([np.asarray(p).astype(np.complex64 if np.iscomplexobj(p) else np.float32) for p in f.point])
    f.given = tuple(a.astype(np.float32) if getattr(a, "dtype", None) == np.float64 else a for a in f.given)
    f.given = tuple(np.dtype("float32") if isinstance(a, np.dtype) else a for a in f.given)
    ys = f(*xs)
    assert all(y.dtype in (T.float32, T.complex64) for y in ys)
    for g, x in zip(pulled_back(f, xs, [y.detach() for y in ys]), xs, strict=True):
        assert g.dtype is x.dtype


# the loss must not depend on the phase of their vectors
GAUGE = ("linalg_svd", "linalg_qr")


@named([r for r in DIFFERENTIABLE if r.kind != "masked" and r.name not in GAUGE])
def test_gradient_at_a_complex_point(row: Row) -> None:
    """As pairs of reals, so that it holds for what is not holomorphic too; an operator may refuse complex numbers."""
    f = Visit(row)
    rng = np.random.default_rng(7)
    f.point = [p + 1j * rng.permuted(p.ravel()).reshape(p.shape) for p in map(np.asarray, f.point)]
    try:
        ys = f(*leaves(f.point))
    except (RuntimeError, TypeError, NotImplementedError):
        return
    ts, vs = directions(f.point, 1), directions([y._array for y in ys], 2)
    back = pulled_back(f, leaves(f.point), [wrap(v) for v in vs])
    agree(inner(slope(f, f.point, ts), vs), inner(raw(back), ts), "differences against backward")


@named(TWICE)
def test_second_derivative_matches_differences(row: Row) -> None:
    f = Visit(row)
    outputs = raw(f(*leaves(f.point)))
    n, vs = len(f.point), directions(outputs, 2)

    def gradient(*xv: Any) -> list[Any]:
        return pulled_back(f, list(xv[:n]), list(xv[n:]), create_graph=True)

    point = f.point + vs
    ts = directions(point, 3)
    us = directions(f.point, 4)
    back = pulled_back(gradient, leaves(point), [wrap(u) for u in us])
    agree(inner(slope(gradient, point, ts), us), inner(raw(back), ts), "differences against double backward", 1e-4)


@named([r for r in DIFFERENTIABLE if not refuses_tangents(r)])
def test_forward_mode_matches_differences(row: Row) -> None:
    f = Visit(row)
    ts = directions(f.point, 1)
    with forward_ad.dual_level():
        ys = f(*[forward_ad.make_dual(wrap(p), wrap(t)) for p, t in zip(f.point, ts, strict=True)])
        found = [forward_ad.unpack_dual(y).tangent for y in ys]
    expected = slope(f, f.point, ts)
    for t, d in zip(found, expected, strict=True):
        v = directions([d], 5)
        agree(inner([d], v), 0.0 if t is None else inner(raw([t]), v), "differences against forward mode")


@named([r for r in TWICE if not refuses_tangents(r)])
def test_forward_mode_nests(row: Row) -> None:
    """Forward over forward, and reverse over forward, against reverse over reverse, which differences have confirmed."""
    f = Visit(row)
    ts, us = directions(f.point, 1), directions(f.point, 3)

    def along(*xs: Any) -> Any:
        return tuple(T.func.jvp(lambda *xs: tuple(f(*xs)), xs, tuple(map(wrap, ts)))[1])

    primals = tuple(map(wrap, f.point))
    slopes, found = T.func.jvp(along, primals, tuple(map(wrap, us)))
    vs = directions(raw(slopes), 5)
    inputs = leaves(f.point)
    firsts = pulled_back(f, inputs, [wrap(v) for v in vs], create_graph=True)
    expected = inner(raw(pulled_back(lambda *_: firsts, inputs, [wrap(t) for t in ts])), us)
    agree(inner(raw(found), vs), expected, "forward over forward", 1e-6)
    inputs = leaves(f.point)
    back = pulled_back(along, inputs, [wrap(v) for v in vs])
    agree(inner(raw(back), us), expected, "reverse over forward", 1e-6)


@named([r for r in ROWS if r.kind == "masked" or r.name in ("fmax", "fmin", "maximum", "minimum")])
def test_nothing_reaches_what_a_mask_leaves_out(row: Row) -> None:
    """A cotangent of inf or nan must give 0, not nan, where the result does not depend on the input."""
    f = Visit(row)
    xs = leaves(f.point)
    (y,) = f(*xs)
    ones = pulled_back(f, xs, [wrap(np.ones(y.shape))])
    for bad in (np.nan, np.inf):
        spoiled = pulled_back(f, xs, [wrap(np.full(y.shape, bad))])
        for g, h in zip(raw(ones), raw(spoiled), strict=True):
            assert (h[g == 0] == 0).all()


def written(self: Any, *args: Any, row: Row, **keywords: Any) -> Any:
    return getattr(self, row.name.rstrip("_") + "_")(*args, **keywords)


@named([r for r in ROWS if r.inplace and r.public and r not in DIFFERENTIABLE])
def test_in_place_writes_the_result(row: Row) -> None:
    f = Visit(row)
    first = wrap(np.array(f.given[0]))
    f.given = (first.clone(), *f.given[1:])
    expected = f.call(row.function, [])
    found = f.call(partial(written, row=row), [])
    assert found is f.given[0]
    assert np.array_equal(found._array, np.asarray(expected._array).astype(first._array.dtype))


@named([r for r in DIFFERENTIABLE if r.inplace and r.public and not PATTERNS[r].startswith("n")])
def test_in_place_equals_out_of_place(row: Row) -> None:
    f = Visit(row)
    xs, twins = leaves(f.point), leaves(f.point)
    expected = f.call(row.function, xs)
    found = f.call(partial(written, row=row), [twins[0].clone(), *twins[1:]])
    assert np.allclose(raw([found])[0], raw([expected])[0])
    v = wrap(directions([expected._array], 6)[0])
    ours = T.autograd.grad(found, twins, v, allow_unused=True)
    theirs = T.autograd.grad(expected, xs, v, allow_unused=True)
    for g, h in zip(ours, theirs, strict=True):
        assert (g is None) == (h is None)
        assert g is None or np.allclose(raw([g])[0], raw([h])[0])


@named([r for r in ROWS if r.kind == "view"])
def test_views_share_memory_and_copies_of_them_have_the_same_gradient(row: Row) -> None:
    f = Visit(row)
    (x,) = leaves(f.point)
    for y in f(x):
        assert np.shares_memory(np.asarray(y._array), x._array)
        assert y._base is x
