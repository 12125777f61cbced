"""torch.amp: autocast, for custom Functions too, and gradient scaling (source: torch.amp)."""

from __future__ import annotations

from typing import Any

from ..autocasting import FIRST_DTYPES
from .autocast_mode import autocast, custom_bwd, custom_fwd
from .autocast_state import device_type_of
from .grad_scaler import GradScaler

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd", "is_autocast_available"]


def is_autocast_available(device_type: Any) -> bool:
    """Whether torch has an autocast for this kind of device (source: torch.amp.is_autocast_available)."""
    return device_type_of("_is_autocast_available", device_type) in FIRST_DTYPES
