"""Forward mode: levels, duals, writes and views, and both orders of mixing it with backward; torch is the judge."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import reference_impl

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, on the first make_dual

X, V, W = (
    [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]],
    [[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]],
    [[2.0, 0.1, 1.0], [-1.0, 4.0, 0.3]],
)


def dual(t: Any, x: Any = X, v: Any = V, grad: bool = False) -> Any:
    return t.autograd.forward_ad.make_dual(t.tensor(x).requires_grad_(grad), t.tensor(v))


def tangent(t: Any, y: Any) -> Any:
    return t.autograd.forward_ad.unpack_dual(y).tangent


def product_rule(t: Any) -> Any:
    return tangent(t, (dual(t).exp() * dual(t, W, X)).sum(0))


def broadcast(t: Any) -> Any:
    return tangent(t, dual(t) + dual(t, [1.0, 2.0, 3.0], [1.0, 1.0, -1.0]) / 2)


def in_place(t: Any) -> Any:
    y = dual(t).clone()
    y.mul_(dual(t, W, X)).add_(1)
    return tangent(t, y)


def write_through_a_view(t: Any) -> Any:
    y = dual(t).clone()
    y[0].mul_(3)
    return tangent(t, y)


def write_into_a_constant(t: Any) -> Any:
    z = t.zeros(4, 3)
    z[1:3].copy_(dual(t))
    return tangent(t, z)


def the_callers_tangent_is_written(t: Any) -> Any:
    v = t.tensor(V)
    d = t.autograd.forward_ad.make_dual(t.tensor(X), v)
    d.mul_(5)
    return v


def zero_forgets(t: Any) -> Any:
    y = dual(t).clone()
    y.zero_()
    return tangent(t, y)


def under_no_grad(t: Any) -> Any:
    with t.no_grad():
        return tangent(t, dual(t).sin())


def constants_have_none(t: Any) -> Any:
    with t.inference_mode():
        inside = tangent(t, dual(t) * 2)
    d = dual(t)
    return [
        inside,
        tangent(t, d.detach()),
        tangent(t, d > 0),
        tangent(t, t.autograd.forward_ad.unpack_dual(d).primal[0]),
    ]


def reverse_over_forward(t: Any) -> Any:
    x = t.tensor(X).requires_grad_()
    v = t.tensor(V).requires_grad_()
    y = (t.autograd.forward_ad.make_dual(x, v).tanh() ** 3).sum()
    return t.autograd.grad(tangent(t, y), (x, v))


def forward_over_reverse(t: Any) -> Any:
    d = dual(t, grad=True)
    (g,) = t.autograd.grad((d.tanh() * d.exp()).sum(), d)
    return [g, tangent(t, g)]


def no_rule_of_its_own(t: Any) -> Any:
    return tangent(t, dual(t).cumsum(0).prod(1))


@pytest.mark.parametrize(
    "program",
    [product_rule, broadcast, in_place, write_through_a_view, write_into_a_constant, the_callers_tangent_is_written,
     zero_forgets, under_no_grad, constants_have_none, reverse_over_forward, forward_over_reverse, no_rule_of_its_own],
)  # fmt: skip
def test_as_torch(program: Callable[[Any], Any]) -> None:
    found = []
    for module in (reference_impl, torch):
        with module.autograd.forward_ad.dual_level():
            result = program(module)
            items = result if isinstance(result, list | tuple) else [result]
            primals = [None if y is None else module.autograd.forward_ad.unpack_dual(y).primal for y in items]
            found.append([None if y is None else np.asarray(y.detach()) for y in primals])
    for ours, theirs in zip(*found, strict=True):
        assert (ours is None) == (theirs is None)
        if theirs is not None:
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def refused(t: Any) -> list[Callable[[], Any]]:
    fw, x, v = t.autograd.forward_ad, t.tensor(X), t.tensor(V)
    return [
        lambda: fw.enter_dual_level(),
        lambda: fw.exit_dual_level(level=3),
        lambda: fw.make_dual(x, v[0]),
        lambda: fw.make_dual(fw.make_dual(x, v), v),
        lambda: fw.make_dual(x, fw.make_dual(x, v)),
        lambda: fw.make_dual(x.long(), v),
        lambda: fw.make_dual(x, v, level=2),
        lambda: fw.unpack_dual(fw.make_dual(x, v), level=2),
        lambda: t.mul(fw.make_dual(x, v), 2, out=t.zeros(2, 3)),
    ]


def message(f: Callable[[], Any]) -> str:
    with pytest.raises((RuntimeError, ValueError)) as caught:
        f()
    return str(caught.value).splitlines()[0]


def test_errors_as_torch() -> None:
    with reference_impl.autograd.forward_ad.dual_level(), torch.autograd.forward_ad.dual_level():
        for ours, theirs in zip(refused(reference_impl), refused(torch), strict=True):
            assert message(ours) == message(theirs)


def test_tangents_end_with_their_level() -> None:
    fw = reference_impl.autograd.forward_ad
    with fw.dual_level():
        y = dual(reference_impl).sin()
    with fw.dual_level():
        assert fw.unpack_dual(y).tangent is None
    with pytest.raises(RuntimeError, match="no level exists"):
        dual(reference_impl)


def test_each_thread_has_levels_of_its_own() -> None:
    x, v = reference_impl.tensor([2.0, 3.0]), reference_impl.ones(2)
    entered, computed = threading.Event(), threading.Event()

    def square(x: Any) -> Any:
        entered.set()
        computed.wait(5)
        return x * x

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(reference_impl.func.jvp, square, (x,), (v,))

        def cube(x: Any) -> Any:
            entered.wait(5)
            found = x * x
            computed.set()
            other.result()
            return found * x

        assert reference_impl.func.jvp(cube, (x,), (v,))[1].tolist() == [12.0, 27.0]
    assert other.result()[1].tolist() == [4.0, 6.0]


def test_a_level_of_another_thread_is_refused() -> None:
    fw = reference_impl.autograd.forward_ad
    with fw.dual_level(), ThreadPoolExecutor(1) as pool:
        d = fw.make_dual(reference_impl.ones(2), reference_impl.ones(2))
        for call in (lambda: fw.unpack_dual(d * d), lambda: fw.make_dual(reference_impl.ones(2), d)):
            with pytest.raises(reference_impl.Unsupported, match="another thread"):
                pool.submit(call).result()
