"""Optimizers that know the gradient alone.

They run without recording unless `differentiable`; `foreach`, `fused` and `capturable` are how torch computes, not what.
"""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from .optimizer import DECAY, EPS, LR, Optimizer, checked, decayed


class SGD(Optimizer):
    """Gradient descent with momentum, weight decay and Nesterov's form (source: torch.optim.SGD)."""

    def __init__(
        self, params: Any, lr: float = 1e-3, momentum: float = 0, dampening: float = 0, weight_decay: float = 0,
        nesterov: bool = False, *, maximize: bool = False, foreach: bool | None = None, differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:  # fmt: skip
        options = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
            "maximize": maximize, "foreach": foreach, "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        checked(options, LR | {"momentum": "momentum value"} | DECAY)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(params, options)

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        g = decayed(p, g, group)
        if group["momentum"]:
            buffer = state.get("momentum_buffer")
            if buffer is None:
                buffer = state["momentum_buffer"] = g.detach().clone()
            else:
                buffer.mul_(group["momentum"]).add_(g, alpha=1 - group["dampening"])
            g = g.add(buffer, alpha=group["momentum"]) if group["nesterov"] else buffer
        p.add_(g, alpha=-group["lr"])

    update_sparse = update


class RMSprop(Optimizer):
    """Gradients divided by a running average of their size (source: torch.optim.RMSprop)."""

    def __init__(
        self, params: Any, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0,
        momentum: float = 0, centered: bool = False, capturable: bool = False, foreach: bool | None = None,
        maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        options = {
            "lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered, "weight_decay": weight_decay,
            "capturable": capturable, "foreach": foreach, "maximize": maximize, "differentiable": differentiable,
        }  # fmt: skip
        words = {"momentum": "momentum value", "alpha": "alpha value"}
        super().__init__(params, checked(options, LR | EPS | words | DECAY))

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from .. import tensor, zeros_like

        if not state:
            state.update(step=tensor(0.0), square_avg=zeros_like(p))
            state |= {"momentum_buffer": zeros_like(p)} if group["momentum"] > 0 else {}
            state |= {"grad_avg": zeros_like(p)} if group["centered"] else {}
        state["step"] += 1
        g, square = decayed(p, g, group), state["square_avg"]
        square.mul_(group["alpha"]).addcmul_(g, g, value=1 - group["alpha"])
        if group["centered"]:
            mean = state["grad_avg"].lerp_(g, 1 - group["alpha"])
            square = square.addcmul(mean, mean, value=-1)
        size = square.sqrt() + group["eps"]
        if group["momentum"] > 0:
            p.add_(state["momentum_buffer"].mul_(group["momentum"]).addcdiv_(g, size), alpha=-group["lr"])
        else:
            p.addcdiv_(g, size, value=-group["lr"])


class Adagrad(Optimizer):
    """Duchi, Hazan and Singer, "Adaptive subgradient methods" (2011) (source: torch.optim.Adagrad)."""

    def __init__(
        self, params: Any, lr: float = 1e-2, lr_decay: float = 0, weight_decay: float = 0,
        initial_accumulator_value: float = 0, eps: float = 1e-10, foreach: bool | None = None, *, maximize: bool = False,
        differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        options = {
            "lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        start = {"initial_accumulator_value": "initial_accumulator_value value"}
        super().__init__(params, checked(options, LR | {"lr_decay": "lr_decay value"} | DECAY | start | EPS))
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p] = self.initial(p, group["initial_accumulator_value"])

    def initial(self, p: Tensor, value: float) -> dict[str, Any]:
        from .. import full_like, tensor

        return {"step": tensor(0.0), "sum": full_like(p, complex(value, value) if p.is_complex() else value)}

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        if not state:  # of a parameter that was added later
            state.update(self.initial(p, group["initial_accumulator_value"]))
        state["step"] += 1
        g = decayed(p, g, group)
        size = group["lr"] / (1 + (state["step"].item() - 1) * group["lr_decay"])
        state["sum"].addcmul_(g, g, value=1)
        p.addcdiv_(g, state["sum"].sqrt().add(group["eps"]), value=-size)

    def update_sparse(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        if group["weight_decay"]:
            raise RuntimeError("weight_decay option is not compatible with sparse gradients")
        from .sparse_adam import with_values

        if not state:
            state.update(self.initial(p, group["initial_accumulator_value"]))
        state["step"] += 1
        g = g.coalesce()  # the update is not linear
        size = group["lr"] / (1 + (state["step"].item() - 1) * group["lr_decay"])
        state["sum"].add_(g.pow(2))
        root = state["sum"].sparse_mask(g).values().sqrt() + group["eps"]
        p.add_(with_values(g, g.values() / root), alpha=-size)


class Adadelta(Optimizer):
    """Zeiler, "Adadelta: an adaptive learning rate method" (2012) (source: torch.optim.Adadelta)."""

    def __init__(
        self, params: Any, lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0,
        foreach: bool | None = None, *, capturable: bool = False, maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        options = {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize, "capturable": capturable,
            "foreach": foreach, "differentiable": differentiable,
        }  # fmt: skip
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        super().__init__(params, checked(options, LR | EPS | DECAY))

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from .. import tensor, zeros_like

        if not state:
            state.update(step=tensor(0.0), square_avg=zeros_like(p), acc_delta=zeros_like(p))
        state["step"] += 1
        g, rho, eps = decayed(p, g, group), group["rho"], group["eps"]
        square, moved = state["square_avg"], state["acc_delta"]
        square.mul_(rho).addcmul_(g, g, value=1 - rho)
        delta = moved.add(eps).sqrt() / square.add(eps).sqrt() * g
        moved.mul_(rho).addcmul_(delta, delta, value=1 - rho)
        p.add_(delta, alpha=-group["lr"])


class ASGD(Optimizer):
    """Polyak and Juditsky, "Acceleration of stochastic approximation by averaging" (1992) (source: torch.optim.ASGD)."""

    def __init__(
        self, params: Any, lr: float = 1e-2, lambd: float = 1e-4, alpha: float = 0.75, t0: float = 1e6,
        weight_decay: float = 0, foreach: bool | None = None, maximize: bool = False, differentiable: bool = False,
        capturable: bool = False,
    ) -> None:  # fmt: skip
        options = {
            "lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        }  # fmt: skip
        super().__init__(params, checked(options, LR | DECAY))

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from .. import tensor, zeros_like

        if not state:
            state.update(step=tensor(0.0), eta=tensor(group["lr"]), mu=tensor(1.0), ax=zeros_like(p))
        state["step"] += 1
        g, lambd, lr = decayed(p, g, group), group["lambd"], group["lr"]
        eta, mu, mean = state["eta"].item(), state["mu"].item(), state["ax"]
        p.mul_(1 - lambd * eta)
        p.add_(g, alpha=-eta)
        mean.copy_(p) if mu == 1 else mean.add_(p.sub(mean).mul_(mu))
        step = state["step"].item()
        state["eta"] = tensor(lr / (1 + lambd * lr * step) ** group["alpha"])
        state["mu"] = tensor(1 / max(1, step - group["t0"]))


class Rprop(Optimizer):
    """Riedmiller and Braun, "A direct adaptive method for faster backpropagation" (1993) (source: torch.optim.Rprop)."""

    def __init__(
        self, params: Any, lr: float = 1e-2, etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50), *, capturable: bool = False, foreach: bool | None = None,
        maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        options = {
            "lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach, "maximize": maximize,
            "differentiable": differentiable, "capturable": capturable,
        }  # fmt: skip
        super().__init__(params, checked(options, LR))

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from .. import full_like, ones_like, tensor, zeros_like

        if not state:
            state.update(step=tensor(0.0), prev=zeros_like(p), step_size=full_like(p, group["lr"]))
        state["step"] += 1
        agrees = g.mul(state["prev"]).sign()
        less, more = group["etas"]
        factor = ones_like(p).masked_fill_(agrees > 0, more).masked_fill_(agrees < 0, less)
        size = state["step_size"].mul_(factor).clamp_(*group["step_sizes"])
        g = g.masked_fill(agrees < 0, 0.0)
        p.addcmul_(g.sign(), size, value=-1)
        state["prev"].copy_(g)
