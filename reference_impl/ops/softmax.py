"""softmax, log_softmax, logsumexp.

HOWTO. `dim` is required here; the functions that torch offers also take `dtype`. All three subtract the maximum first,
unless softmax finds that it need not.
"""

from __future__ import annotations

import numpy as np

from .. import dtypes
from ..warn import warn
from .dims import row_by_row
from .exponential import exp
from .form import composite, general
from .reduce import axes, spread, sum, sum_kernel
from .structure import cast, conj


def shifted(x, dim):
    """x minus its maximum along dim, which makes exp safe."""
    return x - np.maximum.reduce(x.real if x.dtype.kind == "c" else x, dim, keepdims=True)


def moderate(x):
    """Whether exp(x), sums of it and their quotients keep far from overflow: the maximum along a dimension takes ten times
    as long to find as that of all elements."""
    return x.dtype.kind == "f" and np.maximum.reduce(x, None) < 30 and np.minimum.reduce(x, None) > -30


def softmax_kernel(x, dim):
    axes(x, dim)
    if not x.ndim:
        return np.exp(x - x)
    if not x.size:
        return x.copy()
    x = row_by_row(x)
    if moderate(x):
        e = np.exp(x)
    else:
        e = shifted(x, dim)
        e = np.exp(e, e if e.dtype.kind == "f" else None)
    e /= sum_kernel(e, dim, True)
    return e


def log_softmax_kernel(x, dim):
    axes(x, dim)
    if not x.ndim:
        return x - x
    if not x.size:
        return x.copy()
    s = shifted(row_by_row(x), dim)
    return s - np.log(sum_kernel(np.exp(s), dim, True))


def along(g, dim):
    return sum(g, dim, True)


# -- the operators that torch has for their derivatives (form.py, `backward=`)

softmax_backward = general(
    "_softmax_backward_data(grad_output, output, dim)",
    lambda g, y, dim: y * (g - sum_kernel(g * y, dim, True)),
    public=False,
    grad_output=lambda g, output, dim: softmax_backward(g, output, dim),
    output=lambda g, grad_output, output, dim: (
        g * (grad_output - along(grad_output * output, dim)) - grad_output * along(g * output, dim)
    ),
    refuses="complex",
)
log_softmax_backward = general(
    "_log_softmax_backward_data(grad_output, output, dim)",
    lambda g, y, dim: g - np.exp(y) * sum_kernel(g, dim, True),
    public=False,
    grad_output=lambda g, output, dim: g - along(g * exp(output), dim),
    output=lambda g, grad_output, output, dim: -g * along(grad_output, dim) * exp(output),
    refuses="complex",
)
softmax_ = general(
    "_softmax(self, dim)",
    softmax_kernel,
    public=False,
    grad_fn="SoftmaxBackward0",
    self=lambda g, result, dim: result * (g - along(g * result, dim)),
    backward=softmax_backward,
    jvp=lambda self_t, result, dim: result * (self_t - along(self_t * result, dim)),
    refuses="complex",
)
log_softmax_ = general(
    "_log_softmax(self, dim)",
    log_softmax_kernel,
    public=False,
    grad_fn="LogSoftmaxBackward0",
    self=lambda g, result, dim: g - exp(result) * along(g, dim),
    backward=log_softmax_backward,
    jvp=lambda self_t, result, dim: self_t - along(self_t * exp(result), dim),
    refuses="complex",
)


def logsumexp_kernel(x, dim, keepdim):
    if x.dtype.kind in "biu":
        x = x.astype(dtypes.get_default_dtype().np)
    ax = axes(x, dim)
    if not x.size:
        return np.log(np.add.reduce(np.exp(x), ax, keepdims=keepdim))
    top = np.max(x.real if x.dtype.kind == "c" else x, ax, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.log(np.add.reduce(np.exp(x - top), ax, keepdims=True)) + top
    return row_by_row(total if keepdim else np.squeeze(total, ax)[()])


logsumexp = general(
    "logsumexp(self, dim, keepdim=False)",
    logsumexp_kernel,
    modules="torch special",
    self=lambda g, self, result, self_shape, dim, keepdim: (
        spread(g, self_shape, dim, keepdim) * conj(exp(self - spread(result, self_shape, dim, keepdim)))
    ),
    jvp=lambda self, self_t, result, self_shape, dim, keepdim: sum(
        self_t * exp(self - spread(result, self_shape, dim, keepdim)), dim, keepdim
    ),
)


def in_dtype(input, dtype):
    target = dtypes.wanted(dtype, input.dtype).np
    return input if target == input.dtype.np else cast(input, target)


def chosen(dim, ndim, name):
    """The dim that torch.nn.functional takes; where none is given it guesses, and says so."""
    if dim is not None:
        return dim
    warn(f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.")
    return 0 if ndim in (0, 1, 3) else 1


@composite(modules="torch special", out=True)
def softmax(input, dim, dtype=None):
    """exp(x) / sum(exp(x)) along dim (source: torch.softmax)."""
    return softmax_(floating(in_dtype(input, dtype), "softmax"), dim)


@composite(modules="torch special", out=True)
def log_softmax(input, dim, dtype=None):
    """log(softmax(x)) (source: torch.log_softmax)."""
    return log_softmax_(floating(in_dtype(input, dtype), "log_softmax"), dim)


def floating(input, name):
    if input.dtype.np.kind in "biu" and input.numel():
        legacy = dtypes.LEGACY[dtypes.from_numpy(input.dtype.np)]
        raise NotImplementedError(f"\"{name}_lastdim_kernel_impl\" not implemented for '{legacy}'")
    return input


@composite("softmax", modules="nn.functional", method=False)
def functional_softmax(input, dim=None, _stacklevel=3, dtype=None):
    return softmax(input, chosen(dim, input.ndim, "softmax"), dtype)


@composite("log_softmax", modules="nn.functional", method=False)
def functional_log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    return log_softmax(input, chosen(dim, input.ndim, "log_softmax"), dtype)


@composite(modules="nn.functional", method=False)
def softmin(input, dim=None, _stacklevel=3, dtype=None):
    """softmax(-x) (source: torch.nn.functional.softmin)."""
    return softmax(-input, chosen(dim, input.ndim, "softmin"), dtype)
