"""Pooling as torch.nn.functional spells it, over the rows of pool.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from operator import index
from typing import Any

from ..autocasting import cast
from ..compiler.arguments import misfit
from ..dtypes import float32
from ..graph.modes import AUTOCAST, mode
from ..tensor import Tensor
from . import average_pool, pool, reduce
from .conv import per_dimension
from .form import composite
from .shape import squeeze, unsqueeze

RANKS = (1, 2, 3)


def check_1d(input: Tensor, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> None:
    """What torch says of max_pool1d itself."""
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            f"{list(input.shape)}"
        )
    where = window("max_pool1d", 1, kernel_size, stride, padding=padding, dilation=dilation)
    kernel, step, pad, gap = (n[-1] for n in where)
    for name, n in (("kernel_size", kernel), ("stride", step)):
        if n <= 0:
            raise RuntimeError(f"max_pool1d() {name} must be greater than zero, but got {n}")
    if pad < 0:
        raise RuntimeError(f"max_pool1d() padding must be non-negative, but got {pad}")
    if pad > kernel // 2:
        raise RuntimeError(
            f"max_pool1d() padding should be at most half of kernel size, but got padding={pad} and kernel_size={kernel}"
        )
    if gap <= 0:
        raise RuntimeError(f"max_pool1d() dilation must be greater than zero, but got {gap}")
    room = input.shape[-1] + 2 * pad - gap * (kernel - 1) - 1
    size = (room + ceil_mode * (step - 1)) // step + 1
    if size <= 0:
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {size}")


def check_size(input: Tensor, size: tuple[int, ...], rank: int, kind: str) -> None:
    if kind == "max" or rank == 1:
        check_adapted(input, rank, kind, set(size) == {1})
    if len(size) != rank:
        if rank == 1:
            raise RuntimeError(
                f"adaptive_{kind}_pool1d() argument 'output_size' should contain one int (got {len(size)})"
            )
        raise RuntimeError(
            f"adaptive_{kind}_pool{rank}d: output_size must be {rank}"
            if kind == "avg"
            else f"adaptive_max_pool{rank}d(): internal error: output_size.size() must be {rank}"
        )
    if any(n is not None and n < 0 for n in size):
        wide = (1, *size) if rank == 1 else size
        if kind == "max":
            found = [*([*input.shape, 1][: input.ndim - 1 + (rank == 1)] if rank == 1 else input.shape[:-rank]), *wide]
            bad = next(n for n in wide if n < 0)
            raise RuntimeError(
                f"Trying to create tensor with negative dimension {bad}: {found[-input.ndim - (rank == 1) :]}"
            )
        shown = ", ".join(map(str, wide[:2])) + "".join(f",{n}" for n in wide[2:])
        raise RuntimeError(
            f"adaptive_avg_pool{max(rank, 2)}d: elements of output_size must be greater than or equal to 0 but received "
            f"{{{shown}}}"
        )


def publish(name: str, function: Any) -> Any:
    function.__name__ = name
    in_torch = "1d" in name or name in ("max_pool2d", "max_pool3d")
    modules = "nn.functional torch" if in_torch else "nn.functional"
    return composite(name, modules=modules, method=False, out="avg" in name)(function)


def raised(input: Tensor, rank: int) -> Tensor:
    """One-dimensional pooling is two-dimensional pooling of rows."""
    if rank == 1 and input.ndim not in (2, 3):
        raise RuntimeError(
            f"Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:{list(input.shape)}"
        )
    return unsqueeze(input, -2) if rank == 1 else input


def window(name: str, rank: int, kernel_size: Any, stride: Any, **others: Any) -> list[tuple[int, ...]]:
    """Kernel, stride (empty for the kernel's) and others, with a 1-dimensional pool's first number put in."""
    kernel = counts(name, rank, "kernel_size", kernel_size)
    default = kernel if rank == 1 else ()
    found = [kernel, default if stride is None or stride in ((), []) else counts(name, rank, "stride", stride)]
    found += [counts(name, rank, what, n) for what, n in others.items()]
    first = (1, 1, 0, 1)  # for the padding 0
    return [(k, *n) for k, n in zip(first, found, strict=False)] if rank == 1 else found


def counts(name: str, rank: int, what: str, given: Any) -> tuple[int, ...]:
    """One number for each dimension of a pool."""
    if isinstance(given, tuple | list) and len(given) not in (1, rank):
        raise RuntimeError(miscounted(name, what, rank, len(given)))
    try:
        return per_dimension(tuple(map(index, given)) if isinstance(given, tuple | list) else index(given), rank)
    except TypeError as error:
        place = ("kernel_size", "stride", "padding", "dilation").index(what) + 2
        better = misfit(name.removesuffix("_with_indices"), [(what, ["tuple of ints"], True)], {what: given}, place)
        raise better or error from None


def miscounted(name: str, what: str, rank: int, found: int) -> str:
    if name == "max_pool1d":
        none, comma = "None, " * (what == "stride"), "," * (what in ("stride", "padding"))
        return f"max_pool1d() {what} must be {none}an int, list of ints{comma} or tuple of ints of size 1 but got size {found}"
    if rank == 1:
        return f"{name.removesuffix('_with_indices')}() argument '{what}' should contain one int (got {found})"
    must = "must be" if name == "avg_pool3d" else "must be either" if what == "dilation" else "must either be"
    omitted = " omitted," * (what == "stride")
    return f"{name}: {what} {must}{omitted} a single int, or a tuple of {'two' if rank == 2 else 'three'} ints"


def max_pool(rank: int) -> None:
    def with_indices(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        name = "max_pool1d_with_indices" if rank == 1 else f"max_pool{rank}d"
        where = window(name, rank, kernel_size, stride, padding=padding, dilation=dilation)
        result = pool.max_pools[max(rank, 2)](raised(input, rank), *where, ceil_mode)
        return tuple(squeeze(t, -2) for t in result) if rank == 1 else tuple(result)

    def function(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        if rank == 3 and not return_indices and mode() & AUTOCAST:
            input = cast(input, float32)
        if rank == 1 and not return_indices:
            check_1d(input, kernel_size, stride, padding, dilation, ceil_mode)
        result = with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
        if rank == 1 and not return_indices and not input.dtype.is_floating_point:
            raise NotImplementedError(f"\"max_pool1d_impl\" not implemented for '{input.dtype.legacy}'")
        return result if return_indices else result[0]

    def adaptive(input, output_size, return_indices=False):
        size = adaptive_size(input, output_size, rank, "max")
        result = pool.adaptive_max_pools[max(rank, 2)](raised(input, rank), size)
        result = tuple(squeeze(t, -2) for t in result) if rank == 1 else tuple(result)
        return result if return_indices else result[0]

    def adaptive_with_indices(input, output_size, return_indices=False):
        return adaptive(input, output_size, True)

    names = ("max_pool{}d_with_indices", "max_pool{}d", "adaptive_max_pool{}d", "adaptive_max_pool{}d_with_indices")
    for name, f in zip(names, (with_indices, function, adaptive, adaptive_with_indices), strict=True):
        globals()[name.format(rank)] = publish(name.format(rank), f)


def max_unpool(rank: int) -> None:
    def unpool(input, indices, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size=None):
        stride = kernel_size if stride is None else stride
        kernel, stride, padding = (each(n, rank) for n in (kernel_size, stride, padding))
        usual = [input.shape[d - len(kernel)] - 1 for d in range(len(kernel))]
        size = tuple([n * stride[d] + kernel[d] - 2 * padding[d] for d, n in enumerate(usual)])
        if output_size is not None:
            size = checked_size(output_size, size, stride)
        if input.ndim not in (rank + 1, rank + 2):
            least = max(rank, 2) + 1
            raise RuntimeError(
                f"Input to max_unpooling{max(rank, 2)}d should be a {least}d or {least + 1}d Tensor, but got a tensor with "
                f"{input.ndim + (rank == 1)} dimensions."
            )
        if len(size) != rank:
            named = "three elements (depth, height, width)" if rank == 3 else "two elements (height, width)"
            found = len(size) + (rank == 1)
            raise RuntimeError(f"There should be exactly {named} in output_size, but got {found} elements.")
        if rank > 1:
            return pool.max_unpool(input, indices, size)
        return squeeze(pool.max_unpool(unsqueeze(input, -1), unsqueeze(indices, -1), (*size, 1)), -1)

    globals()[f"max_unpool{rank}d"] = publish(f"max_unpool{rank}d", unpool)


def each(n: Any, rank: int) -> tuple[int, ...]:
    """A number for each dimension; a sequence has as many of its own."""
    return tuple(n) if isinstance(n, Iterable) else (n,) * rank


def checked_size(given: Sequence[int], usual: tuple[int, ...], stride: tuple[int, ...]) -> tuple[int, ...]:
    """The size that an unpooled output is to have, perhaps with batch and channels: nearer than a stride to the usual."""
    rank = len(usual)
    size = given[2:] if len(given) == rank + 2 else given
    if len(size) != rank:
        raise ValueError(
            f"output_size should be a sequence containing {rank} or {rank + 2} elements, but it has a length of "
            f"'{len(given)}'"
        )
    for d, (n, middle, s) in enumerate(zip(size, usual, stride, strict=False)):
        if not middle - s < n < middle + s:
            raise ValueError(f'invalid output_size "{size}" (dim {d} must be between {middle - s} and {middle + s})')
    return tuple(size)


def check_adapted(input: Tensor, rank: int, kind: str, one: bool) -> None:
    name, have = f"adaptive_{kind}_pool{rank}d", list(input.shape)
    if input.ndim not in (rank + 1, rank + 2):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for argument #1 'self' (while checking "
            f"arguments for {name})"
            if rank == 1
            else f"{name}(): Expected {rank + 1}D or {rank + 2}D tensor, but got{':' if kind == 'max' else ''} {have}"
        )
    if rank == 1 and kind == "avg":
        if one:
            return  # a mean, then
        name, have = "adaptive_avg_pool2d", [*have[:-1], 1, have[-1]]
    for d in range(len(have) - 2 if kind == "avg" and rank < 3 else 1, len(have)):
        if not have[d]:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes {have} with "
                f"dimension {d} being empty"
            )


def adaptive_size(input: Tensor, output_size: Any, rank: int, kind: str) -> tuple[int, ...]:
    """None keeps a dimension's size."""
    given = (output_size,) * rank if isinstance(output_size, int) else tuple(output_size)
    if rank == 1 and None in given:
        raise TypeError(
            f"adaptive_{kind}_pool1d(): argument 'output_size' (position 2) must be tuple of ints, but found element of type "
            "NoneType at pos 0"
        )
    if rank > 1 and not isinstance(output_size, int) and input.ndim <= len(given):
        raise ValueError(f"Input dimension should be at least {len(given) + 1}")
    asked = [0 if n is None else n for n in given]
    try:
        list(map(index, asked))
    except TypeError as error:
        name, wanted = f"adaptive_{kind}_pool{rank}d", [("output_size", ["tuple of ints"], True)]
        raise misfit(name, wanted, {"output_size": asked}, 2) or error from None
    check_size(input, given, rank, kind)
    check_adapted(input, rank, kind, set(given) == {1})
    have = input.shape[-rank:]
    size = tuple(n if m is None else m for n, m in zip(have, given, strict=True))
    return (1, *size) if rank == 1 else size


def avg_pool(rank: int) -> None:
    def function(
        input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
    ):
        where = window(f"avg_pool{rank}d", rank, kernel_size, stride, padding=padding)
        y = average_pool.avg_pool[max(rank, 2)][0](
            raised(input, rank), *where, ceil_mode, count_include_pad, divisor_override
        )
        return squeeze(y, -2) if rank == 1 else y

    def adaptive(input, output_size):
        size = adaptive_size(input, output_size, rank, "avg")
        planes = raised(input, rank)
        if set(size) == {1}:
            y = reduce.mean(planes, tuple(range(-1, -1 - max(rank, 2), -1)), True)
        else:
            y = average_pool.avg_pool[max(rank, 2)][1](planes, size)
        return squeeze(y, -2) if rank == 1 else y

    def lp(input, norm_type, kernel_size, stride=None, ceil_mode=False):
        kernel, most = per_dimension(kernel_size, rank), globals()[f"max_pool{rank}d"]
        if norm_type == inf:
            return most(input.abs(), kernel, stride, 0, 1, ceil_mode)
        if norm_type == -inf:
            return -most(-input.abs(), kernel, stride, 0, 1, ceil_mode)
        count = 1
        for k in kernel:
            count *= k
        out = function(input**norm_type, kernel, stride, 0, ceil_mode)
        return (out.sign() * out.abs().relu() * count) ** (1.0 / norm_type)

    for name, f in (("avg_pool{}d", function), ("adaptive_avg_pool{}d", adaptive), ("lp_pool{}d", lp)):
        globals()[name.format(rank)] = publish(name.format(rank), f)


for _rank in RANKS:
    max_pool(_rank)
    max_unpool(_rank)
    avg_pool(_rank)
