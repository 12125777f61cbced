"""Making tensors from sizes. From data: factories/from_data.py; from random numbers: factories/drawing.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes, placement
from ..batching import BatchedTensor, apart, enclose
from ..compiler.arguments import check_ints, check_tensors, is_number
from ..errors import Unsupported, type_name
from ..graph.modes import INFERENCE, mode
from ..ops.memory_order import laid_by
from ..tensor import NoArray, Tensor, wrap
from .sizes import check_negative, size_of, whole

MADE: dict[str, Any] = {}  # name in torch -> function


def public(f: Callable[..., Any]) -> Callable[..., Any]:
    MADE[f.__name__] = f
    return f


def made(
    array: Any, requires_grad: bool = False, device: Any = None, out: Tensor | None = None, layout: Any = None
) -> Tensor:
    """A leaf around an array, or the array's values in `out`."""
    if device is not None:
        placement.device(device)
    if layout not in (None, placement.strided):
        refuse_layout(layout)
    if out is not None:
        from ..graph.out import write_out

        if out.shape != array.shape and out._edge is None:
            out.resize_(array.shape)
        return write_out(out, wrap(array), "factory")
    t = wrap(array)
    if mode() & INFERENCE:
        t._inference = True
    if requires_grad:
        if requires_grad is not True:
            raise TypeError(f"argument 'requires_grad' must be bool, not {type_name(requires_grad)}")
        if array.dtype.kind not in "fcV":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        t.requires_grad = True
    return t


def refuse_layout(layout: Any) -> None:
    if not isinstance(layout, placement.layout):
        raise TypeError(f"argument 'layout' must be torch.layout, not {type_name(layout)}")
    raise Unsupported(f"a tensor of layout {layout}, made of numbers")


def asked_for(dtype: Any, out: Tensor | None, default: dtypes.dtype) -> dtypes.dtype:
    """The dtype that is named, which must be that of `out`, if there is one; the default if none is named."""
    d = dtypes.wanted(dtype, default if out is None else out.dtype)
    if out is not None and d is not out.dtype:
        raise RuntimeError(f"dtype {d.legacy} does not match dtype of out parameter ({out.dtype.legacy})")
    return d


def filled_by(name: str, make: Callable[..., np.ndarray]) -> Callable[..., Tensor]:
    """The three forms of a factory: torch.<name>(size), torch.<name>_like(t), t.new_<name>(size)."""

    def factory(
        *sizes: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False,
        out: Tensor | None = None, layout: Any = None, memory_format: Any = None, pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        sizes = sizes if size is None else (size,)
        d = asked_for(dtype, out, dtypes.get_default_dtype())
        if isinstance(layout, placement.layout) and layout is not placement.strided:
            from ..sparse.making import filled

            return filled(name, size_of(sizes, name), d, layout).requires_grad_(requires_grad)
        if memory_format is not None and name != "empty":
            raise TypeError(f"{name}() got an unexpected keyword argument 'memory_format'")
        a = in_format(make(size_of(sizes, name), d.np), memory_format)
        return made(a[()], requires_grad, device, out, layout)

    def like(
        input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
        memory_format: Any = None, layout: Any = None, generator: Any = None, pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        if not isinstance(input, Tensor):
            raise TypeError(f"{name}_like(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
        if layout is not None and layout is not input.layout:
            d = dtypes.wanted(dtype, input.dtype)
            return factory(input.shape, dtype=d, layout=layout, requires_grad=requires_grad)
        if isinstance(input, BatchedTensor):
            return of_all_samples(like, input, dtype=dtype, requires_grad=requires_grad)
        a = make(tuple(input.shape), dtypes.wanted(dtype, input.dtype).np)
        try:
            a = laid_out(a, input, memory_format)
        except NoArray:
            if memory_format is not None:
                raise RuntimeError("memory format option is only supported by strided tensors") from None
            t = input.filled_like(name, dtype)  # a sparse one
            return t.requires_grad_() if requires_grad else t
        return apart(made(a[()], requires_grad, device), input)

    def of_same_kind(
        self: Tensor, *args: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False,
        layout: Any = None, pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        d = dtype or self.dtype
        return apart(
            factory(*args, size=size, dtype=d, device=device, requires_grad=requires_grad, layout=layout), self
        )

    for f, known_as in ((factory, name), (like, f"{name}_like"), (of_same_kind, f"new_{name}")):
        f.__name__ = f.__qualname__ = known_as
    MADE[name], MADE[name + "_like"] = factory, like
    if name in ("zeros", "ones", "empty"):
        setattr(Tensor, "new_" + name, of_same_kind)
    return factory


def of_all_samples(make: Callable[..., Tensor], input: BatchedTensor, *given: Any, **options: Any) -> Tensor:
    """What is made like a batched tensor lies in memory as its samples do together."""
    return enclose(make(input.value, *given, **options), input.level)


def in_format(a: np.ndarray, memory_format: Any) -> np.ndarray:
    """a with its dimensions in memory as a format says."""
    if memory_format not in placement.CHANNELS_LAST:
        return a
    order = placement.channels_behind(a.ndim, memory_format)
    return np.ascontiguousarray(a.transpose(order)).transpose(np.argsort(order))


def laid_out(a: np.ndarray, like: Tensor, memory_format: Any) -> np.ndarray:
    """a with its dimensions in memory as a format says, or in the order that `like` has them in."""
    b = getattr(like, "_array", None)
    if memory_format not in (None, placement.preserve_format):
        return in_format(a, memory_format)
    if b is None or b.ndim < 2 or (b.flags.c_contiguous and 1 not in b.shape):
        return a
    from ..graph.overlap import dense

    if dense(b):
        return np.ndarray(a.shape, a.dtype, a, 0, tuple(s // b.itemsize * a.itemsize for s in b.strides))
    return laid_by(a, b.strides)


zeros = filled_by("zeros", np.zeros)
ones = filled_by("ones", np.ones)
empty = filled_by("empty", np.zeros)
zeros_like, ones_like = MADE["zeros_like"], MADE["ones_like"]


@public
def full(
    size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None,
    layout: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """One value everywhere; its dtype is the value's (source: torch.full)."""
    if not isinstance(size, tuple | list):
        raise TypeError(f"full(): argument 'size' (position 1) must be tuple of ints, not {type_name(size)}")
    value = filling(fill_value, "full")
    d = asked_for(dtype, out, fill_value.dtype if isinstance(fill_value, Tensor) else dtypes.of_number(value))
    values = np.full(size_of((size,), "full"), dtypes.number(value, d.np), d.np)
    return made(values[()], requires_grad, device, out, layout)


def filling(value: Any, name: str) -> Any:
    """The number that is to stand everywhere."""
    if not is_number(value):
        raise TypeError(f"{name}(): argument 'fill_value' (position 2) must be Number, not {type_name(value)}")
    return value.item() if isinstance(value, Tensor | np.generic) else value


@public
def full_like(
    input: Tensor, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
    memory_format: Any = placement.preserve_format, layout: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    check_tensors("full_like", input=input)
    value = filling(fill_value, "full_like")
    if isinstance(input, BatchedTensor):
        return of_all_samples(full_like, input, value, dtype=dtype, requires_grad=requires_grad)
    d = dtypes.wanted(dtype, input.dtype).np
    a = np.full(tuple(input.shape), dtypes.number(value, d), d)
    return apart(made(laid_out(a, input, memory_format)[()], requires_grad, device, None, layout), input)


def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
    layout: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    d, value = dtype or self.dtype, filling(fill_value, "new_full")
    return apart(full(size, value, dtype=d, device=device, requires_grad=requires_grad, layout=layout), self)


Tensor.new_full = new_full


@public
def empty_permuted(size: Any, physical_layout: Any, **given: Any) -> Tensor:
    """Memory without gaps, with the dimensions in it as they are named, the slowest first (source: torch.empty_permuted)."""
    size, order = whole(size, "empty_permuted"), whole(physical_layout, "empty_permuted", "physical_layout", 2)
    if len(size) != len(order):
        raise RuntimeError(
            "Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = "
            f"{len(size)} is not equal to len(physical_layout) = {len(order)}"
        )
    for i, d in enumerate(order):
        if not 0 <= d < len(size):
            raise RuntimeError(
                f"Dimension out of range (expected to be between 0 and {len(size) - 1}, but got {d} at index {i}).  NB: "
                "negative dims not currently supported; file an issue if you want it."
            )
    if len(set(order)) < len(order):
        raise RuntimeError("Duplicate dim not allowed")
    return empty(tuple(size[d] for d in order), **given).permute(tuple(np.argsort(order).tolist()))


@public
def empty_strided(
    size: Any, stride: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """Memory of the given strides, which may overlap (source: torch.empty_strided). It is zeros here."""
    size, stride = whole(size, "empty_strided"), whole(stride, "empty_strided", "stride", 2)
    if len(size) != len(stride):
        raise RuntimeError(
            f"dimensionality of sizes ({len(size)}) must match dimensionality of strides ({len(stride)})"
        )
    check_negative(size)
    d = dtypes.wanted(dtype, dtypes.get_default_dtype()).np
    count = 0 if 0 in size else 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    if min(stride, default=0) < 0 or count * d.itemsize >= 2**63:
        raise RuntimeError(f"Storage size calculation overflowed with sizes={list(size)} and strides={list(stride)}")
    memory = np.zeros(count, d)
    strides = tuple(s * d.itemsize for s in stride)
    return made(np.ndarray(size, d, memory, 0, strides), requires_grad, device, None, layout)


def new_empty_strided(self: Tensor, size: Any, stride: Any, *, dtype: Any = None, **given: Any) -> Tensor:
    if isinstance(self, BatchedTensor):
        step = empty_strided(size, stride).untyped_storage().nbytes() // empty(()).itemsize
        return of_all_samples(
            new_empty_strided, self, (self.value.shape[0], *size), (step, *stride), dtype=dtype, **given
        )
    return apart(empty_strided(size, stride, dtype=dtype or self.dtype, **given), self)


Tensor.new_empty_strided = new_empty_strided


@public
def eye(
    n: int, m: Any = ..., *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None,
    layout: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """Ones on the diagonal (source: torch.eye)."""
    m = n if m is ... else m
    check_ints("eye", n=n, m=m)
    for name, size in (("n", n), ("m", m)):
        if size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    d = asked_for(dtype, out, dtypes.get_default_dtype())
    return made(np.eye(n, m, dtype=d.np), requires_grad, device, out, layout)
