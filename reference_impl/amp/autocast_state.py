"""Whether autocast is on in this thread, device by device, and what it casts to: torch.is_autocast_enabled and its like."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from .. import dtypes
from ..autocasting import FIRST_DTYPES, state
from ..errors import type_name
from ..graph.modes import AUTOCAST, mode, set_mode
from ..placement import parsed


def device_type_of(function: str, device_type: Any) -> str:
    if not isinstance(device_type, str):
        raise TypeError(f"{function}(): argument 'device_type' (position 1) must be str, not {type_name(device_type)}")
    return parsed(device_type)[0]


def is_autocast_enabled(device_type: Any = "cuda") -> bool:
    """Whether this thread is inside autocast for the device (source: torch.is_autocast_enabled)."""
    kind = device_type_of("is_autocast_enabled", device_type)
    if kind not in FIRST_DTYPES:
        raise RuntimeError("unknown device type for autocast in get_autocast_dispatch_key_from_device_type")
    return bool(mode() & AUTOCAST) if kind == "cpu" else kind in state.elsewhere


def set_autocast_enabled(device_type: Any, enabled: Any = None) -> None:
    """Switch autocast for a device; without a device, for cuda."""
    if enabled is None:
        device_type, enabled = "cuda", device_type
    if device_type_of("set_autocast_enabled", device_type) == "cpu":
        set_mode(mode() | AUTOCAST if enabled else mode() & ~AUTOCAST)
    elif enabled:
        state.elsewhere.add(device_type)
    else:
        state.elsewhere.discard(device_type)


def get_autocast_dtype(device_type: Any) -> dtypes.dtype:
    """What autocast casts to on the device (source: torch.get_autocast_dtype)."""
    kind = device_type_of("get_autocast_dtype", device_type)
    if kind not in FIRST_DTYPES:
        raise RuntimeError("unsupported scalarType")
    return state.dtypes[kind]


def set_autocast_dtype(device_type: str, dtype: dtypes.dtype) -> None:
    state.dtypes[device_type_of("set_autocast_dtype", device_type)] = dtype


def is_autocast_cache_enabled() -> bool:
    """Whether the casts of weights are kept (source: torch.is_autocast_cache_enabled)."""
    return state.keeps_casts


def set_autocast_cache_enabled(enabled: bool) -> None:
    state.keeps_casts = enabled


def clear_autocast_cache() -> None:
    """Forget the casts of weights (source: torch.clear_autocast_cache)."""
    state.casts.clear()


def autocast_increment_nesting() -> int:
    state.nesting += 1
    return state.nesting


def autocast_decrement_nesting() -> int:
    state.nesting -= 1
    return state.nesting


def older_names() -> dict[str, Callable[..., Any]]:
    """The functions of one device each, which torch deprecates."""
    found = {}
    for short, device in {"cpu": "cpu", "gpu": "cuda", "ipu": "ipu", "xla": "xla"}.items():
        for what, f in {"enabled": is_autocast_enabled, "dtype": get_autocast_dtype}.items():
            found[f"{f.__name__.partition('_')[0]}_autocast_{short}_{what}"] = older(device, short, what, "", f)
        for what, f in {"enabled": set_autocast_enabled, "dtype": set_autocast_dtype}.items():
            found[f"set_autocast_{short}_{what}"] = older(device, short, what, what, f)
    return {name: f for name, f in found.items() if not name.endswith("gpu_enabled")}


def older(device: str, short: str, what: str, value: str, function: Callable[..., Any]) -> Callable[..., Any]:
    verb = function.__name__.partition("_")[0]
    use = f"{function.__name__}('{device}'{', ' + value if value else ''})"
    text = f"torch.{verb}_autocast_{short}_{what}({value}) is deprecated. Please use torch.{use} instead."

    def deprecated(*args: Any) -> Any:
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        return function(device, *args)

    return deprecated


globals().update(older_names())
