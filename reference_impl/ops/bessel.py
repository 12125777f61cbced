"""Bessel functions, which have no derivative in torch (torch.special)."""

from __future__ import annotations

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
