"""Calls that go wrong, made from torch's samples by changing one argument: another dtype, shape, dimension or type.

Either engine refuses what the other refuses, with an exception of the same class; what torch takes gives torch's result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

import reference_impl

from .checks import compare_results, outcome
from .exchange import Wrong
from .refusals import first_line

OTHER_DTYPES = (torch.float64, torch.int64, torch.bool, torch.complex64, torch.bfloat16)
NOT_TENSORS = (None, 2.5, "text")
NUMBERS = (7, -9, 1.5, None, "text")
WORDS = ("text", 3)
Path = tuple[Any, ...]


def shapes(t: torch.Tensor) -> Iterator[torch.Tensor]:
    """The tensor in shapes that it should not have: one longer, a dimension more or less, none, empty."""
    if t.ndim:
        yield torch.cat([t, t.narrow(-1, 0, 1)], -1) if t.shape[-1] else t.new_zeros((*t.shape[:-1], 3))
        yield torch.cat([t, t.narrow(0, 0, 1)], 0) if t.shape[0] else t.new_zeros((3, *t.shape[1:]))
        if t.numel():
            yield t.select(0, 0).clone()
            yield t.flatten()[0].clone()
        yield t.new_zeros((*t.shape[:-1], 0))
    yield t.unsqueeze(0).repeat(2, *[1] * t.ndim)


def variants(value: Any) -> Iterator[Any]:
    """What may stand in the place of one argument."""
    if isinstance(value, torch.Tensor):
        yield from (value.to(d) for d in OTHER_DTYPES if d is not value.dtype)
        yield from shapes(value)
        yield from NOT_TENSORS
    elif isinstance(value, bool):
        yield from ("text", None)
    elif isinstance(value, int | float | complex):
        yield from NUMBERS
        yield torch.ones(2)
    elif isinstance(value, str):
        yield from WORDS
    elif isinstance(value, tuple | list):
        yield value[:-1]
        yield type(value)([*value, *value[:1]])
        yield from (5, "text", None)
    elif value is None:
        yield from ("text", 2)
    elif isinstance(value, torch.dtype):
        yield from (torch.int64, torch.complex64, torch.bool, "text")


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every argument, and every item of those that are sequences, with the way to it."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, tuple | list):
        for k, item in enumerate(value):
            yield from places(item, (*path, k))


def replaced(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, dict):
        return {**value, path[0]: replaced(value[path[0]], path[1:], new)}
    items = [replaced(item, path[1:], new) if k == path[0] else item for k, item in enumerate(value)]
    return items if isinstance(value, list) else tuple(items)


def misuses(sample: Any) -> Iterator[Any]:
    """The sample with one argument changed, too many, too few, or of an unknown name."""
    make = type(sample)

    def with_arguments(positional: list[Any], keywords: dict[str, Any]) -> Any:
        made = make(positional[0], args=tuple(positional[1:]), kwargs=keywords)
        made.output_process_fn_grad = sample.output_process_fn_grad
        return made

    positional, keywords = [sample.input, *sample.args], dict(sample.kwargs)
    for path, value in places([positional, keywords]):
        if len(path) > 1:
            for new in variants(value):
                yield with_arguments(*replaced([positional, keywords], path, new))
    yield with_arguments([*positional, *["text"] * 9], keywords)
    yield with_arguments(positional, {**keywords, "no_such_keyword": 1})
    if len(positional) > 1:
        yield with_arguments(positional[:-1], keywords)


def fatal(op: Any, sample: Any) -> bool:
    """Calls that torch itself does not survive: lu_unpack reads all the pivots that a matrix has, given or not."""
    if op.name != "lu_unpack" or not sample.args or not isinstance(sample.input, torch.Tensor):
        return False
    pivots = sample.args[0]
    return isinstance(pivots, torch.Tensor) and pivots.numel() < min(sample.input.shape[-2:], default=0)


def attempt(call: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return call(), None
    except reference_impl.Unsupported:
        raise
    except Exception as caught:
        return None, caught


def check_misuse(op: Any, sample: Any) -> None:
    """The same result or the same refusal from both."""
    theirs, refusal = attempt(lambda: outcome(torch, op, sample))
    ours, refused = attempt(lambda: outcome(reference_impl, op, sample))
    if refusal is None and refused is None:
        compare_results(op, sample, ours, theirs)
    elif refused is None:
        raise Wrong(f"accepted; torch: {named(refusal)}")
    elif refusal is None:
        raise Wrong(f"refused by {named(refused)}; torch gives {[described_result(t) for t in theirs]}")
    elif not isinstance(refused, type(refusal)) and not no_tensor(refused, refusal):
        raise Wrong(f"raises {named(refused)}; torch: {named(refusal)}")


def no_tensor(refused: Exception, refusal: Exception) -> bool:
    """Where torch's function is written in Python, what is no tensor lacks an attribute; elsewhere its type is wrong."""
    return isinstance(refused, TypeError) and isinstance(refusal, AttributeError)


def described_result(t: torch.Tensor) -> str:
    return f"{t.dtype}{list(t.shape)}"


def named(error: Exception | None) -> str:
    assert error is not None
    return f"{type(error).__name__}: {first_line(error)}"
