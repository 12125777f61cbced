"""jacobian and hessian: row by row, all rows at once (vectorize=True), or column by column in forward mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graph.reach import between
from ..tensor import Tensor, wrap
from . import grad, gradients
from .arguments import CONSTANT, JACOBIAN, as_tensors, finished, fresh, outputs_of, require_grad
from .cotangents import implicit_one, place
from .grad_mode import enable_grad

NOT_TOGETHER = (
    "torch.autograd.functional.jacobian: `{a}` and `{b}` are not supported together{yet}. Please either set `{instead}` or "
    "`{or_}`."
)
FORWARD = {"b": 'strategy="forward-mode"', "yet": " (yet)", "or_": 'strategy="reverse-mode"'}


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """For each output and input a Tensor of shape output.shape + input.shape; a level of tuples for each of outputs and
    inputs that is a tuple (source: torch.autograd.functional.jacobian)."""
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs than '
            'inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "forward-mode":
        if create_graph:
            raise NotImplementedError(
                NOT_TOGETHER.format(a="create_graph=True", instead="create_graph=False", **FORWARD)
            )
        return by_columns(func, inputs, strict, vectorize)
    with enable_grad():
        several, xs = as_tensors(inputs, "inputs", "jacobian")
        xs = fresh(xs, create_graph)
        several_out, ys = outputs_of(func(*xs), "jacobian", strict)
        if vectorize:
            if strict:
                raise RuntimeError(
                    NOT_TOGETHER.format(
                        a="strict=True", b="vectorized=True", yet="", instead="strict=False", or_="vectorize=False"
                    )
                )
            table = all_rows(ys, xs, create_graph)
        else:
            table = tuple(rows(i, y, xs, create_graph, strict) for i, y in enumerate(ys))
    return shaped(finished(table, create_graph), several_out, several)


def shaped(table: Any, several_out: bool, several: bool) -> Any:
    rows_ = table if several else tuple(row[0] for row in table)
    return rows_ if several_out else rows_[0]


def one_hot(k: int, like: Tensor) -> Tensor:
    seed = np.zeros(like.numel(), like._array.dtype)
    seed[k] = 1
    return wrap(seed.reshape(like._array.shape)[()])


def rows(i: int, y: Tensor, xs: tuple[Tensor, ...], create_graph: bool, strict: bool) -> tuple[Tensor, ...]:
    """The derivatives of one output: one backward for each of its elements, or, where nobody can tell, for many at once."""
    from .. import stack, zeros_like

    if y.requires_grad and y.numel():
        implicit_one(y.reshape(-1)[0])  # refuses complex outputs
    if not create_graph and not strict:
        together = in_chunks(y, xs)
        if together is not None:
            return together
    found: list[list[Tensor]] = [[] for _ in xs]
    none = not y.requires_grad
    runs = None if none else between([(place(y), None)], map(place, xs))  # the same for every row
    for k in range(y.numel()):
        gs = (None,) * len(xs) if none else gradients((y,), xs, (one_hot(k, y),), True, create_graph, runs)
        for j, (row, g, x) in enumerate(zip(found, gs, xs, strict=True)):
            if g is None and strict:
                raise RuntimeError(
                    f"Output {i} of the user-provided function is independent of input {j}. This is not allowed in strict "
                    "mode."
                )
            if g is not None and strict and create_graph and not g.requires_grad:
                raise RuntimeError(CONSTANT.format(what="jacobian", i=i))
            row.append(zeros_like(x) if g is None else g)
    return tuple(stack(row).view((*y.shape, *x.shape)) for row, x in zip(found, xs, strict=True))


def in_chunks(y: Tensor, xs: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
    """The same by batches of cotangents on arrays (batching/arrays.py), as many at once as fit into little memory."""
    from ..batching.arrays import gradients

    if any(type(t) is not Tensor for t in (y, *xs)) or not y.requires_grad or not y._array.size:
        return None
    of, n, parts = y._array, y._array.size, []
    step = max(1, LITTLE // max(n, *[x._array.size for x in xs]))
    for start in range(0, n, step):
        units = np.eye(min(step, n - start), n, start, of.dtype)
        gs = gradients((y,), xs, (wrap(units.reshape(-1, *of.shape)),), True)
        if gs is None:
            return None
        parts.append(gs)
    found = []
    for x, column in zip(xs, zip(*parts, strict=True), strict=True):
        blocks = [np.zeros((n, *x._array.shape), x._array.dtype)] if column[0] is None else [g._array for g in column]
        whole = np.ascontiguousarray(blocks[0]) if len(blocks) == 1 else np.concatenate(blocks)
        found.append(wrap(whole.reshape(of.shape + x._array.shape)[()]))
    return tuple(found)


LITTLE = 1 << 18  # elements


def all_rows(ys: tuple[Tensor, ...], xs: tuple[Tensor, ...], create_graph: bool) -> tuple[tuple[Tensor, ...], ...]:
    """One backward with a batch of cotangents, the unit vectors of all outputs together."""
    from .. import zeros

    together = in_chunks(ys[0], xs) if len(ys) == 1 and not create_graph else None
    if together is not None:
        return (together,)
    counts = [y.numel() for y in ys]
    seeds = unit_vectors(ys)
    pairs = [(y, g) for y, g in zip(ys, seeds, strict=True) if y.requires_grad]
    gs: Any = (None,) * len(xs)
    if pairs:
        outs, cotangents = zip(*pairs, strict=True)
        gs = grad(outs, xs, cotangents, create_graph=create_graph, allow_unused=True, is_grads_batched=True)
    full = [zeros(sum(counts), *x.shape, dtype=x.dtype) if g is None else g for g, x in zip(gs, xs, strict=True)]
    parts = [g.split(counts, 0) if len(counts) > 1 else (g,) for g in full]
    return tuple(tuple(parts[j][i].reshape((*y.shape, *x.shape)) for j, x in enumerate(xs)) for i, y in enumerate(ys))


def unit_vectors(tensors: Sequence[Tensor]) -> list[Tensor]:
    """For each tensor its part of the unit vectors of all elements together: (count of all, *shape)."""
    total, start, found = sum(t.numel() for t in tensors), 0, []
    for t in tensors:
        part = np.eye(total, t.numel(), -start, t.dtype.np)
        found.append(wrap(part.reshape(total, *t.shape)))
        start += t.numel()
    return found


def by_columns(func: Callable[..., Any], inputs: Any, strict: bool, vectorize: bool) -> Any:
    """Forward mode: a batch of tangents, the unit vectors of all inputs together."""
    if strict:
        raise RuntimeError(NOT_TOGETHER.format(a="strict=True", instead="strict=False", **FORWARD))
    several, xs = as_tensors(inputs, "inputs", "jacobian")
    if not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for `vectorize=True`."
        )
    from .. import zeros_like
    from ..batching.vmap import batched
    from .forward_ad import dual_level, make_dual, unpack_dual

    several_out, primals = False, ()

    def tangents_of(*tangents: Tensor) -> tuple[Tensor, ...]:
        nonlocal several_out, primals
        with dual_level():
            several_out, ys = as_tensors(func(*map(make_dual, xs, tangents)), "outputs", "jacobian")
            duals = [unpack_dual(y) for y in ys]
        primals = tuple(d.primal for d in duals)
        return tuple(zeros_like(d.primal) if d.tangent is None else d.tangent for d in duals)

    columns = batched(tangents_of)(*unit_vectors(xs))
    counts = [x.numel() for x in xs]
    table = [
        [part.movedim(0, -1).reshape((*y.shape, *x.shape)) for part, x in zip(c.split(counts, 0), xs, strict=True)]
        for c, y in zip(columns, primals, strict=True)
    ]
    return shaped(table, several_out, several)  # of several outputs and inputs lists, as in torch


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian of the Jacobian of a function with one output element; for tuples, [i][j] has the shape of input i
    followed by that of input j (source: torch.autograd.functional.hessian)."""
    several, _ = as_tensors(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def scalar(*xs: Tensor) -> Tensor:
        several_out, (y, *_) = outputs_of(func(*xs), "hessian", strict)
        if several_out:
            raise RuntimeError("The function given to hessian should return a single Tensor")
        if y.numel() != 1:
            raise RuntimeError("The Tensor returned by the function given to hessian should contain a single element")
        return y.squeeze()

    def first(*xs: Tensor) -> tuple[Tensor, ...]:
        if outer_jacobian_strategy == "forward-mode":
            for x in xs:
                if not x.requires_grad:
                    x.requires_grad = True
        found = jacobian(scalar, xs, create_graph=True)
        require_grad(found, JACOBIAN, strict)
        return found

    second = jacobian(first, inputs, create_graph, strict, vectorize, outer_jacobian_strategy)
    return second if several else second[0]
