"""Batched tensors: what a function under vmap (batching/vmap.py) computes with.

Note [Batched tensors]
A BatchedTensor is a tensor of the sample's shape around a physical tensor with one dimension more, the first. It has no
array of its own: an operator that asks for one gets a `NoArray` exception, and is computed by its batching rule instead
(batching/rules.py) on the physical tensors, where it is recorded as usual. A row without a rule is computed sample by sample
and stacked: right for every operator there is, if slower.
Nested vmaps are levels; the outermost wrapper always has the highest level. Inside vmap, backward starts and ends at
physical tensors, so what is differentiated must not be shared between samples: func.grad expands its inputs first.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple

from ..dtypes import Size
from ..graph.clock import tick
from ..graph.dual import Primals, active, hold, tangent_of
from ..graph.modes import set_transforms, transforms
from ..placement import contiguous_format
from ..tensor import NoArray, Tensor, new


class Level(NamedTuple):
    """One vmap that is running."""

    number: int
    size: int
    randomness: str
    tangents: bool  # whether samples differ in their tangents alone, as the columns of a Jacobian by forward mode do


# the vmaps that are running in this thread, the outermost first
_levels: ContextVar[tuple[Level, ...]] = ContextVar("levels", default=())
levels = _levels.get
set_levels = _levels.set
REFUSED = "refused"


class Running:
    """One of them: its number while it runs, and -2, as torch shows it, when it is over."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.ended: int | None = None  # when, on the clock of nodes


@contextmanager
def transform() -> Any:
    number = transforms() + 1
    set_transforms(number)
    running = Running(number)
    try:
        yield running
    finally:
        running.number, running.ended = -2, tick()
        set_transforms(number - 1)


class BatchedTensor(Tensor):
    """See Note [Batched tensors]."""

    value: Tensor
    level: int
    given: tuple[Tensor, int] | None = None  # of an input of vmap: as the caller gave it, and its in_dim

    @property
    def _array(self) -> Any:
        raise NoArray

    @_array.setter
    def _array(self, _: Any) -> None:
        raise NoArray

    _edge = property(lambda self: self.value._edge, lambda self, edge: setattr(self.value, "_edge", edge))
    _version = property(lambda self: self.value._version)

    shape = property(lambda self: Size(self.value.shape[1:]))
    ndim = property(lambda self: self.value.ndim - 1)
    dtype = property(lambda self: self.value.dtype)

    @property
    def requires_grad(self) -> bool:
        return self.value.requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.value.requires_grad = value

    def dim(self) -> int:
        return self.ndim

    def numel(self) -> int:
        return self.shape.numel()

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Any:
        return iter([self[i] for i in range(len(self))])

    def stride(self, dim: int | None = None) -> Any:
        strides = self.value.stride()[1:]
        return strides if dim is None else strides[dim]

    def is_contiguous(self, memory_format: Any = None) -> bool:
        if memory_format not in (None, contiguous_format):
            raise RuntimeError(
                "NYI: querying is_contiguous inside of vmap for memory_format other than torch.contiguous_format"
            )
        step = 1
        for n, stride in zip(reversed(self.shape), reversed(self.stride()), strict=True):
            if n != 1 and stride != step:
                return not self.numel()
            step *= n
        return True

    def contiguous(self, memory_format: Any = None) -> Tensor:
        return self if self.is_contiguous(memory_format) else enclose(self.value.contiguous(), self.level)

    def storage_offset(self) -> int:
        return self.value.storage_offset()

    @property
    def data(self) -> Tensor:
        raise RuntimeError("accessing `data` under vmap transform is not allowed")

    @data.setter
    def data(self, _: Any) -> None:
        raise RuntimeError("mutating directly with `.data` under vmap transform is not allowed.")

    def detach(self) -> Tensor:
        return enclose(self.value.detach(), self.level)

    def backward(self, *_: Any, **__: Any) -> None:
        raise RuntimeError(
            "backward() called inside a functorch transform. This is not supported, please use functorch.grad or "
            "functorch.vjp instead or call backward() outside of functorch transforms."
        )

    def numpy(self, *, force: bool = False) -> Any:
        raise RuntimeError("Cannot access data pointer of Tensor that doesn't have storage")

    def data_ptr(self) -> int:
        raise RuntimeError("Cannot access data pointer of Tensor that doesn't have storage")

    def item(self) -> Any:
        raise RuntimeError(
            "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a "
            "Tensor, please try to rewrite what you're doing with other operations. If error is occurring somewhere "
            "inside PyTorch internals, please file a bug report."
        )

    __float__ = __int__ = __index__ = __complex__ = item

    tolist = numpy

    def __bool__(self) -> bool:
        raise RuntimeError(
            "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't support "
            "that yet, please file an issue at https://github.com/pytorch/pytorch/issues ."
        )

    def __repr__(self) -> str:
        from ..func.tracking import text_of

        return text_of(self)


def enclose(value: Tensor, level: int) -> Tensor:
    """value, whose first dimension is the batch of `level`, as one sample."""
    if isinstance(value, BatchedTensor) and value.level > level:
        return enclose(enclose(value.value.transpose(0, 1), level), value.level)
    t = new(BatchedTensor)
    t.value, t.level = value, level
    return t


def sample_of(x: Tensor, dim: int, level: int) -> Tensor:
    """An input of vmap as one sample."""
    t = enclose(x.movedim(dim, 0) if dim else x, level)
    if dim and not isinstance(x, BatchedTensor):
        t.given = x, dim  # type: ignore[attr-defined]
    return t


def expose(t: Tensor, level: int, size: int) -> Tensor:
    """The inverse of enclose: t with the batch of `level` as its first dimension, expanded if t does not depend on it."""
    if not isinstance(t, BatchedTensor) or t.level < level:
        tangent = tangent_of(t)
        with Primals() as at:
            found = expose(t, level, size) if active() else t.unsqueeze(0).expand(size, *t.shape)
            if tangent is not None:
                hold(found, expose(tangent, level, size), at)
        return found
    if t.level == level:
        return t.value
    return enclose(expose(t.value, level, size).transpose(0, 1), t.level)


def depends_on(t: Any, level: int) -> bool:
    while isinstance(t, BatchedTensor) and t.level > level:
        t = t.value
    return isinstance(t, BatchedTensor) and t.level == level


def varies(t: Any, level: int) -> bool:
    """Whether t, or a tangent of it, depends on the sample."""
    if depends_on(t, level) or not isinstance(t, Tensor) or not active():
        return depends_on(t, level)
    tangent = tangent_of(t)
    with Primals():
        return varies(tangent, level) or varies(t, level)


def physical(t: Tensor) -> Tensor:
    while isinstance(t, BatchedTensor):
        t = t.value
    return t


def levels_of(t: Tensor) -> list[int]:
    """The levels that t depends on, the innermost wrapper's first."""
    found: list[int] = []
    while isinstance(t, BatchedTensor):
        found.append(t.level)
        t = t.value
    return found[::-1]


@contextmanager
def level(size: int, randomness: str, tangents: bool = False) -> Any:
    """One vmap more. Where autograd itself batches, randomness is "refused": no transform that custom Functions notice."""
    around = levels()
    number = around[-1].number + 1 if around else 1
    set_levels((*around, Level(number, size, randomness, tangents)))
    try:
        with nullcontext() if randomness == REFUSED else transform():
            yield number
    finally:
        set_levels(around)


@contextmanager
def aside(number: int = 0) -> Any:
    """A block in which only the vmaps outside of `number` run, for what is computed on physical tensors at once."""
    before = levels()
    set_levels(tuple(lv for lv in before if lv.number < number))
    try:
        yield
    finally:
        set_levels(before)


def apart(t: Tensor, like: Tensor) -> Tensor:
    """t, new and the same for all samples, with memory of its own in every sample on which `like` depends."""
    if like._overridden:
        return like._of_class(t)
    sizes = sizes_of_levels()
    for number in levels_of(like):
        t = enclose(expose(t, number, sizes[number]).clone(), number)
    return t


def sizes_of_levels() -> dict[int, int]:
    return {lv.number: lv.size for lv in levels()}


# ---------------------------------------------------------------- backward and batches


def lower(g: Tensor, out: Tensor) -> Tensor:
    """The cotangent g of out as one of out's physical tensor, or, where out is of a class of the user's, a plain one."""
    if g._overridden:
        g = g.as_subclass(Tensor)
    sizes = sizes_of_levels()
    for number in reversed(levels_of(out)):
        g = expose(g, number, sizes[number])
    return g


def lift(g: Tensor, x: Tensor) -> Tensor:
    """A gradient of x's physical tensor as one of x; of x's class, if that is the user's."""
    if x._overridden:
        return x._of_class(g)
    for number in levels_of(x):
        g = enclose(g, number)
    return g


def own(x: Tensor) -> Tensor:
    """x with a place of its own in every sample, so that its gradient is not summed over the batch. (Where samples are
    tangents, x is one for all, and its gradient has a tangent for each.)"""
    for lv in levels():
        if not lv.tangents and not depends_on(x, lv.number):
            x = enclose(expose(x, lv.number, lv.size), lv.number)
    return x
