"""Operators that a user registers."""

from __future__ import annotations

from typing import Any

import pytest

import reference_impl as R
from reference_impl.tests.twice import Log, same_on_both


def test_custom_operators_and_their_gradients() -> None:
    def script(torch: Any, log: Log) -> None:
        def scaled(x: Any, factor: Any) -> Any:
            return x * factor

        schema = "(Tensor x, float factor) -> Tensor"
        op = torch.library.custom_op("reference_tests::scaled", scaled, mutates_args=(), schema=schema)
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = op(x, 3.0)
        log(op, y, y.grad_fn.name(), op(x.detach(), factor=2.0), torch.ops.reference_tests.scaled(x, 2.0))
        log.attempt(lambda: y.sum().backward())

        def keep(ctx: Any, inputs: Any, output: Any) -> None:
            log(inputs, output.requires_grad)
            ctx.factor = inputs[1]

        op.register_autograd(lambda ctx, g: (g * ctx.factor, None), setup_context=keep)
        op(x, factor=3.0).backward(torch.tensor([1.0, 10.0]))
        log(x.grad)
        with torch.no_grad():
            log(op(x, 2.0))

        same = torch.library.custom_op(
            "reference_tests::same", lambda x: x, mutates_args=(), schema="(Tensor x) -> Tensor"
        )
        try:
            log(same(x))
        except RuntimeError as error:
            log(str(error)[:4], "may not alias any inputs to this custom operator" in str(error))
        inc = torch.library.custom_op(
            "reference_tests::inc", lambda x: x.add_(1) and None, mutates_args=("x",), schema="(Tensor(a!) x) -> ()"
        )
        z = torch.zeros(1)
        log(inc(z), z)
        log.attempt(lambda: torch.library.custom_op("reference_tests::none", mutates_args=())(lambda x: x))

    same_on_both(script)


def test_opcheck_finds_what_is_wrong() -> None:
    def tripled(x: R.Tensor) -> R.Tensor:
        return x * 3

    op = R.library.custom_op("reference_tests::tripled", tripled, mutates_args=())
    x = R.ones(2, requires_grad=True)
    with pytest.raises(R.library.OpCheckError, match="no fake impl"):
        R.library.opcheck(op, (x,))
    op.register_fake(lambda x: R.ones(3))
    assert "shape" in str(R.library.opcheck(op, (x,), raise_exception=False)["test_faketensor"])
    op.register_fake(R.zeros_like)
    op.register_autograd(lambda ctx, g: g * 5)
    assert set(R.library.opcheck(op, (x,)).values()) == {"SUCCESS"}
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        R.autograd.gradcheck(op, R.ones(2, dtype=R.float64, requires_grad=True))

    def secret(x: R.Tensor) -> R.Tensor:
        x.mul_(2)
        return x + 1

    wrong = R.library.custom_op("reference_tests::secret", secret, mutates_args=())
    with pytest.raises(R.library.OpCheckError, match="was mutated"):
        R.library.opcheck(wrong, (R.ones(2),))
