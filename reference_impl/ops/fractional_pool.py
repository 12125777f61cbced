"""Pooling over windows whose places are drawn (Graham, "Fractional max-pooling", 2014).

HOWTO. Each plane has windows of its own; otherwise as max_pool in pool.py.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..tensor import Tensor
from .conv import per_dimension
from .form import composite, general
from .pool import best_of, comparable, put_back, taken_out
from .shape import squeeze, unsqueeze


def starts(samples, n, out, kernel):
    """Where the windows of each plane start, (planes, out): steps of `alpha` from a drawn place, and the last at the end."""
    if out == 1:
        return np.full((len(samples), 1), n - kernel)
    alpha = samples.dtype.type((n - kernel) / (out - 1))
    shifted = ((np.arange(out, dtype=samples.dtype) + samples[:, None]) * alpha).astype(np.int64)
    first = (samples * alpha).astype(np.int64)[:, None]
    return np.concatenate([shifted[:, :-1] - first, np.full((len(samples), 1), n - kernel)], 1)


def pool_row(rank):
    def kernel(x, window, size, samples):
        spatial = x.shape[-rank:]
        if not x.size or 0 in size:
            empty = (*x.shape[:-rank], *size)
            return np.zeros(empty, x.dtype), np.zeros(empty, np.int64)
        places = np.zeros((1,) * (2 * rank + 1), np.int64)
        drawn = samples.reshape(-1, rank)[:, ::-1] if rank == 2 else samples.reshape(-1, rank)  # torch draws x before y
        for d, (n, k, m) in enumerate(zip(spatial, window, size, strict=True)):
            axes = [len(drawn)] + [1] * (2 * rank)
            axes[1 + d], axes[1 + rank + d] = m, k
            places = places * n + (starts(drawn[:, d], n, m, k)[:, :, None] + np.arange(k)).reshape(axes)
        flat = x.reshape(len(drawn), prod(spatial))
        places = places.reshape(len(drawn), prod(size), prod(window))
        values = np.take_along_axis(flat, places.reshape(len(drawn), -1), 1).reshape(places.shape)
        best = best_of(values)
        shape = (*x.shape[:-rank], *size)
        return tuple(np.take_along_axis(a, best, -1).reshape(shape) for a in (values, places))

    return general(
        f"fractional_max_pool{rank}d(self, kernel_size, output_size, samples: nondiff) -> (result, indices: nondiff)",
        comparable(kernel),
        grad_fn=f"FractionalMaxPool{rank}DBackward0",
        self=lambda g, self_shape, indices: put_back(g, indices, self_shape, rank),
        jvp=lambda self_t, indices: taken_out(self_t, indices, rank),
        keeps="self kernel_size output_size",
        linked="self",
        saved_as={"indices": "result1"},
        refuses="complex integers",
        public=False,
    )


ROWS = {rank: pool_row(rank) for rank in (2, 3)}
fractional2, fractional3 = ROWS[2], ROWS[3]


def publish(rank: int) -> None:
    name = f"fractional_max_pool{rank}d"

    def run(input, kernel_size, output_size, output_ratio, _random_samples):
        if output_size is None and output_ratio is None:
            raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
        if output_size is None:
            ratios = (output_ratio,) * rank if isinstance(output_ratio, float | int) else tuple(output_ratio)
            if len(ratios) != rank:
                raise ValueError(f"{name} requires output_ratio to either be a single Int or tuple of Ints.")
            output_size = tuple(int(n * r) for n, r in zip(input.shape[-rank:], ratios, strict=True))
        for what, n in (("kernel_size", kernel_size), ("output_size", output_size)):
            if isinstance(n, tuple | list) and len(n) != rank:
                ints = "Ints" if rank == 2 else "three Ints"
                raise RuntimeError(f"{name}: {what} must either be a single Int or tuple of {ints}")
        window, size = per_dimension(kernel_size, rank), per_dimension(output_size, rank)
        check(input, window, size, rank, name)
        x = unsqueeze(input, 0) if input.ndim == rank + 1 else input
        if _random_samples is None:
            from ..factories import MADE

            _random_samples = MADE["rand"](*x.shape[:2], rank, dtype=x.dtype)
        check_samples(_random_samples, x, rank)
        found = ROWS[rank](x, window, size, _random_samples[: len(x)])  # without a batch, those of the first sample
        return tuple(squeeze(t, 0) if x is not input else t for t in found)

    def with_indices(
        input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
    ):
        return run(input, kernel_size, output_size, output_ratio, _random_samples)

    def function(input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
        found = run(input, kernel_size, output_size, output_ratio, _random_samples)
        return found if return_indices else found[0]

    for f, suffix in ((function, ""), (with_indices, "_with_indices")):
        f.__doc__ = f"The largest of each window, of drawn places (source: torch.nn.functional.{name})."
        globals()[name + suffix] = composite(name + suffix, modules="nn.functional", method=False)(f)


def check(input: Tensor, window: Any, size: Any, rank: int, name: str) -> None:
    if input.ndim not in (rank + 1, rank + 2):
        raise RuntimeError(f"{name}(): Expected {rank + 1}D or {rank + 2}D tensor, but got: {list(input.shape)}")
    shown = name if rank == 2 else name + "_out"
    for d in range(input.ndim - rank - 1, input.ndim):
        if not input.shape[d]:
            raise RuntimeError(
                f"{shown}(): Expected input to have non-zero size for non-batch dimensions, but got{list(input.shape)} with "
                f"dimension {d} being empty."
            )
    if min(size) < 0:
        whole = [*input.shape[:-rank], *size]
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(size)}: {whole}")
    words = ("time", "height", "width")[-rank:]
    for word, n, k, m in zip(words, input.shape[-rank:], window, size, strict=True):
        if m + k - (rank == 2) > n:
            raise RuntimeError(f"{shown}(): pool {word} {k} too large relative to input {word} {n}")


def check_samples(samples: Tensor, x: Tensor, rank: int) -> None:
    """One place for each dimension of each plane."""
    if samples.dtype is not x.dtype:
        raise RuntimeError("Expect _random_samples to have the same dtype as input")
    if samples.ndim != 3:
        raise RuntimeError(f"Expect _random_samples to have 3 dimensions, got {samples.ndim}")
    if samples.shape[0] < x.shape[0]:
        raise RuntimeError("Expect _random_samples.size(0) no less then input batch size.")
    if samples.shape[1] != x.shape[1]:
        raise RuntimeError("Expect _random_samples.size(1) equals to input channel size.")
    if samples.shape[2] != rank:
        raise RuntimeError(f"Expect _random_samples.size(2) equals to {rank}; got {samples.shape[2]}.")


for _rank in (2, 3):
    publish(_rank)
