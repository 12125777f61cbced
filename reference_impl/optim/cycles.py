"""Schedules that go up and down."""

from __future__ import annotations

import math
from typing import Any

from .lr_scheduler import LRScheduler
from .optimizer import Optimizer


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half cosines from the first rate to eta_min, each T_mult times as long as the one before."""

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        self.T_0, self.T_i, self.T_mult, self.eta_min, self.T_cur = T_0, T_0, T_mult, eta_min, last_epoch
        super().__init__(optimizer, last_epoch)

    def next(self, lr: float, base: float) -> float:
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2

    def step(self, epoch: float | None = None) -> None:  # type: ignore[override]
        if epoch is not None and epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        if epoch is None:
            self.last_epoch, self.T_cur = self.last_epoch + 1, self.T_cur + 1
            if self.T_cur >= self.T_i:
                self.T_cur, self.T_i = self.T_cur % self.T_i, self.T_i * self.T_mult
        else:
            self.last_epoch, self.T_cur, self.T_i = math.floor(epoch), epoch, self.T_0  # type: ignore[assignment]
            while self.T_cur >= self.T_i:
                self.T_cur, self.T_i = self.T_cur - self.T_i, self.T_i * self.T_mult
        self._step_count += 1
        self.apply(self.get_lr())


class OneCycleLR(LRScheduler):
    """Up to max_lr, then down to almost nothing; momentum goes the other way."""

    def __init__(
        self, optimizer: Optimizer, max_lr: Any, total_steps: int | None = None, epochs: int | None = None,
        steps_per_epoch: int | None = None, pct_start: float = 0.3, anneal_strategy: str = "cos",
        cycle_momentum: bool = True, base_momentum: Any = 0.85, max_momentum: Any = 0.95, div_factor: float = 25.0,
        final_div_factor: float = 1e4, three_phase: bool = False, last_epoch: int = -1,
    ) -> None:  # fmt: skip
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
            total_steps = epochs * steps_per_epoch
        if total_steps <= 0 or not isinstance(total_steps, int):
            raise ValueError(f"Expected positive integer total_steps, but got {total_steps}")
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self.total_steps, self.cosine, self.cycle_momentum = total_steps, anneal_strategy == "cos", cycle_momentum
        # (last step, rate before and after, momentum before and after)
        rise = (float(pct_start * total_steps) - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        fall = (total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")
        self.phases = [rise, fall]
        if three_phase:
            back = (float(2 * pct_start * total_steps) - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum")
            self.phases = [rise, back, (total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum")]
        if cycle_momentum and not {"momentum", "betas"} & set(optimizer.defaults):
            raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
        for i, group in enumerate(optimizer.param_groups if last_epoch == -1 else ()):
            group["max_lr"] = max_lr[i] if isinstance(max_lr, list | tuple) else max_lr
            group["initial_lr"] = group["max_lr"] / div_factor
            group["min_lr"] = group["initial_lr"] / final_div_factor
            if cycle_momentum:
                for name, given in (("max_momentum", max_momentum), ("base_momentum", base_momentum)):
                    group[name] = given[i] if isinstance(given, list | tuple) else given
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"Tried to step {self.last_epoch} times. The specified number of total steps is {self.total_steps}"
            )
        number = next((i for i, p in enumerate(self.phases) if self.last_epoch <= p[0]), len(self.phases) - 1)
        begin, phase = self.phases[number - 1][0] if number else 0.0, self.phases[number]
        share = (self.last_epoch - begin) / (phase[0] - begin)
        for group in self.optimizer.param_groups if self.cycle_momentum else ():
            momentum = self.between(group[phase[3]], group[phase[4]], share)
            group |= {"betas": (momentum, *group["betas"][1:])} if "betas" in group else {"momentum": momentum}
        return [self.between(group[phase[1]], group[phase[2]], share) for group in self.optimizer.param_groups]

    def between(self, start: float, end: float, share: float) -> float:
        if self.cosine:
            return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)
        return (end - start) * share + start
