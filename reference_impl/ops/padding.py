"""Padding, and the rows of all that reads images at other places.

HOWTO. These are linear maps given by where each output element reads: `resample` takes maps, for each dimension (dim, source
places, weights); its adjoint adds up at those places.
"""

from __future__ import annotations

from operator import index

import numpy as np

from ..errors import Unsupported, type_name
from ..tensor import Tensor
from . import rearranging
from .adding import add_up
from .form import SIZES, composite, linear
from .memory_format import following, laid_out
from .writes import of_its_shape

# -- dimensions read at given places with given weights


def resample_kernel(x, maps):
    """Along the dim of each map: sum over k of weights[i, k] * x[places[i, k]]."""
    for dim, places, weights in maps:
        picked = np.moveaxis(x, dim, -1)[..., places]
        y = picked[..., 0] if weights is None else np.add.reduce(picked * weights.astype(x.dtype), -1)
        x = np.moveaxis(y, -1, dim)
    return laid_out(x, False)


def resampled_back_kernel(g, shape, maps):
    for dim, places, weights in maps:
        g = np.moveaxis(g, dim, -1)
        r = np.zeros((*g.shape[:-1], shape[dim]), g.dtype)
        terms = g[..., None] if weights is None else g[..., None] * weights.astype(g.dtype)
        add_up(r, (..., places), terms)
        g = np.moveaxis(r, -1, dim)
    return laid_out(g, False)


RESAMPLE, BACK = following(resample_kernel), following(resampled_back_kernel)
BACK_LIKE = following(lambda g, like, maps: resampled_back_kernel(g, like.shape, maps), 1)


def rows_named(grad_fn, kernel=RESAMPLE, adjoint=BACK, keeps="", name="resample", **options):
    """keeps: what torch's node shows instead of the maps that follow from it."""
    back = adjoint_named("resampled_back(self, shape, maps)", adjoint, grad_fn)
    options.setdefault("self", lambda g, self_shape, maps: back(g, self_shape, maps))
    signature = ", ".join([f"{name}(self, maps", *(f"{name}=None" for name in keeps.split())]) + ")"
    options |= {"keeps": keeps, "saved_as": SIZES | {"maps": ""}}
    return linear(signature, lambda x, maps, *_: kernel(x, maps), public=False, grad_fn=grad_fn, **options)


def adjoint_named(signature, kernel, grad_fn, **formulas):
    return linear(
        signature,
        kernel,
        self=lambda g, maps: resample(g, maps),
        **formulas,
        public=False,
        grad_fn=grad_fn.replace("Backward0", "BackwardBackward0"),
    )


resample = rows_named("UpsampleBackward0")
PLAIN = resampled_back_kernel  # of those whose gradient is contiguous in any case


def pad_row(grad_fn, name):
    back = adjoint_named("resampled_like(self, like, maps)", BACK_LIKE, grad_fn, like=of_its_shape)
    return rows_named(
        grad_fn, self=lambda g, self, maps: back(g, self, maps), keeps="padding", name=name, refuses="bool"
    )


pads = {
    (name, rank): pad_row(f"{title}Pad{rank}DBackward0", f"{title.lower()}_pad{rank}d")
    for name, title in (("reflect", "Reflection"), ("replicate", "Replication"))
    for rank in (1, 2, 3)
}
circular = rows_named("CircularPadBackward0", resample_kernel, PLAIN)  # torch writes the copies in place


# -- pad


def read_at(n: int, before: int, after: int, how: str) -> np.ndarray:
    """The source place of every padded place."""
    if how == "circular":  # what is cut off does not come round again
        kept = n + min(before, 0) + min(after, 0)
        return np.arange(-max(before, 0), kept + max(after, 0)) % kept - min(before, 0)
    i = np.arange(-before, n + after)
    if how == "replicate":
        return np.clip(i, 0, n - 1)
    i = np.abs(i)
    return np.where(i >= n, 2 * (n - 1) - i, i)


def check_left(size: int, n: int, mode: str, rank: int) -> None:
    """That negative padding leaves a dimension of n places something, or nothing."""
    if size < 0 and mode == "circular":
        raise RuntimeError("Negative padding value is resulting in an empty dimension")
    if size < (rank == 1) and mode != "circular":
        raise RuntimeError(
            f"input (W: {n}) is too small. Calculated output W: {size}"
            if rank == 1
            else f"Trying to create tensor with negative dimension {size}"
        )


@composite(modules="nn.functional", method=False)
def pad(input: Tensor, pad: tuple[int, ...], mode: str = "constant", value: float | None = None) -> Tensor:
    """Pad the last dimensions (source: torch.nn.functional.pad)."""
    amounts = tuple(map(index, pad))
    if mode not in ("constant", "reflect", "replicate", "circular"):
        if not isinstance(mode, str):
            raise TypeError(f"pad(): argument 'mode' (position 3) must be str, not {type_name(mode)}")
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if len(amounts) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(amounts) > 2 * input.ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(amounts)} and input of dimension {input.ndim}"
        )
    if mode == "constant":
        return rearranging.constant_pad_nd(input, amounts, 0 if value is None else value)
    if value not in (None, 0):
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    rank = len(amounts) // 2
    if input.ndim not in (rank + 1, rank + 2) or rank > 3:
        raise NotImplementedError(
            f"Padding size {len(amounts)} is not supported for {input.ndim}D input tensor.\nSupported combinations for "
            "non-constant padding:\n  - 2D or 3D input: padding size = 2 (pads last dimension)\n  - 3D or 4D input: padding "
            "size = 4 (pads last 2 dimensions)\n  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
        )
    if mode != "circular" and 0 in input.shape[input.ndim - rank - 1 :]:
        raise RuntimeError(
            f"Expected {rank + 1}D or {rank + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions "
            f"for input, but got: {list(input.shape)}"
        )
    maps = []
    for k in range(rank):
        before, after = amounts[2 * k : 2 * k + 2]
        dim = input.ndim - 1 - k
        n = input.shape[dim]
        if mode == "reflect" and max(before, after) >= n:
            raise RuntimeError(
                "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding "
                f"({before}, {after}) at dimension {dim} of input {list(input.shape)}"
            )
        if mode == "circular" and max(before, after) > n:
            raise RuntimeError("Padding value causes wrapping around more than once.")
        check_left(n + before + after, n, mode, rank)
        if mode == "circular" and n + min(before, 0) + min(after, 0) <= 0 < n + before + after:
            raise Unsupported("pad: mode='circular' where nothing is left to repeat")
        maps.append((dim, read_at(n, before, after, mode)[:, None], None))
    return circular(input, tuple(maps)) if mode == "circular" else pads[mode, rank](input, tuple(maps), amounts)
