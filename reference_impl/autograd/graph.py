"""torch.autograd.graph: edges of the graph, hooks on several tensors, and what may be done to saved tensors."""

from __future__ import annotations

import contextlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np

from ..graph import packing, saved
from ..graph.hooks import RemovableHandle, current
from ..graph.modes import MUTATION, mode, set_mode
from ..tensor import Tensor, edge_of, storage_array, storage_of
from .edges import GradientEdge, Node, get_gradient_edge

__all__ = [
    "GradientEdge", "Node", "allow_mutation_on_saved_tensors", "disable_saved_tensors_hooks", "get_gradient_edge",
    "increment_version", "region_activation_memory_budget", "register_multi_grad_hook", "save_on_cpu",
    "saved_tensors_hooks", "set_override_stale_capture_stream", "set_warn_on_accumulate_grad_stream_mismatch",
]  # fmt: skip


# ---------------------------------------------------------------- versions


def increment_version(tensor: Tensor | Iterable[Tensor]) -> None:
    """Count an in-place change that autograd could not see (source: torch.autograd.graph.increment_version)."""
    if isinstance(tensor, Tensor):
        tensor = (tensor,)
    elif not isinstance(tensor, Iterable):
        raise RuntimeError("increment_version expect a Iterable[Tensor] as input")
    for t in tensor:
        if not isinstance(t, Tensor):
            raise RuntimeError("increment_version expects each element of the iterable to be a tensor")
        if not t.is_inference():
            storage_of(t).bump()


# ---------------------------------------------------------------- a hook on several tensors


class _MultiHandle(RemovableHandle):
    """Removes a hook from all its tensors."""

    def __init__(self, handles: tuple[RemovableHandle, ...]) -> None:
        self.handles = handles

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[..., Any], *, mode: str = "all"
) -> RemovableHandle:
    """Call fn once a backward: with the list of all gradients when the last has come, or with the first, mode="any"."""
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    if mode == "any":
        last: list[Any] = [None]

        def first(grad: Tensor) -> None:
            if last[0] is not current.get():
                last[0] = current.get()
                fn(grad)

        return _MultiHandle(tuple(t.register_hook(first) for t in tensors if t.requires_grad))
    for t in tensors:
        assert t.requires_grad, "Expected gradient function to be set"
    edges = [edge_of(t) for t in tensors]
    passes: WeakKeyDictionary[Any, list] = WeakKeyDictionary()  # a pass -> gradients still awaited, gradients

    def inner(i: int) -> Callable[[Tensor], None]:
        def hook(grad: Tensor) -> None:
            now = current.get()
            state = passes.get(now)
            if state is None:
                state = passes[now] = [sum(now.will_execute(e) for e in edges), [None] * len(edges)]
            state[0] -= 1
            state[1][i] = grad
            if not state[0]:
                fn(passes.pop(now)[1])

        return hook

    return _MultiHandle(tuple(t.register_hook(inner(i)) for i, t in enumerate(tensors)))


# ---------------------------------------------------------------- hooks on saved tensors


class saved_tensors_hooks:
    """What is saved inside goes through pack_hook, and when needed through unpack_hook, in this thread."""

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self) -> None:
        pair = (self.pack_hook, self.unpack_hook)
        if not all(map(callable, pair)):
            raise TypeError(
                "_push_saved_tensors_default_hooks(): incompatible function arguments. The following argument types are "
                "supported:\n    1. (arg0: collections.abc.Callable, arg1: collections.abc.Callable) -> None\n\nInvoked "
                f"with: {pair[0]!r}, {pair[1]!r}"
            )
        packing.push_hooks(pair)

    def __exit__(self, *_: object) -> None:
        packing.pop_hooks()


class save_on_cpu(saved_tensors_hooks):
    """Keep saved tensors on the CPU, where they are anyway; with pin_memory they are copied."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        def pack(tensor: Tensor) -> Any:
            return (tensor.device, tensor.detach().clone() if pin_memory else tensor)

        def unpack(packed: Any) -> Tensor:
            return packed[1]

        super().__init__(pack, unpack)


@contextlib.contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """Entering saved_tensors_hooks inside raises RuntimeError(error_message)."""
    before = packing.disable_hooks(error_message)
    try:
        yield
    finally:
        packing.enable_hooks(before)


# ---------------------------------------------------------------- mutation of what was saved

OUTSIDE = "Trying to backward outside of the 'allow_mutation_on_saved_tensors' contextin which the graph was originally recorded."


class _Handle:
    """Stands for one saved version of a tensor."""


class _AllowMutationOnSavedContext:
    """What allow_mutation_on_saved_tensors keeps: for each handle the tensor that was saved, or the clone made of it."""

    def __init__(self) -> None:
        self.cloned: WeakKeyDictionary[_Handle, Tensor] = WeakKeyDictionary()
        self.original: WeakKeyDictionary[_Handle, Tensor] = WeakKeyDictionary()
        self.tid_to_weakhandle: WeakValueDictionary[tuple, _Handle] = WeakValueDictionary()
        self.sid_to_tid: dict[int, set[tuple]] = defaultdict(set)

    def clear(self) -> None:
        for kept in (self.cloned, self.original, self.tid_to_weakhandle, self.sid_to_tid):
            kept.clear()

    def pack(self, tensor: Tensor) -> _Handle:
        sid = tensor.data_ptr()
        tid = (sid, tensor.shape, tensor.stride(), tensor._version)
        self.sid_to_tid[sid].add(tid)
        handle = self.tid_to_weakhandle.get(tid)
        if handle is None:
            handle = self.tid_to_weakhandle[tid] = _Handle()
            self.original[handle] = tensor.detach()
        return handle

    def unpack(self, handle: _Handle) -> Tensor:
        found = self.cloned.get(handle, self.original.get(handle))
        assert found is not None, OUTSIDE
        return found

    def keep(self, into: np.ndarray) -> None:
        """This memory is about to be written: clone what was saved there."""
        for handle, tensor in list(self.original.items()):
            if np.may_share_memory(storage_array(tensor), into):
                self.cloned[handle] = tensor.clone()
                del self.original[handle]
                for tid in [t for t, h in self.tid_to_weakhandle.items() if h is handle]:
                    del self.tid_to_weakhandle[tid]


_AllowMutationOnSavedContext.__module__ = "torch.autograd.graph"


@contextlib.contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[_AllowMutationOnSavedContext]:
    """Saved tensors may be overwritten inside: they are cloned first. Backward must run inside, too."""
    if saved.keepers:
        raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
    ctx = _AllowMutationOnSavedContext()
    with saved_tensors_hooks(ctx.pack, ctx.unpack):
        saved.keepers.append(ctx.keep)
        set_mode(mode() | MUTATION)
        try:
            yield ctx
        finally:
            set_mode(mode() & ~MUTATION)
            saved.keepers.remove(ctx.keep)
            ctx.clear()


# ---------------------------------------------------------------- of compiled regions and CUDA streams


@contextlib.contextmanager
def region_activation_memory_budget(budget: float) -> Iterator[None]:
    """Only inside torch.compile, which there is not here; checks its argument (source: torch.autograd.graph)."""
    name = "torch.autograd.graph.region_activation_memory_budget"
    if isinstance(budget, bool) or not isinstance(budget, int | float):
        raise TypeError(f"{name}: expects a float, got {type(budget).__name__}")
    if not 0 <= budget <= 1 or math.isnan(budget):
        raise ValueError(f"{name}: must be in [0, 1], got {budget}")
    raise RuntimeError(f"{name} can only be used inside a torch.compile region; it has no effect in eager mode.")
    yield


def set_warn_on_accumulate_grad_stream_mismatch(enabled: bool) -> None:
    """About CUDA streams: without effect here."""
    check_flag(enabled)


def set_override_stale_capture_stream(enabled: bool) -> None:
    """About CUDA streams: without effect here."""
    check_flag(enabled)


def check_flag(enabled: bool) -> None:
    if not isinstance(enabled, bool):
        raise RuntimeError(f"enabled must be a bool, but got {type(enabled).__name__}")


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module 'torch.autograd.graph' has no attribute '{name}'")
