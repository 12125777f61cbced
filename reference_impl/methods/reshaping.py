"""In-place operators that change a tensor's shape, or its memory, instead of its values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from mmap import mmap
from typing import Any

import numpy as np

from .. import placement
from ..batching import BatchedTensor
from ..compiler.arguments import check_tensors
from ..factories.sequences import CONVERTERS
from ..factories.sizes import size_of
from ..graph.dual import Primals, all_tangents
from ..graph.inplace import alias, inplace_form
from ..graph.modes import GRAD, INFERENCE, mode
from ..graph.node import NOBODY
from ..graph.views import address, live_views, may_write, regenerate, wrote
from ..ops import affine, parts, shape, strides
from ..ops.form import Row
from ..storage import UntypedStorage, memory_of, place
from ..tensor import Tensor, storage_array, storage_of
from . import Late, method


def reshaping(row: Row, shift: int) -> Callable[..., Tensor]:
    """`unsqueeze_` from `unsqueeze`: the tensor becomes what was a view of it. shift: torch numbers its nodes later."""
    name = re.sub(r"(?<=Backward)\d+", lambda number: str(int(number[0]) + shift), str(row.grad_fn))
    of_its_own = replace(row, grad_fn=name, public=False)

    def in_place(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if isinstance(self, BatchedTensor):
            self.value = row.function(self, *args, **kwargs).value
            return self
        recording = mode() & GRAD and self._edge is not None
        if recording:
            may_write(self)
            if self._stale:
                regenerate(self)
        tangents = all_tangents(self)
        out = of_its_own.function(alias(self, storage_array(self)), *args, **kwargs)
        self._array = out._array
        wrote(self)
        if recording:
            self._edge, self._stale = out._edge, False
        for level, tangent in tangents:
            with Primals(level):
                in_place(tangent, *args, **kwargs)
        return self

    in_place.__name__ = row.name + "_"
    return in_place


for _row, _names, _shift in (
    (shape.unsqueeze, "unsqueeze_", 1),
    (shape.squeeze, "squeeze_", 3),
    (shape.transpose, "transpose_ swapdims_", 1),
    (shape.t, "t_", 1),
    (strides.as_strided, "_as_strided_", 1),
):
    for _name in _names.split():
        setattr(Tensor, _name, Late(_name, lambda row=_row, shift=_shift: reshaping(row, shift)))


@method
def swapaxes_(self: Tensor, axis0: int, axis1: int) -> Tensor:
    return self.transpose_(axis0, axis1)  # type: ignore[attr-defined]


@method
def as_strided_(self: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """Other strides over the same memory (source: torch.Tensor.as_strided_)."""
    return self._as_strided_(*parts.strided(self, size, stride, storage_offset))  # type: ignore[attr-defined]


@method
def addbmm_(self: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """self becomes as large as the result (source: torch.Tensor.addbmm_)."""
    fits = self.shape == (*batch1.shape[1:2], *batch2.shape[2:])
    form = inplace_form(affine.addbmm) if fits else reshaping(affine.addbmm, 0)
    return form(self, batch1, batch2, beta=beta, alpha=alpha)


addbmm_.pointwise = False  # type: ignore[attr-defined]


def in_format(memory: np.ndarray, shape: tuple[int, ...], memory_format: Any) -> np.ndarray:
    """A memory as an array of that shape, with its dimensions in the order of a format."""
    if memory_format not in placement.CHANNELS_LAST:
        return memory.reshape(shape)
    order = placement.channels_behind(len(shape), memory_format)
    return memory.reshape([shape[d] for d in order]).transpose(np.argsort(order))


@method
def resize_(self: Tensor, *size: Any, memory_format: Any = None) -> Tensor:
    """Another shape over the same memory, or over new memory where that is too small (source: torch.Tensor.resize_)."""
    if self._edge is not None and not mode() & INFERENCE:
        raise RuntimeError("cannot resize variables that require grad")
    if all_tangents(self):
        raise RuntimeError("cannot resize variables that has a forward grad")
    wanted = size_of(size, "resize_")
    if wanted == self.shape and memory_format is None:
        return self
    count, a = int(np.prod(wanted, dtype=np.int64)), storage_array(self)
    offset = self.storage_offset()
    memory = memory_of(self).reshape(-1, order="A").view(a.dtype)
    if offset + count > memory.size:
        larger = np.zeros(offset + count, a.dtype)
        larger[: memory.size] = memory
        move(self, larger)
        memory = larger
    self._array = in_format(memory[offset : offset + count], wanted, memory_format)
    storage_of(self).bump()
    return self


def move(t: Tensor, fresh: np.ndarray) -> None:
    """Let t, its base and its views lie in fresh memory as they lie in theirs."""
    base = t if t._base is None else t._base
    start = address(memory_of(base))
    for x in {id(x): x for x in (t, base, *live_views(base))}.values():
        a = storage_array(x)
        x._array = np.ndarray(a.shape, a.dtype, fresh, address(a) - start, a.strides)


@method
def resize_as_(self: Tensor, the_template: Tensor, memory_format: Any = None) -> Tensor:
    check_tensors("resize_as_", the_template=the_template)
    if memory_format is not placement.preserve_format:
        return self.resize_(the_template.shape, memory_format=memory_format)
    self.resize_(the_template.shape)
    self._array = place(self, self._array.dtype, self.storage_offset(), the_template.shape, the_template.stride())
    return self


@method
def set_(self: Tensor, source: Any = None, storage_offset: int = 0, size: Any = None, stride: Any = None) -> Tensor:
    """Become another tensor, or a place in a storage; the version counter stays (source: torch.Tensor.set_).

    A leaf gets an AccumulateGrad of its own; what was recorded before leads to the old one.
    """
    given, d = getattr(source, "dtype", self.dtype), self._array.dtype
    if given is not self.dtype:
        if not isinstance(source, Tensor):
            raise RuntimeError(
                f"Expected a Storage of type {self.dtype.cpp} or an UntypedStorage, but got type {given.legacy} for argument "
                "1 'storage'"
            )
        raise RuntimeError(f"Could not set tensor of type {given.cpp} to a tensor of type {self.dtype.cpp}")
    if mode() & GRAD and self._edge is not None:
        may_write(self)
    if all_tangents(self) or all_tangents(source):
        raise NotImplementedError(
            "Trying to use forward AD with set_ that does not support it because it has not been implemented yet.\nPlease "
            "file an issue to PyTorch at https://github.com/pytorch/pytorch/issues/new?template=feature-request.yml so that "
            "we can prioritize its implementation."
        )
    if isinstance(source, Tensor) and size is None:
        self._array = storage_array(source)
    else:
        self._array = np.zeros(0, d) if source is None else place(source, d, storage_offset, size, stride)
    self._accumulator = NOBODY
    storage_of(self).bump()
    return self


@method
def share_memory_(self: Tensor) -> Tensor:
    """Move its memory, with its views, to where processes that are forked share it (source: torch.Tensor.share_memory_)."""
    if not self.is_shared():
        memory = memory_of(self)
        shared = np.frombuffer(mmap(-1, max(1, memory.nbytes)), np.uint8)
        shared[: memory.nbytes] = memory.reshape(-1, order="A").view(np.uint8)
        move(self, shared)
    return self


@method
def is_shared(self: Tensor) -> bool:
    """Whether its memory is shared with other processes (source: torch.Tensor.is_shared)."""
    return UntypedStorage(memory_of(self)).is_shared()


@method
def apply_(self: Tensor, callable: Callable[[Any], Any]) -> Tensor:
    """Replace each element by what the function makes of it (source: torch.Tensor.apply_)."""
    if self._edge is not None:
        raise TypeError("Can't call apply_() on Variable that requires grad. Use var.detach().apply_() instead.")
    a = storage_array(self)
    a[...] = numbers(map(callable, a.ravel().tolist()), self)
    return self


def numbers(values: Iterable[Any], like: Tensor) -> np.ndarray:
    """What a user's function made, in the dtype and shape of a tensor."""
    return CONVERTERS[like.dtype.category](list(values), like.dtype).reshape(like.shape)


@method
def map_(self: Tensor, tensor: Tensor, callable: Callable[[Any, Any], Any]) -> Tensor:
    """Replace each element by what the function makes of it and of the other tensor's (source: torch.Tensor.map_)."""
    if self._edge is not None or tensor._edge is not None:
        raise TypeError("Can't call map_() on Variable that requires grad. Use var.detach().map_() instead.")
    a = storage_array(self)
    others = np.broadcast_to(storage_array(tensor), a.shape)
    a[...] = numbers(map(callable, a.ravel().tolist(), others.ravel().tolist()), self)
    return self
