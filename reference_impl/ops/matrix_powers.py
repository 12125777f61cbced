"""Powers of matrices, and systems of tensors, as torch spells them."""

from __future__ import annotations

import math

import numpy as np

from ..dtypes import FLOAT, LEGACY
from ..tensor import Tensor, wrap
from . import joining, linalg, rearranging, shape, solving
from .dims import wrap_dims
from .expanding import expand
from .factors import cumprod
from .form import composite
from .matmul import matmul
from .matrices import solve
from .shaping import reshape

# -- powers and other products


@composite("linalg_matrix_power", modules="linalg torch", aliases=("matrix_power",), out=True)
def matrix_power(input: Tensor, n: int) -> Tensor:
    if input.ndim < 2 or input.shape[-1] != input.shape[-2] or n < 0:
        solving.square(input._array, "linalg.matrix_power" if n >= 0 else "linalg.inv")
    if n == 0:
        return input.clone().copy_(wrap(np.eye(input.shape[-1], dtype=input.dtype.np)))
    if n < 0:
        inverse = linalg.inverse(input)
        return inverse if n == -1 else matrix_power(inverse, -n)
    if n == 1:
        return input.clone()
    if n == 3:
        return matmul(matmul(input, input), input)
    result, base = None, input
    while n:
        n, odd = divmod(n, 2)
        if odd:
            result = base if result is None else matmul(result, base)
        base = matmul(base, base) if n else base
    return result  # type: ignore[return-value]


@composite("linalg_vander", modules="linalg")
def vander(x: Tensor, *, N: int | None = None) -> Tensor:
    if (x.dtype.itemsize == 2 and x.dtype.is_floating_point) or x.dtype.np.kind == "b":
        raise RuntimeError(
            f"linalg.vander supports floating point, complex, and integer tensors, but got {LEGACY[x.dtype]}"
        )
    x = x.long() if x.dtype.category < FLOAT else x
    x = shape.unsqueeze(x, -1) if not x.ndim else x
    n = x.shape[-1] if N is None else N
    if n <= 1:
        raise RuntimeError("N must be greater than 1.")
    powers = cumprod(expand(shape.unsqueeze(x, -1), (*x.shape, n - 1)), -1)
    return joining.cat([wrap(np.ones((*x.shape, 1), x.dtype.np)), powers], -1)


@composite("vander", method=False)
def old_vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """The powers of x as columns, the highest first unless `increasing` (source: torch.vander)."""
    if x.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    n = x.shape[0] if N is None else N
    if n < 0:
        raise RuntimeError("N must be non-negative.")
    x = x.long() if x.dtype.category < FLOAT else x
    columns = [x**k for k in range(n)]
    found = joining.stack(columns, -1) if columns else reshape(x, -1, 1)[:, :0]
    return found if increasing else rearranging.flip(found, (1,))


@composite("linalg_tensorinv", modules="linalg", out=True)
def tensorinv(input: Tensor, ind: int = 2) -> Tensor:
    if ind > input.ndim:
        raise RuntimeError(f"ArrayRef: invalid slice, N = {ind}; size = {input.ndim}")
    left, right = input.shape[:ind], input.shape[ind:]
    n = math.prod(left)
    return reshape(linalg.inverse(reshape(input, (n, -1))), (*right, *left))


@composite("linalg_tensorsolve", modules="linalg", out=True)
def tensorsolve(input: Tensor, other: Tensor, dims: tuple[int, ...] | None = None) -> Tensor:
    if dims is not None:
        moved = wrap_dims(tuple(dims), input.ndim)
        input = shape.permute(input, (*[d for d in range(input.ndim) if d not in moved], *moved))
    rest = input.shape[other.ndim :]
    n = math.prod(rest)
    return reshape(solve(reshape(input, (-1, n)), reshape(other, -1)), rest)
