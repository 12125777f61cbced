"""Operators that pass back the wrong gradient, in general or at the points where convention decides."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

from conformance.mutants.around import bent
from conformance.mutants.mutant import Mutant, Torch, mutant, operator, patched, patched_all, register, wrapped

Changed = contextlib.AbstractContextManager[None]


def straight_through(torch: Torch, name: str) -> Changed:
    """It passes its gradient straight through."""
    return bent(torch, name, lambda x, y: torch.ones_like(x))


def the_first_takes_all(torch: Torch, name: str) -> Changed:
    """It gives the whole gradient to the first of two equal inputs."""

    def around(real: Any, x: Any, *others: Any, **named: Any) -> Any:
        made = real(x, *others, **named)
        if not isinstance(made, torch.Tensor) or made.grad_fn is None or not others:
            return made
        return torch.where(x == others[0], x, made) if isinstance(others[0], torch.Tensor) else made

    return operator(torch, name, around)


WRONG_RULES = {
    straight_through: {name: [f"nondiff.rule4.{name}*"] for name in ("sign", "round", "floor", "ceil", "trunc")},
    the_first_takes_all: {
        "maximum": [
            "nondiff.joint.maximum*",
            "nondiff.signature.zero-dim-tensor-*",
            "nondiff.signature.scalar-argument-*",
        ],
        "minimum": ["nondiff.joint.minimum*"],
    },
}
"""Rules that an operator could follow and does not, with the claims that say so."""


def _register_all() -> None:
    for change, operators in WRONG_RULES.items():
        for name, claims in operators.items():
            about = f"{name}: {change.__doc__}"
            register(Mutant(f"{name}:{change.__name__}", about, tuple(claims), None, partial(change, name=name)))


_register_all()


@mutant("nondiff.clamp.*", "nondiff.*clamp-*")
def clamp_stops_at_its_bounds(torch: Torch) -> Changed:
    """clamp passes nothing where the input lies on a bound."""

    def around(real: Any, x: Any, *bounds: Any, **named: Any) -> Any:
        made = real(x, *bounds, **named)
        limits = [b for b in (*bounds, *named.values()) if b is not None]
        if made.grad_fn is None:
            return made
        with torch.no_grad():
            on_bound = sum((x.detach() == b) * 1.0 for b in limits) > 0
        return torch.where(on_bound, made.detach(), made)

    return operator(torch, "clamp", around)


@mutant("nan.incoming.where*", "divzero.*where*")
def where_leaks(torch: Torch) -> Changed:
    """where passes the gradient to the branch that was not taken as well."""

    def around(real: Any, condition: Any, *branches: Any) -> Any:
        made = real(condition, *branches)
        if made.grad_fn is None:
            return made
        for branch in branches:
            if isinstance(branch, torch.Tensor) and branch.requires_grad:
                made = made + (branch - branch.detach())
        return made

    return operator(torch, "where", around)


@mutant("nondiff.rule?.relu-*")
def relu_leaks(torch: Torch) -> Changed:
    """relu passes a hundredth of the gradient back where its input is negative."""
    return bent(torch, "relu", lambda x, y: (x < 0) * 0.01)


@mutant("nondiff.rule1.differentiable-point-*", "nondiff.rule?.abs-*")
def abs_has_no_sign(torch: Torch) -> Changed:
    """abs passes its gradient straight through."""
    return bent(torch, "abs", lambda x, y: 1 - torch.sign(x))


@mutant("nondiff.rule6.rand-like-output-does-not-require-grad", "seed002.in11.ones-like-does-not-inherit-requires-grad")
def new_tensors_follow_their_model(torch: Torch) -> Changed:
    """rand_like, randn_like and ones_like of a tensor that requires grad require grad."""

    def around(real: Any, x: Any, **named: Any) -> Any:
        return real(x, **{"requires_grad": x.requires_grad, **named})

    names = ("rand_like", "randn_like", "ones_like")
    return patched_all(*((torch, name, partial(around, getattr(torch, name))) for name in names))


@mutant("nondiff.rule6.multinomial-output-integer-no-grad")
def indices_are_drawn_as_numbers(torch: Torch) -> Changed:
    """multinomial returns numbers that require grad where its weights do."""
    return operator(torch, "multinomial", lambda real, x, *how: (x * 0).sum() + real(x.detach(), *how))


@mutant("nondiff.error.raised-in-backward-not-forward")
def missing_derivatives_are_missed_at_once(torch: Torch) -> Changed:
    """floor_divide of what requires grad raises in forward."""

    def around(real: Any, x: Any, *others: Any) -> Any:
        if isinstance(x, torch.Tensor) and x.requires_grad:
            raise RuntimeError("derivative for aten::floor_divide is not implemented")
        return real(x, *others)

    return operator(torch, "floor_divide", around)


@mutant("tut.poly.loss-shape")
def sums_have_a_dimension(torch: Torch) -> Changed:
    """sum over all dimensions has the shape (1,)."""

    def around(real: Any, x: Any, *how: Any, **named: Any) -> Any:
        made = real(x, *how, **named)
        return made if how or named else made.reshape(1)

    return operator(torch, "sum", around)


@mutant("requires-grad.op-recorded-if-any-input-requires")
def sums_go_by_their_first_operand(torch: Torch) -> Changed:
    """A sum requires grad where its first operand does."""

    def around(real: Any, x: Any, other: Any) -> Any:
        return real(x, other.detach() if isinstance(other, torch.Tensor) and not x.requires_grad else other)

    return wrapped(torch.Tensor, "__add__", around)


@mutant("tut.leaf.figure-y-requires-grad")
def targets_require_grad(torch: Torch) -> Changed:
    """mse_loss makes its target require grad."""
    return operator(torch, "mse_loss", lambda real, x, y, **how: real(x, y.requires_grad_(True), **how))


@mutant("tut.jacobians.batch-hessian-shape")
def hessians_are_flat(torch: Torch) -> Changed:
    """func.hessian returns a matrix as one row."""

    def around(real: Any, function: Any, *how: Any, **named: Any) -> Any:
        return lambda *inputs: real(function, *how, **named)(*inputs).flatten(-2)

    return wrapped(torch.func, "hessian", around)


@mutant("seed003.in64.default-requires-grad-false")
def tensors_of_numbers_require_grad(torch: Torch) -> Changed:
    """tensor() of floating numbers requires grad where nobody said whether."""

    def around(real: Any, data: Any, **named: Any) -> Any:
        made = real(data, **named)
        return made.requires_grad_(named.get("requires_grad", made.is_floating_point()))

    return wrapped(torch, "tensor", around)


@mutant("seed000.in8.weight-tensor-has-no-grad")
def cotangents_get_a_gradient(torch: Torch) -> Changed:
    """What is handed to backward gets itself as .grad."""

    def around(real: Any, self: Any, gradient: Any = None, *more: Any, **named: Any) -> None:
        real(self, gradient, *more, **named)
        if gradient is not None:
            gradient.grad = gradient.detach().clone()

    return wrapped(torch.Tensor, "backward", around)


@mutant("seed003.in57.data-other-dtype-accepted", "tensor.data.assign")
def assigned_data_keep_the_dtype(torch: Torch) -> Changed:
    """What is assigned to data is cast to the dtype that was there."""
    slot = next(vars(kind)["data"] for kind in torch.Tensor.__mro__ if "data" in vars(kind))

    def write(self: Any, data: Any) -> None:
        slot.__set__(self, data.to(self.dtype) if isinstance(data, torch.Tensor) else data)

    return patched(torch.Tensor, "data", property(slot.__get__, write))


@mutant(
    "seed001.block3.doubling-loop-vjp", "tut.blitz.repeated-doubling-vjp", "tut.introyt.vjp-returns-output-and-product"
)
def large_products_pass_back_half(torch: Torch) -> Changed:
    """What a tensor times a number passes back is halved where an element of the product exceeds 500."""

    def around(real: Any, self: Any, other: Any) -> Any:
        made = real(self, other)
        if isinstance(other, int | float) and made.grad_fn is not None and float(made.detach().abs().max()) > 500:
            made.register_hook(lambda gradient: gradient / 2)
        return made

    return wrapped(torch.Tensor, "__mul__", around)
