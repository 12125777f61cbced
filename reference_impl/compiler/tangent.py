"""Forward mode: the tangents of an operator's outputs, from the same formulas that backward uses.

Called for each operator while a dual level is on (graph/rare.py), on Tensors and with that level off. What the kinds
mean for a tangent is said in ops/form.py. A `general` row without `jvp=` is transposed twice: its vjp is linear in the
cotangent, and the adjoint of v -> J'v is t -> Jt.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ..errors import Unsupported
from ..graph.dual import Primals, active, all_tangents, carry, hold, never, remember, tangent_of
from ..graph.modes import GRAD, mode, set_mode
from ..graph.node import Node
from ..ops.form import Row
from ..ops.signature import names_of
from ..tensor import Tensor, wrap
from .bind import bind


def propagate(result: Any, row: Row, args: tuple, aux: tuple) -> None:
    """Give the outputs of row(*args) their tangents, of the outermost level first: a formula may ask for the result."""
    with Primals():
        if active():
            propagate(result, row, args, aux)
    inputs = [a for a, arg in zip(args, row.args, strict=True) if arg in row.inputs]
    tangents = [tangents_of(x) if a.variadic else tangent_of(x) for x, a in zip(inputs, row.inputs, strict=True)]
    if not any(any(s is not None for s in t) if isinstance(t, list) else t is not None for t in tangents):
        if row.kind == "view" and isinstance(inputs[0], Tensor) and never(inputs[0]):
            for y in outputs_of(result):
                hold(y, False)
        return
    outputs = outputs_of(result)
    kept = [y for y, (_, role) in zip(outputs, returned(row), strict=False) if role == "diff"]
    if row.outputs[0][0].endswith("*"):
        kept = list(outputs)
    with Primals() as level:
        rule = general if row.jvp is not None else RULES[row.kind]
        found = rule(row, args, tangents, dict(values(row, args, outputs, aux)))
        found = found if isinstance(found, tuple | list) else (found,)
        given = [s for t in tangents for s in (t if isinstance(t, list) else (t,))] if row.kind != "view" else []
        for y, t in zip(kept, found, strict=False):
            if t is not None:
                shared = any(t is s for s in given)  # a write into y must not change an input's tangent
                hold(y, fit(t.clone() if shared else t, y), level)
    node = kept[0]._edge.source()[0] if isinstance(kept[0]._edge, Node) else None
    if node is not None and node.differentiable_names:
        remember(node, node.differentiable_names, kept)


def tangents_of(xs: Any) -> list[Tensor | None]:
    return [tangent_of(x) for x in xs]


def outputs_of(result: Any) -> tuple[Tensor, ...]:
    return tuple(result) if isinstance(result, tuple | list) else (result,)


def returned(row: Row) -> list[tuple[str, str]]:
    return [(o, role) for o, role in row.outputs if role != "aux"]


def values(row: Row, args: tuple, outputs: tuple, aux: tuple) -> Any:
    """What a formula may ask for, by name."""
    for arg, value in zip(row.args, args, strict=True):
        yield arg.name, value
        if isinstance(value, Tensor):
            yield f"{arg.name}_shape", value.shape
            yield f"{arg.name}_dtype", value.dtype.np
    yield from zip([o for o, _ in returned(row)], outputs, strict=False)
    yield from zip([o for o, role in row.outputs if role == "aux"], [constant(a) for a in aux], strict=True)


def constant(a: Any) -> Any:
    return wrap(a) if isinstance(a, np.ndarray | np.generic) else a


def fit(t: Tensor, y: Tensor) -> Tensor:
    """A tangent in the shape of its output, in a dtype at least as wide."""
    from ..ops import structure

    if t.shape != y.shape:
        t = structure.broadcast(t, y.shape)
    have, want = t.dtype.np, y.dtype.np
    wide = np.promote_types(have, want) if have != want else have
    return t if have == wide else structure.cast(t, wide)


@cache
def on_tensors(f: Callable[..., Any]) -> Callable[..., Any]:
    return bind(f, "taped")


def call(f: Callable[..., Any], known: dict[str, Any], **more: Any) -> Any:
    known = known | more
    return on_tensors(f)(*[known[n] for n in names_of(f)])


# ---------------------------------------------------------------- one rule a kind


# Note [Tangents that are missing]
# torch takes an input without a tangent for one whose tangent is 0. That shows where the graph is recorded: the tangent of
# a linear layer requires grad if its weight does, although the input alone has a tangent. So the terms of such inputs are
# computed too, where they have a history.
def with_history(xs: list) -> bool:
    """Whether a term without a tangent could have a history: Note [Tangents that are missing]."""
    return bool(mode() & GRAD) and any(isinstance(x, Tensor) and x._edge is not None for x in xs)


def pointwise(row: Row, args: tuple, tangents: list, known: dict[str, Any]) -> Any:
    from ..ops import structure

    total = None
    every = row.kind == "elementwise" and with_history([known[a.name] for a in row.inputs])
    for a, t in zip(row.inputs, tangents, strict=True):
        f = row.formulas.get(a.name)
        if f is None or (t is None and not (every and isinstance(known[a.name], Tensor))):
            continue
        missing, t = t is None, zero(known[a.name]) if t is None else t
        if row.kind == "masked":
            term = structure.select_tensor(call(f, known), t)
        elif "g" in names_of(f):  # g * conj(p), so conjugated twice
            conj = structure.conj_if_complex
            term = conj(call(f, known, g=conj(t)))
        else:
            p = call(f, known)
            term = t if type(p) is int and p == 1 else t * p
        if missing and not (isinstance(term, Tensor) and term.requires_grad):
            continue
        total = term if total is None else total + term
    return total


def linear(row: Row, args: tuple, tangents: list, known: dict[str, Any]) -> Any:
    by_name = dict(zip([a.name for a in row.inputs], zip(row.inputs, tangents, strict=True), strict=True))
    moved = []
    for arg, value in zip(row.args, args, strict=True):
        if arg.name in by_name:
            t = by_name[arg.name][1]
            value = (
                [zero(x) if s is None else s for x, s in zip(value, t, strict=True)]
                if arg.variadic
                else (t if t is not None or value is None else zero(value))
            )
        moved.append(value)
    return apply(row, moved)


def bilinear(row: Row, args: tuple, tangents: list, known: dict[str, Any]) -> Any:
    total = None
    places = {a.name: i for i, a in enumerate(row.args)}
    for a, t in zip(row.inputs, tangents, strict=True):
        others = [known[b.name] for b in row.inputs if b is not a]
        if t is not None or with_history(others):
            moved = list(args)
            moved[places[a.name]] = zero(known[a.name]) if t is None else t
            term = apply(row, moved)
            total = term if total is None else total + term
    return total


def general(row: Row, args: tuple, tangents: list, known: dict[str, Any]) -> Any:
    if row.jvp is None:
        return transposed_twice(row, args, tangents)
    inputs = [known[a.name] for a in row.inputs]
    if with_history(inputs):
        tangents = [
            zero(x) if t is None and isinstance(x, Tensor) else t for x, t in zip(inputs, tangents, strict=True)
        ]
    return call(row.jvp, known, **{f"{a.name}_t": t for a, t in zip(row.inputs, tangents, strict=True)})


RULES = {
    "elementwise": pointwise,
    "masked": pointwise,
    "linear": linear,
    "view": linear,
    "bilinear": bilinear,
    "general": general,
}


def apply(row: Row, args: Any) -> Any:
    keywords = {a.name: v for a, v in zip(row.args, args, strict=True) if a.keyword_only}
    return row.function(*[v for a, v in zip(row.args, args, strict=True) if not a.keyword_only], **keywords)


def zero(x: Any) -> Any:
    return 0 if not isinstance(x, Tensor) else wrap(np.zeros(x.shape, x.dtype.np)[()])


def transposed_twice(row: Row, args: tuple, tangents: list) -> Any:
    from ..autograd import grad

    if any(role == "aux" for _, role in row.outputs):
        raise Unsupported(f"{row.name}: forward mode")
    old = mode()
    set_mode(old | GRAD)
    try:
        given = [x for a in (*args, *tangents) for x in (a if isinstance(a, list | tuple) else [a])]
        args, xs, ts = list(args), [], []
        places = {a.name: i for i, a in enumerate(row.args)}
        for a, t in zip(row.inputs, tangents, strict=True):
            i, one = places[a.name], not a.variadic
            fresh = [
                trackable(x) if s is not None else x
                for x, s in zip([args[i]] if one else args[i], [t] if one else t, strict=True)
            ]
            xs += [x for x, s in zip(fresh, [t] if one else t, strict=True) if s is not None]
            ts += [s for s in ([t] if one else t) if s is not None]
            args[i] = fresh[0] if one else fresh
        ys = [y for y in outputs_of(apply(row, args)) if y._edge is not None]
        vs = [trackable(zero(y)) for y in ys]
        gs = grad(ys, xs, vs, create_graph=True, materialize_grads=True)
        linked = [(g, t) for g, t in zip(gs, ts, strict=True) if g._edge is not None]
        found = grad(
            [g for g, _ in linked],
            vs,
            [t for _, t in linked],
            create_graph=bool(old & GRAD),
            materialize_grads=True,
        )
    finally:
        set_mode(old)
    if not any(map(tracked, given)):
        found = [untracked(t) for t in found]  # what it has of a history leads to the copies made here
    return tuple(found)


def tracked(x: Any) -> bool:
    """Whether x, or a tangent of it, has a history."""
    if not isinstance(x, Tensor):
        return False
    return x._edge is not None or any(tracked(t) for _, t in all_tangents(x))


def untracked(x: Tensor) -> Tensor:
    """x and its tangents without histories."""
    found = x.detach()
    for level, tangent in all_tangents(x):
        with Primals(level):
            hold(found, untracked(tangent), level)
    return found


def trackable(x: Tensor) -> Tensor:
    """x at a place of its own in the graph, for derivatives that are partial: one input may depend on another."""
    if x._edge is not None:
        from ..ops.shape import alias

        return alias.function(x)
    copy = wrap(x._array)
    carry(copy, x)
    copy.requires_grad = True
    return copy
