"""The text of a node's derivative, and the functions compiled from it.

    def vjp(node, g):
        other, self = node.saved
        e0, e1 = node.next
        return (None if e0 is None else g * d_self(other._array)), (None if e1 is None else g * d_other(self._array))

`vjp` computes on arrays, `half` on arrays of half precision (widened first), `taped` on Tensors; d_self and d_other are the row's formulas, bound to either world.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ops.form import names_of
from . import runtime
from .bind import bind, execute
from .text import Text

IDENTITY = (lambda g: g).__code__.co_code


def derivative(text: Text, world: str, edged: bool) -> Callable[..., Any]:
    row, which = text.row, "taped" if world == "taped" else "raw"
    scope = dict(runtime.worlds(which))
    scope |= {f"d_{n}": bind(f, which) for n, f in row.formulas.items()}
    if row.vjp is not None:
        scope["joint"] = bind(row.vjp, which)
    return execute(derivative_text(text, world, edged), scope, f"{row.name}.{world}")


def derivative_text(text: Text, world: str, edged: bool) -> str:
    row, kept = text.row, list(text.users)
    tail = [f"m{i}" for i in text.places] if edged else []
    lines = [f"def {world}(node, g):"]
    source = "unpack(node)" if world == "taped" else "node.saved"
    if edged and row.broadcasts and world == "vjp":
        lines.append("    if g.dtype.char in HALF: return node.half(g)")
    if world == "half":
        lines.append("    g = wide(g)")
    if kept or tail:
        lines.append(f"    {', '.join(kept + tail)}, = {source}")
    variadic = any(row.inputs[i].variadic for i in text.places)
    joint = row.vjp is not None
    if len(text.places) > 1 and not variadic:
        lines.append(f"    {', '.join(f'e{i}' for i in text.places)}, = node.next")
    if len(text.diff) > 1:
        lines.append(f"    {', '.join('g_' + o for o in text.diff)} = g")
    if joint:
        needs = {
            f"needs_{row.inputs[i].name}": f"e{i} is not None" if len(text.places) > 1 else "True" for i in text.places
        }
        value = f"joint({arguments(text, row.vjp, world, needs)})"
        if edged:
            metas = "".join(f"m{i}, " for i in text.places)
            value = f"tuple([project(h, m) for h, m in zip({value}, ({metas}))])"
        lines.append(f"    return {value}" + ("[0]" if len(text.places) == 1 else ""))
        return "\n".join(lines)
    terms = [term(text, i, world, edged) for i in text.places]
    if variadic:
        lines += [f"    gs = {terms[0]}", "    return gs if len(gs) > 1 else gs[0]"]
    elif len(terms) == 1:
        lines.append(f"    return {terms[0]}")
    else:
        lines.append(
            "    return "
            + ", ".join(f"(None if e{i} is None else {t})" for i, t in zip(text.places, terms, strict=True))
        )
    return "\n".join(lines)


def arguments(text: Text, f: Callable[..., Any], world: str, needs: dict[str, str]) -> str:
    """How a formula is called: in the raw world, saved Tensors give their arrays."""
    words = []
    tensors = {row.name for i, row in enumerate(text.row.inputs) if text.pattern[i] == "T" and not row.variadic}
    optional = {a.name for a in text.row.inputs if a.default is None}
    nondiff = {a.name for a in text.row.params if a.nondiff}
    kept = tensors | optional | nondiff | {o for o, _ in text.row.outputs}
    for name in names_of(f):
        word = name
        if name in needs:
            word = needs[name]
        elif world == "taped":
            pass
        elif name in nondiff:
            word = f"raw({name})"
        elif name in optional:
            word = f"(None if {name} is None else {name}._array)"
        elif name in tensors:
            word = f"{name}._array"
        if world == "half" and name in kept:
            word = f"wide({word})"
        words.append(word)
    return ", ".join(words)


def term(text: Text, i: int, world: str, edged: bool) -> str:
    name = text.row.inputs[i].name
    f = text.row.formulas[name]
    value = f"d_{name}({arguments(text, f, world, {})})"
    if text.row.kind == "masked":
        value = f"select({value}, g)"
    elif text.row.kind == "elementwise" and "g" not in names_of(f):
        constant = f() if not names_of(f) else None
        if constant in (1, -1):
            value = "g" if constant == 1 else "-g"
        else:
            value = f"g * conj({value})" if edged else f"g * {value}"
    elif f.__code__.co_code == IDENTITY:
        value = "g"
    return f"project({value}, m{i})" if edged else value
