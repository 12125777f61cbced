"""What lands at ``torch.sim``: what torch and harness ask of a device by name."""

from __future__ import annotations

import contextlib
from typing import Any

import torch

from conformance.engines.sim.clock import clock
from conformance.engines.sim.memory import NAME
from conformance.engines.sim.random_state import random_state


class DeviceModule:
    """One device, always there. The names are those that ``torch.get_device_module`` promises."""

    __name__ = f"torch.{NAME}"
    _initialized = True

    def is_available(self) -> bool:
        return True

    def is_initialized(self) -> bool:
        return True

    def _is_in_bad_fork(self) -> bool:
        return False

    def device_count(self) -> int:
        return 1

    def current_device(self) -> int:
        return 0

    def set_device(self, device: Any) -> None:
        """There is no other."""

    def device(self, device: Any) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def synchronize(self, device: Any = None) -> None:
        clock.wait()

    def manual_seed(self, seed: int) -> None:
        random_state.seed(seed)

    manual_seed_all = manual_seed

    def get_rng_state(self, device: Any = NAME) -> torch.Tensor:
        return random_state.state.clone()

    def set_rng_state(self, state: torch.Tensor, device: Any = NAME) -> None:
        random_state.state = state.clone()

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.float16, torch.bfloat16]
