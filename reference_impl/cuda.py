"""torch.cuda on a machine that has none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from .missing import getter

__getattr__ = getter("cuda")


def is_available() -> bool:
    return False


def is_initialized() -> bool:
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    return False


def device_count() -> int:
    return 0


def manual_seed(seed: int) -> None:
    """Nothing: there is no generator to seed (source: torch.cuda.manual_seed)."""


def manual_seed_all(seed: int) -> None:
    """Nothing (source: torch.cuda.manual_seed_all)."""


random = SimpleNamespace(manual_seed=manual_seed, manual_seed_all=manual_seed_all)


def empty_cache() -> None:
    """Nothing (source: torch.cuda.empty_cache)."""


def init(*_: Any, **__: Any) -> Any:
    """torch's error in a build without CUDA."""
    raise AssertionError("Torch not compiled with CUDA enabled")


synchronize = current_device = get_device_name = get_device_properties = set_device = current_stream = init
