"""autocast as a context and a decorator, and what gives a custom Function's backward the autocast of its forward."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from .. import dtypes
from ..autocasting import LOWER, is_cast, state
from ..autograd.grad_mode import Decorator
from ..tensor import Tensor
from .autocast_state import (
    clear_autocast_cache,
    get_autocast_dtype,
    is_autocast_enabled,
    set_autocast_dtype,
    set_autocast_enabled,
)


def check_device_type(device_type: Any) -> None:
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")


class autocast(Decorator):
    """A region in which operators choose the dtype that they compute in (source: torch.autocast).

    device_type: "cpu"; for other devices the region is kept in mind, and has no effect. dtype: bfloat16 or float16.
    cache_enabled: whether a weight is cast once in a region. Regions nest; an inner one may be switched off.
    """

    def __init__(
        self,
        device_type: str,
        dtype: dtypes.dtype | None = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        check_device_type(device_type)
        self.device = device_type
        self.fast_dtype = get_autocast_dtype(device_type) if dtype is None else dtype
        self._cache_enabled = state.keeps_casts if cache_enabled is None else cache_enabled
        self._enabled = enabled
        if enabled and device_type == "cpu" and self.fast_dtype not in LOWER:
            self.switch_off(
                "In CPU autocast, but the target dtype is not supported. Disabling autocast.\nCPU Autocast only supports "
                "dtypes of torch.bfloat16, torch.float16 currently."
            )
        elif device_type == "cuda":
            self._enabled = False
            if enabled:
                self.switch_off("CUDA is not available or torch_xla is imported. Disabling autocast.")

    def switch_off(self, why: str) -> None:
        warnings.warn(why, UserWarning, stacklevel=3)
        self._enabled = False

    def __enter__(self) -> autocast:
        # as in torch one for all: a region that is entered again while it is on ends in what it was the last time
        self.before = is_autocast_enabled(self.device), get_autocast_dtype(self.device), state.keeps_casts
        self.set(self._enabled, self.fast_dtype, self._cache_enabled)
        state.nesting += 1
        return self

    def __exit__(self, *_: object) -> None:
        state.nesting -= 1
        if not state.nesting:
            clear_autocast_cache()
        self.set(*self.before)

    def set(self, enabled: bool, dtype: dtypes.dtype, keeps_casts: bool) -> None:
        set_autocast_enabled(self.device, enabled)
        set_autocast_dtype(self.device, dtype)
        state.keeps_casts = keeps_casts

    def clone(self) -> autocast:
        return self


def autocast_of_now() -> autocast:
    """A region like the present one, for what is computed again later."""
    return autocast("cpu", get_autocast_dtype("cpu"), is_autocast_enabled("cpu"), state.keeps_casts)


# ---------------------------------------------------------------- in custom Functions


def custom_fwd(
    fwd: Callable[..., Any] | None = None, *, device_type: str, cast_inputs: dtypes.dtype | None = None
) -> Any:
    """Decorates the forward of a custom Function (source: torch.amp.custom_fwd).

    cast_inputs: the dtype that floating inputs are cast to where autocast is on; forward then runs without it.
    """
    check_device_type(device_type)
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def decorate_fwd(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        enabled = is_autocast_enabled(device_type)
        ctx._dtype = get_autocast_dtype(device_type)
        ctx._fwd_used_autocast = enabled and cast_inputs is None
        if not enabled or cast_inputs is None:
            return fwd(ctx, *args, **kwargs)
        with autocast(device_type=device_type, enabled=False):
            return fwd(ctx, *converted(args, cast_inputs), **converted(kwargs, cast_inputs))

    return decorate_fwd


def converted(x: Any, dtype: dtypes.dtype) -> Any:
    if isinstance(x, Tensor):
        return x.to(dtype) if is_cast(x) else x
    if isinstance(x, Mapping):
        return {converted(k, dtype): converted(v, dtype) for k, v in x.items()}
    return type(x)(converted(y, dtype) for y in x) if isinstance(x, tuple | list) else x


def custom_bwd(bwd: Callable[..., Any] | None = None, *, device_type: str) -> Any:
    """Decorates the backward of a custom Function: it runs as its forward did (source: torch.amp.custom_bwd)."""
    check_device_type(device_type)
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def decorate_bwd(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        with autocast(device_type=device_type, enabled=ctx._fwd_used_autocast, dtype=ctx._dtype):
            return bwd(ctx, *args, **kwargs)

    return decorate_bwd


for _public in (autocast, custom_fwd, custom_bwd):
    _public.__module__ = "torch.amp.autocast_mode"
