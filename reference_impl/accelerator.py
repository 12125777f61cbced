"""torch.accelerator: there is none."""

from __future__ import annotations


def is_available() -> bool:
    return False


def device_count() -> int:
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """The device of the accelerator: None (source: torch.accelerator.current_accelerator)."""
