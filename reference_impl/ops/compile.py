"""From a row to Python: the operator's function and its Node classes, as source text, compiled when first used.

What comes out for `mul`, two Tensors (print `source(row)` to read any other):

    def mul(input, other, *, out=None):
        ...
        x0 = s0 = input._array
        x1 = s1 = other._array
        if <dtypes differ>: x0, x1 = promoted(x0, x1)
        t = new(Tensor)
        t._array = r = x0 * x1
        if m := mode():
            e0 = input._edge
            e1 = other._edge
            if (e0 is not None or e1 is not None) and m & 1:
                ...
                n = new(MulBackward0)
                n.saved = (other if e0 is not None else None, input if e1 is not None else None)
                ...
    def vjp(node, g):
        other, self = node.saved
        e0, e1 = node.next
        return (None if e0 is None else g * d_self(other._array)), (None if e1 is None else g * d_other(self._array))

Note [Plain and edged nodes]
Broadcasting kinds compile two Node classes of one name. The plain one is for real operands of one shape and dtype. The
edged one also keeps each input's shape and dtype, conjugates, and projects each gradient onto its input.

Note [One text, two worlds]
A formula is rebound, never rewritten: the same code object gets globals in which the names of rows are kernels (vjp on
arrays) or operators (taped, on Tensors).
"""
from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.modes import mode
from ..graph.node import Node, Output, accumulator
from ..graph.clock import tick
from ..tensor import LEAF, Tensor, new, storage_array
from . import runtime
from .form import Row, names_of

SYMBOLS = {np.add: "+", np.subtract: "-", np.multiply: "*", np.true_divide: "/", np.less: "<", np.less_equal: "<=",
           np.greater: ">", np.greater_equal: ">=", np.equal: "==", np.not_equal: "!="}
BASE: dict[str, Any] = {
    "Tensor": Tensor, "LEAF": LEAF, "new": new, "nd": np.ndarray, "mode": mode, "tick": tick, "Output": Output,
    "accumulator": accumulator, "storage_array": storage_array, "NUMBERS": runtime.NUMBERS, "INEXACT": runtime.INEXACT,
    "REAL": runtime.REAL, "promoted": runtime.promoted, "to_float": runtime.to_float, "meta": runtime.meta,
    "rare": runtime.rare, "raw": runtime.raw, "as_view": runtime.as_view, "not_a_tensor": runtime.not_a_tensor, "cannot_broadcast": runtime.cannot_broadcast,
    "write_out": runtime.write_out, "tensor_like": runtime.tensor_like, "__name__": "reference_impl.ops.compiled"}


TABLES = __name__.rpartition(".")[0] + "."             # the package whose functions formulas may call


# ---------------------------------------------------------------- binding formulas

def bind(f: Callable[..., Any], world: str, done: dict[Any, Any] | None = None) -> Callable[..., Any]:
    """The same code with the rows it names replaced by their kernels ("raw") or functions ("taped")."""
    done = {} if done is None else done
    if f in done:
        return done[f]
    scope: dict[str, Any] = {"__name__": f.__globals__["__name__"], "__builtins__": f.__globals__["__builtins__"]}
    bound = done[f] = types.FunctionType(f.__code__, scope, f.__name__, f.__defaults__, f.__closure__)
    bound.__kwdefaults__ = f.__kwdefaults__
    for name in global_names(f.__code__):
        if name in f.__globals__:
            value = f.__globals__[name]
            if isinstance(value, Row):
                value = value.kernel if world == "raw" else value.function
            elif isinstance(value, types.FunctionType) and value.__module__.startswith(TABLES):
                value = bind(value, world, done)
            scope[name] = value
    return bound


def global_names(code: types.CodeType) -> set[str]:
    names = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            names |= global_names(const)
    return names


def with_edges(grad_fn: str) -> str:
    """The name, inside the generated text, of the edged class beside each class of `grad_fn`."""
    return re.sub(r"(\w+Backward\w*)", r"Edged_\1", grad_fn)


# ---------------------------------------------------------------- the text of one operator

class Text:
    """Writes the source of one row for one pattern: which inputs are Tensors ("T"), which numbers ("n")."""

    def __init__(self, row: Row, pattern: str) -> None:
        self.row, self.pattern = row, pattern
        self.tensors = [i for i, p in enumerate(pattern) if p == "T"]
        self.places = [i for i in self.tensors if row.inputs[i].name in row.formulas or row.vjp is not None]
        self.var = {a.name: "input" if a.name == "self" else a.name for a in row.args}
        self.diff = [o for o, role in row.outputs if role == "diff"]
        self.returned = [o for o, role in row.outputs if role != "aux"]
        self.many = self.returned[0].endswith("*")
        self.xs = [f"x{i}" for i in range(len(pattern))]
        grad_fn = row.grad_fn[pattern] if isinstance(row.grad_fn, dict) else row.grad_fn
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
        for a in self.row.args:
            if a.keyword_only and not star:
                items.append("*")
                star = True
            default = "" if a.default is inspect.Parameter.empty else f"={a.default!r}"
            items.append(self.var[a.name] + default)
        if self.row.public and not self.many:
            items += ([] if star else ["*"]) + ["out=None"]
        return ", ".join(items)

    def call(self) -> str:
        return ", ".join(f"{self.var[a.name]}={self.var[a.name]}" if a.keyword_only else self.var[a.name]
                         for a in self.row.args)

    def function(self) -> str:
        row, lines = self.row, []
        lines.append(f"def {row.name}({self.parameters()}):")
        if row.public and not self.many:
            lines.append(f"    if out is not None: return write_out(out, {row.name}({self.call()}))")
        lines += self.operands()
        lines += self.compute()
        lines += self.record()
        result = self.result()
        lines.append(f"        if m > 1: rare({result}, ROW, ({', '.join(self.var[a.name] for a in row.args)},))")
        lines.append(f"    return {result}")
        return "\n".join(lines)

    def operands(self) -> list[str]:
        row, lines = self.row, []
        if row.broadcasts:
            if len(row.inputs) == 2 and self.pattern == "TT":
                a, b = (self.var[i.name] for i in row.inputs)
                lines += [f"    if not isinstance({b}, Tensor):",
                          f"        if type({b}) in NUMBERS and isinstance({a}, Tensor): return Tn({self.call()})",
                          f"        return others({self.call()})",
                          f"    if not isinstance({a}, Tensor): return others({self.call()})"]
            elif len(row.inputs) > 2 and "n" not in self.pattern:
                names = [self.var[i.name] for i in row.inputs]
                check = " and ".join(f"isinstance({n}, Tensor)" for n in names)
                lines.append(f"    if not ({check}): return others({self.call()})")
        for i, a in enumerate(row.inputs):
            v = self.var[a.name]
            if self.pattern[i] == "n":
                lines.append(f"    x{i} = {v}")
            elif a.variadic:
                lines.append(f"    x{i} = [y._array for y in {v}]")
            elif a.default is None:
                lines.append(f"    x{i} = None if {v} is None else {v}._array")
            elif row.kind == "view":
                lines.append(f"    x{i} = storage_array({v})")
            else:
                lines += [f"    try: x{i} = {v}._array",
                          f"    except AttributeError: raise not_a_tensor({row.name!r}, {v}, {v!r}, {i + 1}) from None"]
        for a in row.params:
            if a.nondiff:
                lines.append(f"    raw_{a.name} = raw({self.var[a.name]})")
        return lines + (self.agree() if row.broadcasts else [])

    def agree(self) -> list[str]:
        """Bring the operands to one dtype; s0, s1 ... remember what they were."""
        xs = self.xs
        lines = [f"    s{i} = x{i}" for i in self.tensors]
        ts = [f"x{i}" for i in self.tensors]
        exact = f"((x0.dtype not in INEXACT) if type({ts[0]}) is nd else (type({ts[0]}) not in INEXACT))".replace("x0", ts[0])
        odd = [f"type({ts[0]}) is not type({t}) or (type({t}) is nd and {ts[0]}.dtype is not {t}.dtype)" for t in ts[1:]]
        odd += [f"type(x{i}) is complex" for i, p in enumerate(self.pattern) if p == "n"]
        if "n" in self.pattern:
            odd.append(exact)
        if odd:
            lines.append(f"    if {' or '.join(odd)}: {', '.join(xs)} = promoted({', '.join(xs)})")
        if self.row.integers == "float":
            lines.append(f"    if {exact}: {', '.join(xs)}{',' * (len(xs) == 1)} = to_float({', '.join(xs)})")
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
        if self.many:
            return [f"    rs = {value}", "    ts = [new(Tensor) for _ in rs]", "    for t, r in zip(ts, rs): t._array = r",
                    *(["    for t in ts: as_view(t, input, True)"] if row.kind == "view" else [])]
        if len(row.outputs) == 1:
            lines = ["    t = new(Tensor)", f"    t._array = r = {value}"]
            if row.broadcasts and len(self.tensors) > 1:
                lines[1:] = [f"    try: t._array = r = {value}",
                             f"    except ValueError: raise cannot_broadcast({', '.join(self.xs)}) from None"]
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
            lines += [f"        es = tuple([accumulator(y) if y._edge is LEAF else y._edge for y in {v}])",
                      "        if m & 1 and any(e is not None for e in es):"]
        else:
            for i in self.places:
                v = self.var[row.inputs[i].name]
                optional = f" if {v} is not None else None" if row.inputs[i].default is None else ""
                lines.append(f"        e{i} = {v}._edge{optional}")
            some = " or ".join(f"e{i} is not None" for i in self.places)
            lines.append(f"        if ({some}) and m & 1:")
            lines += [f"            if e{i} is LEAF: e{i} = accumulator({self.var[row.inputs[i].name]})"
                      for i in self.places]
        edged = ", ".join(f"meta(s{i})" for i in self.places)
        if row.broadcasts:
            lines += [f"            if {self.plain()}:",
                      f"                n = new({self.grad_fn})",
                      f"                n.saved = ({self.kept()})",
                      "            else:",
                      f"                n = new({with_edges(self.grad_fn)})",
                      f"                n.saved = ({self.kept()}{edged},)"]
        else:
            lines += [f"            n = new({self.grad_fn})", f"            n.saved = ({self.kept()})"]
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

    def plain(self) -> str:
        first = f"x{self.tensors[0]}"
        same = [f"x{i} is s{i}" for i in self.tensors]
        shapes = [f"{first}.shape == x{i}.shape" for i in self.tensors[1:]]
        arrays = " and ".join([*shapes, first + ".dtype.kind != 'c'"])
        return f"{' and '.join(same)} and (({arrays}) if type({first}) is nd else type({first}) in REAL)"

    def kept(self) -> str:
        """The items of node.saved; each only if an input that wants it requires a gradient."""
        items = []
        facts = {f"{a.name}_{fact}": f"x{i}.{fact}" for i, a in enumerate(self.row.inputs)
                 for fact in ("shape", "dtype")}
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

    # -- the derivative
    def derivative(self, world: str, edged: bool) -> str:
        row, kept = self.row, list(self.users)
        tail = [f"m{i}" for i in self.places] if edged else []
        lines = [f"def {world}(node, g):"]
        source = "node.saved" if world == "vjp" else "unpack(node)"
        if kept or tail:
            lines.append(f"    {', '.join(kept + tail)}, = {source}")
        variadic = any(row.inputs[i].variadic for i in self.places)
        joint = row.vjp is not None
        if len(self.places) > 1 and not variadic:
            lines.append(f"    {', '.join(f'e{i}' for i in self.places)}, = node.next")
        if len(self.diff) > 1:
            lines.append(f"    {', '.join('g_' + o for o in self.diff)} = g")
        if joint:
            needs = {f"needs_{row.inputs[i].name}": f"e{i} is not None" if len(self.places) > 1 else "True"
                     for i in self.places}
            lines.append(f"    return joint({self.arguments(row.vjp, world, needs)})")
            if len(self.places) == 1:
                lines[-1] += "[0]"
            return "\n".join(lines)
        terms = [self.term(i, world, edged) for i in self.places]
        if len(terms) == 1:
            lines.append(f"    return {terms[0]}")
        else:
            lines.append("    return " + ", ".join(f"(None if e{i} is None else {t})"
                                                   for i, t in zip(self.places, terms, strict=True)))
        return "\n".join(lines)

    def arguments(self, f: Callable[..., Any], world: str, needs: dict[str, str]) -> str:
        """How a formula is called: in the raw world, saved Tensors give their arrays."""
        words = []
        tensors = {row.name for i, row in enumerate(self.row.inputs) if self.pattern[i] == "T" and not row.variadic}
        optional = {a.name for a in self.row.inputs if a.default is None}
        nondiff = {a.name for a in self.row.params if a.nondiff}
        for name in names_of(f):
            if name in needs:
                words.append(needs[name])
            elif world == "vjp" and name in nondiff:
                words.append(f"raw({name})")
            elif world == "vjp" and name in optional:
                words.append(f"(None if {name} is None else {name}._array)")
            elif world == "vjp" and name in tensors:
                words.append(f"{name}._array")
            else:
                words.append(name)
        return ", ".join(words)

    def term(self, i: int, world: str, edged: bool) -> str:
        name = self.row.inputs[i].name
        f = self.row.formulas[name]
        value = f"d_{name}({self.arguments(f, world, {})})"
        if self.row.kind == "masked":
            value = f"select({value}, g)"
        elif self.row.kind == "elementwise" and "g" not in names_of(f):
            constant = f() if not names_of(f) else None
            if constant in (1, -1):
                value = "g" if constant == 1 else "-g"
            else:
                value = f"g * conj({value})" if edged else f"g * {value}"
        elif f.__code__.co_code == IDENTITY:
            value = "g"
        return f"project({value}, m{i})" if edged else value


IDENTITY = (lambda g: g).__code__.co_code


# ---------------------------------------------------------------- putting it together

def compile_row(row: Row) -> Callable[..., Any]:
    """The operator's function. Patterns with numbers compile when they are met."""
    patterns: dict[str, Callable[..., Any]] = {}

    def others(*args: Any, **kwargs: Any) -> Any:
        args, pattern = list(args), ""
        for i, a in enumerate(row.args):
            if a in row.inputs and i < len(args):
                args[i] = tensor_or_number(row, i, args[i])
                pattern += "T" if isinstance(args[i], Tensor) else "n"
        if "T" not in pattern:
            raise runtime.not_a_tensor(row.name, args[0], "input", 1)
        return one(pattern)(*args, **kwargs)

    def one(pattern: str) -> Callable[..., Any]:
        if pattern not in patterns:
            chosen = row.overloads.get(pattern, row)
            patterns[pattern] = compile_pattern(chosen, pattern, others, lambda *a, **k: one("Tn")(*a, **k))
        return patterns[pattern]

    function = one("T" * len(row.inputs))
    if row.broadcasts and len(row.inputs) == 2:
        # The number pattern replaces its stub in the function's globals at its first call.
        def first_number(*args: Any, **kwargs: Any) -> Any:
            function.__globals__["Tn"] = one("Tn")
            return one("Tn")(*args, **kwargs)
        function.__globals__["Tn"] = first_number
    function.__doc__ = f"{row.signature}, {row.kind} (source: torch.{row.name})."
    return function


def tensor_or_number(row: Row, i: int, a: Any) -> Any:
    if isinstance(a, Tensor) or type(a) in runtime.NUMBERS:
        return a
    if isinstance(a, np.generic | np.ndarray):
        return runtime.tensor_like(a)
    raise runtime.not_a_tensor(row.name, a, "input" if not i else row.args[i].name, i + 1)


def compile_pattern(row: Row, pattern: str, others: Callable[..., Any], numbers: Callable[..., Any]) -> Any:
    text = Text(row, pattern)
    scope = dict(BASE, kernel=row.kernel, ROW=row, others=others, Tn=numbers)
    if len(text.returned) > 1:
        scope["Result"] = runtime.result_class(row.name, text.returned)
    for name in text.class_names:
        for edged in (False, True) if row.broadcasts else (False,):
            cls = node_class(text, name, edged)
            scope[with_edges(name) if edged else name] = cls
    return execute(text.function(), scope, row.name)


def node_class(text: Text, name: str, edged: bool) -> type[Node]:
    """The Node class: vjp compiled now, taped when first needed."""
    row = text.row
    kept = tuple(row.saved_as.get(n, n) for n in text.users)
    tensors = [n for n in text.users if not n.endswith(("_shape", "_dtype"))
               and n not in {a.name for a in row.params if not a.nondiff}]
    body: dict[str, Any] = {
        "__slots__": ("width",) if text.many else (), "row": row, "frees": bool(tensors),
        "saved_names": kept + tuple(f"input{i}" for i in text.places if edged),
        "result_names": tuple(o for o, _ in row.outputs), "differentiable_names": tuple(text.diff),
        "saves_result": "result" in text.users, "takes_undefined": len(text.diff) > 1 or text.many,
        "outputs": property(lambda node: node.width) if text.many else max(1, len(text.diff)),
        "constants": None if row.scalar_overload or len(text.pattern) == len(text.places) else text.pattern,
        "vjp": derivative(text, "vjp", edged), "__module__": "reference_impl"}
    cls = type(name, (Node,), body)

    def taped(node: Node, g: Any) -> Any:
        cls.taped = derivative(text, "taped", edged)
        return cls.taped(node, g)
    cls.taped = taped
    return cls


def derivative(text: Text, world: str, edged: bool) -> Callable[..., Any]:
    row, which = text.row, "raw" if world == "vjp" else "taped"
    scope = dict(runtime.worlds(which))
    scope |= {f"d_{n}": bind(f, which) for n, f in row.formulas.items()}
    if row.vjp is not None:
        scope["joint"] = bind(row.vjp, which)
    return execute(text.derivative(world, edged), scope, f"{row.name}.{world}")


def execute(text: str, scope: dict[str, Any], name: str) -> Any:
    exec(compile(text, f"<reference_impl row {name}>", "exec"), scope)
    return scope[name.partition(".")[2] or name]


def source(row: Row, pattern: str = "") -> str:
    """The text that a row compiles to, for reading."""
    text = Text(row, pattern or "T" * len(row.inputs))
    parts = [text.function(), text.derivative("vjp", False)]
    if row.broadcasts:
        parts.append(text.derivative("vjp", True))
    return "\n\n".join(parts)

