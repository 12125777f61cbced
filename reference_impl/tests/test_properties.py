"""Properties of whole programs, drawn at random: what must hold whatever is computed.

A program is a list of steps over a pool of values; it runs on any engine, with its in-place steps or with what they stand
for, with its views or with copies of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reference_impl as R

UNARY = ("sin", "tanh", "sigmoid", "exp", "neg", "relu", "abs", "square", "sqrt", "reciprocal", "cumsum", "softmax")
BINARY = ("add", "sub", "mul", "maximum", "where", "atan2")
VIEWS = ("t", "flat", "first", "end", "new", "wide", "diagonal")
WRITES = ("mul", "add", "sub", "copy")
SHAPES = ((), (3,), (2, 3), (3, 1), (2, 1, 2))
SPECIAL = (math.nan, math.inf, -math.inf, 0.0, -0.0, 1e300)


@dataclass(frozen=True)
class Step:
    kind: str  # unary, binary, reduce, view, write
    name: str
    first: int  # places in the pool, counted from its end
    second: int


@dataclass(frozen=True)
class Program:
    shapes: tuple[tuple[int, ...], ...]
    steps: tuple[Step, ...]
    seed: int

    def point(self, special: bool = False) -> list[np.ndarray]:
        rng = np.random.default_rng(self.seed)
        found = [np.asarray(rng.uniform(0.2, 1.5, s) * rng.choice([-1.0, 1.0], s)) for s in self.shapes]
        for a in found if special else ():
            a[rng.uniform(size=a.shape) < 0.4] = rng.choice(SPECIAL)
        return found


def programs(*kinds: str) -> st.SearchStrategy[Program]:
    names = {"unary": UNARY, "binary": BINARY, "reduce": ("sum", "mean", "amax"), "view": VIEWS, "write": WRITES}
    step = st.sampled_from([(k, n) for k in kinds for n in names[k]]).flatmap(
        lambda kn: st.builds(Step, st.just(kn[0]), st.just(kn[1]), st.integers(0, 3), st.integers(0, 3))
    )
    shapes = st.tuples(st.sampled_from(SHAPES), st.sampled_from(SHAPES[:3]))
    return st.builds(Program, shapes, st.lists(step, min_size=1, max_size=6).map(tuple), st.integers(0, 10**6))


ALL = ("unary", "binary", "reduce", "view", "write")


def run(t: Any, program: Program, inputs: list[Any], in_place: bool = True, copies: bool = False) -> Any:
    """The last value, and a little of every other, so that all take part."""
    pool = list(inputs)
    for step in program.steps:
        x, y = pool[-1 - step.first % len(pool)], pool[-1 - step.second % len(pool)]
        found = globals()[step.kind](t, step.name, x, y, in_place)
        pool.append(found.clone() if copies and step.kind == "view" else found)
    return sum(((v * v.cos()).mean() for v in pool), pool[-1])


def unary(t: Any, name: str, x: Any, _: Any, __: bool) -> Any:
    if name in ("sqrt", "reciprocal"):  # away from zero
        return getattr(t, name)(x.abs() + 0.5)
    if name in ("cumsum", "softmax"):
        return getattr(x.unsqueeze(0), name)(-1).squeeze(0)
    return getattr(t, name)(x * 0.5 if name == "exp" else x)


def matched(x: Any, y: Any) -> Any:
    """y, or one number made of it where its shape does not suit x."""
    try:
        np.broadcast_shapes(tuple(x.shape), tuple(y.shape))
    except ValueError:
        return y.sum()
    return y


def binary(t: Any, name: str, x: Any, y: Any, _: bool) -> Any:
    y = matched(x, y)
    if name == "where":
        return t.where(x > 0.1, x, y)
    return t.atan2(x, y.abs() + 0.5) if name == "atan2" else getattr(t, name)(x, y)


def reduce(_: Any, name: str, x: Any, __: Any, ___: bool) -> Any:
    return getattr(x, name)(-1) if x.dim() else x * 2


def view(t: Any, name: str, x: Any, _: Any, __: bool) -> Any:
    if name == "new" or not x.dim():
        return x.unsqueeze(0)
    if name == "wide":
        return x.expand(2, *x.shape)
    if name == "t":
        return x.transpose(0, -1)
    if name == "diagonal":
        return x.diagonal(0, 0, -1) if x.dim() > 1 else x.view_as(x)
    return {"flat": lambda: x.reshape(-1), "first": lambda: x[0], "end": lambda: x[..., -1:]}[name]()


def write(t: Any, name: str, x: Any, y: Any, in_place: bool) -> Any:
    """Change the last row of a copy of x; or put it together from the other rows and the new one."""
    whole = x.clone() if x.dim() else x.clone().unsqueeze(0)
    part = whole[-1:]
    y = matched(part, y)
    y = y if np.broadcast_shapes(tuple(part.shape), tuple(y.shape)) == tuple(part.shape) else y.sum()
    if in_place:
        getattr(part, name + "_")(y)
        return whole
    new = y.expand(part.shape) if name == "copy" else getattr(part, name)(y)
    return t.cat([whole[:-1], new])


def leaves(t: Any, point: list[np.ndarray]) -> list[Any]:
    return [t.tensor(a.tolist(), dtype=t.float64).requires_grad_() for a in point]


def gradients(t: Any, program: Program, point: list[np.ndarray], v: Any = None, **how: bool) -> tuple[Any, list[Any]]:
    xs = leaves(t, point)
    out = run(t, program, xs, **how)
    v = np.cos(np.arange(math.prod(out.shape))).reshape(tuple(out.shape)) if v is None else v(tuple(out.shape))
    found = t.autograd.grad(out, xs, t.tensor(v.tolist(), dtype=t.float64), materialize_grads=True)
    return out.detach().numpy(), [g.numpy() for g in found]


def same(a: tuple[Any, list[Any]], b: tuple[Any, list[Any]], tolerance: float = 1e-9) -> None:
    for x, y in zip([a[0], *a[1]], [b[0], *b[1]], strict=True):
        assert np.allclose(x, y, rtol=tolerance, atol=tolerance, equal_nan=True)


many = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@many
@given(programs(*ALL))
def test_jvp_and_vjp_are_transposes(program: Program) -> None:
    point, rng = program.point(), np.random.default_rng(1)
    ts = [rng.standard_normal(a.shape) for a in point]
    forward_ad = R.autograd.forward_ad
    with forward_ad.dual_level():
        duals = [forward_ad.make_dual(R.tensor(a), R.tensor(t)) for a, t in zip(point, ts, strict=True)]
        tangent = forward_ad.unpack_dual(run(R, program, duals)).tangent
        moved = np.zeros(()) if tangent is None else tangent.numpy()
    _, back = gradients(
        R, program, point, lambda shape: np.full(shape, 1.0) + np.arange(math.prod(shape)).reshape(shape)
    )
    u = np.full(moved.shape, 1.0) + np.arange(moved.size).reshape(moved.shape)
    left, right = float(np.sum(u * moved)), float(sum(np.sum(g * t) for g, t in zip(back, ts, strict=True)))
    assert left == pytest.approx(right, rel=1e-9, abs=1e-9)


@many
@given(programs("unary", "binary", "view", "write"))
def test_in_place_equals_out_of_place(program: Program) -> None:
    for special in (False, True):
        point = program.point(special)
        same(gradients(R, program, point), gradients(R, program, point, in_place=False))


@many
@given(programs("unary", "binary", "reduce", "view"))
def test_views_equal_copies(program: Program) -> None:
    for special in (False, True):
        point = program.point(special)
        same(gradients(R, program, point), gradients(R, program, point, copies=True))


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(programs("unary", "binary", "view", "write"))
def test_gradcheck_to_second_order(program: Program) -> None:
    smooth = [s for s in program.steps if s.name not in ("relu", "abs", "maximum", "where")]
    kept = Program(program.shapes, tuple(smooth), program.seed)

    def f(*xs: Any) -> Any:
        return run(R, kept, list(xs))

    xs = leaves(R, kept.point())
    assert R.autograd.gradcheck(f, xs, check_forward_ad=True)
    assert R.autograd.gradgradcheck(f, xs, atol=1e-4)


def spoiled(shape: tuple[int, ...]) -> np.ndarray:
    """A cotangent with nan and inf in it."""
    v = np.ones(shape)
    v.ravel()[::3], v.ravel()[1::3] = math.nan, math.inf
    return v


@many
@given(programs(*ALL))
def test_nan_and_inf_go_where_torchs_go(program: Program) -> None:
    torch = pytest.importorskip("torch")
    for special, v in ((False, None), (True, None), (False, spoiled), (True, spoiled)):
        point = program.point(special)
        same(gradients(R, program, point, v), gradients(torch, program, point, v), 1e-7)


def test_a_wrong_derivative_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The properties can fail: sin whose forward mode differs from its backward."""
    from reference_impl.graph.node import Node

    program = Program(((3,), ()), (Step("unary", "sin", 0, 0),), 3)
    right = gradients(R, program, program.point())
    node = type(R.ones(1, requires_grad=True).sin().grad_fn)
    assert issubclass(node, Node)
    monkeypatch.setattr(node, "vjp", lambda self, g: (g * 0.5,))
    with pytest.raises(AssertionError):
        same(gradients(R, program, program.point()), right)
