"""What schedules of the learning rate share (source: torch.optim.lr_scheduler.LRScheduler).

A schedule says in `_next` what the rate becomes from what it is; torch computes the same products in the same order.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ..tensor import Tensor
from .optimizer import Optimizer, copied

BEFORE = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you should call them in "
    "the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this will result in PyTorch "
    "skipping the first value of the learning rate schedule. See more details at "
    "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
)
EPOCH_DEPRECATION_WARNING = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use "
    "`scheduler.step()` to step the scheduler. During the deprecation, if epoch is different from None, the closed form is "
    "used instead of the new chainable form, where available. Please open an issue if you are unable to replicate your use "
    "case: https://github.com/pytorch/pytorch/issues/new/choose."
)
OVERRIDDEN = (
    "Seems like `optimizer.step()` has been overridden after learning rate scheduler initialization. Please, make sure to "
    "call `optimizer.step()` before `lr_scheduler.step()`. See more details at "
    "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
)
LAST = "To get the last learning rate computed by the scheduler, please use `get_last_lr()`."
RESUMING = (
    "param 'initial_lr' is not specified in param_groups[{}] when resuming scheduler with last_epoch >= 0.\n"
    "This typically happens when:\n"
    "1. You're trying to resume training from a checkpoint but haven't properly loaded the optimizer state\n"
    "2. You're using last_epoch >= 0 for a fresh training run (not recommended)"
)


def of_groups(optimizer: Optimizer, name: str) -> list[Any]:
    """An option of every group; of a tensor a copy."""
    return [copied(group[name]) for group in optimizer.param_groups]


def put(group: dict[str, Any], name: str, value: Any) -> None:
    """Set an option of a group; a tensor is filled and stays the same."""
    if isinstance(group[name], Tensor):
        group[name].fill_(value)
    else:
        group[name] = value


def for_groups(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """What is given for every group: a list of as many, or one for all."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        value = [value] * groups
    if len(value) != groups:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} values, param_groups has "
            f"{groups}."
        )
    return list(map(copied, value))


class LRScheduler:
    """Sets the rate of each group when it is made, and at each step after one of the optimizer."""

    _is_initial = False
    _get_lr_called_within_step = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", copied(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(RESUMING.format(i))
        self.base_lrs = of_groups(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        optimizer.watch_steps()
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count, self._is_initial = 0, True
        try:
            self.step()
        finally:
            self._is_initial = False

    def _next(self, lr: float, base: float) -> float:
        raise NotImplementedError

    def _rates(self) -> list[float]:
        """The rates of last_epoch, from those of the epoch before."""
        return [
            self._next(copied(group["lr"]), base)
            for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True)
        ]

    def get_lr(self) -> list[float]:
        """What step sets; a subclass of the user's defines it."""
        if not self._get_lr_called_within_step:
            warnings.warn(LAST, UserWarning, stacklevel=2)
        return self._rates()

    def get_last_lr(self) -> list[float]:
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Go on to the next epoch, or to a given one: then by the closed form, if there is one."""
        if self._step_count == 1:
            if self.optimizer.step_is_replaced():
                warnings.warn(OVERRIDDEN, UserWarning, stacklevel=2)
            elif not self.optimizer.has_stepped:
                warnings.warn(BEFORE, UserWarning, stacklevel=2)
        self._step_count += 1
        if epoch is not None:
            warnings.warn(EPOCH_DEPRECATION_WARNING, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._set(getattr(self, "_get_closed_form_lr", self.get_lr) if epoch is not None else self.get_lr)

    def _set(self, rates_of_epoch: Callable[[], list[Any]]) -> None:
        self._get_lr_called_within_step = True
        try:
            rates = rates_of_epoch()
        finally:
            self._get_lr_called_within_step = False
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            put(group, "lr", lr)
        self._last_lr = of_groups(self.optimizer, "lr")

    def state_dict(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.__dict__.update(state_dict)


class _LRScheduler(LRScheduler):
    """The former name."""


class _Closed(LRScheduler):
    """A schedule whose rate at any epoch is known without those before."""

    def _closed(self, base: float) -> float:
        raise NotImplementedError

    def _get_closed_form_lr(self) -> list[float]:
        return [self._closed(base) for base in self.base_lrs]
