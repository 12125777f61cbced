"""Whose memory a gradient lies in, writes that autograd is not told of, and graphs that go when nobody needs them."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import reference_impl as T


def exp_written_by_data(t: Any, x: Any) -> Any:
    y = x.exp()
    y.data.mul_(2)
    return y


def exp_given_other_data(t: Any, x: Any) -> Any:
    y = x.exp()
    y.data = y.detach() * 7
    return y


def exp_written_by_detached(t: Any, x: Any) -> Any:
    y = x.exp()
    y.detach().mul_(2)
    return y


def exp_detached_then_written(t: Any, x: Any) -> Any:
    y = x.exp()
    z = y.sum()
    y.detach_()
    y.mul_(2)
    return z


def input_written_by_data(t: Any, x: Any) -> Any:
    y = x * x
    x.data.mul_(3)
    return y


@pytest.mark.parametrize("data", [1.5, [1.0, 2.0]])
@pytest.mark.parametrize(
    "program",
    [
        exp_written_by_data,
        exp_given_other_data,
        exp_written_by_detached,
        exp_detached_then_written,
        input_written_by_data,
    ],
)
def test_backward_sees_what_torch_sees(program: Callable[..., Any], data: Any) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for t in (T, torch):
        x = t.tensor(data, requires_grad=True)
        try:
            program(t, x).sum().backward()
            found.append(np.asarray(x.grad).tolist())
        except RuntimeError as error:
            found.append(str(error).partition(" is at version")[0])
    assert found[0] == (found[1] if isinstance(found[1], str) else pytest.approx(found[1], rel=1e-5))


def address(t: T.Tensor) -> int:
    return t.untyped_storage().data_ptr()


def test_new_memory_becomes_the_gradient_even_through_a_transpose() -> None:
    from reference_impl.graph import engine

    copies, copied = [], engine.accumulate.__globals__["copy_like"]
    engine.accumulate.__globals__["copy_like"] = lambda g, like: copies.append(g.shape) or copied(g, like)
    try:
        weight, bias = T.rand(3, 4, requires_grad=True), T.rand(3, requires_grad=True)
        T.nn.functional.linear(T.rand(2, 4), weight, bias).sin().sum().backward()
    finally:
        engine.accumulate.__globals__["copy_like"] = copied
    assert copies == []
    assert weight.grad.stride() == weight.stride()


@pytest.mark.parametrize("program", [
    lambda x, y: x + y, lambda x, y: (x + y).sin(), lambda x, y: x.t() + y,
    lambda x, y: (x.view(4) + y.view(4)).exp(), lambda x, y: x.view(4) + y.view(4), lambda x, y: x.t() + y.t(),
    lambda x, y: x.unsqueeze(0) * y, lambda x, y: (x + 1).view(4) + y.view(4), lambda x, y: x.view(4).sum() + y,
    lambda x, y: x.expand(3, 2, 2) + y,
])  # fmt: skip
def test_gradients_share_memory_where_they_do_in_torch(program: Callable[..., Any]) -> None:
    torch, found, values = pytest.importorskip("torch"), [], []
    for t in (torch, T):
        x, y = t.ones(2, 2, requires_grad=True), t.ones(2, 2, requires_grad=True)
        out = program(x, y)
        seed = t.ones(*out.shape)
        for _ in range(2):
            out.backward(seed, retain_graph=True)
        tensors = (x.grad, y.grad, seed, x, y)
        places = [address(a) for a in tensors]
        found.append([places.index(p) for p in places])
        values.append(np.concatenate([a.detach().numpy().ravel() for a in tensors]))
    assert found[0] == found[1]
    np.testing.assert_allclose(*values, rtol=1e-6)


def checkpointed(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: T.utils.checkpoint.checkpoint(f, x, use_reentrant=False)


def slope(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: T.autograd.grad(f(x), x, create_graph=True)[0]


def wave(x: Any) -> Any:
    return x.sin().exp().sin()


@pytest.mark.parametrize("program", [
    checkpointed(wave), checkpointed(checkpointed(wave)), slope(checkpointed(wave)), checkpointed(slope(wave)),
    slope(checkpointed(slope(checkpointed(wave)))),
])  # fmt: skip
def test_a_graph_of_checkpoints_goes_without_the_collector(program: Callable[..., Any]) -> None:
    class Mark:
        pass

    def marks() -> list[weakref.ref]:
        x = T.tensor(0.5, requires_grad=True)
        waiting, refs = [program(x).grad_fn], []
        while waiting:
            node = waiting.pop()
            mark = node.metadata["mark"] = Mark()
            refs.append(weakref.ref(mark))
            waiting += [n for n, _ in node.next_functions if n is not None]
        return refs

    marks()  # what is imported late is not counted
    gc.disable()
    try:
        assert [ref() for ref in marks() if ref() is not None] == []
    finally:
        gc.enable()
