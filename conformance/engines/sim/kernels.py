"""The kernels of the simulated device: each is the host's kernel, run on the device's memory under its host name.

One boxed function stands behind every operator that has no kernel in own_kernels.py. Below it are no autograd, no version
counters and no hooks: those are torch's own, as for any accelerator.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from conformance.engines.sim.clock import clock
from conformance.engines.sim.faults import bends
from conformance.engines.sim.memory import HOST_KEYS, NAME, adopt, is_ours, on_device, on_host
from conformance.engines.sim.random_state import random_state

_INDICES_MAY_BE_ELSEWHERE = {"aten::index", "aten::_unsafe_index", "aten::index_put_", "aten::_index_put_impl_"}

_HOSTS_AUTOCAST = torch._C.DispatchKeySet(torch._C.DispatchKey.AutocastCPU)


class LacksError(NotImplementedError):
    """The simulated device does not have this."""


@dataclass(frozen=True)
class _Signature:
    """What an operator's schema says: which arguments it writes to, whether it returns views, which arguments are tensors."""

    written: tuple[str, ...]
    view: bool
    tensors: frozenset[int]
    random: bool


@cache
def _signature(op: Any) -> _Signature:
    arguments, returns = op._schema.arguments, op._schema.returns
    return _Signature(
        written=tuple(a.name for a in arguments if a.alias_info is not None and a.alias_info.is_write),
        view=any(r.alias_info is not None and not r.alias_info.is_write for r in returns),
        tensors=frozenset(i for i, a in enumerate(arguments) if isinstance(a.type, torch.TensorType)),
        random=torch.Tag.nondeterministic_seeded in op.tags,
    )


def run(op: Any, *arguments: Any, **keywords: Any) -> Any:
    """Run ``op`` on the device. Raises RuntimeError, in torch's words, where an argument lies on another device."""
    signature = _signature(op)
    if signature.view:
        return op.redispatch(HOST_KEYS, *arguments, **keywords)
    flat, spec = tree_flatten((arguments, keywords))
    if op._schema.name not in _INDICES_MAY_BE_ELSEWHERE:
        refuse_two_devices(flat)
    clock.launch()
    host = _Host()
    flat = [host.name_of(value) for value in flat]
    positional, named = tree_unflatten(flat, spec)
    positional = _numbers_as_tensors(positional, signature.tensors)
    try:
        made = _computed(op, signature, positional, named)
    except RuntimeError as error:
        if not signature.written or "not resizable" not in str(error):
            raise
        named |= {name: host.resizable(named[name]) for name in signature.written if name in named}
        made = _computed(op, signature, positional, named)
    if signature.written:
        host.adopt_changes()
    return tree_map(host.back, made)


class _Host:
    """The arguments of one kernel by their host names, and the way back."""

    def __init__(self) -> None:
        self.ours: dict[int, torch.Tensor] = {}
        self.named: dict[int, torch.Tensor] = {}

    def name_of(self, value: Any) -> Any:
        if isinstance(value, torch.device) and value.type == NAME:
            return torch.device("cpu")
        if isinstance(value, torch.Generator):
            raise RuntimeError(f"Expected a '{NAME}' device type for generator but found '{value.device.type}'")
        if not is_ours(value):
            return value
        if id(value) not in self.named:
            self._remember(value, on_host(value))
        return self.named[id(value)]

    def _remember(self, ours: torch.Tensor, host: torch.Tensor) -> torch.Tensor:
        self.named[id(ours)] = host
        self.ours[id(host)] = ours
        return host

    def resizable(self, host: torch.Tensor) -> torch.Tensor:
        """In place of an ``out=`` whose size does not fit: borrowed memory cannot grow, new memory can."""
        return self._remember(self.ours[id(host)], torch.empty(0, dtype=host.dtype))

    def adopt_changes(self) -> None:
        """Let the device's tensors follow where a kernel gave a tensor other sizes or other memory."""
        for ours in self.ours.values():
            host = self.named[id(ours)]
            moved = host.numel() and ours.data_ptr() != host.data_ptr()
            if ours.shape != host.shape or ours.stride() != host.stride() or moved:
                adopt(ours, host)

    def back(self, value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        if value.layout != torch.strided:
            raise LacksError(f"a tensor of the layout {value.layout} on {NAME}")
        return self.ours[id(value)] if id(value) in self.ours else on_device(value)


def _computed(op: Any, signature: _Signature, positional: Any, named: Any) -> Any:
    drawing = random_state.drawing() if signature.random else nullcontext()
    with drawing, _unprofiled(), torch._C._ExcludeDispatchKeyGuard(_HOSTS_AUTOCAST):
        try:
            made = op(*positional, **named)
        except NotImplementedError as error:
            raise LacksError(f"{op._schema.name} on {NAME}: the host has no kernel for it") from error
    bend = bends.get(op._schema.name)
    return made if bend is None else tree_map(lambda value: _bent(value, bend, signature), made)


@contextmanager
def _unprofiled() -> Iterator[None]:
    """For the profiler the operator is the device's; that the host's stands behind it is nobody's business."""
    if not torch.autograd._profiler_enabled():
        yield
        return
    torch.autograd._enable_record_function(False)
    try:
        yield
    finally:
        torch.autograd._enable_record_function(True)


def _bent(value: Any, bend: Any, signature: _Signature) -> Any:
    if not isinstance(value, torch.Tensor):
        return value
    return value.copy_(bend(value.clone())) if signature.written else bend(value)


def refuse_two_devices(values: list[Any]) -> None:
    """A tensor with dimensions must lie on the device; a 0-dim one of the host is taken as a number."""
    if not any(map(is_ours, values)):
        return
    for value in values:
        if isinstance(value, torch.Tensor) and value.device.type != NAME and value.dim() > 0:
            devices = f"{NAME}:0 and {value.device}"
            raise RuntimeError(
                f"Expected all tensors to be on the same device, but found at least two devices, {devices}!"
            )


def _numbers_as_tensors(arguments: Any, tensors: frozenset[int]) -> list[Any]:
    """A Python number that torch had wrapped in a tensor arrives here bare: wrap it again, promoting as it did."""
    like = next((a.dtype for a in arguments if isinstance(a, torch.Tensor)), None)
    return [
        _wrapped(a, like) if i in tensors and isinstance(a, bool | int | float | complex) else a
        for i, a in enumerate(arguments)
    ]


def _wrapped(number: Any, like: torch.dtype | None) -> torch.Tensor:
    keeps = like is not None and torch.result_type(torch.empty(1, dtype=like), number) == like
    return torch.tensor(number, dtype=like if keeps else None)
