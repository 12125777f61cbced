"""Every row at values and in dtypes that are out of the ordinary."""

from __future__ import annotations

import numpy as np
import pytest

import reference_impl as T
from reference_impl.ops.form import Row
from reference_impl.tensor import wrap
from reference_impl.tests.test_rows import DIFFERENTIABLE, Visit, leaves, named


@named([r for r in DIFFERENTIABLE if r.broadcasts and "half" not in r.refuses and r.name != "nextafter"])
@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_half_precision_is_the_wider_result_rounded_once(row: Row, half: str) -> None:
    f = Visit(row)
    d = getattr(T, half)
    narrow = [wrap(p.astype(d.np)) for p in f.point]
    (got,) = f(*narrow)
    (wide,) = f(*[wrap(a._array.astype(np.float32)) for a in narrow])
    assert got.dtype is d
    assert np.array_equal(np.asarray(got._array), np.asarray(wide._array.astype(d.np)), equal_nan=True)


EXTREME = [0.0, -1.0, float("inf"), float("nan"), 1e300, -0.0]


@named(DIFFERENTIABLE)
def test_extreme_values_are_no_errors_of_numpys(row: Row) -> None:
    """Where warnings are errors, as they are in these tests (`reference_impl`, Note [Silence])."""
    f = Visit(row)
    for first in range(len(EXTREME)):
        values = [EXTREME[(first + k) % len(EXTREME)] for k in range(len(EXTREME))]
        xs = leaves([np.resize(values, np.shape(p)).astype(p.dtype) for p in f.point])
        try:
            found = f(*xs)
            T.autograd.backward(
                [y for y in found if y.requires_grad], [T.ones_like(y) for y in found if y.requires_grad]
            )
        except (RuntimeError, ValueError, IndexError):  # a singular matrix, a probability of 1e300
            continue
