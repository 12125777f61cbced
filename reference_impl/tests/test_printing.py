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
