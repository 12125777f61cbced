"""vmap on one sample: of the operator, of its in-place form, and of their gradients."""

from __future__ import annotations

from typing import Any

import torch

import reference_impl

from .checks import torchs
from .exchange import closeness, compare, rebound, resolve, same_numbers, tensors_in, to_reference

BATCH = 3
RANDOM = "different"


def check_vmap(op: Any, sample: Any, which: str, differentiated: bool) -> None:
    """which: the tensors that have the batch. "all" have it first; the "first" in its last dimension; so has the one that is
    written "in place"."""
    given = [sample.input, *sample.args]
    many = not isinstance(sample.input, torch.Tensor)  # cat and its like
    tensors = list(tensors_in(given))
    mapped = tensors if which == "all" or many else tensors[:1]
    dim = 0 if which == "all" else -1
    batches = [torch.stack([scaled(t, k) for k in range(BATCH)], dim) for t in mapped]

    def outcome(module: Any, batches: list[Any], given: Any, kwargs: Any) -> list[Any]:
        f = getattr(module.Tensor, op.inplace_variant.__name__) if which == "in place" else resolve(op, module)
        process = sample.output_process_fn_grad if module is torch else rebound(sample.output_process_fn_grad, module)

        def one(*samples: Any) -> Any:
            queue = [*samples, *list(tensors_in(given))[len(samples) :]]
            input, *others = replaced(given, queue)
            return tuple(tensors_in(process(f(input.clone() if which == "in place" else input, *others, **kwargs))))

        def scalar(*samples: Any) -> Any:
            found = [y for y in one(*samples) if y.is_floating_point() or y.is_complex()]
            return sum((y.abs() if y.is_complex() else y * y).sum() for y in found)

        torch.manual_seed(0)
        func = module.func
        if differentiated:
            floating = tuple(i for i, t in enumerate(batches) if t.is_floating_point() or t.is_complex())
            return list(tensors_in(func.vmap(func.grad(scalar, floating), dim, randomness=RANDOM)(*batches)))
        return list(tensors_in(func.vmap(one, dim, randomness=RANDOM)(*batches)))

    theirs = torchs(lambda: outcome(torch, batches, given, sample.kwargs))
    ours = outcome(reference_impl, *to_reference((batches, given, sample.kwargs)))
    compare(f"vmap over {which}", ours, theirs, same_numbers(op, sample), closeness(op, sample))


def check_hessian(op: Any, sample: Any) -> None:
    """torch.func.hessian of the sum of the squared results, in the sample's input: forward over reverse over a batch."""

    def outcome(module: Any, input: Any, args: Any, kwargs: Any) -> list[Any]:
        f = resolve(op, module)

        def scalar(x: Any) -> Any:
            return sum((y * y).sum() for y in tensors_in(f(x, *args, **kwargs)) if y.is_floating_point())

        torch.manual_seed(0)
        return [module.func.hessian(scalar)(input)]

    theirs = torchs(lambda: outcome(torch, sample.input, sample.args, sample.kwargs))
    ours = outcome(reference_impl, *to_reference((sample.input, sample.args, sample.kwargs)))
    compare("hessian", ours, theirs, same_numbers(op, sample), closeness(op, sample))


def scaled(t: torch.Tensor, k: int) -> torch.Tensor:
    """Another sample like t, as far as that can be told: counts, indices and truth values stay."""
    return t.detach() * (1 - k / 8) if t.is_floating_point() or t.is_complex() else t.detach()


def replaced(value: Any, queue: list[Any]) -> Any:
    """value with its tensors taken from the queue, in order."""
    if isinstance(value, torch.Tensor | reference_impl.Tensor):
        return queue.pop(0)
    if isinstance(value, tuple | list):
        return type(value)([replaced(item, queue) for item in value])
    return value
