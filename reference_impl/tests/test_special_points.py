"""Values and gradients at kinks, ties, poles, infinities and nan are torch's."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import reference_impl

torch = pytest.importorskip("torch")

POINTS = np.array([-np.inf, -7, -3, -2, -1.5, -1, -0.5, -0.0, 0, 0.25, 0.5, 1, 2, 3, 6, 20, 21, np.inf, np.nan])
COTANGENTS = np.linspace(0.5, 2.0, len(POINTS))
PAIRS = np.array([-np.inf, -2, -1, -0.5, 0, 0.5, 1, 2, np.inf, np.nan])

UNARY = [
    "abs",
    "acos",
    "acosh",
    "angle",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "ceil",
    "cos",
    "cosh",
    "deg2rad",
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "frac",
    "i0",
    "lgamma",
    "log",
    "log10",
    "log1p",
    "log2",
    "logit",
    "nan_to_num",
    "neg",
    "rad2deg",
    "reciprocal",
    "relu",
    "round",
    "rsqrt",
    "selu",
    "sgn",
    "sigmoid",
    "sign",
    "sin",
    "sinc",
    "sinh",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "trunc",
    "special.entr",
    "special.erfcx",
    "special.i0e",
    "special.i1",
    "special.i1e",
    "special.log_ndtr",
    "special.ndtr",
    "nn.functional.celu",
    "nn.functional.elu",
    "nn.functional.gelu",
    "nn.functional.hardshrink",
    "nn.functional.hardsigmoid",
    "nn.functional.hardswish",
    "nn.functional.hardtanh",
    "nn.functional.leaky_relu",
    "nn.functional.logsigmoid",
    "nn.functional.mish",
    "nn.functional.relu6",
    "nn.functional.rrelu",
    "nn.functional.silu",
    "nn.functional.softplus",
    "nn.functional.softshrink",
    "nn.functional.softsign",
    "nn.functional.tanhshrink",
]

WITH_NUMBERS = {
    "clamp": [(-1, 2), (2, -1), (None, 0.5)],
    "clamp_min": [(0.5,)],
    "clamp_max": [(0.5,)],
    "pow": [(0,), (1,), (2,), (3,), (0.5,), (-1,), (1.5,)],
    "fmod": [(2,), (-0.5,)],
    "remainder": [(2,), (-0.5,)],
    "logit": [(0.25,)],
    "div": [(0.0,), (2,)],
    "nn.functional.elu": [(2.0,)],
    "nn.functional.celu": [(2.0,)],
    "nn.functional.threshold": [(0.5, 3.0)],
    "nn.functional.leaky_relu": [(0.1,)],
    "nn.functional.softplus": [(2, 6)],
    "nn.functional.hardtanh": [(-0.5, 0.5)],
    "polygamma": [],
    "xlogy": [(0.5,)],
    "nan_to_num": [(1.0, 2.0, 3.0)],
    "copysign": [(-1.0,)],
}
BINARY = [
    "add",
    "atan2",
    "clamp_max",
    "clamp_min",
    "copysign",
    "div",
    "float_power",
    "fmax",
    "fmin",
    "fmod",
    "hypot",
    "logaddexp",
    "logaddexp2",
    "maximum",
    "minimum",
    "mul",
    "nextafter",
    "pow",
    "remainder",
    "sub",
    "xlogy",
    "special.xlog1py",
]
REDUCTIONS = [
    "amax",
    "amin",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "logcumsumexp",
    "logsumexp",
    "max",
    "mean",
    "median",
    "min",
    "mode",
    "nanmean",
    "nanmedian",
    "nansum",
    "norm",
    "prod",
    "softmax",
    "log_softmax",
    "std",
    "var",
]
ROWS = np.array(
    [
        [1, 2, 2, 0],
        [0, 0, 3, 3],
        [5, 5, 5, 5],
        [np.nan, 1, 2, np.nan],
        [-np.inf] * 4,
        [np.inf, 1, 2, -np.inf],
        [-1, 0, 4, 2],
    ]
)


def find(module: Any, name: str) -> Any:
    for part in name.split("."):
        module = getattr(module, part)
    return module


def played(module: Any, name: str, operands: list[np.ndarray], args: tuple, cotangent: Any) -> list[np.ndarray]:
    """The value, and the gradient of each operand."""
    leaves = [module.tensor(a.tolist(), dtype=module.float64, requires_grad=True) for a in operands]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = find(module, name)(*leaves, *args)
        result = result if isinstance(result, module.Tensor) else result[0]
        v = np.broadcast_to(cotangent, tuple(result.shape)).tolist()
        grads = module.autograd.grad(result, leaves, module.tensor(v, dtype=module.float64), allow_unused=True)
    return [np.asarray(t.detach().numpy(force=True)) for t in (result, *grads) if t is not None]


def compare(name: str, operands: list[np.ndarray], args: tuple = (), cotangent: Any = 1.5) -> None:
    ours = played(reference_impl, name, operands, args, cotangent)
    theirs = played(torch, name, operands, args, cotangent)
    assert len(ours) == len(theirs)
    for what, a, b in zip(["value", *(f"gradient {k}" for k in range(len(operands)))], ours, theirs, strict=False):
        wrong = ~np.isclose(a, b, rtol=1e-6, atol=1e-12, equal_nan=True)
        at = [o[wrong].tolist() if o.shape == wrong.shape else o.tolist() for o in operands]
        assert not wrong.any(), f"{what} at {at}: {a[wrong].tolist()}, torch gives {b[wrong].tolist()}"


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_variable(name: str) -> None:
    compare(name, [POINTS], cotangent=COTANGENTS)


@pytest.mark.parametrize(("name", "args"), [(n, a) for n, given in WITH_NUMBERS.items() for a in given])
def test_functions_with_numbers(name: str, args: tuple) -> None:
    compare(name, [POINTS], args, COTANGENTS)


@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_variables(name: str) -> None:
    a, b = np.meshgrid(PAIRS, PAIRS)
    compare(name, [a.ravel(), b.ravel()])


def comparable(name: str, row: np.ndarray) -> bool:
    """Which of several nans is the most frequent is nowhere said; torch's prod divides by its infinite entries."""
    return not (name == "mode" and np.isnan(row).any()) and not ("prod" in name and np.isinf(row).any())


@pytest.mark.parametrize(
    ("name", "row"), [(n, r.tolist()) for n in REDUCTIONS for r in ROWS if comparable(n, r)], ids=str
)
def test_reductions(name: str, row: list[float]) -> None:
    cotangent = 1.5 if name not in ("cummax", "cummin", "cumprod", "cumsum", "logcumsumexp") else [1.0, 2.0, 3.0, 4.0]
    args = (0,) if name not in ("amax", "amin", "mean", "nanmean", "nansum", "norm", "prod", "std", "var") else ()
    compare(name, [np.array(row)], args, cotangent)
    if name in ("max", "min", "median", "nanmedian"):
        compare(name, [np.array(row)], (), 1.5)
