"""The second half of an operator's text: the node that it leaves behind if gradients are wanted.

Note [Plain, edged and careful nodes]
Broadcasting kinds compile up to three Node classes of one name. The plain one is for real operands of one shape and
dtype. The edged one also keeps the shapes of its inputs, and sums what was broadcast. The careful one is for everything
else: it keeps shapes and dtypes, conjugates, widens half precision, and projects each gradient onto its input.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

from .bind import execute

if TYPE_CHECKING:
    from .text import Text


def styled(grad_fn: str, style: str) -> str:
    """The names, inside the generated text, of the node classes. See Note [Plain, edged and careful nodes]."""
    prefix = "" if style == "plain" else style.capitalize() + "_"
    return re.sub(r"(\w+Backward\w*)", prefix + r"\1", grad_fn)


def record(text: Text) -> list[str]:
    row, lines = text.row, ["    if m:" if text.may_cast else "    if m := mode():"]
    if not text.places:
        return lines
    variadic = [i for i in text.places if row.inputs[i].variadic]
    if variadic:
        v = text.var[row.inputs[0].name]
        lines += [
            f"        es = tuple([accumulator(y) if y._edge is LEAF else y._edge for y in {v}])",
            "        if m & 1 and any(e is not None for e in es):",
        ]
    else:
        for i in text.places:
            v = text.var[row.inputs[i].name]
            optional = f" if {v} is not None else None" if row.inputs[i].default is None else ""
            lines.append(f"        e{i} = {v}._edge{optional}")
        some = " or ".join(f"e{i} is not None" for i in text.places)
        lines.append(f"        if ({some}) and m & 1:")
        lines += [
            f"            if e{i} is LEAF: e{i} = {v}._accumulator() or accumulator({v})"
            for i in text.places
            for v in [text.var[row.inputs[i].name]]
        ]
    if "dtype" in [a.name for a in row.params] and len(row.outputs) == 1:
        given = text.var["dtype"]
        lines.append(f"            if {given} is not None and r.dtype.kind in 'biu': raise no_integers(r)")
    lines += nodes(text)
    if text.watched:
        lines.append("            node.storage = None")
    edges = "es if len(es) > 1 else es[0]" if variadic else ", ".join(f"e{i}" for i in text.places)
    lines.append(f"            node.edges = {edges}; node.hooks = None; node.seq = tick()")
    if text.many:
        lines += [
            "            node.width = len(ts)",
            "            for k, t in enumerate(ts): t._edge = Output(node, k)",
        ]
    elif len(text.diff) > 1:
        lines += [f"            t_{o}._edge = Output(node, {k})" for k, o in enumerate(text.diff)]
    else:
        lines.append(f"            {'t' if len(row.outputs) == 1 else 't_' + text.diff[0]}._edge = node")
    return lines


def nodes(text: Text) -> list[str]:
    """Make the node, of the class that suits the operands."""

    def made(style: str, edge: str = "") -> list[str]:
        tail = "".join(edge.format(i) for i in text.places)
        cls = styled(text.grad_fn, style)
        saved = kept(text).removesuffix(", ") if alone(text, style) else f"({kept(text)}{tail})"
        return [f"node = {cls if cls.isidentifier() else f'({cls})'}()", f"node.saved = {saved}"]

    before = "s" if text.careful else "x"  # the operand before it was promoted
    careful = made("careful", f"meta({before}{{}}), ")
    if text.careful or not text.row.broadcasts:
        return ["            " + line for line in (careful if text.careful else made("plain"))]
    choices = [(f"if {plain(text)}:", made("plain")), ("else:", careful)]
    if " == " in plain(text):
        choices.insert(1, ("elif r.dtype in REAL:", made("edged", "x{}.shape, ")))
    return [
        line
        for test, made_here in choices
        for line in [f"            {test}", *("                " + line for line in made_here)]
    ]


def plain(text: Text) -> str:
    """Real operands of one shape. A condition among the params may be larger than they are (where)."""
    first, *others = [f"x{i}" for i in text.tensors]
    shapes = [f"{first}.shape == {x}.shape" for x in others]
    if any(a.nondiff for a in text.row.params):
        shapes.append(f"{first}.shape == r.shape")
    return " and ".join(["d in REAL", *shapes])


def alone(text: Text, style: str) -> bool:
    """Whether one thing is kept, which is never None (a node without anything saved has been freed): no tuple is made."""
    if style != "plain" or len(text.users) != 1:
        return False
    [name] = text.users
    if name in text.diff:
        return not text.many
    fact = name.removesuffix("_shape").removesuffix("_dtype")
    inputs = [a for a in text.row.inputs if a.name in (name, fact)]
    return any(not a.variadic and a.default is inspect.Parameter.empty and len(text.places) == 1 for a in inputs)


def kept(text: Text) -> str:
    """The items of node.saved; each only if an input that wants it requires a gradient."""
    items = []
    facts = {f"{a.name}_{fact}": f"x{i}.{fact}" for i, a in enumerate(text.row.inputs) for fact in ("shape", "dtype")}
    for i, a in enumerate(text.row.inputs):
        if a.default is None:
            facts |= {f"{a.name}_{fact}": f"None if x{i} is None else x{i}.{fact}" for fact in ("shape", "dtype")}
        if a.variadic:
            facts |= {f"{a.name}_shape": f"[y.shape for y in x{i}]", f"{a.name}_dtype": f"[y.dtype for y in x{i}]"}
    options = {a.name for a in text.row.params if not a.nondiff}
    for name, users in text.users.items():
        if name in facts:
            item = facts[name]
        elif name in [o for o, _ in text.row.outputs]:
            item = "r" if len(text.row.outputs) == 1 else f"t_{name}" if name in text.indices else f"r_{name}"
        else:
            item = text.var[name]
            if name not in options and (user := only_user(text, users)) is not None:
                item += f" if e{user} is not None else None"
        items.append(item)
    return "".join(item + ", " for item in items)


def only_user(text: Text, users: list[int]) -> int | None:
    """The one input whose gradient asks for it, where others do not."""
    return users[0] if len(text.places) > 1 and len(users) == 1 and text.row.vjp is None else None


def frees(text: Text, tensors: list[str]) -> bool | property:
    """Whether a node keeps any of these, so that backward frees it; told from the node where it depends on which inputs
    require gradients, or were given."""
    sure: set[int] = set()
    optional = [a.name for a in text.row.args if a.default is None]
    for name in tensors:
        if name not in optional:
            user = only_user(text, text.users[name]) if name not in [o for o, _ in text.row.outputs] else None
            sure.update(text.places if user is None else [user])
    if not tensors or sure.issuperset(text.places):
        return bool(tensors)
    kept_one = " or ".join(f"node.saved[{k}] is not None" for k, name in enumerate(text.users) if name in tensors)
    return property(execute(f"def frees(node): return {kept_one}", {}, f"{text.row.name}.frees"))
