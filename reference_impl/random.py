"""torch.random: generators and their state. What draws from them: factories/drawing.py.

A seed gives the numbers that it gives in torch on a CPU (factories/stream.py).
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import Any

from . import dtypes, placement
from .factories import MADE, public
from .factories.stream import STATE_BYTES, Stream
from .tensor import Tensor, wrap


class Generator:
    """A source of random numbers (source: torch.Generator)."""

    def __init__(self, device: Any = "cpu") -> None:
        self.device = placement.device(device)
        self._seed = 67280421310721  # what torch's generators start with
        self._drawing: Stream | None = None

    @property
    def source(self) -> Stream:
        if self._drawing is None:
            self._drawing = Stream(self._seed)
        return self._drawing

    def manual_seed(self, seed: int) -> Generator:
        if not -(1 << 63) <= seed < 1 << 64:
            raise ValueError("Overflow when unpacking long long")
        self._seed, self._drawing = seed % (1 << 64), None
        return self

    def seed(self) -> int:
        self.manual_seed(int.from_bytes(os.urandom(8), "little") >> 1)
        return self._seed

    def initial_seed(self) -> int:
        return self._seed

    def get_state(self) -> Tensor:
        """The state as a tensor of bytes."""
        return wrap(self.source.packed(self._seed))

    def set_state(self, state: Tensor) -> Generator:
        if state.dtype is not dtypes.uint8:
            raise TypeError("RNG state must be a torch.ByteTensor")
        if state.numel() != STATE_BYTES:
            raise RuntimeError("RNG state is wrong size")
        self._seed, self._drawing = Stream.unpacked(state._array.tobytes())
        return self

    def __reduce__(self) -> Any:
        return restored, (self.get_state(),)

    def clone_state(self) -> Generator:
        return Generator().set_state(self.get_state())


def restored(state: Tensor) -> Generator:
    """A generator from its pickled state."""
    return Generator().set_state(state)


Generator.__module__ = "torch._C"
default_generator = Generator()
MADE |= {"Generator": Generator, "default_generator": default_generator}


def running_vmaps() -> Any:
    """The module batching, if a vmap runs."""
    batching = sys.modules.get(f"{__package__}.batching")
    return batching if batching is not None and batching.levels() else None


def for_each_sample(t: Any) -> Any:
    """A tensor that sets what is drawn, with a place of its own in the samples of those vmaps that let them differ."""
    batching = running_vmaps()
    for lv in batching.levels() if batching and isinstance(t, Tensor) else ():
        if lv.randomness == "different" and not batching.depends_on(t, lv.number):
            t = batching.enclose(batching.expose(t, lv.number, lv.size), lv.number)
    return t


def source_of(given: Generator | None = None) -> Stream:
    """The stream to draw from. A vmap may forbid it."""
    batching = running_vmaps()
    allowed = {lv.randomness for lv in batching.levels()} if batching else ()
    if batching and batching.REFUSED in allowed:
        raise RuntimeError(
            "vmap: We do not yet support calling random operations inside of vmap. Please perform random operations outside "
            "of vmap as a workaround"
        )
    if "error" in allowed:
        raise RuntimeError(
            "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
            "randomness flags on vmap or perform the randomness operation out of vmap"
        )
    return (default_generator if given is None else given).source


@public
def manual_seed(seed: int) -> Generator:
    """Seed the random numbers (source: torch.manual_seed)."""
    return default_generator.manual_seed(int(seed))


@public
def seed() -> int:
    return default_generator.seed()


@public
def initial_seed() -> int:
    return default_generator.initial_seed()


@public
def get_rng_state() -> Tensor:
    return default_generator.get_state()


@public
def set_rng_state(new_state: Tensor) -> None:
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, device_type: str = "cpu") -> Any:
    """A block that leaves the random state as it was (source: torch.random.fork_rng)."""
    state = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if state is not None:
            set_rng_state(state)
