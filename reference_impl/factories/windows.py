"""torch.hann_window and its like: factors that fade a signal out at its ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..tensor import Tensor
from . import made


def window(name: str, shape: Callable[..., np.ndarray], *names: str) -> Callable[..., Tensor]:
    """A factory. shape: of the places, from 0 to 1, and the parameters of these names."""

    def factory(
        window_length: int, periodic: bool = True, *params: float, dtype: Any = None, layout: Any = None,
        device: Any = None, pin_memory: bool = False, requires_grad: bool = False, **named: float,
    ) -> Tensor:  # fmt: skip
        if named.keys() - names:
            raise TypeError(f"{name}() got an unexpected keyword argument '{min(named.keys() - names)}'")
        if window_length < 0:
            raise RuntimeError(f"{name} requires non-negative window_length, got window_length={window_length}")
        d = dtypes.wanted(dtype, dtypes.get_default_dtype())
        if not d.is_floating_point:
            raise RuntimeError(f"{name} expects floating point dtypes, got: {d}")
        given = dict(zip(names, params, strict=False), **named)
        steps = window_length + periodic - 1
        places = np.arange(window_length) / steps if steps > 0 else np.full(window_length, 0.5)
        values = shape(places, **given) if window_length > 1 else np.ones(window_length)
        return made(values.astype(d.np), requires_grad, device, None, layout)

    factory.__name__ = factory.__qualname__ = name
    factory.__doc__ = f"Source: torch.{name}."
    return factory


def hamming(u: np.ndarray, alpha: float = 0.54, beta: float = 0.46) -> np.ndarray:
    return alpha - beta * np.cos(2 * np.pi * u)


def kaiser(u: np.ndarray, beta: float = 12.0) -> np.ndarray:
    return np.i0(beta * np.sqrt(1 - (2 * u - 1) ** 2)) / np.i0(beta)


hann_window = window("hann_window", lambda u: hamming(u, 0.5, 0.5))
hamming_window = window("hamming_window", hamming, "alpha", "beta")
bartlett_window = window("bartlett_window", lambda u: 1 - np.abs(2 * u - 1))
blackman_window = window("blackman_window", lambda u: 0.42 - 0.5 * np.cos(2 * np.pi * u) + 0.08 * np.cos(4 * np.pi * u))
kaiser_window = window("kaiser_window", kaiser, "beta")
