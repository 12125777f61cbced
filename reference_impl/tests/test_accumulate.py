"""Buffers that enter .grad belong to that .grad alone."""

from __future__ import annotations

import reference_impl as T


def test_two_leaves_never_share_a_gradient() -> None:
    x, y = T.ones(4, requires_grad=True), T.ones(4, requires_grad=True)
    (x + y).sin().sum().backward()
    assert x.grad.data_ptr() != y.grad.data_ptr()


def test_the_cotangent_of_the_user_is_copied() -> None:
    x, g = T.ones(4, requires_grad=True), T.ones(4)
    (x + 0).backward(g)
    assert x.grad.data_ptr() != g.data_ptr()


def test_a_hundred_thousand_nodes_neither_recurse_nor_leak() -> None:
    x = y = T.tensor(1.0, requires_grad=True)
    for _ in range(100_000):
        y = y * 1.0
    y.backward()
    del y
    assert x.grad.item() == 1
