"""Bessel and Airy functions (torch.special); those that stand here have no derivative in torch."""

from __future__ import annotations

import numpy as np

from .form import elementwise
from .special import scipy_kernel


def bessel(name, kernel):
    return elementwise(
        f"special_{name}(self)",
        kernel,
        integers="float",
        modules="special",
        method=False,
        inplace=False,
        refuses="complex half",
    )


bessel_j0 = bessel("bessel_j0", scipy_kernel("j0"))
bessel_j1 = bessel("bessel_j1", scipy_kernel("j1"))
bessel_y0 = bessel("bessel_y0", scipy_kernel("y0"))
bessel_y1 = bessel("bessel_y1", scipy_kernel("y1"))
modified_bessel_i0 = bessel("modified_bessel_i0", scipy_kernel("i0"))
modified_bessel_i1 = bessel("modified_bessel_i1", scipy_kernel("i1"))
modified_bessel_k0 = bessel("modified_bessel_k0", scipy_kernel("k0"))
modified_bessel_k1 = bessel("modified_bessel_k1", scipy_kernel("k1"))
scaled_modified_bessel_k0 = bessel("scaled_modified_bessel_k0", scipy_kernel("k0e"))
scaled_modified_bessel_k1 = bessel("scaled_modified_bessel_k1", scipy_kernel("k1e"))
airy_ai = bessel("airy_ai", lambda x: scipy_kernel("airy")(x)[0])
spherical_bessel_j0 = bessel(
    "spherical_bessel_j0",
    lambda x: np.where(x == 0, x.dtype.type(1), np.where(np.isinf(x), x.dtype.type(0), np.sin(x) / x))[()],
)
