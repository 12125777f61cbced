"""A seed gives torch's numbers, draw by draw, and leaves torch's state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import reference_impl as R

DRAWS = """
t.rand(3, 4)
t.rand(30, dtype=t.complex128)
t.rand(17, dtype=t.bfloat16)
t.randn(5)
t.randn(5, 5, dtype=t.float64)
t.randn(20)
t.randn(20, dtype=t.complex128)
t.randn(19, dtype=t.float16)
t.randn_like(t.ones(3, 4).t())
t.randint(0, 7, (3, 3))
t.randint(1 << 30, (4,))
t.randperm(9)
t.normal(2.0, 3.0, (4,))
t.normal(t.ones(20), t.ones(20) * 2)
t.bernoulli(t.full((9,), 0.4))
t.empty(9).bernoulli_(0.4)
t.empty(9, dtype=t.float64).exponential_(2)
t.empty(9).geometric_(0.3)
t.empty(9).cauchy_()
t.empty(9).log_normal_()
t.empty(9).random_()
t.empty(9, dtype=t.int32).random_()
t.empty(3, 4).t().uniform_()
t.nn.functional.dropout(t.ones(4, 5), 0.3)
t.nn.functional.dropout(t.ones(4, 5).t(), 0.3)
t.nn.functional.dropout2d(t.ones(2, 5, 2, 2), 0.3)
t.nn.functional.alpha_dropout(t.ones(4, 5), 0.3, True)
t.nn.functional.rrelu(t.linspace(-1, 1, 9), training=True)
t.nn.functional.gumbel_softmax(t.linspace(-1, 1, 9), hard=True)
t.native_dropout(t.ones(9), 0.3, True)[0]
t.multinomial(t.tensor([0.1, 0.2, 0.3, 0.4]), 3)
t.multinomial(t.tensor([[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]]), 12, True)
t.vmap(lambda x: x + t.rand(2), randomness="different")(t.zeros(3))
t.vmap(lambda x: t.nn.functional.dropout(x, 0.4), randomness="same")(t.ones(3, 4))
t.vmap(lambda x: t.nn.functional.dropout(x, 0.4), randomness="different")(t.ones(3, 4))
t.nn.Linear(3, 4).weight.detach()
t.nn.Conv2d(2, 2, 2).bias.detach()
t.nn.Embedding(10, 2).weight.detach()
t.nn.LSTM(2, 2).weight_hh_l0.detach()
t.nn.init.xavier_normal_(t.empty(3, 3))
""".strip().splitlines()


def drawn(t: Any, text: str) -> tuple[np.ndarray, np.ndarray]:
    t.manual_seed(42)
    found = eval(text, {"t": t})
    found = found.float() if found.dtype in (t.bfloat16, t.float16) else found
    return found.numpy(), t.get_rng_state().numpy()


@pytest.mark.parametrize("text", DRAWS)
def test_the_numbers_of_a_seed(text: str) -> None:
    torch = pytest.importorskip("torch")
    (expected, after), (found, state) = drawn(torch, text), drawn(R, text)
    assert found.shape == expected.shape
    assert np.allclose(found, expected, rtol=1e-6, atol=2e-7)
    assert np.array_equal(state, after)


def test_a_state_of_torch_goes_on_as_there() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(3)
    torch.randn(701)
    torch.randn(3)  # leaves the second number of a pair
    R.set_rng_state(R.tensor(torch.get_rng_state().tolist(), dtype=R.uint8))
    assert np.allclose(R.randn(5).numpy(), torch.randn(5).numpy(), rtol=1e-6)
    assert R.initial_seed() == 3
