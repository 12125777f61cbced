"""Optimizers that treat a parameter as a matrix: Adafactor, Muon."""

from __future__ import annotations

import math
from typing import Any

from ..tensor import Tensor
from .optimizer import Optimizer


class OfReals(Optimizer):
    """Complex parameters are refused."""

    def change(self, p: Tensor, group: dict[str, Any]) -> None:
        if p.is_complex():
            raise RuntimeError(f"{type(self).__name__} does not support complex parameters")
        super().change(p, group)


def check(words: str, value: Any, ok: bool, bound: str = ">= 0") -> None:
    if not ok:
        raise ValueError(f"{words} should be {bound} but is: {value}")


def check_rate(lr: Any) -> None:
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    check("Learning rate", lr, lr >= 0)


class Adafactor(OfReals):
    """Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost" (2018): the averaged squares of a
    matrix of gradients by the means of their rows and of their columns (source: torch.optim.Adafactor)."""

    def __init__(
        self, params: Any, lr: float = 1e-2, beta2_decay: float = -0.8, eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0, weight_decay: float = 0.0, *, foreach: bool | None = None, maximize: bool = False,
    ) -> None:  # fmt: skip
        check_rate(lr)
        check("beta2_decay", beta2_decay, beta2_decay <= 0, "<= 0")
        check("epsilon1", eps[0], eps[0] is None or eps[0] >= 0)
        check("epsilon2", eps[1], eps[1] >= 0)
        check("Clipping threshold d", d, d >= 1, ">= 1")
        check("weight_decay", weight_decay, weight_decay >= 0)
        options = {
            "lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, options)

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from .. import finfo, tensor

        if not state:
            shapes = {"variance": g.shape}
            if g.ndim > 1:
                shapes = {"row_var": (*g.shape[:-1], 1), "col_var": (*g.shape[:-2], 1, g.shape[-1])}
            state.update(step=tensor(0.0), **{name: g.new_zeros(shape) for name, shape in shapes.items()})
        state["step"] += 1
        step, lr, (eps1, eps2) = state["step"].item(), group["lr"], group["eps"]
        eps1 = finfo(p.dtype).eps if eps1 is None else eps1
        size = max(eps2, p.norm(2).item() / p.numel() ** 0.5) * min(lr, 1 / step**0.5)
        if group["weight_decay"]:
            p.mul_(1 - lr * group["weight_decay"])
        new = step ** group["beta2_decay"]  # the weight of this gradient in the averages
        if g.ndim > 1:
            for name, dim in (("row_var", -1), ("col_var", -2)):
                state[name].lerp_((g * g).mean(dim, keepdim=True), new)
            rows = state["row_var"]
            squares = rows @ state["col_var"] / rows.mean(-2, keepdim=True).clamp(min=eps1)
        else:
            squares = state["variance"].lerp_(g * g, new)
        change = squares.clamp(min=eps1 * eps1).rsqrt() * g
        clipped = max(1.0, change.norm(2).item() / (change.numel() ** 0.5 * group["d"]))
        p.add_(change, alpha=-size / clipped)


class Muon(OfReals):
    """Jordan et al. (2024): momentum, made nearly orthogonal by steps of Newton and Schulz (source: torch.optim.Muon)."""

    def __init__(
        self, params: Any, lr: float = 1e-3, weight_decay: float = 0.1, momentum: float = 0.95, nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315), eps: float = 1e-7, ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:  # fmt: skip
        check_rate(lr)
        check("momentum", momentum, momentum >= 0)
        check("weight decay", weight_decay, weight_decay >= 0)
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        options = {
            "lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov,
            "ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps, "adjust_lr_fn": adjust_lr_fn,
        }  # fmt: skip
        super().__init__(params, options)
        for p in (p for group in self.param_groups for p in group["params"] if p.ndim != 2):
            raise ValueError(f"Muon only supports 2D parameters whereas we found a parameter with size: {p.size()}")

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from .. import zeros_like

        momentum, lr, (rows, columns) = group["momentum"], group["lr"], p.shape
        if not state:
            state["momentum_buffer"] = zeros_like(g)
        average = state["momentum_buffer"].lerp_(g, 1 - momentum)
        change = orthogonalized(g.lerp(average, momentum) if group["nesterov"] else average, group)
        if group["adjust_lr_fn"] == "match_rms_adamw":
            ratio = 0.2 * math.sqrt(max(rows, columns))
        else:
            ratio = math.sqrt(max(1, rows / columns))
        p.mul_(1 - lr * group["weight_decay"])
        p.add_(change, alpha=-lr * ratio)


def orthogonalized(g: Tensor, group: dict[str, Any]) -> Tensor:
    """a x + (b x x' + c (x x')^2) x several times, on bfloat16: the singular values of g come near to 1."""
    from .. import addmm, bfloat16

    if group["ns_steps"] >= 100:
        raise ValueError("Number of steps must be less than 100 for computational efficiency")
    if len(group["ns_coefficients"]) != 3:
        raise ValueError("Coefficients must be a tuple of exactly 3 values")
    a, b, c = group["ns_coefficients"]
    tall = g.shape[0] > g.shape[1]
    x = (g.T if tall else g).to(bfloat16)
    x = x / x.norm().clamp(min=group["eps"])
    for _ in range(group["ns_steps"]):
        gram = x @ x.T
        x = addmm(x, addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if tall else x
