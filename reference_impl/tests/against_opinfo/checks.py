"""What is compared for one sample: results, gradients, second order, forward mode, the in-place and out= forms.

Where results are determined only up to a phase (svd, eig), torch's samples bring a function of them that is determined,
and that is compared. Where values tie, an index may name any of the equal ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import reference_impl

from .exchange import Wrong, compare, inputs_of, like, numbers, rebound, resolve, same_numbers, tensors_in, to_reference

TIED = frozenset(["sort", "msort", "argsort", "topk", "kthvalue", "mode", "unique"])  # unstable in torch


class TorchRefuses(Exception):
    """torch raises here: nothing to compare."""


def torchs(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:
        raise TorchRefuses from error


def results(module: Any, op: Any, sample: Any, arguments: list[Any], keywords: dict[str, Any]) -> list[Any]:
    """The tensors that a call gives; a number, truth value or dtype as a tensor that stands for it."""
    torch.manual_seed(0)
    found = resolve(op, module)(*arguments, **keywords)
    process = sample.output_process_fn_grad
    found = process(found) if module is torch else rebound(process, module)(found)
    if not list(tensors_in(found)) and not isinstance(found, tuple | list):
        found = torch.tensor(hash(str(found)))
        found = found if module is torch else to_reference(found)
    return list(tensors_in(found))


def outcome(module: Any, op: Any, sample: Any) -> list[Any]:
    arguments, keywords = [sample.input, *sample.args], sample.kwargs
    if module is not torch:
        arguments, keywords = to_reference(arguments), to_reference(keywords)
    return results(module, op, sample, arguments, keywords)


def compare_results(op: Any, sample: Any, ours: list[Any], theirs: list[Any]) -> None:
    compare("output", ours, theirs, values=same_numbers(op, sample) and op.name not in TIED)
    if op.name in TIED:
        whole = [(a, b) for a, b in zip(ours, theirs, strict=True) if b.dtype is not torch.int64 or len(theirs) > 2]
        compare("output", [a for a, _ in whole], [b for _, b in whole])


def check_forward(op: Any, sample: Any) -> None:
    """The results alone."""
    theirs = torchs(lambda: outcome(torch, op, sample))
    compare_results(op, sample, outcome(reference_impl, op, sample), theirs)


def check_gradients(op: Any, sample: Any, second: bool, forward_mode: bool) -> None:
    """Results and all derivatives."""
    leaves: list[Any] = []
    theirs_leaves = [t for t in inputs_of(sample) if t.requires_grad]
    theirs = torchs(lambda: results(torch, op, sample, [sample.input, *sample.args], sample.kwargs))
    arguments = to_reference([sample.input, *sample.args], leaves)
    keywords = to_reference(sample.kwargs, leaves)
    ours = results(reference_impl, op, sample, arguments, keywords)
    compare_results(op, sample, ours, theirs)
    for a, b in zip(ours, theirs, strict=True):
        if bool(a.requires_grad) != b.requires_grad:
            raise Wrong(f"requires_grad {a.requires_grad}, torch gives {b.requires_grad}")
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if b.requires_grad]
    if not pairs or not theirs_leaves or not same_numbers(op, sample):
        return
    rng = np.random.default_rng(0)
    cotangents = [like(b, rng) for _, b in pairs]
    theirs_g = torchs(
        lambda: torch.autograd.grad(
            [b for _, b in pairs], theirs_leaves, cotangents, create_graph=second, allow_unused=True
        )
    )
    ours_g = reference_impl.autograd.grad(
        [a for a, _ in pairs], leaves, to_reference(cotangents), create_graph=second, allow_unused=True
    )
    compare("gradient", list(ours_g), list(theirs_g))
    if forward_mode:
        check_forward_mode(op, sample, rng)
    if second:
        check_second(ours_g, theirs_g, leaves, theirs_leaves, rng)


def check_second(ours_g: Any, theirs_g: Any, leaves: list, theirs_leaves: list, rng: np.random.Generator) -> None:
    second = [(a, b) for a, b in zip(ours_g, theirs_g, strict=True) if b is not None and b.requires_grad]
    if not second:
        return
    cotangents = [like(b, rng) for _, b in second]
    theirs = torchs(lambda: torch.autograd.grad([b for _, b in second], theirs_leaves, cotangents, allow_unused=True))
    # where torch has one node for several gradients, one that is constant still requires grad
    linked = [(a, to_reference(c)) for (a, _), c in zip(second, cotangents, strict=True) if a.requires_grad]
    ours: Any = [None] * len(leaves)
    if linked:
        ours = reference_impl.autograd.grad([a for a, _ in linked], leaves, [c for _, c in linked], allow_unused=True)
    compare(
        "second order",
        [zero_for_none(h, leaf) for h, leaf in zip(ours, leaves, strict=True)],
        [zero_for_none(h, leaf) for h, leaf in zip(theirs, theirs_leaves, strict=True)],
    )


def zero_for_none(value: Any, leaf: Any) -> Any:
    """Second-order gradients that are None and zero mean the same."""
    return leaf.detach() * 0 if value is None else value


def check_forward_mode(op: Any, sample: Any, rng: np.random.Generator) -> None:
    tangents = [like(t, rng) for t in inputs_of(sample) if t.requires_grad]

    def run(module: Any) -> list[Any]:
        with module.autograd.forward_ad.dual_level():
            left = list(tangents)
            arguments = [dual(module, a, left) for a in (sample.input, *sample.args)]
            keywords = dual(module, sample.kwargs, left)
            out = results(module, op, sample, arguments, keywords)
            return [none_for_zero(module.autograd.forward_ad.unpack_dual(t).tangent) for t in out]

    theirs = torchs(lambda: run(torch))
    compare("tangent", run(reference_impl), theirs)


def dual(module: Any, value: Any, left: list[torch.Tensor]) -> Any:
    """An argument with, where it requires grad, the next of the tangents."""
    if isinstance(value, torch.Tensor):
        primal = value.detach() if module is torch else to_reference(value.detach())
        if not value.requires_grad:
            return primal
        tangent = left.pop(0)
        return module.autograd.forward_ad.make_dual(primal, tangent if module is torch else to_reference(tangent))
    if isinstance(value, torch.Size):
        return tuple(value)
    if isinstance(value, tuple | list):
        return type(value)(dual(module, item, left) for item in value)
    if isinstance(value, dict):
        return {key: dual(module, item, left) for key, item in value.items()}
    return value if module is torch else to_reference(value)


def none_for_zero(value: Any) -> Any:
    return None if value is None or not np.any(numbers(value) != 0) else value


def check_inplace(op: Any, sample: Any) -> None:
    """x.op_(...), and its gradient, where torch has it and it works."""
    method = op.name.rpartition(".")[2] + "_"
    if not hasattr(torch.Tensor, method) or not isinstance(sample.input, torch.Tensor):
        return
    x = sample.input.detach().clone().requires_grad_(sample.input.requires_grad)

    def run() -> tuple[Any, Any]:
        torch.manual_seed(0)
        out = getattr(x.clone(), method)(*sample.args, **sample.kwargs)
        ones = torch.ones_like(out)
        return out, torch.autograd.grad(out, x, ones)[0] if out.requires_grad and x.requires_grad else None

    out, grad = torchs(run)
    leaves: list[Any] = []
    y = to_reference(x, leaves)
    ours = getattr(y.clone(), method)(*to_reference(list(sample.args)), **to_reference(sample.kwargs))
    compare("in-place", [ours], [out], values=same_numbers(op, sample))
    if grad is not None and same_numbers(op, sample):
        ones = to_reference(torch.ones_like(out))
        compare("in-place gradient", list(reference_impl.autograd.grad(ours, y, ones)), [grad])


def check_out(op: Any, sample: Any) -> None:
    """out= into tensors of the right dtype and shape, where torch takes it."""
    if not op.supports_out or "out" in sample.kwargs:
        return
    sample = sample.transform(lambda t: t.detach() if isinstance(t, torch.Tensor) else t)
    plain = torchs(lambda: resolve(op, torch)(sample.input, *sample.args, **sample.kwargs))
    if not list(tensors_in(plain)):
        return

    def empty(value: Any) -> Any:
        return torch.empty_like(value) if isinstance(value, torch.Tensor) else tuple(map(empty, value))

    out = empty(plain)
    torchs(lambda: resolve(op, torch)(sample.input, *sample.args, **sample.kwargs, out=out))
    ours = to_reference(empty(plain))
    arguments, keywords = to_reference([sample.input, *sample.args]), to_reference(sample.kwargs)
    found = resolve(op, reference_impl)(*arguments, **keywords, out=ours)
    process = sample.output_process_fn_grad
    theirs, made = list(tensors_in(process(out))), list(tensors_in(rebound(process, reference_impl)(ours)))
    compare("out=", made, theirs, values=same_numbers(op, sample) and op.name not in TIED)
    for a, b in zip(tensors_in(found), tensors_in(ours), strict=True):
        if a is not b:
            raise Wrong("out=: what is returned is not what was given")
