"""What backward frees, and so whether a second one is refused: decided node by node, from what was kept.

A node keeps a tensor only for the inputs whose gradients ask for it; which of them require gradients differs from call to call.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import reference_impl as T
from reference_impl.graph.node import Node
from reference_impl.ops.form import Row
from reference_impl.tests.test_rows import DIFFERENTIABLE, Visit, leaves, named


def keeps_tensors(node: Node, row: Row) -> bool:
    """Numbers count where they are operands: torch makes tensors of them."""
    operands = () if row.scalar_overload else tuple(a.name for a in row.inputs)

    def is_tensor(name: str, s: object) -> bool:
        if isinstance(s, list | tuple):
            return any(isinstance(x, T.Tensor) for x in s)
        return isinstance(s, T.Tensor) or (s is not None and name in (*operands, *node.result_names))

    return any(is_tensor(n, s) for n, s in zip(node.saved_names, node.all_saved, strict=False))


@named(DIFFERENTIABLE)
def test_a_second_backward_is_refused_where_tensors_were_kept(row: Row) -> None:
    """Whichever input alone requires gradients."""
    f = Visit(row)
    for k in range(len(f.point)):
        xs = leaves(f.point, requires_grad=False)
        xs[k].requires_grad_()
        y = next(y for y in f(*xs) if y.requires_grad)
        kept = keeps_tensors(y._edge.source()[0], row)
        backward = partial(T.autograd.grad, y, xs[k], T.ones_like(y), allow_unused=True)
        backward()
        if kept:
            with pytest.raises(RuntimeError, match="a second time"):
                backward()
        else:
            backward()


# ---------------------------------------------------------------- cycles: what only the collector would free


class Square(T.autograd.Function):
    """Saves its input and its output."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: T.Tensor) -> T.Tensor:
        return x * x

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: T.Tensor) -> None:
        ctx.save_for_backward(*inputs, output)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx: Any, g: T.Tensor) -> T.Tensor:
        return g * 2 * ctx.saved_tensors[0]

    @staticmethod
    def jvp(ctx: Any, t: T.Tensor) -> T.Tensor:
        return 2 * ctx.saved_tensors[0] * t


def leaf(*shape: int, dtype: Any = T.float32) -> T.Tensor:
    return T.ones(*shape, dtype=dtype, requires_grad=True)


def writing_through_a_view() -> None:
    x = leaf(3, 3) * 1
    x[0].mul_(2)
    x.t()[0].add_(1)
    x.sum().backward()


def with_hooks() -> None:
    y = leaf(3) * 2
    y.register_hook(lambda g: g * 2)
    y.grad_fn.register_prehook(lambda gs: None)
    y.retain_grad()
    y.sum().backward()


def in_half_precision() -> None:
    (T.ones(2, 2, dtype=T.bfloat16) @ leaf(2, 2, dtype=T.bfloat16)).sum().backward()


def failing(f: Callable[[], Any]) -> Callable[[], None]:
    def program() -> None:
        with contextlib.suppress(Exception):
            f()

    return program


def checkpointed() -> None:
    T.utils.checkpoint.checkpoint(T.sin, leaf(3), use_reentrant=False).sum().backward()


PROGRAMS = {
    "backward": lambda: (leaf(3) ** 2).exp().sum().backward(),
    "a graph that is dropped": lambda: (leaf(3) ** 2).exp().sum(),
    "a custom Function": lambda: Square.apply(leaf(3)).sum().backward(),
    "several outputs": lambda: leaf(3, 3).max(0)[0].sum().backward(),
    "a view": writing_through_a_view,
    "hooks": with_hooks,
    "a checkpoint": checkpointed,
    "half precision": in_half_precision,
    "func.grad": lambda: T.func.grad(lambda x: (x * x).sum())(T.ones(3)),
    "func.hessian": lambda: T.func.hessian(lambda x: (x**3).sum())(T.ones(3)),
    "func.jvp": lambda: T.func.jvp(Square.apply, (T.ones(3),), (T.ones(3),)),
    "func.vmap": lambda: T.func.vmap(lambda x: Square.apply(x).sum())(T.ones(3, 2)),
    "functional.hessian": lambda: T.autograd.functional.hessian(lambda x: (x**3).sum(), T.ones(3), vectorize=True),
    "an error of a kernel": failing(lambda: leaf(3) @ T.ones(5)),
    "an error of a composite": failing(lambda: leaf(3).split([1, 1])),
    "an error of backward": failing(lambda: (leaf(3) * 2).backward()),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_is_left_to_the_collector(name: str) -> None:
    PROGRAMS[name]()  # compiles
    gc.collect()
    gc.disable()
    try:
        PROGRAMS[name]()
        assert gc.collect() == 0
    finally:
        gc.enable()
