"""The text of a node's derivative, and the functions compiled from it.

    def vjp(node, g):
        other, self, = node.saved
        e0, e1, = node.edges
        g0 = None if e0 is None else g * other._array
        g1 = None if e1 is None else g * self._array
        return g0, g1

`vjp` computes on arrays, `half` on arrays of half precision, widened first, `taped` on Tensors, `rows` on a batch of
cotangents (batching/arrays.py). A formula that is more than a name is called: d_self and d_other are the row's formulas,
bound to that world (bind.py, Note [One text, two worlds]).
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from typing import Any

from ..ops.signature import names_of
from .bind import bind, execute
from .edge import worlds
from .recording import alone
from .text import Text


def derivative(text: Text, world: str, style: str) -> Callable[..., Any]:
    row, which = text.row, world if world in ("taped", "rows") else "raw"
    scope = dict(worlds(which))
    scope |= {f"d_{n}": bind(f, which) for n, f in row.formulas.items()}
    if row.linked and world == "taped":
        from ..ops.writes import linking

        scope["linked"] = linking(row)
    if row.backward is not None:
        scope["backward"] = row.backward.function
    if row.vjp is not None:
        scope["joint"] = bind(row.vjp, which)
    written = "vjp" if world == "rows" else world
    return execute(derivative_text(text, written, style), scope, f"{row.name}.{written}")


def batched_derivative(text: Text, style: str) -> Callable[..., Any]:
    """The derivative on a batch of cotangents. See batching/arrays.py, Note [A batch of cotangents]."""
    from ..batching.arrays import in_one

    if text.row.broadcasts and style == "plain":
        return lambda node, g: node.vjp(g)
    return in_one(derivative(text, "rows", style))


def derivative_text(text: Text, world: str, style: str) -> str:
    """world: "vjp", "half" or "taped". style: see recording.py, Note [Plain, edged and careful nodes]."""
    row, names = text.row, [*text.users, *kept_by(style, text.places)]
    lines = [f"def {world}(node, g):"]
    if style == "careful" and row.broadcasts and world == "vjp":
        lines.append("    if g.dtype.char in HALF: return node.half(g)")
    if len(text.diff) > 1 or text.many:
        lines.append(f"    if all(h is None for h in g): return {', '.join(['None'] * len(text.places))}")
    if world == "half":
        lines.append("    g = wide(g)")
    if names:
        comma = "" if world != "taped" and alone(text, style) else ","
        lines.append(f"    {', '.join(names)}{comma} = {'unpack(node)' if world == 'taped' else 'node.saved'}")
    if len(text.diff) > 1:
        lines.append(f"    {', '.join('g_' + o for o in text.diff)} = g")
    several = len(text.places) > 1
    edges = f"    {', '.join(f'e{i}' for i in text.places)}, = node.edges"
    if row.vjp is not None:
        return "\n".join([*lines, *([edges] if several else []), f"    return {joint(text, world, style)}"])
    terms = {i: term(text, i, world, style) for i in text.places}
    if row.inputs[text.places[0]].variadic:
        return "\n".join([*lines, f"    gs = {terms[0]}", "    return gs if len(gs) > 1 else gs[0]"])
    if several and (style == "edged" or set(terms.values()) != {"g"}):
        lines.append(edges)
    for i, value in terms.items():
        wanted = f"e{i} is not None and " if several else ""
        if wanted and value != "g":  # of a cotangent that is passed on the engine drops what goes to no edge
            value = f"None if e{i} is None else {value}"
        lines.append(f"    g{i} = {value}")
        if style == "edged":
            lines.append(f"    if {wanted}g{i}.shape != shape{i}: g{i} = sum_to(g{i}, shape{i})")
    return "\n".join([*lines, f"    return {', '.join(f'g{i}' for i in text.places)}"])


def kept_by(style: str, places: list[int]) -> list[str]:
    """What a node of this style keeps beside what its formulas name."""
    stem = {"plain": "", "edged": "shape", "careful": "meta"}[style]
    return [f"{stem}{i}" for i in places] if stem else []


def joint(text: Text, world: str, style: str) -> str:
    """All gradients from one formula."""
    row, places = text.row, text.places
    needs = {f"needs_{row.inputs[i].name}": f"e{i} is not None" if len(places) > 1 else "True" for i in places}
    value = f"joint({arguments(text, row.vjp, world, needs)})"
    if row.linked and world == "taped":
        value = f"tuple([{links('h', row.linked)} for h in {value}])"
    if style == "careful":
        metas = "".join(f"meta{i}, " for i in places)
        value = f"tuple([project(h, m) for h, m in zip({value}, ({metas}))])"
    return value + ("[0]" if len(places) == 1 else "")


def links(value: str, names: str) -> str:
    """A recorded gradient that depends on saved tensors (Row.linked)."""
    for name in names.split():
        value = f"linked({value}, {name})"
    return value


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
        elif name in nondiff or name in text.indices:
            word = f"raw({name})"
        elif name in optional:
            word = f"(None if {name} is None else {name}._array)"
        elif name in tensors:
            word = f"{name}._array"
        if world == "half" and name in kept:
            word = f"wide({word})"
        words.append(word)
    return ", ".join(words)


def term(text: Text, i: int, world: str, style: str) -> str:
    """The expression of one input's gradient."""
    name = text.row.inputs[i].name
    f = text.row.formulas[name]
    if text.row.backward is not None and world == "taped":
        return backward_call(i, f, style)
    given = arguments(text, f, world, {})
    passed = returned_parameter(f)
    value = f"d_{name}({given})" if passed is None else given.split(", ")[names_of(f).index(passed)]
    if text.row.kind == "masked":
        value = f"select({value}, g)"
    elif text.row.kind == "elementwise" and "g" not in names_of(f):
        constant = f() if not names_of(f) else None
        if constant in (1, -1):
            value = "g" if constant == 1 else "-g"
        else:
            if world == "vjp" and style != "careful" and passed in text.numbers:
                value = f"constant({value}, g)"
            value = f"g * conj({value})" if style == "careful" else f"g * {value}"
    if text.row.linked and world == "taped":
        value = links(value, text.row.linked)
    return f"project({value}, meta{i})" if style == "careful" else value


def backward_call(i: int, f: Callable[..., Any], style: str) -> str:
    """The gradient of one input by the operator that torch has for it (Row.backward)."""
    others = "".join(f", {n}" for n in names_of(f) if n != "g")
    return f"project(conj(backward(conj(g){others})), meta{i})" if style == "careful" else f"backward(g{others})"


def returned_parameter(f: Callable[..., Any]) -> str | None:
    """The parameter that f returns and nothing else, as `lambda other: other` does: then no call is needed."""
    code = [step for step in dis.get_instructions(f) if step.opname not in ("RESUME", "COPY_FREE_VARS")]
    if [step.opname.partition("_")[0] for step in code] == ["LOAD", "RETURN"] and code[0].opname.startswith(
        "LOAD_FAST"
    ):
        return str(code[0].argval)
    return None
