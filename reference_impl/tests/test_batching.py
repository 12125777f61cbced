"""A batching rule must give what computing sample by sample and stacking gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import reference_impl as torch
from reference_impl.batching import kernels as batch_kernels
from reference_impl.batching import rules as batch_rules
from reference_impl.batching import vmap as vmapping
from reference_impl.func import vmap
from reference_impl.tests.every_row import rows

CASES: list[Callable[[Any], Any]] = [
    lambda x: x.sum(0), lambda x: x.sum((0, 1), True), lambda x: x.mean(-1), lambda x: x.amax(1), lambda x: x.cumsum(0),
    lambda x: x.softmax(0), lambda x: x.transpose(0, 1), lambda x: x.permute(1, 0), lambda x: x.unsqueeze(-1),
    lambda x: x.reshape(-1), lambda x: x[1:, ::2], lambda x: x[0], lambda x: x.expand(2, 3, 4), lambda x: x @ x.t(),
    lambda x: x @ x[0], lambda x: x[0] @ x[1], lambda x: torch.outer(x[0], x[1]), lambda x: torch.cat([x, x + 1], -1),
    lambda x: torch.stack([x, x * x]), lambda x: x.diagonal(), lambda x: x.flip(0), lambda x: x.unbind(1)[2],
    lambda x: x.var(0), lambda x: x.norm(), lambda x: torch.where(x > 0, x, -x), lambda x: x.max(1).values,
    lambda x: torch.addmm(x[0], x, x.t() @ x), lambda x: torch.nn.functional.linear(x, WEIGHT, BIAS),
    lambda x: torch.nn.functional.linear(x[0], WEIGHT, x[1, :2]), lambda x: torch.nn.functional.conv1d(x, KERNEL, BIAS),
    lambda x: x.mode(1).values,
]  # fmt: skip
WEIGHT, BIAS = torch.linspace(-1, 1, 8, dtype=torch.float64).view(2, 4), torch.tensor([0.5, -2.0], dtype=torch.float64)
KERNEL = torch.linspace(-1, 1, 12, dtype=torch.float64).view(2, 3, 2)


def test_every_rule_is_of_a_row() -> None:
    names = {row.name for row, _ in rows()}
    assert batch_rules.RULES.keys() <= names
    assert batch_kernels.RULES.keys() <= names


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


# -- batches of cotangents on arrays (batching/arrays.py)

MORE: list[Callable[[Any], Any]] = [
    *CASES,
    lambda x: x * x[0] + x[:, :1] / 2, lambda x: (x + 1j * x.exp()).abs(), lambda x: (x @ x.t() * 2j).real,
    lambda x: x.sum(), lambda x: x.relu().mean(0, True), lambda x: torch.addmm(x[:, 0], x, x.t()), lambda x: x[0, 0] * 2,
    lambda x: x.double().float().sin(), lambda x: torch.linalg.svd(x)[1], lambda x: x.view(2, 6).pow(3), lambda x: x * 0,
    lambda x: torch.bmm(x[None], x.t()[None]), lambda x: x.expand(2, 3, 4) @ x.t().expand(2, 4, 3),
    lambda x: torch.vdot(x[0] + 0j, x[1] * 2j).imag, lambda x: slope(x * x[0]), lambda x: slope(x @ x[0]),
    lambda x: torch.cat([x[0], torch.zeros(2, dtype=x.dtype)]), lambda x: torch.stack(x.unbind(0)[:2]).expand(2, 2, 4),
]  # fmt: skip


def slope(y: Any) -> Any:
    """The gradient of the sum of the sines of y, recorded: it has nodes of its own kind."""
    leaf = y.grad_fn.next_functions[0][0]
    while leaf.next_functions:
        leaf = next(n for n, _ in leaf.next_functions if n is not None)
    return torch.autograd.grad(y.sin().sum(), leaf.variable, create_graph=True)[0]


@pytest.mark.parametrize("rules", [True, False])
@pytest.mark.parametrize("number", range(len(MORE)))
def test_a_batch_of_cotangents_is_computed_as_each_alone(
    number: int, rules: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vmapping, "level", None)  # vmap is not asked
    if not rules:
        monkeypatch.setattr(batch_kernels, "RULES", {})
    x = torch.tensor(np.random.default_rng(number).standard_normal((3, 4)), requires_grad=True)
    y = MORE[number](x)
    gs = torch.tensor(np.random.default_rng(1).standard_normal((5, *y.shape)), dtype=y.dtype)
    (together,) = torch.autograd.grad(y, x, gs, retain_graph=True, is_grads_batched=True)
    apart = [torch.autograd.grad(y, x, g, retain_graph=True)[0].numpy() for g in gs]
    assert together.dtype is x.dtype
    np.testing.assert_allclose(together.numpy(), np.stack(apart), rtol=1e-6, atol=1e-6)


def test_a_batch_of_cotangents_reaches_inputs_and_what_lies_between() -> None:
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * x
    z = y.sin()
    gs = torch.eye(3)
    found = torch.autograd.grad(z, (x, y, z), gs, is_grads_batched=True)
    np.testing.assert_allclose(found[0].numpy(), np.diag(np.cos(y.detach()) * 2 * x.detach().numpy()), rtol=1e-6)
    np.testing.assert_allclose(found[1].numpy(), np.diag(np.cos(y.detach())), rtol=1e-6)
    assert found[2] is gs
    with pytest.raises(RuntimeError, match="second time"):
        torch.autograd.grad(z, x, gs, is_grads_batched=True)


def test_hooks_see_a_sample_of_the_batch() -> None:
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x.exp()
    shapes: list[Any] = []
    y.register_hook(lambda g: shapes.append(g.shape) or g * 2)
    (found,) = torch.autograd.grad(y.sum(), x, torch.ones(4), is_grads_batched=True)
    assert shapes == [(3,)]
    np.testing.assert_allclose(found.numpy(), np.tile(2 * np.exp([1.0, 2.0, 3.0]), (4, 1)), rtol=1e-6)
