"""Erroneous calls raise what torch raises, word for word: the calls of erroneous_calls.txt, in which t is torch."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import pytest

import reference_impl

torch = pytest.importorskip("torch")

CALLS = Path(__file__).with_name("erroneous_calls.txt").read_text().splitlines()


def raised(call: str, t: Any) -> tuple[str, str] | None:
    """The error's class and text, white space collapsed; None where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            eval(call, {"t": t})
        except Exception as error:
            return type(error).__name__, re.sub(r"\s+", " ", str(error)).strip()
    return None


@pytest.mark.parametrize("call", CALLS)
def test_the_error_is_torchs(call: str) -> None:
    expected = raised(call, torch)
    assert expected is not None, "torch refuses nothing here"
    assert expected[0] != "NameError"
    assert raised(call, reference_impl) == expected


def test_a_difference_would_be_noticed() -> None:
    assert raised("t.ones(2) + t.ones(3)", torch) != raised("t.ones(2) + t.ones(4)", reference_impl)


UNFIT = """t.ones(2).masked_fill(t.tensor([True, False]), None)
t.fill(t.ones(2), None)
t.index_fill(t.ones(2), 0, t.tensor([0]), None)
t.addmm(t.ones(2, 2), t.ones(2, 2), t.ones(2, 2), alpha=None)
t.ones(2, 2).sum(0, keepdim=None)
t.ones(2, 2).any(0, 'text')
t.nn.functional.cosine_similarity(t.ones(2), t.ones(2), None)
t.nn.functional.avg_pool2d(t.ones(1, 2, 2), 2, ceil_mode='text')
t.ones(2).max(None)
t.min(t.ones(2), dim=None)
t.ones(2).prod(dim=None)
t.squeeze(t.ones(2, 1), None)
t.permute(t.ones(2, 3), 1, 0)
t.reshape(t.ones(2, 3), 3, 2)
t.flip(t.ones(2, 3), 1, 0)
t.ones(2, 3).flip(0, dims=[0])
t.ones(2, 3).flip(dims=0)
t.ones(2, 3).expand(2, 3, size=(2, 3))
t.ones(2).to(t.float64, None)
t.ones(2).to('cpu', t.float64, True, None)
t.ones(2).to(t.float64, copy=None)
t.ones(2).to(t.float64, 'cpu')
t.nn.functional.threshold(t.ones(2), 2)
t.logspace(0, 1, 2, None)
t.round(t.ones(2), decimals=None)
t.randint(10, 5)
t.randint(2, 10, 5)
t.randint_like(t.ones(2), 2, None)
t.eye(3, None)
t.max(t.ones(2), t.ones(2), True)
t.tensor(1.0).max(None)
t.div(t.ones(2), t.ones(2), rounding_mode=3)
t.std_mean(t.ones(2), out=(t.ones(()), t.ones(())))
t.gradient(t.ones(3), spacing=t.ones(3))
t.movedim(t.ones(2, 2), 0, [0, 1])
t.linspace(0, 1, t.ones(2))
t.logspace(0, 1, t.ones(2))
t.eye(2).to_sparse(t.ones(2))
t.nn.functional.conv1d(t.ones(1, 1, 3), t.ones(1, 1, 3), padding=t.ones(2))
t.nn.functional.conv2d(t.ones(1, 1, 3, 3), t.ones(1, 1, 3, 3), padding=(1.5, 1))
t.nn.functional.unfold(t.ones(1, 1, 1, 3), (1, 2), padding='text')
t.ones(2).float(t.float64)
t.fft.fftn(t.ones(2, 3), s=(1.5, 2))
t.fft.fft2(t.ones(2, 3), s='text')
t.fft.fftshift(t.ones(2), 1.5)
t.linalg.tensorsolve(t.ones(2, 3, 6), t.ones(2, 3), dims=2)
t.linalg.matrix_norm(t.ones(2, 3), 'fro', 5)
t.gradient(t.ones(3), edge_order=1.5)""".splitlines()


@pytest.mark.parametrize("call", UNFIT)
def test_an_argument_of_a_wrong_type_is_a_type_error(call: str) -> None:
    """torch lists all its overloads there, which the reference does not."""
    classes = [found and found[0] for found in (raised(call, reference_impl), raised(call, torch))]
    assert classes == ["TypeError", "TypeError"]
