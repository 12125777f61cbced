"""A batching rule must give what computing sample by sample and stacking gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import reference_impl as torch
from reference_impl import batch_rules
from reference_impl.func import vmap

CASES: list[Callable[[Any], Any]] = [
    lambda x: x.sum(0), lambda x: x.sum((0, 1), True), lambda x: x.mean(-1), lambda x: x.amax(1), lambda x: x.cumsum(0),
    lambda x: x.softmax(0), lambda x: x.transpose(0, 1), lambda x: x.permute(1, 0), lambda x: x.unsqueeze(-1),
    lambda x: x.reshape(-1), lambda x: x[1:, ::2], lambda x: x[0], lambda x: x.expand(2, 3, 4), lambda x: x @ x.t(),
    lambda x: x @ x[0], lambda x: x[0] @ x[1], lambda x: torch.outer(x[0], x[1]), lambda x: torch.cat([x, x + 1], -1),
    lambda x: torch.stack([x, x * x]), lambda x: x.diagonal(), lambda x: x.flip(0), lambda x: x.unbind(1)[2],
    lambda x: x.var(0), lambda x: x.norm(), lambda x: torch.where(x > 0, x, -x), lambda x: x.max(1).values,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_rule_agrees_with_sample_by_sample(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    f = CASES[number]
    x = torch.tensor(np.random.default_rng(number).standard_normal((5, 3, 4)))
    by_rule = vmap(f)(x)
    monkeypatch.setattr(batch_rules, "RULES", {})
    by_sample = vmap(f)(x)
    expected = np.stack([f(s).numpy() for s in x])
    np.testing.assert_allclose(by_rule.numpy(), expected, rtol=1e-12)
    np.testing.assert_allclose(by_sample.numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_batched_gradients_are_the_gradients_of_samples(number: int) -> None:
    f = CASES[number]
    x = torch.tensor(np.random.default_rng(number).standard_normal((3, 4)), requires_grad=True)
    y = f(x)
    gs = torch.tensor(np.random.default_rng(1).standard_normal((4, *y.shape)))
    together = torch.autograd.grad(y, x, gs, retain_graph=True, is_grads_batched=True)[0]
    apart = [torch.autograd.grad(y, x, g, retain_graph=True)[0].numpy() for g in gs]
    np.testing.assert_allclose(together.numpy(), np.stack(apart), rtol=1e-10, atol=1e-12)
