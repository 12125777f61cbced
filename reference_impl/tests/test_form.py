"""The contract of ops/form.py, proven on one operator of each awkward shape: first and second derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import reference_impl as T
from reference_impl.autograd import forward_ad, gradcheck, gradgradcheck
from reference_impl.compiler import BASE
from reference_impl.nn import functional as F
from reference_impl.ops.form import elementwise, general
from reference_impl.ops.signature import GLOBALS

rng = np.random.default_rng(3)


def leaf(*shape: int) -> T.Tensor:
    return T.from_numpy(rng.uniform(0.5, 2.0, shape)).requires_grad_()


CASES = {
    "mul": (lambda x, y: x * y, (leaf(3), leaf(2, 3))),
    "mul_number": (lambda x: 2.5 * x * 2, (leaf(3),)),
    "add_alpha": (lambda x, y: T.add(x, y, alpha=3), (leaf(3), leaf(2, 1))),
    "div": (lambda x, y: x / y, (leaf(3), leaf(2, 3))),
    "rdiv": (lambda x: 2 / x, (leaf(3),)),
    "rsub": (lambda x: 2 - x, (leaf(3),)),
    "pow": (lambda x, y: x**y, (leaf(3), leaf(3))),
    "pow_number": (lambda x: x**3 + 2.0**x, (leaf(3),)),
    "chain": (lambda x: (x.sin() * x.exp()).tanh().sqrt(), (leaf(3),)),
    "relu": (lambda x: F.relu(x - 1), (leaf(4),)),
    "abs": (lambda x: (x - 1).abs(), (leaf(4),)),
    "where": (lambda x, y: T.where(x > y, x * x, y), (leaf(4), leaf(4))),
    "maximum": (T.maximum, (leaf(4), leaf(4))),
    "sum": (lambda x: x.sum(0), (leaf(2, 3),)),
    "mean": (lambda x: x.mean((0, -1), True), (leaf(2, 3),)),
    "norm": (lambda x: x.norm(), (leaf(5),)),
    "max": (lambda x: x.max(), (leaf(5),)),
    "max_dim": (lambda x: x.max(1)[0], (leaf(2, 3),)),
    "matmul": (lambda x, y: x @ y, (leaf(2, 3), leaf(3, 4))),
    "mv": (lambda x, y: x @ y, (leaf(2, 3), leaf(3))),
    "dot": (lambda x, y: x @ y, (leaf(3), leaf(3))),
    "batched": (lambda x, y: x @ y, (leaf(2, 2, 3), leaf(3, 2))),
    "views": (lambda x: x.view(3, 2).t().unsqueeze(0)[..., 1:].reshape(-1), (leaf(2, 3),)),
    "expand": (lambda x: x.expand(2, 3), (leaf(1, 3),)),
    "index": (lambda x: x[[0, 0, 1]], (leaf(3),)),
    "mask": (lambda x: x[T.tensor([True, False, True])], (leaf(3),)),
    "cat": (lambda x, y: T.cat([x, y], 1), (leaf(2, 1), leaf(2, 3))),
    "stack": (lambda x, y: T.stack([x, y]), (leaf(2), leaf(2))),
    "unbind": (lambda x: x.unbind(1)[0] * x.unbind(1)[2], (leaf(2, 3),)),
    "index_put": (lambda x, y: x.clone().index_put_((T.tensor([0, 2]),), y), (leaf(3), leaf(2))),
    "linear": (F.linear, (leaf(2, 3), leaf(4, 3), leaf(4))),
    "linear_no_bias": (F.linear, (leaf(2, 3), leaf(4, 3))),
    "layer_norm": (lambda x, w, b: F.layer_norm(x, (3,), w, b), (leaf(2, 3), leaf(3), leaf(3))),
    "conv2d": (lambda x, w: F.conv2d(x, w, None, 2, 1), (leaf(1, 2, 4, 4), leaf(3, 2, 2, 2))),
    "svd": (lambda x: T.linalg.svd(x, False)[1], (leaf(3, 2),)),
    "svd_uv": (lambda x: (lambda u, s, v: (u.abs(), s, v.abs()))(*T.linalg.svd(x, False)), (leaf(3, 2),)),
    "setitem": (lambda x, y: write(x.clone(), y), (leaf(4), leaf(2))),
    "inplace": (lambda x, y: x.sin().mul_(y), (leaf(3), leaf(3))),
}


def write(x: T.Tensor, y: T.Tensor) -> T.Tensor:
    x[1:3] = y * y
    x[0:2].mul_(3)
    return x


@pytest.mark.parametrize("name", CASES)
def test_first_and_second_derivative(name: str) -> None:
    f, inputs = CASES[name]
    assert gradcheck(f, inputs)
    assert gradgradcheck(f, inputs)


@pytest.mark.parametrize(
    ("signature", "name"), [("shift(self, m)", "m"), ("mode(self)", "mode"), ("f(self, x0)", "x0")]
)
def test_names_that_the_compiled_text_uses_are_refused(signature: str, name: str) -> None:
    row = elementwise(signature, lambda x, m=0: x, self=lambda: 1)
    with pytest.raises(TypeError, match=f"another use for the name '{name}'"):
        row(leaf(2))


def test_all_that_the_compiled_text_calls_is_known() -> None:
    assert set(BASE) - {"__name__"} <= GLOBALS


def test_forward_mode_of_a_row_with_aux_needs_a_jvp() -> None:
    row = general("twice(self) -> (result, factor: aux)", lambda x: (2 * x, 2.0), self=lambda g, factor: g * factor)
    x = leaf(2)
    assert T.equal(T.autograd.grad(row(x).sum(), x)[0], T.full((2,), 2.0, dtype=T.float64))
    with forward_ad.dual_level(), pytest.raises(T.Unsupported, match="twice: forward mode"):
        row(forward_ad.make_dual(x.detach(), x.detach()))


def test_a_gradient_cannot_be_linked_to_what_the_row_does_not_have() -> None:
    row = general("kinked(self)", lambda x: x, self=lambda g: g, linked="output")
    with pytest.raises(TypeError, match=r"asks for \['output'\]"):
        row(leaf(2))
