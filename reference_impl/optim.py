"""torch.optim: SGD, Adam, AdamW, RMSprop and Adagrad.

They run without recording; `differentiable`, `foreach`, `fused` and `capturable` are how torch computes, not what.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from .autograd.grad_mode import enable_grad, no_grad
from .errors import Unsupported
from .nn.modules.module import zero_grads
from .tensor import Tensor


class Optimizer:
    """Groups of parameters with their options, and a state for each parameter (source: torch.optim.Optimizer)."""

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                + params.type()
            )
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        self.defaults, self.param_groups = defaults, []
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, group: dict[str, Any]) -> None:
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else [p[1] if isinstance(p, tuple) else p for p in params]
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
        if {id(p) for p in params} & {id(p) for g in self.param_groups for p in g["params"]}:
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append({**self.defaults, **group, "params": params})

    def zero_grad(self, set_to_none: bool = True) -> None:
        zero_grads((p for group in self.param_groups for p in group["params"]), set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change the parameters by their gradients; closure, if given, computes the loss again first."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self.update(*as_real(p, -p.grad if group.get("maximize") else p.grad), group, self.state[p])
        return loss

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        raise NotImplementedError

    # -- state
    def state_dict(self) -> dict[str, Any]:
        """State and options, with numbers in place of parameters (source: Optimizer.state_dict)."""
        order = [p for group in self.param_groups for p in group["params"]]
        number = {id(p): i for i, p in enumerate(order)}
        groups = [{**g, "params": [number[id(p)] for p in g["params"]]} for g in self.param_groups]
        return {"state": {number[id(p)]: s for p, s in self.state.items() if s}, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over state and options from a state_dict, for the same parameters in the same order."""
        groups = state_dict["param_groups"]
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(groups, self.param_groups, strict=True)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        order = [p for group in self.param_groups for p in group["params"]]
        self.state.clear()
        for i, state in state_dict["state"].items():
            self.state[order[i]] = {k: v.clone() if isinstance(v, Tensor) else v for k, v in state.items()}
        self.param_groups = [
            {**loaded, "params": own["params"]} for loaded, own in zip(groups, self.param_groups, strict=True)
        ]

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {i}", *(f"    {k}: {group[k]}" for k in sorted(group) if k != "params")]
        return "\n".join([*lines, ")"])


def as_real(p: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """A complex parameter and its gradient as twice as many real ones, which share their memory."""
    if not p.is_complex():
        return p, g
    from . import view_as_real

    return view_as_real(p), view_as_real(g)


def checked(options: dict[str, Any], nonnegative: dict[str, str]) -> dict[str, Any]:
    """The options of an optimizer, refused where they are out of range."""
    for name, words in nonnegative.items():
        if options[name] < 0.0:
            raise ValueError(f"Invalid {words}: {options[name]}")
    for i, beta in enumerate(options.get("betas", ())):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}")
    if options.get("differentiable"):
        raise Unsupported("optimizers: differentiable=True")
    return options


LR, DECAY, EPS = {"lr": "learning rate"}, {"weight_decay": "weight_decay value"}, {"eps": "epsilon value"}


def decayed(p: Tensor, g: Tensor, group: dict[str, Any]) -> Tensor:
    return g.add(p, alpha=group["weight_decay"]) if group["weight_decay"] else g


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
        from . import maximum, tensor, zeros_like

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


class AdamW(Adam):
    """Adam whose weight decay is no part of the gradient: Loshchilov and Hutter (2017) (source: torch.optim.AdamW)."""

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 1e-2, amsgrad: bool = False, **how: Any,
    ) -> None:  # fmt: skip
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, decoupled_weight_decay=True, **how)


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
        from . import tensor, zeros_like

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

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from . import full_like, tensor

        if not state:
            state.update(step=tensor(0.0), sum=full_like(p, group["initial_accumulator_value"]))
        state["step"] += 1
        g = decayed(p, g, group)
        size = group["lr"] / (1 + (state["step"].item() - 1) * group["lr_decay"])
        state["sum"].addcmul_(g, g, value=1)
        p.addcdiv_(g, state["sum"].sqrt().add_(group["eps"]), value=-size)
