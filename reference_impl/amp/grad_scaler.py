"""GradScaler: a loss is scaled so that gradients of half precision do not vanish, and the gradients are scaled back before
the optimizer uses them (source: torch.amp.GradScaler)."""

from __future__ import annotations

import enum
import warnings
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from .. import dtypes
from ..factories import full
from ..placement import cpu
from ..tensor import Tensor

NEW_SCALE = (
    "new_scale should be a float or a 1-element torch.cuda.FloatTensor or torch.FloatTensor with requires_grad=False."
)


class OptState(enum.Enum):
    """What has been done to an optimizer's gradients since the last update."""

    READY = 0
    UNSCALED = 1
    STEPPED = 2


def fresh() -> dict[str, Any]:
    return {"stage": OptState.READY, "found_inf_per_device": {}}


class GradScaler:
    """Scales losses, and skips the steps whose gradients overflowed.

    The scale grows by growth_factor after growth_interval steps without inf or nan, and shrinks by backoff_factor after
    a step with one.
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        self._device, self._enabled = device, enabled and device != "cuda"
        if enabled and device == "cuda":
            warnings.warn(
                "torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.",
                UserWarning,
                stacklevel=2,
            )
        if not self._enabled:
            return
        if growth_factor <= 1.0:
            raise AssertionError("The growth factor must be > 1.0.")
        if backoff_factor >= 1.0:
            raise AssertionError("The backoff factor must be < 1.0.")
        self._init_scale, self._scale = init_scale, None
        self._growth_factor, self._backoff_factor = growth_factor, backoff_factor
        self._growth_interval = growth_interval
        self._init_growth_tracker, self._growth_tracker = 0, None
        self._per_optimizer_states: dict[int, dict[str, Any]] = defaultdict(fresh)

    def _lazy_init_scale_growth_tracker(self) -> None:
        if self._growth_tracker is not None:
            raise AssertionError("_growth_tracker initialized before _scale")
        self._scale = full((), self._init_scale, dtype=dtypes.float32)
        self._growth_tracker = full((), self._init_growth_tracker, dtype=dtypes.int32)

    def checked_scale(self, function: str) -> Tensor:
        if self._scale is None:
            raise AssertionError(
                f"Attempted {function} but _scale is None.  This may indicate your script did not use scaler.scale(loss or "
                "outputs) earlier in the iteration."
            )
        return self._scale

    # -- the steps of an iteration
    def scale(self, outputs: Any) -> Any:
        """A tensor, or an iterable of tensors, times the scale."""
        if not self._enabled:
            return outputs
        if self._scale is None and not isinstance(outputs, str):
            self._lazy_init_scale_growth_tracker()
        return self.scaled(outputs)

    def scaled(self, outputs: Any) -> Any:
        if isinstance(outputs, Tensor):
            return outputs * self._scale
        if not isinstance(outputs, Iterable):
            raise ValueError("outputs must be a Tensor or an iterable of Tensors")
        found = map(self.scaled, outputs)
        return type(outputs)(found) if isinstance(outputs, list | tuple) else found

    def unscale_(self, optimizer: Any) -> None:
        """Divide the optimizer's gradients by the scale, so that they can be clipped; at most once between updates."""
        if not self._enabled:
            return
        scale = self.checked_scale("unscale_")
        of_optimizer = self._per_optimizer_states[id(optimizer)]
        if of_optimizer["stage"] is OptState.UNSCALED:
            raise RuntimeError("unscale_() has already been called on this optimizer since the last update().")
        if of_optimizer["stage"] is OptState.STEPPED:
            raise RuntimeError("unscale_() is being called after step().")
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        if any(g.dtype is dtypes.float16 for g in grads):
            raise ValueError("Attempting to unscale FP16 gradients.")
        overflow = not all(bool(np.isfinite(g._array).all()) for g in grads)
        inverse = 1.0 / scale.item()
        for g in grads:
            g.detach().mul_(inverse)
        of_optimizer["found_inf_per_device"] = {cpu: full((), float(overflow), dtype=dtypes.float32)} if grads else {}
        of_optimizer["stage"] = OptState.UNSCALED

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """optimizer.step(*args, **kwargs), unless a gradient is inf or nan; what the step returned."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise RuntimeError("Closure use is not currently supported if GradScaler is enabled.")
        self.checked_scale("step")
        of_optimizer = self._per_optimizer_states[id(optimizer)]
        if of_optimizer["stage"] is OptState.STEPPED:
            raise RuntimeError("step() has already been called since the last update().")
        if of_optimizer["stage"] is OptState.READY:
            self.unscale_(optimizer)
        found = of_optimizer["found_inf_per_device"]
        if not found:
            raise AssertionError("No inf checks were recorded for this optimizer.")
        result = None if any(f.item() for f in found.values()) else optimizer.step(*args, **kwargs)
        of_optimizer["stage"] = OptState.STEPPED
        return result

    def update(self, new_scale: Any = None) -> None:
        """The scale of the next iteration: a new one, or what the last steps make of this one."""
        if not self._enabled:
            return
        scale = self.checked_scale("update")
        if new_scale is not None:
            if not isinstance(new_scale, float):
                fits = new_scale.device.type == self._device and new_scale.numel() == 1
                if not fits or new_scale.requires_grad:
                    raise AssertionError(NEW_SCALE)
            scale.fill_(new_scale if isinstance(new_scale, float) else new_scale.item())
        else:
            found = [f for s in self._per_optimizer_states.values() for f in s["found_inf_per_device"].values()]
            if not found:
                raise AssertionError("No inf checks were recorded prior to update.")
            self.grow_or_back_off(scale, any(f.item() for f in found))
        self._per_optimizer_states = defaultdict(fresh)

    def grow_or_back_off(self, scale: Tensor, overflow: bool) -> None:
        tracker = self._growth_tracker
        if overflow:
            scale.mul_(self._backoff_factor)
            tracker.zero_()
            return
        tracker.add_(1)
        if tracker.item() == self._growth_interval:
            if np.isfinite(grown := np.float32(scale.item() * self._growth_factor)):
                scale.fill_(float(grown))
            tracker.zero_()

    # -- its settings
    def _get_scale_async(self) -> Tensor | None:
        return self._scale

    def get_scale(self) -> float:
        """The scale; 1.0 where scaling is switched off."""
        if not self._enabled:
            return 1.0
        return self._init_scale if self._scale is None else self._scale.item()

    def get_growth_factor(self) -> float:
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        self._growth_interval = new_interval

    def _get_growth_tracker(self) -> int:
        if not self._enabled:
            return 0
        return self._init_growth_tracker if self._growth_tracker is None else self._growth_tracker.item()

    def is_enabled(self) -> bool:
        return self._enabled

    def state_dict(self) -> dict[str, Any]:
        """Its state, to be called after update(); {} where scaling is switched off."""
        if not self._enabled:
            return {}
        return {
            "scale": self.get_scale(),
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._get_growth_tracker(),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler."
            )
        self._init_scale = state_dict["scale"]
        self._growth_factor, self._backoff_factor = state_dict["growth_factor"], state_dict["backoff_factor"]
        self._growth_interval, self._init_growth_tracker = state_dict["growth_interval"], state_dict["_growth_tracker"]
        if self._scale is not None:
            self._scale.fill_(self._init_scale)
            self._growth_tracker.fill_(self._init_growth_tracker)

    def __getstate__(self) -> dict[str, Any]:
        kept = self.__dict__.copy()
        if self._enabled:
            if self._per_optimizer_states:
                raise AssertionError(
                    "A GradScaler instance may only be pickled at the beginning of an iteration, or at the end after "
                    "scaler.update()."
                )
            kept["_init_scale"], kept["_init_growth_tracker"] = self.get_scale(), self._get_growth_tracker()
            kept["_scale"] = kept["_growth_tracker"] = None
        return kept
