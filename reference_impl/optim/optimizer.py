"""Groups of parameters with their options, a state for each, and the hooks around a step (source: torch.optim.Optimizer)."""

from __future__ import annotations

import functools
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from ..autograd.grad_mode import enable_grad, set_grad_enabled
from ..graph.hooks import RemovableHandle, register
from ..nn.modules.module import typename, zero_grads
from ..placement import strided
from ..tensor import Tensor
from .required import required

HOOKS = ("step_pre", "step_post", "state_dict_pre", "state_dict_post", "load_state_dict_pre", "load_state_dict_post")
GLOBAL: dict[str, OrderedDict] = {"step_pre": OrderedDict(), "step_post": OrderedDict()}
DUPLICATES = (
    "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; see "
    "github.com/pytorch/pytorch/issues/40967 for more information"
)


def register_optimizer_step_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call hook(optimizer, args, kwargs) before the step of every optimizer."""
    return register(GLOBAL["step_pre"], hook)


def register_optimizer_step_post_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call hook(optimizer, args, kwargs) after the step of every optimizer."""
    return register(GLOBAL["step_post"], hook)


class Optimizer:
    """Groups of parameters with their options, and a state for each parameter (source: torch.optim.Optimizer)."""

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self.is_watched, self.has_stepped = False, True  # false from when a schedule starts until the next step
        self.hooks: dict[str, OrderedDict] = {kind: OrderedDict() for kind in HOOKS}
        with_hooks(type(self))
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

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will "
                "change between runs. Please use a list instead."
            )
        params = [params] if isinstance(params, Tensor) else list(params)
        names = [p[0] for p in params if isinstance(p, tuple)]
        if names and len(names) < len(params):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        param_group |= {"params": [p[1] for p in params] if names else params} | (
            {"param_names": names} if names else {}
        )
        self.check_parameters(param_group["params"])
        for name, value in self.defaults.items():
            if param_group.setdefault(name, value) is required:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
        if any(("param_names" in group) != bool(names) for group in self.param_groups):
            raise ValueError(
                "all optimizer param groups should be with/without names. cannot add param group "
                f"{'with' if names else 'without'} names to the optimizer"
            )
        if {id(p) for p in param_group["params"]} & {id(p) for g in self.param_groups for p in g["params"]}:
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    def check_parameters(self, params: list[Any]) -> None:
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {typename(p)}")
            if not (p.is_leaf or p.retains_grad or self.defaults.get("differentiable")):
                raise ValueError("can't optimize a non-leaf Tensor")
        if len({id(p) for p in params}) < len(params):
            warnings.warn(DUPLICATES, stacklevel=4)

    def zero_grad(self, set_to_none: bool = True) -> None:
        zero_grads((p for group in self.param_groups for p in group["params"]), set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change the parameters by their gradients; closure, if given, computes the loss again first."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with set_grad_enabled(self.defaults.get("differentiable", False)):
            for group in self.param_groups:
                options = with_number(group)
                for p in group["params"]:
                    if p.grad is not None:
                        self.change(p, options)
        return loss

    def change(self, p: Tensor, group: dict[str, Any]) -> None:
        """One parameter by its gradient; a complex one, and its state, as twice as many real numbers."""
        g, state = -p.grad if group.get("maximize") else p.grad, self.state.get(p, {})
        if group.get("differentiable"):  # what the last step saved for backward is not overwritten
            state.update({k: copied(v) for k, v in state.items()})
        if p.is_complex():
            parts = {k: in_parts(v) for k, v in state.items()}
            before = dict(parts)
            self.update(in_parts(p), in_parts(g), group, parts)
            state.update({k: joined(v, p) for k, v in parts.items() if v is not before.get(k)})
        else:
            update = self.update if g.layout is strided else self.update_sparse
            update(p, g, group, state)
        if state:
            self.state[p] = state

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        raise NotImplementedError

    def update_sparse(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        raise RuntimeError(f"{type(self).__name__} does not support sparse gradients")

    def watch_steps(self) -> None:
        """A schedule starts: it warns if it goes on before the next step, or if that is replaced."""
        if not self.is_watched:
            self.is_watched, self.has_stepped = True, False
        self.step_of_its_own = self.__dict__.get("step")

    def step_is_replaced(self) -> bool:
        return self.__dict__.get("step") is not self.step_of_its_own

    # -- state
    def state_dict(self) -> dict[str, Any]:
        """State and options, with numbers in place of parameters (source: Optimizer.state_dict)."""
        for hook in self.hooks["state_dict_pre"].values():
            hook(self)
        order = [p for group in self.param_groups for p in group["params"]]
        number = {id(p): i for i, p in enumerate(order)}
        groups = [
            {name: value for name, value in g.items() if name != "params"}
            | {"params": [number[id(p)] for p in g["params"]]}
            for g in self.param_groups
        ]
        state = {number[id(k)] if isinstance(k, Tensor) else k: v for k, v in self.state.items()}
        found = {"state": state, "param_groups": groups}
        for hook in self.hooks["state_dict_post"].values():
            changed = hook(self, found)
            found = found if changed is None else changed
        return found

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over state and options from a state_dict, for the same parameters in the same order."""
        state_dict = state_dict.copy()
        for hook in self.hooks["load_state_dict_pre"].values():
            changed = hook(self, state_dict)
            state_dict = state_dict if changed is None else changed
        groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(groups, self.param_groups, strict=True)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        order = [p for group in self.param_groups for p in group["params"]]
        self.state.clear()
        for key, state in state_dict["state"].items():
            if isinstance(key, int) and key < len(order):
                self.state[order[key]] = {k: fitted(k, v, order[key]) for k, v in state.items()}
            else:
                self.state[key] = state
        self.param_groups = [
            {**{k: own[k] for k in ("param_names",) if k in own}, **loaded, "params": own["params"]}
            for loaded, own in zip(groups, self.param_groups, strict=True)
        ]
        for hook in self.hooks["load_state_dict_post"].values():
            hook(self)

    # -- hooks
    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call hook(optimizer, args, kwargs) before step; what it returns replaces args and kwargs."""
        return register(self.hooks["step_pre"], hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call hook(optimizer, args, kwargs) after step."""
        return register(self.hooks["step_post"], hook)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        return self.registered("state_dict_pre", hook, prepend)

    def register_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        return self.registered("state_dict_post", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        return self.registered("load_state_dict_pre", hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        return self.registered("load_state_dict_post", hook, prepend)

    def registered(self, kind: str, hook: Callable[..., Any], prepend: bool) -> RemovableHandle:
        handle = register(self.hooks[kind], hook)
        if prepend:
            self.hooks[kind].move_to_end(handle.id, last=False)
        return handle

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines += [""] * (i > 0) + [
                f"Parameter Group {i}",
                *(f"    {k}: {group[k]}" for k in sorted(group) if k != "params"),
            ]
        return "\n".join([*lines, ")"])


def with_hooks(kind: type) -> None:
    """Let the step of a class of optimizers, a user's too, call the hooks."""
    step = kind.step  # type: ignore[attr-defined]
    if hasattr(step, "hooked"):
        return

    @functools.wraps(step)
    def wrapped(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        args = (self, *args)  # so hooks see them
        for hook in (*GLOBAL["step_pre"].values(), *self.hooks["step_pre"].values()):
            changed = hook(self, args, kwargs)
            if changed is not None:
                if not (isinstance(changed, tuple) and len(changed) == 2):
                    raise RuntimeError(
                        f"{step} must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                    )
                args, kwargs = changed
        self.has_stepped = True
        found = step(*args, **kwargs)
        for hook in (*self.hooks["step_post"].values(), *GLOBAL["step_post"].values()):
            hook(self, args, kwargs)
        return found

    wrapped.hooked = True  # type: ignore[attr-defined]
    kind.step = wrapped  # type: ignore[attr-defined]


def copied(value: Any) -> Any:
    return value.clone() if isinstance(value, Tensor) else value


def with_number(group: dict[str, Any]) -> dict[str, Any]:
    """The options of a group, its rate a number where it is a tensor."""
    return group | {"lr": group["lr"].item()} if isinstance(group.get("lr"), Tensor) else group


def fitted(name: str, value: Any, p: Tensor) -> Any:
    """A copy of a loaded state of a parameter, of its dtype unless it counts steps."""
    if not isinstance(value, Tensor):
        return deepcopy(value)
    return value.to(p.dtype, copy=True) if name != "step" and p.is_floating_point() else value.clone()


def in_parts(value: Any) -> Any:
    """A complex tensor as one of twice as many real numbers, which shares its memory; anything else as it is."""
    from .. import view_as_real

    return view_as_real(value) if isinstance(value, Tensor) and value.is_complex() else value


def joined(value: Any, p: Tensor) -> Any:
    """A state of the real parts of a complex parameter as a complex tensor."""
    from .. import view_as_complex

    return view_as_complex(value) if isinstance(value, Tensor) and value.shape == (*p.shape, 2) else value


def checked(options: dict[str, Any], nonnegative: dict[str, str]) -> dict[str, Any]:
    """The options of an optimizer, refused where they are out of range."""
    for name, words in nonnegative.items():
        if options[name] < 0.0:
            raise ValueError(f"Invalid {words}: {options[name]}")
    for i, beta in enumerate(options.get("betas", ())):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}")
    return options


LR, DECAY, EPS = {"lr": "learning rate"}, {"weight_decay": "weight_decay value"}, {"eps": "epsilon value"}


def decayed(p: Tensor, g: Tensor, group: dict[str, Any]) -> Tensor:
    return g.add(p, alpha=group["weight_decay"]) if group["weight_decay"] else g
