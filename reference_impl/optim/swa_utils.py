"""Averages of models, and the schedule that goes with them (source: torch.optim.swa_utils).

Izmailov et al., "Averaging weights leads to wider optima and better generalization" (2018).
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from .. import factories
from ..autograd.grad_mode import no_grad
from ..nn.modules.batchnorm import _BatchNorm
from ..nn.modules.module import Module
from ..tensor import Tensor
from .optimizer import Optimizer
from .schedule import LRScheduler, for_groups


def check_decay(decay: float) -> None:
    if not 0.0 <= decay <= 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


def get_swa_avg_fn() -> Callable[[Tensor, Tensor, Any], Tensor]:
    """The mean of all models."""

    @no_grad()
    def swa_update(averaged_param: Tensor, current_param: Tensor, num_averaged: Any) -> Tensor:
        return averaged_param + (current_param - averaged_param) / (num_averaged + 1)

    return swa_update


def get_ema_avg_fn(decay: float = 0.999) -> Callable[[Tensor, Tensor, Any], Tensor]:
    """A mean that forgets: older models count decay times as much."""
    check_decay(decay)

    @no_grad()
    def ema_update(ema_param: Tensor, current_param: Tensor, num_averaged: Any) -> Tensor:
        return decay * ema_param + (1 - decay) * current_param

    return ema_update


def get_swa_multi_avg_fn() -> Callable[[list[Tensor], list[Tensor], Any], None]:
    """get_swa_avg_fn for lists of parameters, in place."""

    @no_grad()
    def swa_update(averaged_param_list: list[Tensor], current_param_list: list[Tensor], num_averaged: Any) -> None:
        share = float(1 / (num_averaged + 1))
        for averaged, current in zip(averaged_param_list, current_param_list, strict=True):
            if averaged.is_floating_point() or averaged.is_complex():
                averaged.lerp_(current, share)
            else:
                averaged.add_((current - averaged).div(num_averaged + 1, rounding_mode="trunc"))

    return swa_update


def get_ema_multi_avg_fn(decay: float = 0.999) -> Callable[[list[Tensor], list[Tensor], Any], None]:
    """get_ema_avg_fn for lists of parameters, in place."""
    check_decay(decay)

    @no_grad()
    def ema_update(ema_param_list: list[Tensor], current_param_list: list[Tensor], _: Any) -> None:
        for averaged, current in zip(ema_param_list, current_param_list, strict=True):
            if averaged.is_floating_point() or averaged.is_complex():
                averaged.lerp_(current, 1 - decay)
            else:
                averaged.copy_(averaged * decay + current * (1 - decay))

    return ema_update


class AveragedModel(Module):
    """A copy of a model whose parameters are an average of those that update_parameters saw."""

    n_averaged: Tensor

    def __init__(
        self, model: Module, device: Any = None, avg_fn: Callable[..., Tensor] | None = None,
        multi_avg_fn: Callable[..., None] | None = None, use_buffers: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", factories.zeros((), dtype=factories.dtypes.int64, device=device))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Let the average see a model: the first is copied."""
        pairs = [
            (own.detach(), seen.detach()) for own, seen in zip(self.averaged(self), self.averaged(model), strict=False)
        ]
        if self.n_averaged == 0:
            for own, seen in pairs:
                own.copy_(seen)
        elif self.avg_fn is not None:
            for own, seen in pairs:
                own.copy_(self.avg_fn(own, seen, self.n_averaged))
        else:
            self.update_alike(pairs)
        if not self.use_buffers:
            for own, seen in zip(self.module.buffers(), model.buffers(), strict=True):
                own.detach().copy_(seen.detach())
        self.n_averaged += 1

    def averaged(self, model: Module) -> Iterable[Tensor]:
        """The tensors of a model that are averaged. Of itself only those of the model it copied."""
        model = self.module if model is self else model
        return itertools.chain(model.parameters(), model.buffers() if self.use_buffers else ())

    def update_alike(self, pairs: list[tuple[Tensor, Tensor]]) -> None:
        """Average the parameters of each dtype together."""
        update = self.multi_avg_fn or get_swa_multi_avg_fn()
        alike: dict[Any, list[tuple[Tensor, Tensor]]] = defaultdict(list)
        for own, seen in pairs:
            alike[own.dtype].append((own, seen))
        for group in alike.values():
            own_list, seen_list = map(list, zip(*group, strict=True))
            update(own_list, seen_list, self.n_averaged)


@no_grad()
def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the running statistics of a model's batch normalisations again, from the data of a loader."""
    norms = [m for m in model.modules() if isinstance(m, _BatchNorm)]
    if not norms:
        return
    momenta, was_training = [m.momentum for m in norms], model.training
    for m in norms:
        m.reset_running_stats()
        m.momentum = None  # the mean of all batches
    model.train()
    for batch in loader:
        data = batch[0] if isinstance(batch, list | tuple) else batch
        model(data if device is None else data.to(device))
    for m, momentum in zip(norms, momenta, strict=True):
        m.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    """From the rates that are to swa_lr in anneal_epochs epochs, and then no further."""

    def __init__(
        self, optimizer: Optimizer, swa_lr: Any, anneal_epochs: int = 10, anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:  # fmt: skip
        for group, rate in zip(optimizer.param_groups, for_groups("swa_lr", optimizer, swa_lr), strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self._anneal_strategy, self.anneal_epochs = anneal_strategy, anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _share(self, step: int) -> float:
        """How far the way to swa_lr is gone."""
        t = max(0, min(1, step / max(1, self.anneal_epochs)))
        return t if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * t)) / 2

    def _rates(self) -> list[float]:
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group in self.optimizer.param_groups:
            lr, goal = group["lr"], group["swa_lr"]
            start = goal if before == 1 else (lr - before * goal) / (1 - before)
            rates.append(goal * now + start * (1 - now))
        return rates
