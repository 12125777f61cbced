"""Switches of torch: of threads, of devices, of how exactly it computes. Here they are kept, and change nothing."""

from __future__ import annotations

import warnings
from typing import Any

from . import dtypes, placement
from .factories import public

KEPT: dict[str, Any] = {"threads": 1, "interop": 1, "deterministic": False, "warn_only": False, "precision": "highest"}


@public
def get_num_threads() -> int:
    return KEPT["threads"]


@public
def set_num_threads(number: int) -> None:
    """Kept; numpy's own threads are what its libraries make of them (source: torch.set_num_threads)."""
    KEPT["threads"] = checked_count("set_num_threads", number)


@public
def get_num_interop_threads() -> int:
    return KEPT["interop"]


@public
def set_num_interop_threads(number: int) -> None:
    KEPT["interop"] = checked_count("set_num_interop_threads", number)


def checked_count(function: str, number: int) -> int:
    if not isinstance(number, int):
        raise RuntimeError(f"{function} expects an int, but got {type(number).__name__}")
    if number >= 2**63:
        raise ValueError("Overflow when unpacking long long")
    if number <= 0:
        raise RuntimeError(f"{function} expects a positive integer")
    return number


@public
def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Kept; all operators here are deterministic (source: torch.use_deterministic_algorithms)."""
    KEPT["deterministic"], KEPT["warn_only"] = mode, warn_only


@public
def are_deterministic_algorithms_enabled() -> bool:
    return KEPT["deterministic"]


@public
def is_deterministic_algorithms_warn_only_enabled() -> bool:
    return KEPT["warn_only"]


@public
def set_float32_matmul_precision(precision: str) -> None:
    """Kept; products are exact to float32 (source: torch.set_float32_matmul_precision)."""
    KEPT["precision"] = precision


@public
def get_float32_matmul_precision() -> str:
    return KEPT["precision"]


@public
def set_flush_denormal(mode: bool) -> bool:
    """False: it is not supported (source: torch.set_flush_denormal)."""
    return False


@public
def get_default_device() -> placement.device:
    return placement.device("cpu")


@public
def set_default_device(device: Any) -> None:
    """The cpu is accepted (source: torch.set_default_device)."""
    if device is not None:
        placement.device(device)


@public
def set_default_tensor_type(t: Any) -> None:
    """Deprecated: the default dtype by the name of a tensor type (source: torch.set_default_tensor_type)."""
    name = t if isinstance(t, str) else getattr(t, "__name__", "")
    known = {f"torch.{legacy}Tensor": d for d, legacy in dtypes.LEGACY.items()}
    found = known.get(name, known.get(f"torch.{name}"))
    if found is None or not found.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    warnings.warn(
        "torch.set_default_tensor_type() is deprecated as of PyTorch 2.1, please use torch.set_default_dtype() and "
        "torch.set_default_device() as alternatives.",
        UserWarning,
        stacklevel=2,
    )
    dtypes.set_default_dtype(found)
