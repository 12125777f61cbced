"""What an engine is to the harness: a namespace with torch's face, a device, and what it says it lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from conformance.language.model import Given
from conformance.program.inputs import dtype_name, strides, values
from conformance.transcript import (
    CallSeen,
    ErrorSeen,
    ObjectSeen,
    PlainSeen,
    Seen,
    SequenceSeen,
    TensorSeen,
    WarningSeen,
    without_addresses,
)


@dataclass(frozen=True)
class Absent:
    """An engine that cannot run here: its name and the reason, as the report shows it."""

    name: str
    reason: str


@dataclass(frozen=True)
class Present:
    """An engine that is here, as it is known outside of its process: what its verdicts and the report need of it.

    ``build`` is the ``__version__`` of its namespace.
    """

    name: str
    device: str
    version: str
    offers: frozenset[str] = frozenset()
    build: str | None = None
    known: Mapping[str, str] = field(default_factory=dict)


Switch = tuple[Callable[[], Any], Callable[[Any], Any]]
"""How to read and how to write a piece of global state."""


@dataclass
class Engine:
    """One lane.

    ``torch`` is the namespace that cases see, ``device`` the name of its device, ``offers`` the needs that it meets,
    ``version`` the torch version whose behaviour it has (``since:``/``until:`` are compared with it). ``unsupported`` are the
    exceptions by which it says that it lacks something; ``known`` are the reasons of the cases that it is known to fail;
    ``synchronize`` waits for its device, where that works on its own; ``without_device`` gives the text of an error as it is
    on the CPU; ``switches`` are the pieces of its global state that torch has no public way to read, by what messages call them;
    ``playing`` is entered while a case plays; ``not_timed`` says why its times mean nothing; ``traceable`` is whether
    ``tracemalloc`` sees all that it allocates.
    """

    name: str
    torch: Any
    device: str
    version: str
    offers: frozenset[str]
    unsupported: tuple[type[BaseException], ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    to_numpy: Callable[[Any], np.ndarray] = lambda tensor: np.array(tensor.numpy())
    synchronize: Callable[[], None] | None = None
    without_device: Callable[[str], str] = lambda text: text
    switches: Mapping[str, Switch] = field(default_factory=dict)
    playing: Callable[[], AbstractContextManager[None]] = nullcontext
    not_timed: str | None = None
    traceable: bool = False

    @property
    def present(self) -> Present:
        """What of the engine is known outside of its process."""
        build = getattr(self.torch, "__version__", None)
        return Present(self.name, self.device, self.version, self.offers, build and str(build), dict(self.known))

    def lacks(self, names: frozenset[str]) -> list[str]:
        """Which of these torch names (``torch.linalg.svd``) the engine does not have."""
        return sorted(name for name in names if not self._has(name))

    def _has(self, name: str) -> bool:
        node: Any = self.torch
        for part in name.split(".")[1:]:
            try:
                node = getattr(node, part)
            except (AttributeError, ImportError):
                return False
        return True

    def tensor(self, given: Given) -> Any:
        """An input of a case on this engine: same values, dtype and strides on each."""
        torch = self.torch
        array = values(given)
        dtype = getattr(torch, dtype_name(given, array))
        made = torch.tensor(array.tolist() if array.size < 64 else array, dtype=dtype, device=self.device)
        if array.size == 0:
            made = torch.zeros(array.shape, dtype=dtype, device=self.device)
        layout = strides(given, array.shape)
        if layout is not None:
            strided = torch.empty_strided(array.shape, layout, dtype=dtype, device=self.device)
            strided.copy_(made)
            made = strided
        return made.requires_grad_(True) if given.leaf else made

    def observe(self, value: Any) -> Seen:
        """A copy of ``value`` that holds nothing of the engine. Call it under ``quiet``."""
        if isinstance(value, TensorSeen | PlainSeen | SequenceSeen | ObjectSeen | ErrorSeen | CallSeen | WarningSeen):
            return value  # type: ignore[return-value]
        if value is None or isinstance(value, bool | int | float | complex | str):
            return PlainSeen(
                value if type(value) in (bool, int, float, complex, str) or value is None else _python(value)
            )
        if isinstance(value, self.torch.Tensor):
            return self._tensor(value)
        if isinstance(value, tuple | list):
            kind = "Size" if isinstance(value, self.torch.Size) else "list" if isinstance(value, list) else "tuple"
            return SequenceSeen(kind, tuple(map(self.observe, value)))
        return ObjectSeen(type(value).__name__, without_addresses(str(value)))

    def _tensor(self, tensor: Any) -> Seen:
        try:
            array = self.to_numpy(tensor.detach())
        except (RuntimeError, TypeError, NotImplementedError) as error:
            return ObjectSeen(type(tensor).__name__, f"{without_addresses(repr(tensor))} (no values: {error})")
        strided = str(tensor.layout) == "torch.strided"
        return TensorSeen(
            values=_widened(array),
            dtype=str(tensor.dtype),
            device=str(tensor.device),
            strides=tuple(tensor.stride()) if strided else None,
            layout=str(tensor.layout),
            requires_grad=bool(tensor.requires_grad),
        )


def _python(value: Any) -> Any:
    """A number or string of a subclass (numpy's scalars, enums) as the plain one."""
    kinds: tuple[Any, ...] = (bool, int, float, complex, str)
    return next((kind(value) for kind in kinds if isinstance(value, kind)), str(value))


def _widened(array: np.ndarray) -> np.ndarray:
    """bool and integers as they are; every float as float64, every complex as complex128."""
    if array.dtype.kind in "biu":
        return array
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
