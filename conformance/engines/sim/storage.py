"""Copies of storages. torch makes them with an allocator, which a device in Python cannot have: make them with tensors."""

from __future__ import annotations

from typing import Any

import torch

from conformance.engines.sim.memory import NAME


def _bytes_of(storage: torch.UntypedStorage) -> torch.Tensor:
    return torch.empty(0, dtype=torch.uint8, device=storage.device).set_(storage)


def teach_storages() -> None:
    """Let ``clone`` and ``to`` of a storage know the device."""
    clone, to = torch.UntypedStorage.clone, torch.UntypedStorage.to

    def sim_clone(self: torch.UntypedStorage) -> torch.UntypedStorage:
        return _bytes_of(self).clone().untyped_storage() if self.device.type == NAME else clone(self)

    def sim_to(self: torch.UntypedStorage, *, device: Any, non_blocking: bool = False) -> Any:
        if NAME not in (self.device.type, torch.device(device).type):
            return to(self, device=device, non_blocking=non_blocking)
        return _bytes_of(self).to(device).untyped_storage()

    torch.UntypedStorage.clone = sim_clone
    torch.UntypedStorage.to = sim_to
