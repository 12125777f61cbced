"""Complex numbers: parts, moduli, angles; what is not holomorphic.

HOWTO. The gradient of a real function L is dL/dRe + i dL/dIm. A formula that is not holomorphic is `general`: its vjp and
its jvp are both written out. At 0, abs, sgn and angle have gradient 0, the subgradient of least norm.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import dtypes
from ..compiler.runtime import cannot_broadcast, not_a_tensor
from ..dtypes import LEGACY
from ..errors import Unsupported
from ..tensor import Tensor, owner_of
from .exponential import cos, sin
from .form import composite, general, linear, view
from .shape import select
from .strides import reread
from .structure import cast, conj, conjugated, real_part, sum_to, where
from .writes import zero

imaginary_part = linear(
    "imaginary_part(self)",
    lambda x: x.imag,
    steps=lambda g: imag(g),
    public=False,
    grad_fn="ImagBackward0",
    self=lambda g, self_dtype: cast(g, self_dtype) * 1j,
)


def abs_kernel(x):
    if x.dtype.kind == "b":
        raise NotImplementedError("\"abs_cpu\" not implemented for 'Bool'")
    return np.abs(x)


abs = general(
    "abs(self)",
    abs_kernel,
    self=lambda g, self: g * sgn(self),
    jvp=lambda self, self_t: real_part(self_t * conj(sgn(self))),
    aliases=("absolute",),
    dunder="__abs__",
)


def real_abs_kernel(x):
    if x.dtype.kind == "c":
        raise RuntimeError("In-place abs is not supported for complex tensors.")
    return abs_kernel(x)


write_abs = replace(abs, kernel=real_abs_kernel, public=False, inplace=True, dunder="")


def turn(t, self, result):
    """The part of t at right angles to z, over |z|: how the direction of z turns."""
    size = abs(self)
    part = t - result * real_part(conj(result) * t)
    return where(size == 0, 0.0, part / size)  # whose derivative at 0 is nan, as in torch


def sgn_vjp(g, self, result, self_dtype):
    return turn(g, self, result) if self_dtype.kind == "c" else zero(g)


def sgn_kernel(x):
    """0 at nan, as in torch."""
    if x.dtype.kind == "b":
        return x
    if x.dtype.kind == "c":  # numpy's sign has a limit at infinity; torch divides
        size = np.abs(x)
        size = np.where(size == 0, size.dtype.type(1), size)
        return complex_kernel(x.real / size, x.imag / size)
    return np.where(np.isnan(x), x.dtype.type(0), np.sign(x))[()] if x.dtype.kind == "f" else np.sign(x)


sgn = general(
    "sgn(self)",
    sgn_kernel,
    self=sgn_vjp,
    jvp=lambda self_t, self, result, self_dtype: sgn_vjp(self_t, self, result, self_dtype),
    inplace=True,
)


def angle_kernel(x):
    if x.dtype.kind != "c":
        x = x if x.dtype.kind == "f" else x.astype(dtypes.get_default_dtype().np)
        return np.where(np.isnan(x), x, np.where(x < 0, x.dtype.type(np.pi), x.dtype.type(0)))[()]
    return np.angle(x)


def angle_vjp(g, self, self_dtype):
    return g * spin(self) if self_dtype.kind == "c" else zero(g)


def angle_jvp(self_t, self, self_dtype):
    return real_part(self_t * conj(spin(self))) if self_dtype.kind == "c" else zero(self_t)


def spin(z):
    """i z / |z|^2, the gradient of the angle; 0 at 0."""
    size = real_part(z * conj(z))
    return where(size == 0, 0.0, 1j * z / size)


angle = general("angle(self)", angle_kernel, self=angle_vjp, jvp=angle_jvp)


# -- to and from pairs of real numbers


def check_pair(x, y):
    if any(a.dtype.char not in "efd" for a in (x, y)):
        names = [LEGACY[dtypes.from_numpy(a.dtype)] for a in (x, y)]
        raise RuntimeError(
            f"Expected both inputs to be Half, Float or Double tensors but got {names[0]} and {names[1]}"
        )
    dtypes.same("Expected object of scalar type {0.legacy} but got scalar type {1.legacy} for second argument", x, y)


def complex_kernel(x, y):
    check_pair(x, y)
    if x.dtype.itemsize == 2:
        raise Unsupported("complex: of float16 (torch gives complex32, which numpy lacks)")
    try:
        shape = np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        raise cannot_broadcast(x.shape, y.shape) from None
    result = np.empty(shape, dtypes.COMPLEX_OF[dtypes.from_numpy(x.dtype)].np)
    result.real, result.imag = x, y
    return result[()]


def complex_vjp(g, real, imag, needs_real, needs_imag):
    return (
        sum_to(real_part(g), real.shape) if needs_real else None,
        sum_to(imaginary_part(g), imag.shape) if needs_imag else None,
    )


complex = general(
    "complex(real, imag)",
    complex_kernel,
    vjp=complex_vjp,
    wrt="real imag",
    half_ready=True,
    jvp=lambda real, imag, real_t, imag_t: complex(
        zero(real) if real_t is None else real_t, zero(imag) if imag_t is None else imag_t
    ),
    method=False,
)


def polar_vjp(g, result, abs_shape, angle_shape, needs_abs, needs_angle):
    return (
        sum_to(real_part(g * conj(sgn(result))), abs_shape) if needs_abs else None,
        sum_to(real_part(g * conj(result * 1j)), angle_shape) if needs_angle else None,
    )


def polar_jvp(angle, abs_t, angle_t, result):
    turned = None if angle_t is None else result * (1j * angle_t)
    if abs_t is None:
        return turned
    longer = complex(abs_t * cos(angle), abs_t * sin(angle))
    return longer if turned is None else longer + turned


def polar_kernel(r, phi):
    check_pair(r, phi)
    if r.shape != phi.shape:
        try:
            r, phi = np.broadcast_arrays(r, phi)
        except ValueError:
            raise cannot_broadcast(r.shape, phi.shape) from None
    return complex_kernel(r * np.cos(phi), r * np.sin(phi))


polar = general(
    "polar(abs, angle)",
    polar_kernel,
    vjp=polar_vjp,
    wrt="abs angle",
    jvp=polar_jvp,
    method=False,
    refuses="half",
)


def as_pairs(x):
    if x.dtype.kind != "c":
        raise RuntimeError("view_as_real is only supported for complex tensors")
    x = np.asarray(x)  # a cotangent without dimensions is a number
    return reread(x.real, (*x.shape, 2), (*x.strides, x.itemsize // 2))


def of_pairs(x):
    if x.dtype.kind != "f":
        raise RuntimeError(
            "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: "
            + LEGACY[dtypes.from_numpy(x.dtype)]
        )
    if not x.ndim or x.shape[-1] != 2:
        raise RuntimeError(
            "Tensor must have a last dimension of size 2" if x.ndim else "Input tensor must have one or more dimensions"
        )
    if not x.size:
        return np.ndarray(x.shape[:-1], target_of(x), x)
    if x.strides[-1] != x.itemsize:
        raise RuntimeError("Tensor must have a last dimension with stride 1")
    if any(s % (2 * x.itemsize) for n, s in zip(x.shape[:-1], x.strides, strict=False) if n != 1):
        raise RuntimeError("Tensor must have a stride divisible by 2 for all but last dimension")
    if (x.ctypes.data - owner_of(x).ctypes.data) % (2 * x.itemsize):
        raise RuntimeError("Tensor must have a storage_offset divisible by 2")
    return x.view(target_of(x))[..., 0]


def target_of(x):
    if x.dtype.itemsize == 2:
        raise Unsupported("view_as_complex: of float16 (torch gives complex32, which numpy lacks)")
    return dtypes.COMPLEX_OF[dtypes.from_numpy(x.dtype)].np


view_as_real = view("view_as_real(self)", as_pairs, self=lambda g: view_as_complex(contiguous(g)), method=False)
view_as_complex = view("view_as_complex(self)", of_pairs, self=lambda g: view_as_real(g), method=False)
contiguous = linear("contiguous(self)", np.ascontiguousarray, public=False, self=lambda g: g, grad_fn="CloneBackward0")


@composite()
def conj_(input):
    """The conjugate of a complex tensor, here always a copy; a real tensor itself (source: torch.conj)."""
    return conjugated(input) if input.dtype.np.kind == "c" else input


conj_in_place = replace(conj, grad_fn="ConjPhysicalBackward1", public=False, inplace=True)


@composite("conj_physical", out=True)
def conj_physical(input):
    """The conjugate of a complex tensor; a real tensor itself (source: torch.conj_physical)."""
    return conj(input) if input.dtype.np.kind == "c" else input


@composite(aliases=("resolve_neg",))
def resolve_conj(input):
    """input itself: nothing here is conjugated or negated lazily (source: torch.resolve_conj)."""
    if not isinstance(input, Tensor):
        raise not_a_tensor("resolve_conj", input, "input", 1)
    return input


@composite(method="property")
def real(input):
    """The real part, a view; of a real tensor itself (source: torch.real)."""
    if not isinstance(input, Tensor):
        raise not_a_tensor("real", input, "input", 1)
    return select(view_as_real(input), input.ndim, 0) if input.dtype.np.kind == "c" else input


@composite(method="property")
def imag(input):
    """The imaginary part, a view (source: torch.imag)."""
    if input.dtype.np.kind != "c":
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return select(view_as_real(input), input.ndim, 1)


@composite()
def is_complex(input):
    return input.dtype.np.kind == "c"


@composite()
def is_floating_point(input):
    return dtypes.from_numpy(input.dtype.np).is_floating_point


@composite()
def is_conj(input):
    return False


@composite()
def is_neg(input):
    return False
