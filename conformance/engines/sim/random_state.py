"""The random numbers of the simulated device: a sequence of its own, as every accelerator has."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import torch

_OTHER_SEQUENCE = 0x51D


class RandomState:
    """What the device would draw next. The same seed gives other numbers than on the host."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seed(torch.initial_seed())

    def seed(self, seed: int) -> None:
        self.state = torch.Generator().manual_seed(seed ^ _OTHER_SEQUENCE).get_state()

    @contextlib.contextmanager
    def drawing(self) -> Iterator[None]:
        """While a host kernel runs, the host's default generator draws the device's numbers."""
        with self._lock:
            hosts = torch.get_rng_state()
            torch.set_rng_state(self.state)
            try:
                yield
            finally:
                self.state = torch.get_rng_state()
                torch.set_rng_state(hosts)


random_state = RandomState()
"""The one device's."""
