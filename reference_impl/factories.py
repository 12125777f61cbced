"""Making tensors from sizes. From data: from_data.py; from random numbers: random.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import dtypes
from .batching import apart
from .errors import Unsupported
from .graph.modes import INFERENCE, mode
from .tensor import Tensor, wrap

MADE: dict[str, Any] = {}  # name in torch -> function


def public(f: Callable[..., Any]) -> Callable[..., Any]:
    MADE[f.__name__] = f
    return f


def made(array: Any, requires_grad: bool = False, device: Any = None, out: Tensor | None = None) -> Tensor:
    """A leaf around an array, or the array's values in `out`."""
    if device is not None:
        dtypes.device(device)
    if out is not None:
        from .graph.out import write_out

        return write_out(out, wrap(array), "factory")
    t = wrap(array)
    if mode() & INFERENCE:
        t._inference = True
    if requires_grad:
        if array.dtype.kind not in "fcV":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        t.requires_grad = True
    return t


def size_of(given: tuple, name: str) -> tuple[int, ...]:
    """Sizes given one by one, or as one sequence."""
    items = given[0] if len(given) == 1 and isinstance(given[0], Sequence) else given
    if not given:
        raise TypeError(f'{name}() missing 1 required positional arguments: "size"')
    for i, n in enumerate(items):
        if isinstance(n, float) or not (isinstance(n, int | np.integer) or hasattr(n, "__index__")):
            found = f"found element of type {type(n).__name__} at pos {i}"
            raise TypeError(
                f"{name}(): argument 'size' (position {i + 1}) must be tuple of ints, "
                + (f"not {type(n).__name__}" if items is given and len(given) == 1 else f"but {found}")
            )
    sizes = tuple(int(n) for n in items)
    for n in sizes:
        if n < 0:
            if name == "zeros":
                raise RuntimeError("zeros: Dimension size must be non-negative.")
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(sizes)}")
    if len(sizes) > 64:
        raise Unsupported(f"{name}: more than 64 dimensions, which numpy does not have")
    return sizes


def filled_by(name: str, make: Callable[..., np.ndarray]) -> Callable[..., Tensor]:
    """The three forms of a factory: torch.<name>(size), torch.<name>_like(t), t.new_<name>(size)."""

    def factory(
        *sizes: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False,
        out: Tensor | None = None, layout: Any = None, memory_format: Any = None, pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        sizes = sizes if size is None else (size,)
        d = dtypes.wanted(dtype, out.dtype if out is not None else dtypes.get_default_dtype())
        return made(make(size_of(sizes, name), d.np)[()], requires_grad, device, out)

    def like(
        input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
        memory_format: Any = dtypes.preserve_format, layout: Any = None, generator: Any = None, pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        """The strides of a dense input are kept, as torch's preserve_format does."""
        if not isinstance(input, Tensor):
            raise TypeError(f"{name}_like(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
        a = make(tuple(input.shape), dtypes.wanted(dtype, input.dtype).np)
        return apart(made(laid_out(a, input, memory_format)[()], requires_grad, device), input)

    def of_same_kind(
        self: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, layout: Any = None,
        pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        return apart(factory(*size, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad), self)

    factory.__name__, like.__name__, of_same_kind.__name__ = name, name + "_like", "new_" + name
    MADE[name], MADE[name + "_like"] = factory, like
    if name in ("zeros", "ones", "empty"):
        setattr(Tensor, "new_" + name, of_same_kind)
    return factory


def laid_out(a: np.ndarray, like: Tensor, memory_format: Any) -> np.ndarray:
    """a with the order of strides that `like` has, if that is dense and to be kept."""
    b = getattr(like, "_array", None) if type(like).__name__ != "BatchedTensor" else None
    if memory_format not in (None, dtypes.preserve_format) or b is None or b.ndim < 2 or b.flags.c_contiguous:
        return a
    order = sorted(range(b.ndim), key=lambda i: (-b.strides[i], i))
    if not b.transpose(order).flags.c_contiguous:
        return a
    return np.ascontiguousarray(a.transpose(order)).transpose(np.argsort(order))


zeros = filled_by("zeros", np.zeros)
ones = filled_by("ones", np.ones)
empty = filled_by("empty", np.zeros)
zeros_like, ones_like = MADE["zeros_like"], MADE["ones_like"]


@public
def full(
    size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None,
    layout: Any = None,
) -> Tensor:  # fmt: skip
    """One value everywhere; its dtype is the value's (source: torch.full)."""
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    d = dtypes.wanted(dtype, fill_value.dtype if isinstance(fill_value, Tensor) else dtypes.of_number(value))
    return made(np.full(size_of((size,), "full"), dtypes.number(value, d.np), d.np)[()], requires_grad, device, out)


@public
def full_like(
    input: Tensor, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
    memory_format: Any = dtypes.preserve_format, layout: Any = None,
) -> Tensor:  # fmt: skip
    d = dtypes.wanted(dtype, input.dtype).np
    a = np.full(tuple(input.shape), dtypes.number(fill_value, d), d)
    return apart(made(laid_out(a, input, memory_format)[()], requires_grad, device), input)


def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False, **_: Any
) -> Tensor:
    return apart(full(size, fill_value, dtype=dtype or self.dtype, requires_grad=requires_grad), self)


Tensor.new_full = new_full


@public
def empty_strided(
    size: Any, stride: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, layout: Any = None
) -> Tensor:
    """Memory of the given strides, which may overlap (source: torch.empty_strided). It is zeros here."""
    size, stride = tuple(size), tuple(stride)
    if len(size) != len(stride):
        raise RuntimeError(
            f"dimensionality of sizes ({len(size)}) must match dimensionality of strides ({len(stride)})"
        )
    d = dtypes.wanted(dtype, dtypes.get_default_dtype()).np
    count = 0 if 0 in size else 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    memory = np.zeros(count, d)
    return made(np.ndarray(size, d, memory, 0, tuple(s * d.itemsize for s in stride)), requires_grad, device)


def number(x: Any) -> Any:
    return x.item() if isinstance(x, Tensor) else x


def ranged(*values: Any) -> dtypes.dtype:
    """The dtype of a range: an integer one only if all its numbers are."""
    return dtypes.get_default_dtype() if any(isinstance(v, float) for v in values) else dtypes.int64


@public
def arange(
    start: Any, end: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
    out: Any = None, layout: Any = None,
) -> Tensor:  # fmt: skip
    """start, start + step ... below end (source: torch.arange)."""
    if end is None:
        start, end = 0, start
    start, end, step = number(start), number(end), number(step)
    if not step:
        raise (RuntimeError if out is None else ValueError)("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    d = dtypes.wanted(dtype, ranged(start, end, step))
    count = math.ceil((end - start) / step)
    exact = np.float64 if d.category >= dtypes.FLOAT else np.int64
    values = np.asarray(start, exact) + np.arange(count) * np.asarray(step, exact)
    return made(values.astype(d.np), requires_grad, device, out)


@public
def linspace(
    start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None,
    layout: Any = None,
) -> Tensor:  # fmt: skip
    """steps values from start to end, both included (source: torch.linspace)."""
    check_steps("linspace", start, end, steps)
    d = dtypes.wanted(dtype, dtypes.get_default_dtype())
    return made(symmetric(number(start), number(end), steps, d.np), requires_grad, device, out)


def check_steps(name: str, start: Any, end: Any, steps: int) -> None:
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    ranks = [x.ndim if isinstance(x, Tensor) else 0 for x in (start, end)]
    if any(ranks):
        raise RuntimeError(
            f"{name} only supports 0-dimensional start and end tensors, but got start with {ranks[0]} dimension(s) and end "
            f"with {ranks[1]} dimension(s)."
        )


def symmetric(start: Any, end: Any, steps: int, d: Any) -> np.ndarray:
    """As torch: counted up from start in the first half, down from end in the second, in the dtype itself."""
    if steps < 2:
        return np.full(steps, start, d)
    if d.kind not in "fc":
        return np.linspace(start, end, steps).astype(d)
    wide = np.float32 if d.itemsize < 4 else d.type
    a, b = wide(start), wide(end)
    step = (b - a) / wide(steps - 1)
    k = np.arange(steps)
    return np.where(k < steps // 2, a + step * k.astype(wide), b - step * (steps - 1 - k).astype(wide)).astype(d)


@public
def logspace(
    start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None, device: Any = None,
    requires_grad: bool = False, out: Any = None,
) -> Tensor:  # fmt: skip
    """base to the powers of linspace (source: torch.logspace)."""
    check_steps("logspace", start, end, steps)
    d = dtypes.wanted(dtype, dtypes.get_default_dtype()).np
    return made(
        np.power(base, symmetric(number(start), number(end), steps, np.dtype("f8"))).astype(d),
        requires_grad,
        device,
        out,
    )


@public
def eye(
    n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None,
    layout: Any = None,
) -> Tensor:  # fmt: skip
    """Ones on the diagonal (source: torch.eye)."""
    for name, size in (("n", n), ("m", m)):
        if size is not None and size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    return made(np.eye(n, m, dtype=dtypes.wanted(dtype, dtypes.get_default_dtype()).np), requires_grad, device, out)


def indices(name: str, find: Callable[..., Any]) -> None:
    def factory(
        row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None
    ) -> Tensor:
        return made(np.stack(find(row, offset, col)).astype(dtypes.wanted(dtype, dtypes.int64).np), False, device)

    factory.__name__ = name
    MADE[name] = factory


indices("tril_indices", np.tril_indices)
indices("triu_indices", np.triu_indices)
