"""torch.hann_window and its like: factors that fade a signal out at its ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import dtypes
from .factories import made
from .tensor import Tensor


def window(name: str, shape: Callable[..., np.ndarray], *defaults: float) -> Callable[..., Tensor]:
    """A factory. shape: of the places, from 0 to 1, and the parameters."""

    def factory(
        window_length: int, periodic: bool = True, *params: float, dtype: Any = None, layout: Any = None,
        device: Any = None, pin_memory: bool = False, requires_grad: bool = False, **named: float,
    ) -> Tensor:  # fmt: skip
        if window_length < 0:
            raise RuntimeError(f"{name} requires non-negative window_length, got window_length={window_length}")
        d = dtypes.wanted(dtype, dtypes.get_default_dtype())
        if not d.is_floating_point:
            raise RuntimeError(f"{name} expects floating point dtypes, got: {d}")
        given = (*params, *named.values(), *defaults[len(params) + len(named) :])
        steps = window_length + periodic - 1
        places = np.arange(window_length) / steps if steps > 0 else np.full(window_length, 0.5)
        values = shape(places, *given) if window_length > 1 else np.ones(window_length)
        return made(values.astype(d.np), requires_grad, device)

    factory.__name__ = factory.__qualname__ = name
    factory.__doc__ = f"Source: torch.{name}."
    return factory


def cosines(u: np.ndarray, alpha: float = 0.5, beta: float = 0.5) -> np.ndarray:
    return alpha - beta * np.cos(2 * np.pi * u)


hann_window = window("hann_window", cosines)
hamming_window = window("hamming_window", cosines, 0.54, 0.46)
bartlett_window = window("bartlett_window", lambda u: 1 - np.abs(2 * u - 1))
blackman_window = window("blackman_window", lambda u: 0.42 - 0.5 * np.cos(2 * np.pi * u) + 0.08 * np.cos(4 * np.pi * u))
