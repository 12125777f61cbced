"""Dtypes of results are torch's: every pair of dtypes, dimensioned, 0-dim and Python numbers."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

import reference_impl

torch = pytest.importorskip("torch")

DTYPES = [
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
]  # fmt: skip
NUMBERS = [True, 2, 2.5, 1j]
ARITHMETIC = "add sub mul true_divide floor_divide fmod remainder pow float_power"
COMPARISONS = "maximum fmin eq lt heaviside nextafter copysign"
OTHERS = "atan2 xlogy hypot logaddexp gcd bitwise_and bitwise_left_shift logical_or"
OPERATORS = f"{ARITHMETIC} {COMPARISONS} {OTHERS}".split()


def outcome(module: Any, name: str, a: Any, b: Any) -> str:
    """The dtype of the result, or that there is none."""

    def operand(x: Any) -> Any:
        if not isinstance(x, tuple):
            return x
        dtype, shape = x
        return module.ones(shape, dtype=getattr(module, dtype))

    try:
        return str(getattr(module, name)(operand(a), operand(b)).dtype)
    except (RuntimeError, NotImplementedError, TypeError):
        return "refused"


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("shapes", [((2,), (2,)), ((2,), ()), ((), ())], ids=str)
def test_pairs_of_tensors(name: str, shapes: tuple) -> None:
    for a, b in itertools.product(DTYPES, DTYPES):
        if shapes[0] != shapes[1] and a == "float16" and b.startswith("complex"):
            continue  # torch computes in complex32: test_what_numpy_lacks
        x, y = (a, shapes[0]), (b, shapes[1])
        assert outcome(reference_impl, name, x, y) == outcome(torch, name, x, y), (a, b)


def test_what_numpy_lacks() -> None:
    x = reference_impl.ones(2, dtype=reference_impl.float16)
    for other in (1j, reference_impl.tensor(1j)):
        with pytest.raises(reference_impl.Unsupported, match="complex32"):
            x * other


@pytest.mark.parametrize("name", ["add", "mul", "true_divide", "pow", "eq", "remainder"])
@pytest.mark.parametrize("shape", [(2,), ()], ids=str)
def test_tensors_and_numbers(name: str, shape: tuple) -> None:
    for a, number in itertools.product(DTYPES, NUMBERS):
        if a == "float16" and number == 1j:
            continue  # torch computes in complex32: test_what_numpy_lacks
        assert outcome(reference_impl, name, (a, shape), number) == outcome(torch, name, (a, shape), number), (
            a,
            number,
        )


@pytest.mark.parametrize(
    "name", ["exp", "sqrt", "sigmoid", "erf", "abs", "neg", "floor", "sum", "prod", "cumsum", "mean", "all"]
)
def test_one_operand(name: str) -> None:
    for a in DTYPES:
        ours, theirs = (outcome_of_one(m, name, a) for m in (reference_impl, torch))
        assert ours == theirs, a


def outcome_of_one(module: Any, name: str, dtype: str) -> str:
    x = module.ones((2,), dtype=getattr(module, dtype))
    args = (0,) if name == "cumsum" else ()
    try:
        return str(getattr(module, name)(x, *args).dtype)
    except (RuntimeError, NotImplementedError, TypeError):
        return "refused"
