"""Making tensors of random numbers: rand, randn, randint, randperm, multinomial, and those like a tensor."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import dtypes, placement
from ..compiler.arguments import check_ints, check_tensors
from ..compiler.runtime import not_a_tensor
from ..errors import type_name
from ..ops import memory_order
from ..random import Generator, running_vmaps, source_of
from ..tensor import Tensor, wrap
from . import MADE, asked_for, made, public
from .sizes import size_of
from .stream import DIGITS, Stream
from .whole_numbers import bounds


def per_sample(
    draw: Callable[[tuple[int, ...]], np.ndarray], size: tuple[int, ...], out: Tensor | None = None
) -> Tensor | None:
    """Inside vmap: refuse, draw once for all samples, or draw for each, as its `randomness` says."""
    batching = running_vmaps()
    if not batching:
        return None
    refuse_out(out)
    source_of()
    different = [lv for lv in batching.levels() if lv.randomness == "different"]
    return enclosed(wrap(draw((*(lv.size for lv in different), *size))), [lv.number for lv in different])


def refuse_out(out: Any) -> None:
    if out is not None:
        raise RuntimeError(
            "vmap: We do not support calling out variants of random operations inside of vmap. Please use non-out variants "
            "as a workaround"
        )


def enclosed(t: Tensor, levels: list[int]) -> Tensor:
    """Numbers for the samples of several vmaps, the outermost's first, as those of one sample."""
    batching = running_vmaps()
    for number in levels:
        t = batching.enclose(t, number)
    return t


def all_samples(input: Tensor, shared: Callable[[Tensor], Tensor]) -> tuple[Tensor, list[int]]:
    """input for all samples that draw apart, and the levels of these vmaps. shared: what a batched input is to samples that
    do not."""
    batching = running_vmaps()
    source_of()
    levels = []
    for lv in reversed(batching.levels()):
        if lv.randomness == "different":
            input = batching.expose(input, lv.number, lv.size)
            levels.append(lv.number)
        elif batching.depends_on(input, lv.number):
            input = shared(batching.expose(input, lv.number, lv.size))
    return input, levels[::-1]


def refuse_shared(input: Tensor) -> Tensor:
    raise RuntimeError(running_vmaps().calls.SHARED)


def in_order_of(
    input: Tensor, draw: Callable[..., Tensor], scattered: Callable[..., Tensor],
    memory_format: Any = placement.preserve_format, requires_grad: bool = False, **given: Any,
) -> Tensor:  # fmt: skip
    """Numbers in the shape of a tensor, drawn in the order of its memory."""
    if batching := running_vmaps():
        whole, levels = all_samples(input, lambda x: x[0])
        with batching.aside():
            numbers = in_order_of(whole, draw, scattered, memory_format, requires_grad, **given)
        return enclosed(numbers, levels)
    if memory_format in placement.CHANNELS_LAST:
        order = placement.channels_behind(input.ndim, memory_format)
    elif memory_format is placement.contiguous_format or input.is_contiguous():
        return draw(tuple(input.shape), requires_grad=requires_grad, **given)
    else:
        order = memory_order.order(input.shape, [input.stride()])
    make = draw if order == list(range(input.ndim)) else scattered
    found = make(tuple(input.shape[i] for i in order), **given).permute([order.index(i) for i in range(input.ndim)])
    return made(found._array, requires_grad) if type(found) is Tensor else found


def drawn_by(name: str, draw: Callable[..., np.ndarray], scattered: Callable[..., np.ndarray]) -> None:
    """rand and randn, and their _like. scattered: how numbers are drawn for memory in another order."""
    factory, other = drawing(name, draw), drawing(name, scattered)

    def like(
        input: Tensor, *, dtype: Any = None, requires_grad: bool = False, memory_format: Any = placement.preserve_format,
        **given: Any,
    ) -> Tensor:  # fmt: skip
        check_tensors(f"{name}_like", input=input)
        return in_order_of(input, factory, other, memory_format, requires_grad, dtype=dtype or input.dtype, **given)

    like.__name__ = like.__qualname__ = name + "_like"
    MADE[name], MADE[name + "_like"] = factory, like


def drawing(name: str, draw: Callable[..., np.ndarray]) -> Callable[..., Tensor]:
    def factory(
        *sizes: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False,
        out: Any = None, generator: Generator | None = None, layout: Any = None, pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        wanted = asked_for(dtype, out, dtypes.get_default_dtype())
        d = wanted.np
        sizes = size_of(sizes if size is None else (size,), name)
        if wanted.category < dtypes.FLOAT and (name == "rand" or math.prod(sizes)):
            kernel = "check_uniform_bounds" if name == "rand" else "normal_kernel_cpu"
            raise NotImplementedError(f"\"{kernel}\" not implemented for '{wanted.legacy}'")

        def numbers(shape: tuple[int, ...]) -> np.ndarray:
            return draw(source_of(generator), shape, d)

        found = per_sample(numbers, sizes, out)
        if found is not None:
            return found
        return made(numbers(sizes)[()], requires_grad, device, out, layout)

    factory.__name__ = factory.__qualname__ = name
    return factory


def normals(source: Stream, shape: tuple[int, ...], d: Any) -> np.ndarray:
    return source.in_parts(source.normal, shape, d, 0.0, math.sqrt(0.5) if d.kind == "c" else 1.0)  # variance 1 in all


def normals_one_by_one(source: Stream, shape: tuple[int, ...], d: Any) -> np.ndarray:
    return source.in_parts(source.normals_one_by_one, shape, d, 0.0, math.sqrt(0.5) if d.kind == "c" else 1.0)


drawn_by("rand", *[lambda source, shape, d: source.in_parts(source.uniform, shape, d)] * 2)
drawn_by("randn", normals, normals_one_by_one)


@public
def randint(
    low: Any = ..., high: Any = ..., size: Any = ..., *, dtype: Any = None, generator: Any = None, device: Any = None,
    requires_grad: bool = False, out: Any = None, layout: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """Integers from low (0) up to, and without, high (source: torch.randint)."""
    if high is ... or size is ...:
        low, high, size = 0, low, high if size is ... else size
    low = 0 if low is ... else low
    if high is ...:
        raise TypeError("randint() received an invalid combination of arguments: high and size are required")
    check_ints("randint", low=low, high=high)
    d = asked_for(dtype, out, dtypes.int64)
    if d.is_complex:
        raise RuntimeError("check_random_bounds handles only integral, floating-point and boolean types")
    low, high = bounds(d.np, low, high)

    def numbers(shape: tuple[int, ...]) -> np.ndarray:
        return np.asarray(source_of(generator).integers(shape, low, high)).astype(d.np)

    if not isinstance(size, Sequence):
        raise TypeError(f"randint(): argument 'size' must be tuple of ints, not {type_name(size)}")
    sizes = size_of((size,), "randint")
    found = per_sample(numbers, sizes, out)
    return made(numbers(sizes)[()], requires_grad, device, out, layout) if found is None else found


@public
def randint_like(input: Tensor, low: Any = ..., high: Any = ..., *, dtype: Any = None, **given: Any) -> Tensor:
    """randint in the shape and dtype of input (source: torch.randint_like)."""
    check_tensors("randint_like", input=input)
    low, high = (0, low) if high is ... else (0, high) if low is ... else (low, high)

    def draw(shape: tuple[int, ...], **options: Any) -> Tensor:
        return randint(low, high, shape, **options)

    return in_order_of(input, draw, draw, dtype=dtype or input.dtype, **given)


@public
def randperm(
    n: int, *, dtype: Any = None, generator: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None,
    layout: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """0 to n - 1 in random order (source: torch.randperm)."""
    check_ints("randperm", n=n)
    d = asked_for(dtype, out, dtypes.int64)
    if d is dtypes.bool_ or d.is_complex:
        raise NotImplementedError(f"\"randperm\" not implemented for '{d.legacy}'")
    if not d.is_floating_point:
        dtypes.number(n - 1, d.np)  # the largest, which must fit
    elif d is not dtypes.bfloat16 and n > 2 ** DIGITS[d.name] + 1:  # torch does not mind the doubles of bfloat16
        most = "2049" if d is dtypes.float16 else f"2^{DIGITS[d.name]}+1"
        raise RuntimeError(f"n cannot be greater than {most} for {d.legacy} type.")

    def orders(shape: tuple[int, ...]) -> np.ndarray:
        source = source_of(generator)
        return np.array([source.permutation(n) for _ in range(math.prod(shape[:-1]))], d.np).reshape(shape)

    sizes = size_of((n,), "randperm")
    found = per_sample(orders, sizes, out)
    return made(orders(sizes), requires_grad, device, out, layout) if found is None else found


@public
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None, out: Any = None
) -> Tensor:
    """Indices drawn with the weights in each row of input (source: torch.multinomial)."""
    if not isinstance(input, Tensor):
        raise not_a_tensor("multinomial", input, "input", 1)
    if not isinstance(num_samples, int | np.integer):
        raise TypeError(f"multinomial(): argument 'num_samples' (position 2) must be int, not {type_name(num_samples)}")
    if not input.dtype.is_floating_point:
        raise RuntimeError(
            f"multinomial only supports floating-point dtypes for input, got: {dtypes.LEGACY[input.dtype]}"
        )
    if input.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if input.shape[-1] > 2**24:
        raise RuntimeError("number of categories cannot exceed 2^24")
    if out is not None and out.dtype is not dtypes.int64:
        raise RuntimeError(f"multinomial expects Long tensor out, got: {out.dtype.legacy}")
    if batching := running_vmaps():
        refuse_out(out)
        whole, levels = all_samples(input, refuse_shared)
        with batching.aside():
            rows = multinomial(whole.reshape(-1, whole.shape[-1]), num_samples, replacement, generator=generator)
        return enclosed(rows.reshape(*whole.shape[:-1], num_samples), levels)
    weights = np.atleast_2d(np.asarray(input._array, np.float64))
    wrong = weights[~(np.isfinite(weights) & (weights >= 0))]
    if wrong.size and replacement and num_samples > 1:
        what = "= infinity or NaN" if wrong[0] > 0 else "< 0"
        raise RuntimeError(f"invalid multinomial distribution (encountering probability entry {what})")
    if wrong.size:
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if not weights.sum(-1).all():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if num_samples > weights.shape[-1] and not replacement:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    source = source_of(generator)
    if replacement and num_samples > 1:
        sums = np.cumsum(weights, -1)
        places = [np.searchsorted(s / s[-1], source.doubles((num_samples,))) for s in sums]
        found = np.array(places, np.int64).reshape(-1, num_samples)
    else:  # the largest quotients by exponential numbers
        order = memory_order.order(weights.shape, [weights.strides])
        times = source.exponential(tuple(weights.shape[i] for i in order)).transpose(np.argsort(order))
        race = -weights / times
        found = np.argsort(race, -1, kind="stable")[:, :num_samples].astype(np.int64)
    return made(found if input.ndim == 2 else found[0], out=out)


def drawn_from(self: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None) -> Tensor:
    """Indices drawn with the weights in each row (source: torch.Tensor.multinomial)."""
    return multinomial(self, num_samples, replacement, generator=generator)


drawn_from.__name__ = "multinomial"
Tensor.multinomial = drawn_from  # type: ignore[attr-defined]
