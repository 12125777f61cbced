"""repr of tensors: character for character as torch's."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from reference_impl.tests.twice import Log, same_on_both

SPECIAL = [0.0, 1.0, -1.0, math.nan, math.inf, -math.inf, 1e-5, 1e5, 12345678.0, 1e9, 0.1, 2.5]
SHAPES = [
    (),
    (1,),
    (3,),
    (7,),
    (30,),
    (2, 3),
    (4, 1),
    (2, 2, 3),
    (0,),
    (2, 0),
    (3, 20),
    (40, 40),
    (1100,),
    (2, 2, 2, 2),
]


def number(draw: random.Random, kind: str) -> Any:
    if kind == "integer":
        return draw.choice([0, 1, -1, 10 ** draw.randint(0, 9), draw.randint(-100, 100)])
    if kind == "bool":
        return draw.random() < 0.5
    real = [draw.choice([*SPECIAL, draw.uniform(-10, 10), draw.uniform(-1000, 1000)]) for _ in range(2)]
    return real[0] if kind == "floating" else complex(*real)


def nested(draw: random.Random, shape: tuple[int, ...], kind: str) -> Any:
    return [nested(draw, shape[1:], kind) for _ in range(shape[0])] if shape else number(draw, kind)


@pytest.mark.parametrize(
    ("kind", "dtypes"),
    [
        ("floating", ["float32", "float64", "float16", "bfloat16"]),
        ("integer", ["int64", "int32"]),
        ("bool", ["bool"]),
        ("complex", ["complex64", "complex128"]),
    ],
)
def test_random_tensors(kind: str, dtypes: list[str]) -> None:
    def script(torch: Any, log: Log) -> None:
        draw = random.Random(7)
        for _ in range(100):
            t = torch.tensor(nested(draw, draw.choice(SHAPES), kind), dtype=getattr(torch, draw.choice(dtypes)))
            if kind in ("floating", "complex") and draw.random() < 0.5:
                t.requires_grad_()
                t = t * 1 if draw.random() < 0.5 else t
            log(t, t.shape, t.stride())

    same_on_both(script)


OPTIONS: list[dict[str, Any]] = [
    {"precision": 2},
    {"sci_mode": True},
    {"sci_mode": False},
    {"sci_mode": True, "precision": 1},
    {"threshold": 5},
    {"threshold": 5, "edgeitems": 0},
    {"threshold": 5, "edgeitems": 1},
    {"linewidth": 30},
    {"profile": "short"},
    {"profile": "full", "linewidth": 200},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options(options: dict[str, Any]) -> None:
    def script(torch: Any, log: Log) -> None:
        torch.set_printoptions(**options)
        try:
            log(torch.tensor([1.12345, -2.0, math.inf, 1e-6]), torch.arange(8), torch.arange(30.0).view(10, 3) / 7)
            log(torch.tensor([1.0, 100.0]), torch.tensor([1.5 + 2j, -1j]), torch.zeros(0, 3), torch.eye(4) > 0)
            log(torch.arange(1200).view(2, 20, 30))
        finally:
            torch.set_printoptions(profile="default")
        log(torch.tensor([1.12345]), torch.arange(1001))

    same_on_both(script)


def test_a_tangent_is_shown() -> None:
    def script(torch: Any, log: Log) -> None:
        forward_ad = torch.autograd.forward_ad
        with forward_ad.dual_level():
            x = forward_ad.make_dual(torch.ones(2), torch.tensor([0.5, 1.5]))
            log(x, x * 2, x[1:], forward_ad.unpack_dual(x))
        log(x)

    same_on_both(script)
