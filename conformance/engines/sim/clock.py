"""The time of the simulated device."""

from __future__ import annotations

import threading
import time


class Clock:
    """When the device will be done with what was launched.

    A kernel returns to the host at once and keeps the device busy for ``cost`` seconds more, behind what is under way. Only
    ``wait`` waits for it. So a measurement that forgets to synchronise reads a wrong time here, as on a real accelerator.
    """

    def __init__(self) -> None:
        self.cost = 0.0
        self._busy_until = 0.0
        self._lock = threading.Lock()

    def launch(self) -> None:
        if self.cost:
            with self._lock:
                self._busy_until = max(time.perf_counter(), self._busy_until) + self.cost

    def wait(self) -> None:
        left = self._busy_until - time.perf_counter()
        if left > 0:
            time.sleep(left)


clock = Clock()
"""The one device's."""
