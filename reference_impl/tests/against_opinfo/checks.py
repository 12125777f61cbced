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

from .exchange import (
    UNWRITTEN,
    Wrong,
    closeness,
    compare,
    inputs_of,
    like,
    numbers,
    rebound,
    resolve,
    same_numbers,
    tensors_in,
    to_reference,
)

# torch's forward mode is wrong here: cholesky_inverse multiplies X L' in the other order, logcumsumexp divides by the sum
# plus an epsilon. Ours is held to torch's backward instead: <u, J v> = <J' u, v>.
BY_TRANSPOSITION = frozenset(["cholesky_inverse", "logcumsumexp"])
ROUNDED = (torch.float16, torch.bfloat16, torch.float32)
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
        arguments, keywords = to_reference((arguments, keywords))
    return results(module, op, sample, arguments, keywords)


def compare_results(op: Any, sample: Any, ours: list[Any], theirs: list[Any]) -> None:
    close = closeness(op, sample)
    try:
        compare("output", ours, theirs, same_numbers(op, sample) and op.name not in TIED, close)
    except Wrong:
        compare("output", ours, theirs, values=False)
        if not nearer(ours, theirs, lambda: outcome(torch, op, doubled(sample))):
            raise
    if op.name in TIED:
        whole = [(a, b) for a, b in zip(ours, theirs, strict=True) if b.dtype is not torch.int64 or len(theirs) > 2]
        compare("output", [a for a, _ in whole], [b for _, b in whole], True, close)


def doubled(sample: Any) -> Any:
    def exact(t: Any) -> Any:
        rounded = isinstance(t, torch.Tensor) and t.dtype in ROUNDED
        return t.detach().double().requires_grad_(t.requires_grad) if rounded else t

    return sample.transform(exact)


def nearer(ours: list[Any], theirs: list[Any], exact: Callable[[], list[Any]]) -> bool:
    """Whether ours is at least as near to float64's result as torch's.

    torch rounds some operators to half precision at each step, the reference rounds once; and its float32 is not the best.
    """
    if not any(b.dtype in ROUNDED for b in theirs if b is not None):
        return False
    triples = [t for t in zip(ours, theirs, exact(), strict=True) if t[1] is not None]
    off = [[np.abs(numbers(t) - numbers(e)).max(initial=0) for t in (a, b)] for a, b, e in triples]
    return all(a <= b for a, b in off)


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
    close = closeness(op, sample)
    try:
        compare("gradient", list(ours_g), list(theirs_g), True, close)
    except Wrong:
        compare("gradient", list(ours_g), list(theirs_g), False)
        if not nearer(ours_g, theirs_g, lambda: exact_gradients(op, sample, cotangents)):
            raise
    if forward_mode:
        tangents = [like(t, rng) for t in theirs_leaves]
        if op.name in BY_TRANSPOSITION:
            found = tangents_of(reference_impl, op, sample, tangents)
            transposed(found, cotangents, theirs_g, tangents)
        else:
            theirs_t = torchs(lambda: tangents_of(torch, op, sample, tangents))
            compare("tangent", tangents_of(reference_impl, op, sample, tangents), theirs_t, True, close)
    if second:
        check_second(ours_g, theirs_g, leaves, theirs_leaves, rng, close)


def exact_gradients(op: Any, sample: Any, cotangents: list[torch.Tensor]) -> list[Any]:
    """torch's gradients in float64."""
    sample = doubled(sample)
    out = [t for t in results(torch, op, sample, [sample.input, *sample.args], sample.kwargs) if t.requires_grad]
    at = [t for t in inputs_of(sample) if t.requires_grad]
    return list(
        torch.autograd.grad(out, at, [c.to(t.dtype) for c, t in zip(cotangents, out, strict=True)], allow_unused=True)
    )


def check_second(ours_g: Any, theirs_g: Any, leaves: list, theirs_leaves: list, rng: Any, close: Any) -> None:
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
        True,
        close,
    )


def zero_for_none(value: Any, leaf: Any) -> Any:
    """Second-order gradients that are None and zero mean the same."""
    return leaf.detach() * 0 if value is None else value


def tangents_of(module: Any, op: Any, sample: Any, tangents: list[torch.Tensor]) -> list[Any]:
    """Forward mode: what comes out where these go in."""
    left = list(tangents)
    with module.autograd.forward_ad.dual_level():
        arguments = [dual(module, a, left) for a in (sample.input, *sample.args)]
        keywords = dual(module, sample.kwargs, left)
        out = results(module, op, sample, arguments, keywords)
        return [none_for_zero(module.autograd.forward_ad.unpack_dual(t).tangent) for t in out]


def transposed(ours: list[Any], cotangents: list[torch.Tensor], theirs_g: Any, tangents: list[torch.Tensor]) -> None:
    """<u, J v> by our forward mode is <J' u, v> by torch's backward."""

    def product(pairs: Any) -> float:
        return float(
            sum((np.vdot(numbers(a), numbers(b)).real for a, b in pairs if a is not None and b is not None), 0.0)
        )

    forward, backward = product(zip(cotangents, ours, strict=True)), product(zip(theirs_g, tangents, strict=True))
    if not np.isclose(forward, backward, rtol=1e-6, atol=1e-7):
        raise Wrong(f"tangent: {forward} along the cotangent, torch's backward gives {backward}")


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
    close = closeness(op, sample)
    compare("in-place", [ours], [out], same_numbers(op, sample), close)
    if grad is not None and same_numbers(op, sample):
        ones = to_reference(torch.ones_like(out))
        compare("in-place gradient", list(reference_impl.autograd.grad(ours, y, ones)), [grad], True, close)


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
    values = same_numbers(op, sample) and op.name not in TIED and op.name not in UNWRITTEN
    compare("out=", made, theirs, values, closeness(op, sample))
    for a, b in zip(tensors_in(found), tensors_in(ours), strict=True):
        if a is not b:
            raise Wrong("out=: what is returned is not what was given")
