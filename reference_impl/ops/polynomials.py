"""Orthogonal polynomials (torch.special), which have no derivative in torch.

HOWTO. A polynomial is its three-term recurrence p[k+1] = (a[k] x + b[k]) p[k] - c[k] p[k-1], from p[0] = 1 and p[1];
Abramowitz and Stegun (1964), 22.7. The degree may be a tensor, too.
"""

from __future__ import annotations

import numpy as np

from .form import elementwise


def recurrence(first, step):
    """The polynomial of each degree at each place; 0 for degrees below 0."""

    def kernel(x, n):
        x, n = np.broadcast_arrays(x if hasattr(x, "dtype") else n.dtype.type(x), n)
        degrees = np.where(np.isfinite(n), n, -1).astype(np.int64)
        before, now = np.ones_like(x), first(x)
        found = np.where(degrees == 0, before, np.where(degrees == 1, now, x.dtype.type(0)))
        for k in range(1, int(degrees.max(initial=0))):
            a, b, c = step(k)
            before, now = now, (a * x + b) * now - c * before
            found = np.where(degrees == k + 1, now, found)
        return found.astype(x.dtype)[()]

    return kernel


def polynomial(name, first, step):
    return elementwise(
        f"special_{name}(x, n)",
        recurrence(first, step),
        integers="float",
        modules="special",
        method=False,
        inplace=False,
        refuses="complex half",
    )


def shifted(name, first, step):
    """The same at 2 x - 1."""
    kernel = recurrence(first, step)
    return elementwise(
        f"special_shifted_{name}(x, n)",
        lambda x, n: kernel(2 * x - 1, n),
        integers="float",
        modules="special",
        method=False,
        inplace=False,
        refuses="complex half",
    )


def chebyshev(k):
    return 2, 0, 1


T, U, V, W = (
    (f"chebyshev_polynomial_{kind}", first, chebyshev)
    for kind, first in (
        ("t", lambda x: x),
        ("u", lambda x: 2 * x),
        ("v", lambda x: 2 * x - 1),
        ("w", lambda x: 2 * x + 1),
    )
)
chebyshev_t, chebyshev_u, chebyshev_v, chebyshev_w = (polynomial(*kind) for kind in (T, U, V, W))
shifted_t, shifted_u, shifted_v, shifted_w = (shifted(*kind) for kind in (T, U, V, W))
hermite_h = polynomial("hermite_polynomial_h", lambda x: 2 * x, lambda k: (2, 0, 2 * k))
hermite_he = polynomial("hermite_polynomial_he", lambda x: x, lambda k: (1, 0, k))
laguerre_l = polynomial(
    "laguerre_polynomial_l", lambda x: 1 - x, lambda k: (-1 / (k + 1), (2 * k + 1) / (k + 1), k / (k + 1))
)
legendre_p = polynomial("legendre_polynomial_p", lambda x: x, lambda k: ((2 * k + 1) / (k + 1), 0, k / (k + 1)))
