"""The text of an operator: types tested once, shapes compared once, and what its formulas need stored in a node.

    def mul(input, other, *, out=None):
        if out is not None: return write_out(out, mul(input, other), 'mul')
        if type(other) in NUMBERS: return Tn(input, other)
        try: x0 = s0 = input._array; x1 = s1 = other._array
        ...
        if <dtypes differ, or the kernel does not take them>: return careful(input, other)
        t = new(Tensor)
        t._array = r = x0 * x1
        if m := mode():
            e0 = input._edge; e1 = other._edge
            if (e0 is not None or e1 is not None) and m & 1:
                ...
                n = new(MulBackward0)
                n.saved = (other if e0 is not None else None, input if e1 is not None else None, )
                ...

Note [Plain, edged and careful nodes]
Broadcasting kinds compile up to three Node classes of one name. The plain one is for real operands of one shape and
dtype. The edged one also keeps the shapes of its inputs, and sums what was broadcast. The careful one is for everything
else: it keeps shapes and dtypes, conjugates, widens half precision, and projects each gradient onto its input.

Note [Careful functions]
The function above handles operands of one dtype that the kernel takes as it is. Anything else (mixed dtypes, integers
where torch computes floats, float16 and bfloat16) goes to a second function compiled from the same row, which promotes,
computes half precision in float32, rounds once, and records a careful node.
"""

from __future__ import annotations

import inspect
import re

import numpy as np

from ..ops.form import Arg, Row, names_of
from . import runtime

SYMBOLS = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.true_divide: "/",
    np.less: "<",
    np.less_equal: "<=",
    np.greater: ">",
    np.greater_equal: ">=",
    np.equal: "==",
    np.not_equal: "!=",
}


def styled(grad_fn: str, style: str) -> str:
    """The names, inside the generated text, of the node classes. See Note [Plain, edged and careful nodes]."""
    prefix = "" if style == "plain" else style.capitalize() + "_"
    return re.sub(r"(\w+Backward\w*)", prefix + r"\1", grad_fn)


class Text:
    """Writes the source of one row for one pattern: which inputs are Tensors ("T"), which numbers ("n")."""

    def __init__(self, row: Row, pattern: str, careful: bool = False, guards: tuple[Arg, ...] = ()) -> None:
        self.row, self.pattern, self.careful, self.guards = row, pattern, careful, guards
        self.tensors = [i for i, p in enumerate(pattern) if p == "T"]
        self.numbers = [row.inputs[i].name for i, p in enumerate(pattern) if p == "n"]
        self.places = [i for i in self.tensors if row.inputs[i].name in row.formulas or row.vjp is not None]
        self.var = {a.name: "input" if a.name == "self" else a.name for a in row.args}
        self.diff = [o for o, role in row.outputs if role == "diff"]
        self.returned = [o for o, role in row.outputs if role != "aux"]
        self.many = self.returned[0].endswith("*")
        self.xs = [f"x{i}" for i in range(len(pattern))]
        grad_fn = row.grad_fn
        if isinstance(grad_fn, dict):
            grad_fn = grad_fn.get(pattern, next(iter(grad_fn.values())))
        self.grad_fn = grad_fn
        self.class_names = list(dict.fromkeys(re.findall(r"\w+Backward\w*", grad_fn)))
        self.users = self.find_users()

    def find_users(self) -> dict[str, list[int]]:
        """What must be kept, and the inputs whose formulas ask for it."""
        users: dict[str, list[int]] = {}
        for i in self.places:
            f = self.row.vjp or self.row.formulas[self.row.inputs[i].name]
            for name in names_of(f):
                if name != "g" and not name.startswith(("g_", "needs_")):
                    users.setdefault(name, []).append(i)
        return users

    # -- the function
    def parameters(self) -> str:
        items, star = [], False
        for a in (*self.row.args, *self.guards):
            if a.keyword_only and not star:
                items.append("*")
                star = True
            default = "" if a.default is inspect.Parameter.empty else f"={a.default!r}"
            items.append(self.var.get(a.name, a.name) + default)
        if self.row.public and self.row.kind != "view":
            items += ([] if star else ["*"]) + ["out=None"]
        return ", ".join(items)

    def call(self) -> str:
        return ", ".join(
            f"{self.var[a.name]}={self.var[a.name]}" if a.keyword_only else self.var[a.name] for a in self.row.args
        )

    def function(self) -> str:
        row, lines = self.row, []
        lines.append(f"def {row.name}({self.parameters()}):")
        given = ", ".join(filter(None, [self.call(), *(f"{a.name}={a.name}" for a in self.guards)]))
        if row.public and row.kind != "view":
            lines.append(f"    if out is not None: return write_out(out, {row.name}({given}), {row.name!r})")
        if self.guards:
            unusual = " or ".join(f"{a.name} != {a.default!r}" for a in self.guards)
            lines.append(f"    if {unusual}: return unusual({given})")
        args = "".join(self.var[a.name] + ", " for a in row.args)
        lines += self.operands(args)
        lines += self.agree() if row.broadcasts else self.widen()
        lines += self.compute()
        lines += self.record()
        result = self.result()
        aux = "".join(f"r_{o}, " for o, role in row.outputs if role == "aux")
        lines.append(f"        if m > 1: rare({result}, ROW, ({args}){', (' + aux + ')' if aux else ''})")
        lines.append(f"    return {result}")
        return "\n".join(lines)

    def operands(self, args: str) -> list[str]:
        """The arrays of the operands: x0, x1 ... ; what they were before promotion: s0, s1 ..."""
        row, fetch, lines = self.row, [], []
        for i, a in enumerate(row.inputs):
            v = self.var[a.name]
            if self.pattern[i] == "n":
                lines.append(f"    x{i} = {v}")
            elif a.variadic:
                fetch.append(f"x{i} = [y._array for y in {v}]")
            elif a.default is None:
                fetch.append(f"x{i} = None if {v} is None else {v}._array")
            else:
                fetch.append(f"x{i} = s{i} = {v}._array")
        fetch += [f"raw_{a.name} = raw({self.var[a.name]})" for a in row.params if a.nondiff]
        if row.broadcasts and self.pattern == "TT" and row.numbers != "none":
            lines.append(f"    if type({self.var[row.inputs[1].name]}) in NUMBERS: return Tn({self.call()})")
        if fetch:
            lines += [f"    try: {'; '.join(fetch)}", f"    except Batching: return batched(ROW, ({args}))"]
        if row.broadcasts and len(self.pattern) > 1 and "n" not in self.pattern:
            lines.append(f"    except AttributeError: return others({self.call()})")
        elif fetch:
            lines.append(f"    except AttributeError: raise not_tensors(ROW, ({args})) from None")
        if row.kind == "view":
            lines.append(f"    if type(x0) is not nd: x0 = storage_array({self.var[row.inputs[0].name]})")
        return lines

    def agree(self) -> list[str]:
        """Whether the operands have one dtype that the kernel takes; the careful function brings them to one."""
        xs, row = ", ".join(self.xs), self.row
        lines: list[str] = []
        if self.careful:
            if row.check:
                lines.append(f"    ROW.check({xs})")
            if len(self.xs) > 1:
                lines.append(f"    {xs} = promoted({xs})")
            if row.refused:
                lines.append(f"    refuse(ROW, {xs})")
            if row.integers == "float":
                lines.append(f"    {xs}, = to_float(ROW, {xs})")
            return [*lines, f"    half, {xs} = {'native' if row.half_ready else 'widened'}({xs})"]
        first, *others = [f"x{i}" for i in self.tensors]
        give_up = f"return careful({self.call()})"
        # scalars agree in their types, which are quicker to look at than dtypes
        lines = [
            f"    d = type({first})",
            f"    if {' or '.join(['d is nd', *(f'd is not type({x})' for x in others)])}:",
            f"        d = {first}.dtype",
        ]
        if others:
            lines.append(f"        if {' or '.join(f'd is not {x}.dtype' for x in others)}: {give_up}")
        odd = [f"type(x{i}) is complex" for i, p in enumerate(self.pattern) if p == "n"]
        if row.integers == "float" or "i" in row.refused or "n" in self.pattern:
            odd.append(f"d not in {'REAL' if 'F' in row.refused else 'EASY'}")
        elif chars := self.unusual_chars(isinstance(row.kernel, np.ufunc)):
            odd.append(f"{first}.dtype.char in {chars!r}")
        if odd:
            lines.append(f"    if {' or '.join(odd)}: {give_up}")
        if "n" in self.pattern and row.kernel in SYMBOLS:
            x = f"x{self.pattern.index('n')}"
            lines.append(f"    if d in CONSTANTS: {x} = CONSTANTS[d][{x}]")
        return lines

    def unusual_chars(self, half_ready: bool = False) -> str:
        """The dtypes, by their characters, that only the careful function handles."""
        return self.row.refused + ("" if half_ready or self.row.half_ready else runtime.HALF)

    def widen(self) -> list[str]:
        """For the kinds that do not broadcast: half precision goes to the careful function."""
        row = self.row
        chars = self.unusual_chars()
        if row.kind == "view" or not row.inputs or not chars:
            return []
        if not self.careful:
            first = "x0 and x0[0]" if row.inputs[0].variadic else "x0"
            return [f"    if {first}.dtype.char in {chars!r}: return careful({self.call()})"]
        xs = ", ".join(self.xs)
        lines = [f"    s{i} = x{i}" for i in self.tensors]
        if row.check:
            lines.append(f"    ROW.check({xs})")
        if row.refused:
            lines.append(f"    refuse(ROW, {xs})")
        if row.half_ready:
            return [*lines, "    half = None"]
        lines.append(f"    half, {xs} = widened({xs})")
        if any(a.name == "dtype" for a in row.params):
            lines.append("    half, dtype = target_dtype(half, dtype)")
        return lines

    def compute(self) -> list[str]:
        row = self.row
        args = {a.name: f"x{i}" for i, a in enumerate(row.inputs)}
        args |= {a.name: f"raw_{a.name}" if a.nondiff else self.var[a.name] for a in row.params}
        symbol = SYMBOLS.get(row.kernel)
        if symbol and len(row.args) == 2:
            value = f"x0 {symbol} x1"
        else:
            value = f"kernel({', '.join(args[a.name] for a in row.args)})"
        if self.careful:
            value = f"narrow({value}, half)"
        if self.many:
            return [
                f"    rs = {value}",
                "    ts = [new(Tensor) for _ in rs]",
                "    for t, r in zip(ts, rs): t._array = r",
                *(["    for t in ts: as_view(t, input, True)"] if row.kind == "view" else []),
            ]
        if len(row.outputs) == 1:
            lines = ["    t = new(Tensor)", f"    t._array = r = {value}"]
            if row.broadcasts:
                lines[1:] = [
                    f"    try: t._array = r = {value}",
                    f"    except (ValueError, TypeError) as error: raise no_kernel(ROW, error, {', '.join(self.xs)}) from None",
                ]
            return lines + (["    as_view(t, input)"] if row.kind == "view" else [])
        lines = [f"    {', '.join('r_' + o for o, _ in row.outputs)} = {value}"]
        for o in self.returned:
            lines += [f"    t_{o} = new(Tensor)", f"    t_{o}._array = r_{o}"]
        return lines

    def result(self) -> str:
        if self.many:
            return "tuple(ts)"
        if len(self.row.outputs) == 1:
            return "t"
        outs = ", ".join(f"t_{o}" for o in self.returned)
        return f"Result(({outs}))" if len(self.returned) > 1 else f"t_{self.returned[0]}"

    def record(self) -> list[str]:
        row, lines = self.row, ["    if m := mode():"]
        if not self.places:
            return lines
        variadic = [i for i in self.places if row.inputs[i].variadic]
        if variadic:
            v = self.var[row.inputs[0].name]
            lines += [
                f"        es = tuple([accumulator(y) if y._edge is LEAF else y._edge for y in {v}])",
                "        if m & 1 and any(e is not None for e in es):",
            ]
        else:
            for i in self.places:
                v = self.var[row.inputs[i].name]
                optional = f" if {v} is not None else None" if row.inputs[i].default is None else ""
                lines.append(f"        e{i} = {v}._edge{optional}")
            some = " or ".join(f"e{i} is not None" for i in self.places)
            lines.append(f"        if ({some}) and m & 1:")
            lines += [
                f"            if e{i} is LEAF: e{i} = accumulator({self.var[row.inputs[i].name]})" for i in self.places
            ]
        lines += self.nodes()
        if "result" in self.users:
            lines.append("            n.storage = None")
        edges = "es" if variadic else f"({', '.join(f'e{i}' for i in self.places)},)"
        lines.append(f"            n.next = {edges}; n.hooks = None; n.seq = tick()")
        if self.many:
            lines += ["            n.width = len(ts)", "            for k, t in enumerate(ts): t._edge = Output(n, k)"]
        elif len(self.diff) > 1:
            lines += [f"            t_{o}._edge = Output(n, {k})" for k, o in enumerate(self.diff)]
        else:
            lines.append(f"            {'t' if len(row.outputs) == 1 else 't_' + self.diff[0]}._edge = n")
        return lines

    def nodes(self) -> list[str]:
        """Make the node, of the class that suits the operands."""

        def made(style: str, edge: str = "") -> list[str]:
            tail = "".join(edge.format(i) for i in self.places)
            return [f"n = new({styled(self.grad_fn, style)})", f"n.saved = ({self.kept()}{tail})"]

        careful = made("careful", "meta(s{}), ")
        if self.careful or not self.row.broadcasts:
            return ["            " + line for line in (careful if self.careful else made("plain"))]
        choices = [(f"if {self.plain()}:", made("plain")), ("else:", careful)]
        if " == " in self.plain():
            choices.insert(1, ("elif r.dtype in REAL:", made("edged", "s{}.shape, ")))
        return [
            line
            for test, made_here in choices
            for line in [f"            {test}", *("                " + line for line in made_here)]
        ]

    def plain(self) -> str:
        """Real operands of one shape. A condition among the params may be larger than they are (where)."""
        first, *others = [f"x{i}" for i in self.tensors]
        shapes = [f"{first}.shape == {x}.shape" for x in others]
        if any(a.nondiff for a in self.row.params):
            shapes.append(f"{first}.shape == r.shape")
        return " and ".join(["d in REAL", *shapes])

    def kept(self) -> str:
        """The items of node.saved; each only if an input that wants it requires a gradient."""
        items = []
        facts = {
            f"{a.name}_{fact}": f"x{i}.{fact}" for i, a in enumerate(self.row.inputs) for fact in ("shape", "dtype")
        }
        for i, a in enumerate(self.row.inputs):
            if a.variadic:
                facts |= {f"{a.name}_shape": f"[y.shape for y in x{i}]", f"{a.name}_dtype": f"[y.dtype for y in x{i}]"}
        for name, users in self.users.items():
            if name in facts:
                item = facts[name]
            elif name in [o for o, _ in self.row.outputs]:
                item = "r" if len(self.row.outputs) == 1 else f"r_{name}"
            else:
                item = self.var[name]
                if len(self.places) > 1 and len(users) == 1 and self.row.vjp is None:
                    item += f" if e{users[0]} is not None else None"
            items.append(item)
        return "".join(item + ", " for item in items)
