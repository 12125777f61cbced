"""One counter numbers nodes and stamps writes.

Note [Stamps]
A node takes the next number when it is made (its `seq`, torch's sequence number), a storage when it is written to.
So a saved tensor is stale exactly if its storage was written after the node was made: `storage.written > node.seq`.
Nothing is recorded when a tensor is saved; the engine compares one int a node (was *anything* written since?) before
it looks closer. The stamps of a storage also tell which version a node saw, which the error message needs.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import count

tick = count(1).__next__
KEEP = 1024  # stamps a storage keeps; older versions cannot be told apart any more


class Latest:
    """The stamp of the last write to any storage."""

    __slots__ = ("write",)


latest = Latest()
latest.write = 0


class Storage:
    """What tensors that share memory share: the version counter. Made when a tensor is first viewed or written."""

    __slots__ = ("__weakref__", "forgotten", "room", "stamps", "views", "written")

    def __init__(self) -> None:
        self.written = 0
        self.forgotten = 0
        self.stamps: list[int] = []
        self.views: list = []  # weak references to the differentiable views, see graph/views.py
        self.room = 32  # at so many of them the dead ones are swept out

    @property
    def version(self) -> int:
        return self.forgotten + len(self.stamps)

    def version_at(self, seq: int) -> int:
        return self.forgotten + bisect_right(self.stamps, seq)

    def snapshot(self) -> tuple[int, int, list[int]]:
        return self.written, self.forgotten, list(self.stamps)

    def restore(self, state: tuple[int, int, list[int]]) -> None:
        """Forget the writes since the snapshot."""
        self.written, self.forgotten, self.stamps = state

    def bump(self) -> None:
        latest.write = self.written = tick()
        self.stamps.append(self.written)
        if len(self.stamps) > 2 * KEEP:
            self.forgotten += KEEP
            del self.stamps[:KEEP]
