"""torch.fft: functions on Tensors over the rows of fourier.py.

HOWTO. `forward_n`, `real_n` and `to_real_n` transform along any dimensions; `publish` makes of each the functions for one
dimension, for two and for n.
"""

from __future__ import annotations

from functools import partial
from operator import index
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import get_default_dtype
from ..tensor import Tensor
from . import rearranging, shape
from .complex_ import conjugated
from .dims import at, wrap_dim, wrap_dims
from .form import composite
from .fourier import BY_ROOT, BY_SIZE, NONE, fft_c2c, fft_c2r, fft_r2c
from .structure import conj

# -- arguments


def normalization_of(norm: str | None, forward: bool) -> int:
    """What `norm` asks to divide by."""
    norm = norm or "backward"
    if norm not in ("backward", "ortho", "forward"):
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    if norm == "ortho":
        return BY_ROOT
    return BY_SIZE if (norm == "forward") == forward else NONE


def resized(x: Tensor, sizes: Any, dims: tuple[int, ...]) -> Tensor:
    """Cut, or padded with zeros at the end."""
    padding = [0] * (2 * x.ndim)
    for d, n in zip(dims, sizes, strict=True):
        have = x.shape[d]
        n = have if n is None or n == -1 else n
        if n < 1:
            raise RuntimeError(f"Invalid number of data points ({n}) specified")
        if n == have:
            continue
        if n < have:
            x = shape.slice_(x, at(d, slice(0, n)))
        else:
            padding[2 * (x.ndim - 1 - d) + 1] = n - have
    return rearranging.constant_pad_nd(x, tuple(padding)) if any(padding) else x


def floating(x: Tensor) -> Tensor:
    if x.dtype.itemsize == 2 and x.dtype.is_floating_point:
        raise RuntimeError(f"Unsupported dtype {dtypes.LEGACY[x.dtype]}")
    return x if x.dtype.category >= dtypes.FLOAT else x.to(dtypes.get_default_dtype())


def complexed(x: Tensor) -> Tensor:
    x = floating(x)
    return x if x.is_complex() else x.to(dtypes.COMPLEX_OF[x.dtype])


def dims_of(x: Tensor, s: Any, dim: Any) -> tuple[tuple[int, ...], list[Any]]:
    s = (s,) if isinstance(s, int) else s if s is None else tuple(map(index, s))
    if dim is None:
        if s is not None and len(s) > x.ndim:
            raise RuntimeError(f"Got shape with {len(s)} values but input tensor only has {x.ndim} dimensions.")
        dims = tuple(range(x.ndim)) if s is None else tuple(range(x.ndim - len(s), x.ndim))
    else:
        given = (dim,) if isinstance(dim, int) else tuple(dim)
        if not x.ndim and given:
            raise IndexError(f"Dimension specified as {given[0]} but tensor has no dimensions")
        dims = wrap_dims(given, x.ndim)
    if s is not None and len(s) != len(dims):
        raise RuntimeError("When given, dim and shape arguments must have the same length")
    return dims, list(s) if s is not None else [None] * len(dims)


def forward_n(x: Tensor, s: Any, dim: Any, norm: str | None, forward: bool, alone: bool = False) -> Tensor:
    """Computed in complex numbers, unless `alone`: along one dimension torch transforms the real numbers."""
    dims, sizes = dims_of(x, s, dim)
    x = floating(x) if alone else complexed(x)
    x = resized(x, sizes, dims)
    if not dims:
        return x
    normalization = normalization_of(norm, forward)
    if x.is_complex():
        return fft_c2c(x, dims, normalization, forward)
    y = fft_r2c(x, dims, normalization, False)
    return y if forward else y.conj().resolve_conj()


def real_n(x: Tensor, s: Any, dim: Any, norm: str | None, forward: bool) -> Tensor:
    """rfft, and ihfft which is its conjugate."""
    if x.is_complex():
        raise RuntimeError(f"{'rfft' if forward else 'ihfft'} expects a real input tensor, but got {x.dtype}")
    dims, sizes = dims_of(x, s, dim)
    if not dims:
        raise RuntimeError(f"{'rfftn' if forward else 'ihfftn'} must transform at least one axis")
    x = floating(resized(x, sizes, dims))
    normalization = normalization_of(norm, forward)
    if forward:
        return fft_r2c(x, dims, normalization, True)
    y = fft_r2c(x, dims[-1:], normalization, True)
    return conjugated(y) if len(dims) == 1 else fft_c2c(conj(y), dims[:-1], normalization, False)


def to_real_n(x: Tensor, s: Any, dim: Any, norm: str | None, forward: bool) -> Tensor:
    """irfft, and hfft which is that of the conjugate."""
    x = complexed(x)
    dims, sizes = dims_of(x, s, dim)
    if not dims:
        raise RuntimeError(f"{'hfftn' if forward else 'irfftn'} must transform at least one axis")
    last = sizes[-1] if sizes[-1] not in (None, -1) else 2 * (x.shape[dims[-1]] - 1)
    if last < 1:
        raise RuntimeError(f"Invalid number of data points ({last}) specified")
    x = resized(x, [*sizes[:-1], last // 2 + 1], dims)
    normalization = normalization_of(norm, forward)
    if not forward:
        return fft_c2r(x, dims, normalization, last)
    x = fft_c2c(x, dims[:-1], normalization, True) if len(dims) > 1 else x
    return fft_c2r(conjugated(x), dims[-1:], normalization, last)


def publish() -> None:
    families = (
        ("fft", forward_n, True),
        ("ifft", forward_n, False),
        ("rfft", real_n, True),
        ("ihfft", real_n, False),
        ("irfft", to_real_n, False),
        ("hfft", to_real_n, True),
    )
    for name, run, forward in families:
        along_one = partial(run, alone=True) if run is forward_n else run

        def one(input, n=None, dim=-1, norm=None, run=along_one, forward=forward):
            return run(input, None if n is None else (n,), dim, norm, forward)

        def two(input, s=None, dim=(-2, -1), norm=None, run=run, forward=forward):
            return run(input, s, dim, norm, forward)

        def many(input, s=None, dim=None, norm=None, run=run, forward=forward):
            return run(input, s, dim, norm, forward)

        for suffix, f in (("", one), ("2", two), ("n", many)):
            globals()[name + suffix] = composite(name + suffix, modules="fft", method=False, out=True)(f)


publish()


def shifted(x: Tensor, dim: Any) -> tuple[int, ...]:
    """The dimensions to shift along; one that is named twice is shifted twice."""
    given = tuple(range(x.ndim)) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    if not given:
        raise RuntimeError("`shifts` required")
    if not x.ndim:
        raise IndexError(f"Dimension specified as {given[0]} but tensor has no dimensions")
    return tuple(wrap_dim(d, x.ndim) for d in given)


@composite(modules="fft", method=False)
def fftshift(input: Tensor, dim: tuple[int, ...] | int | None = None) -> Tensor:
    dims = shifted(input, dim)
    return rearranging.roll(input, tuple(input.shape[d] // 2 for d in dims), dims)


@composite(modules="fft", method=False)
def ifftshift(input: Tensor, dim: tuple[int, ...] | int | None = None) -> Tensor:
    dims = shifted(input, dim)
    return rearranging.roll(input, tuple((input.shape[d] + 1) // 2 for d in dims), dims)


def frequencies(name, of_length):
    def function(
        n: int, d: float = 1.0, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
        requires_grad: bool = False, pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        from ..factories import asked_for, made

        wanted = asked_for(dtype, out, get_default_dtype())
        if not (wanted.is_floating_point or wanted.is_complex):
            raise RuntimeError(f"{name} requires a floating point or complex dtype")
        return made(of_length(n, d).astype(wanted.np), requires_grad, device, out, layout)

    return composite(name, modules="fft", method=False)(function)


fftfreq, rfftfreq = frequencies("fftfreq", np.fft.fftfreq), frequencies("rfftfreq", np.fft.rfftfreq)
