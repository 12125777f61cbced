"""A Python number beside an array is what it is in torch, though the compiled operator takes it as an array (Constants)."""

from __future__ import annotations

import numpy as np
import pytest

import reference_impl as T
from reference_impl.compiler.runtime import CONSTANTS

torch = pytest.importorskip("torch")
NUMBERS = [2, -3.5, 0.0, -0.0, float("nan"), float("inf"), 2**24 + 1, 1e300, 0.1]
OPERATIONS = [
    lambda x, n: x * n, lambda x, n: n + x, lambda x, n: x - n, lambda x, n: 1 / (x * n), lambda x, n: x == n,
    lambda x, n: x < n,
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("number", NUMBERS, ids=str)
def test_results_and_their_signs(number: float, dtype: str) -> None:
    for f in OPERATIONS:
        a, b = (f(t.tensor([1, -2, 0, 3], dtype=getattr(t, dtype)), number) for t in (torch, T))
        assert str(a.dtype) == str(b.dtype)
        np.testing.assert_allclose(b.numpy(), a.numpy(), rtol=1e-6)
        known = ~np.isnan(a.numpy())
        assert (np.signbit(a.numpy().astype(float)) == np.signbit(b.numpy().astype(float)))[known].all()


def test_the_constants_that_are_kept_do_not_grow_without_end() -> None:
    x = T.tensor([1.0, 2.0], requires_grad=True)
    for n in range(1, 3000):
        y = x * (n / 7)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2999 / 7, rtol=1e-6)
    assert max(map(len, CONSTANTS.values())) <= 1024
