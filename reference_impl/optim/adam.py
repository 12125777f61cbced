"""Adam and its kin: gradients averaged, and divided by the root of their averaged squares."""

from __future__ import annotations

import math
from typing import Any

from ..tensor import Tensor
from .optimizer import DECAY, EPS, LR, Optimizer, checked, decayed


class Adam(Optimizer):
    """Kingma and Ba, "Adam: a method for stochastic optimization" (2014) (source: torch.optim.Adam)."""

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, amsgrad: bool = False, *, foreach: bool | None = None, maximize: bool = False,
        capturable: bool = False, differentiable: bool = False, fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:  # fmt: skip
        options = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad, "maximize": maximize,
            "foreach": foreach, "capturable": capturable, "differentiable": differentiable, "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }  # fmt: skip
        super().__init__(params, checked(options, LR | EPS | DECAY))

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from .. import maximum, tensor, zeros_like

        b1, b2 = group["betas"]
        if not state:
            state.update(step=tensor(0.0), exp_avg=zeros_like(p), exp_avg_sq=zeros_like(p))
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = zeros_like(p)
        state["step"] += 1
        if group["decoupled_weight_decay"]:
            p.mul_(1 - group["lr"] * group["weight_decay"])
        else:
            g = decayed(p, g, group)
        m, v, step = state["exp_avg"], state["exp_avg_sq"], state["step"].item()
        m.mul_(b1).add_(g, alpha=1 - b1)
        v.mul_(b2).addcmul_(g, g, value=1 - b2)
        if group["amsgrad"]:
            v = state["max_exp_avg_sq"] = maximum(state["max_exp_avg_sq"], v)
        size = v.sqrt() / math.sqrt(1 - b2**step) + group["eps"]
        p.addcdiv_(m, size, value=-group["lr"] / (1 - b1**step))

    def update_sparse(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        raise RuntimeError("Adam does not support sparse gradients, please consider SparseAdam instead")


class AdamW(Adam):
    """Adam whose weight decay is no part of the gradient: Loshchilov and Hutter (2017) (source: torch.optim.AdamW)."""

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 1e-2, amsgrad: bool = False, **how: Any,
    ) -> None:  # fmt: skip
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, decoupled_weight_decay=True, **how)


class Adamax(Optimizer):
    """Adam by the infinity norm (source: torch.optim.Adamax)."""

    def __init__(
        self, params: Any, lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, foreach: bool | None = None, *, maximize: bool = False, differentiable: bool = False,
        capturable: bool = False,
    ) -> None:  # fmt: skip
        options = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "capturable": capturable,
        }  # fmt: skip
        super().__init__(params, checked(options, LR | EPS | DECAY))

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from .. import maximum, tensor, zeros_like

        if not state:
            state.update(step=tensor(0.0), exp_avg=zeros_like(p), exp_inf=zeros_like(p))
        state["step"] += 1
        g, (b1, b2) = decayed(p, g, group), group["betas"]
        m, largest = state["exp_avg"].lerp_(g, 1 - b1), state["exp_inf"]
        largest.copy_(maximum(largest * b2, g.abs().add_(group["eps"])))
        p.addcdiv_(m, largest, value=-group["lr"] / (1 - b1 ** state["step"].item()))


def shrunk(p: Tensor, g: Tensor, group: dict[str, Any]) -> Tensor:
    """The gradient with weight decay, which is applied to p itself where it is decoupled."""
    if group["weight_decay"] and group["decoupled_weight_decay"]:
        p.mul_(1 - group["lr"] * group["weight_decay"])
        return g
    return decayed(p, g, group)


class NAdam(Optimizer):
    """Dozat, "Incorporating Nesterov momentum into Adam" (2016) (source: torch.optim.NAdam)."""

    def __init__(
        self, params: Any, lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, momentum_decay: float = 4e-3, decoupled_weight_decay: bool = False, *,
        foreach: bool | None = None, maximize: bool = False, capturable: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        options = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize, "foreach": foreach,
            "capturable": capturable, "differentiable": differentiable,
        }  # fmt: skip
        super().__init__(params, checked(options, LR | EPS | DECAY | {"momentum_decay": "momentum_decay value"}))

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from .. import tensor, zeros_like

        if not state:
            state.update(step=tensor(0.0), mu_product=tensor(1.0), exp_avg=zeros_like(p), exp_avg_sq=zeros_like(p))
        state["step"] += 1
        (b1, b2), step, lr = group["betas"], state["step"].item(), group["lr"]
        g = shrunk(p, g, group)
        mu, following = (b1 * (1 - 0.5 * 0.96 ** (k * group["momentum_decay"])) for k in (step, step + 1))
        state["mu_product"] *= mu
        m = state["exp_avg"].lerp_(g, 1 - b1)
        v = state["exp_avg_sq"].mul_(b2).addcmul_(g, g, value=1 - b2)
        size, product = v.div(1 - b2**step).sqrt().add(group["eps"]), state["mu_product"]
        if not group["differentiable"]:
            product = product.item()
        p.addcdiv_(g * (-lr * (1 - mu) / (1 - product)), size)
        p.addcdiv_(m * (-lr * following / (1 - product * following)), size)


class RAdam(Optimizer):
    """Liu et al., "On the variance of the adaptive learning rate and beyond" (2019) (source: torch.optim.RAdam)."""

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, decoupled_weight_decay: bool = False, *, foreach: bool | None = None,
        maximize: bool = False, capturable: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        options = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize, "foreach": foreach,
            "capturable": capturable, "decoupled_weight_decay": decoupled_weight_decay, "differentiable": differentiable,
        }  # fmt: skip
        super().__init__(params, checked(options, LR | EPS | DECAY))

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from .. import tensor, zeros_like

        if not state:
            state.update(step=tensor(0.0), exp_avg=zeros_like(p), exp_avg_sq=zeros_like(p))
        state["step"] += 1
        (b1, b2), step = group["betas"], state["step"].item()
        g = shrunk(p, g, group)
        m = state["exp_avg"].lerp_(g, 1 - b1)
        v = state["exp_avg_sq"].mul_(b2).addcmul_(g, g, value=1 - b2)
        forgotten, most = 1 - b2**step, 2 / (1 - b2) - 1
        length = most - 2 * step * b2**step / forgotten  # of the average that estimates the variance
        move = m / (1 - b1**step) * group["lr"]
        if length > 5.0:
            certain = math.sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length))
            move = move * (math.sqrt(forgotten) / v.sqrt().add(group["eps"])) * certain
        p.sub_(move)
