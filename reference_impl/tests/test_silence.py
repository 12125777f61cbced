"""numpy warns of 1 / 0 and the like, torch does not: nor do this package's operators, whatever a program does with warnings
(`reference_impl`, Note [Silence])."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import reference_impl as T
from reference_impl.autograd import forward_ad
from reference_impl.ops.form import Row
from reference_impl.tests.test_row_values import EXTREME
from reference_impl.tests.test_rows import DIFFERENTIABLE, Visit, leaves, named


def heard(call: Callable[[], Any]) -> list[warnings.WarningMessage]:
    """The warnings that a program hears which wants them all. (Some calls fail: a singular matrix, an index of nan.)"""
    with warnings.catch_warnings(record=True) as caught, contextlib.suppress(Exception):
        warnings.simplefilter("always")
        call()
    return caught


@named(DIFFERENTIABLE)
@pytest.mark.parametrize("dtype", ["float64", "float16", "complex64"])
def test_numpy_is_not_heard(row: Row, dtype: str) -> None:
    f = Visit(row)
    d = getattr(T, dtype)
    for first in range(len(EXTREME)):
        values = np.roll(EXTREME, first)
        with np.errstate(all="ignore"):
            xs = leaves([np.resize(values, np.shape(p)).astype(d.np) for p in f.point], requires_grad=False)

        def backward(xs: Any = xs) -> None:
            ys = f(*[x.requires_grad_() for x in xs])
            T.autograd.grad(ys, xs, [T.ones_like(y) for y in ys], create_graph=True, allow_unused=True)

        def forward(xs: Any = xs) -> None:
            with forward_ad.dual_level():
                f(*[forward_ad.make_dual(x, T.ones_like(x)) for x in xs])

        for call in (lambda xs=xs: f(*xs), forward, backward):
            assert not [w.message for w in heard(call) if w.category is RuntimeWarning]


def test_numpy_is_heard_where_a_program_calls_it() -> None:
    found = heard(lambda: np.log(np.zeros(1)) + T.zeros(1).log().numpy())
    assert [str(w.message) for w in found] == ["divide by zero encountered in log"]


def test_warnings_of_torch_name_the_line_that_called() -> None:
    x = T.ones(3)
    (found,) = heard(lambda: x[:1].std())
    assert "degrees of freedom" in str(found.message)
