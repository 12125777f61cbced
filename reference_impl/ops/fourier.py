"""Fourier transforms: the rows. (torch.fft, which is made of them: transforms.py.)

HOWTO. Three rows do the work, torch's own: complex to complex, real to complex (half the spectrum), complex to real. They
are linear; `normalization` says what the result is divided by. The adjoint of a transform is that of the other sign.
"""

from __future__ import annotations

from math import prod

import numpy as np

from .dims import at
from .form import linear
from .shape import basic, put
from .structure import real_part

NONE, BY_ROOT, BY_SIZE = range(3)  # what a transform is divided by


def complex_of(x):
    return np.complex64 if x.dtype in (np.float32, np.complex64) else np.complex128


def scale_of(normalization, shape, dim):
    n = prod(shape[d] for d in dim)
    return 1.0 if normalization == NONE else 1 / n if normalization == BY_SIZE else 1 / float(np.sqrt(n))


def by_stride(dims, x):
    """The widest apart in x first."""
    return sorted(dims, key=lambda d: -x.strides[d])


def laid_out(y, x, dims):
    """The transform y of x in memory as torch has it: the dimensions transformed innermost, the others as they lie in x."""
    order = [*by_stride([d for d in range(x.ndim) if d not in dims], x), *dims]
    return np.ascontiguousarray(y.transpose(order)).transpose(np.argsort(order))


@np.errstate(all="ignore")
def c2c_kernel(x, dim, normalization, forward):
    y = np.fft.fftn(x, axes=dim) if forward else np.fft.ifftn(x, axes=dim, norm="forward")
    return laid_out((y * scale_of(normalization, x.shape, dim)).astype(complex_of(x)), x, by_stride(dim, x))


@np.errstate(all="ignore")
def r2c_kernel(x, dim, normalization, onesided):
    y = np.fft.rfftn(x, axes=dim) if onesided else np.fft.fftn(x, axes=dim)
    y = (y * scale_of(normalization, x.shape, dim)).astype(complex_of(x))
    return laid_out(y, x, [*by_stride(dim[:-1], x), dim[-1]])


@np.errstate(all="ignore")
def c2r_kernel(x, dim, normalization, last):
    """The real signal of length `last`; half the spectrum is given, imaginary parts that must vanish are ignored."""
    if len(dim) > 1:
        x = laid_out(np.fft.ifftn(x, axes=dim[:-1], norm="forward"), x, by_stride(dim[:-1], x))
    y = np.fft.irfft(x, last, axis=dim[-1], norm="forward")
    y = (y * scale_of(normalization, y.shape, dim)).astype(np.float32 if complex_of(x) == np.complex64 else np.float64)
    return laid_out(y, x, dim[-1:])


def filled_spectrum_kernel(g, n, dim):
    """Zeros for the half of the spectrum that was not computed."""
    whole = np.zeros((*g.shape[:dim], n, *g.shape[dim + 1 :]), g.dtype)
    return put(whole, g, lambda r: r[at(dim, slice(0, g.shape[dim]))])


filled_spectrum = linear(
    "filled_spectrum(self, length, dim)",
    filled_spectrum_kernel,
    self=lambda g, self_shape, dim: basic(g, at(dim, slice(0, self_shape[dim]))),
    public=False,
    grad_fn="SliceWriteBackward",
    edges="nT",
)
weighted = linear(
    "weighted(self, length, dim)",
    lambda x, n, dim: x * doubling(x, n, dim),
    self=lambda g, length, dim: weighted(g, length, dim),
    public=False,
    grad_fn="SliceWriteBackward",  # torch doubles a slice in place
)


def mirrored(g, length, dim):
    return weighted(g, length, dim) if length > 2 else g


def doubling(x, n, dim):
    """2 for the frequencies that stand for themselves and their mirror, 1 for the others."""
    k = np.arange(x.shape[dim])
    w = np.where((k == 0) | (2 * k == n), 1, 2).astype(x.real.dtype)
    return w.reshape([-1 if d == dim else 1 for d in range(x.ndim)])


fft_c2c = linear(
    "fft_c2c(self, dim, normalization, forward)",
    c2c_kernel,
    self=lambda g, dim, normalization, forward: fft_c2c(g, dim, normalization, not forward),
    public=False,
    grad_fn="FftC2CBackward0",
)
fft_r2c = linear(
    "fft_r2c(self, dim, normalization, onesided)",
    r2c_kernel,
    self=lambda g, self_shape, dim, normalization, onesided: real_part(
        fft_c2c(filled_spectrum(g, self_shape[dim[-1]], dim[-1]) if onesided else g, dim, normalization, False)
    ),
    keeps="self",
    public=False,
    grad_fn="FftR2CBackward0",
)
fft_c2r = linear(
    "fft_c2r(self, dim, normalization, last)",
    c2r_kernel,
    self=lambda g, dim, normalization, last: mirrored(fft_r2c(g, dim, normalization, True), last, dim[-1]),
    saved_as={"last": ""},
    public=False,
    grad_fn="FftC2RBackward0",
)
