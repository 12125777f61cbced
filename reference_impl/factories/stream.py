"""The stream of numbers behind a Generator: a Mersenne twister, and what torch's CPU kernels make of its 32 bits.

The same seed gives the numbers of torch on a CPU. Where torch itself depends on the machine (MKL draws Bernoulli numbers and
exponential ones on Intel's processors), these are the numbers of the others. `numpy` serves the distributions for
which torch has rejection samplers: binomial and poisson.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np

DOUBLE = np.dtype(np.float64)
DIGITS = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}
BLOCK = 624  # words a twist makes
STATE_BYTES = 5056
HEAD = np.dtype([("seed", "u8"), ("left", "i4"), ("seeded", "i4"), ("next", "u8"), ("words", "u8", BLOCK), ("x", "f8"),
                 ("y", "f8"), ("rho", "f8"), ("has_double", "i4"), ("pad", "i4"), ("float", "f4"), ("has_float", "?"),
                 ("end", "u1", 3)])  # fmt: skip


class Stream:
    """Numbers in the order in which torch draws them. shape: of the array that is asked for; d: a numpy dtype."""

    def __init__(self, seed: int) -> None:
        from numpy.random import MT19937, RandomState  # 20 ms to import: only when numbers are drawn

        self.bits, self.spare = MT19937(), None  # spare: the second number of a pair of normal ones
        _, words, position, *_ = RandomState(seed & 0xFFFFFFFF).get_state(legacy=True)
        self.bits.state = {"bit_generator": "MT19937", "state": {"key": words, "pos": position}}

    @cached_property
    def numpy(self) -> Any:
        """numpy's distributions, on the same bits."""
        return np.random.Generator(self.bits)

    def words(self, n: int) -> np.ndarray:
        return self.bits.random_raw(n)

    def long_words(self, n: int) -> np.ndarray:
        w = self.words(2 * n)
        return w[0::2] << np.uint64(32) | w[1::2]

    # -- distributions
    def uniform(self, shape: tuple[int, ...], d: Any, low: float = 0.0, high: float = 1.0) -> np.ndarray:
        """53 bits for a double, else 24. Scaled as by a fused multiply-add, with one rounding."""
        n, double = math.prod(shape), d == np.float64
        w, digits = (self.long_words(n), 53) if double else (self.words(n), 24)
        u = (w & np.uint64((1 << digits) - 1)) * 2.0**-digits
        if (low, high) != (0.0, 1.0):
            u = u * float(d.type(high) - d.type(low)) + float(d.type(low))
        u = u.astype(d, copy=False)
        if d.itemsize == 2:  # what was rounded up to high
            u[u == d.type(high)] = low
        return u.reshape(shape)

    def doubles(self, shape: tuple[int, ...]) -> np.ndarray:
        return self.uniform(shape, DOUBLE)

    def in_parts(self, draw: Any, shape: tuple[int, ...], d: Any, *args: Any) -> np.ndarray:
        """draw, for a complex dtype the real part and the imaginary part of a number one after the other."""
        if d.kind != "c":
            return draw(shape, d, *args)
        part = np.dtype(np.float32 if d.itemsize == 8 else np.float64)
        return draw((*shape, 2), part, *args).view(d)[..., 0]

    def normal(self, shape: tuple[int, ...], d: Any, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
        """Box and Muller's pairs: one at a time below 16 numbers, from there on in blocks of 16."""
        n = math.prod(shape)
        if n < 16:
            return self.normals_one_by_one(shape, d, mean, std)
        whole, half = n - n % 16, d.itemsize == 2
        wide = np.dtype(np.float32) if half else d
        u = self.uniform((whole if half else n,), wide)
        found = np.empty(n, wide)
        found[:whole] = pairs(u[:whole], mean, std)
        if n % 16:
            found[-16:] = pairs(self.uniform((16,), wide), mean, std)
        return found.astype(d, copy=False).reshape(shape)

    def one_normal(self) -> float:
        if self.spare is not None:
            found, self.spare = self.spare, None
            return found
        u1, u2 = self.doubles((2,)).tolist()
        radius, angle = math.sqrt(-2.0 * math.log1p(-u2)), 2.0 * math.pi * u1
        self.spare = radius * math.sin(angle)
        return radius * math.cos(angle)

    def integers(self, shape: tuple[int, ...], low: int, high: int) -> np.ndarray:
        """Whole numbers from low up to, and without, high."""
        n, span = math.prod(shape), high - low
        w = self.long_words(n) if span >= 1 << 28 else self.words(n)
        if span == 1 << 64:
            return w.view(np.int64).reshape(shape)
        return (w % np.uint64(span)).astype(np.int64).reshape(shape) + low

    def any_integers(self, shape: tuple[int, ...], d: Any) -> np.ndarray:
        """Whole numbers from 0 to the largest that the dtype holds exactly."""
        n = math.prod(shape)
        w = self.long_words(n) if d.itemsize == 8 else self.words(n)
        if d.kind in "fV":
            last = 1 << DIGITS[d.name]
        else:
            last = 1 if d.kind == "b" else int(np.iinfo(d).max)
        return (w % np.uint64(last + 1)).reshape(shape)

    def exponential(self, shape: tuple[int, ...], rate: float = 1.0) -> np.ndarray:
        return -np.log1p(-self.doubles(shape)) / rate

    def normals_one_by_one(self, shape: tuple[int, ...], d: Any, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
        """What is written into memory with gaps, or in another order."""
        found = np.array([self.one_normal() for _ in range(math.prod(shape))]).reshape(shape)
        return (found * std + mean).astype(d)

    def less_than(self, chance: Any, shape: tuple[int, ...], d: Any = DOUBLE) -> np.ndarray:
        """True with the probability chance; d: the precision in which it is drawn."""
        return self.uniform(shape, d) < chance

    def permutation(self, n: int) -> np.ndarray:
        """Fisher's and Yates's exchanges, from the front."""
        order = list(range(n))
        steps = (self.words(max(n - 1, 0)) % np.arange(n, 1, -1, dtype=np.uint64)).tolist()
        for i, step in enumerate(steps):
            order[i], order[i + step] = order[i + step], order[i]
        return np.array(order, np.int64)

    # -- state
    def packed(self, seed: int) -> np.ndarray:
        """torch's 5,056 bytes."""
        inner, head = self.bits.state["state"], np.zeros((), HEAD)
        used = inner["pos"]
        head["seed"], head["seeded"], head["words"] = seed & (1 << 64) - 1, 1, inner["key"]
        fresh = used == BLOCK
        head["left"], head["next"] = (1, 0) if fresh else (BLOCK + 1 - used, used)
        if self.spare is not None:
            head["y"], head["has_double"] = self.spare, 1
        return np.frombuffer(head.tobytes(), np.uint8).copy()

    @classmethod
    def unpacked(cls, raw: bytes) -> tuple[int, Stream]:
        """The seed, and the stream as it was."""
        head = np.frombuffer(raw, HEAD)[0]
        stream = cls(0)
        key, used = head["words"].astype(np.uint32), int(head["next"])
        position = BLOCK if head["left"] == 1 else used
        stream.bits.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": position}}
        stream.spare = float(head["y"]) if head["has_double"] else None
        return int(head["seed"]), stream


def pairs(u: np.ndarray, mean: float, std: float) -> np.ndarray:
    """Normal numbers from uniform ones, in blocks of 16: eight radii, then eight angles."""
    wide = u.dtype.type
    first, second = np.moveaxis(u.reshape(-1, 2, 8), 1, 0)
    radius, angle = np.sqrt(wide(-2) * np.log(wide(1) - first)), wide(2 * math.pi) * second
    both = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    return (both.astype(np.float64) * std + mean).astype(wide).reshape(u.shape)
