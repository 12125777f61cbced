"""The text of an operator: types tested once, shapes compared once, and what its formulas need stored in a node.

    def mul(input, other):
        if type(other) in NUMBERS: return Tn(input, other)
        try: x0 = input._array; x1 = other._array
        ...
        if <dtypes differ, or the kernel does not take them>: return careful(input, other)
        t = new(Tensor)
        t._array = r = x0 * x1
        if m := mode():
            e0 = input._edge; e1 = other._edge
            if (e0 is not None or e1 is not None) and m & 1:
                ...
                node = MulBackward0()
                node.saved = (other if e0 is not None else None, input if e1 is not None else None, )
                ...

Note [Careful functions]
The function above handles operands of one dtype that the kernel takes as it is. Anything else (mixed dtypes, integers
where torch computes floats, float16 and bfloat16) goes to a second function compiled from the same row, which promotes,
computes half precision in float32, rounds once, and records a careful node.
"""

from __future__ import annotations

import inspect
import re

import numpy as np

from ..autocasting import POLICY_OF
from ..graph.former import formerly
from ..ops.form import Row
from ..ops.signature import Arg
from . import runtime
from .arguments import tests_before, wanted_by_row
from .casting import autocast_test
from .numpy_names import REQUIRED, numpys, renamed
from .recording import record

EMPTY = inspect.Parameter.empty
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


class Text:
    """Writes the source of one row for one pattern: which inputs are Tensors ("T"), which numbers ("n").

    careful: see Note [Careful functions]. former: the whole row, where calls of former overloads are taken.
    """

    def __init__(
        self, row: Row, pattern: str, careful: bool = False, guards: tuple[Arg, ...] = (), former: Row | None = None
    ) -> None:
        self.row, self.pattern, self.careful, self.guards, self.former = row, pattern, careful, guards, former
        self.tensors = [i for i, p in enumerate(pattern) if p == "T"]
        self.numbers = [row.inputs[i].name for i, p in enumerate(pattern) if p == "n"]
        self.places = [i for i in self.tensors if row.inputs[i].name in row.formulas or row.vjp is not None]
        self.var = {a.name: "input" if a.name == "self" else a.name for a in row.args}
        self.diff = [o for o, role in row.outputs if role == "diff"]
        self.indices = [o for o, role in row.outputs if role == "nondiff"]  # in no graph: kept as Tensors
        self.returned = [o for o, role in row.outputs if role != "aux"]
        self.many = self.returned[0].endswith("*")
        self.xs = [f"x{i}" for i in range(len(pattern))]
        grad_fn = row.grad_fn
        if isinstance(grad_fn, dict):
            grad_fn = grad_fn.get(pattern, next(iter(grad_fn.values())))
        self.grad_fn = grad_fn
        self.class_names = list(dict.fromkeys(re.findall(r"\w+Backward\w*", grad_fn)))
        self.users = self.find_users()
        watched = [] if self.many else [k for k, o in enumerate(self.diff) if o in self.users]
        self.watched = {k: row.kept_as(self.diff[k]) for k in watched}
        self.numpy_names = numpys(a.name for a in row.args) if row.public else []
        self.may_cast = row.name in POLICY_OF and not careful

    def find_users(self) -> dict[str, list[int]]:
        """What must be kept, and the inputs whose formulas ask for it."""
        users: dict[str, list[int]] = {}
        for i in self.places:
            for name in self.row.saved_for(self.row.inputs[i].name):
                if name != "g" and not name.startswith(("g_", "needs_")):
                    users.setdefault(name, []).append(i)
            for name in self.row.linked.split():
                if i not in users.get(name, ()):
                    users.setdefault(name, []).append(i)
        return users

    # -- the function
    def parameters(self) -> str:
        items, star = [], False
        others, required = [f"{name}=None" for name in self.numpy_names], self.required()
        for a in (*self.row.args, *self.guards):
            if a.keyword_only and not star:
                items += [*others, "*former" if self.former else "*"]
                star = True
            default = REQUIRED if a.name in required else a.default
            items.append(self.var.get(a.name, a.name) + ("" if default is EMPTY else f"={default!r}"))
        return ", ".join(items if star or not others else [*items, "*", *others])

    def required(self) -> list[str]:
        """What a call with numpy's names may seem to lack."""
        names = [a.name for a in self.row.args]
        late = self.row.args[names.index("dim") :] if "axis" in self.numpy_names else ()
        return [a.name for a in late if a.default is EMPTY and not a.keyword_only]

    def put_in_place(self, options: str = "") -> list[str]:
        required = self.required()
        defaults = {a.name: REQUIRED if a.name in required else a.default for a in self.row.args}
        return renamed(self.row.name, defaults) if self.numpy_names else formerly(self.former, options)

    def call(self) -> str:
        return ", ".join(
            f"{self.var[a.name]}={self.var[a.name]}" if a.keyword_only else self.var[a.name] for a in self.row.args
        )

    def given(self) -> str:
        return ", ".join(filter(None, [self.call(), *(f"{a.name}={a.name}" for a in self.guards)]))

    def arguments(self) -> str:
        return "".join(self.var[a.name] + ", " for a in self.row.args)

    def function(self) -> str:
        row, lines = self.row, []
        lines.append(f"def {row.name}({self.parameters()}):")
        lines += self.put_in_place()
        if self.may_cast:
            plain = [self.var[a.name] for a in row.args if not a.keyword_only]
            options = [f"{a.name}={a.name}" for a in (*row.args, *self.guards) if a.keyword_only or a in self.guards]
            lines += autocast_test(row.name, "(m := mode())", plain, options)
        if self.guards:
            unusual = " or ".join(f"{a.name} != {a.default!r}" for a in self.guards)
            lines.append(f"    if {unusual}: return unusual({self.given()})")
        if any(a.name == "dtype" for a in row.params):  # float means float64
            lines.append("    if type(dtype) is type: dtype = PYTHON.get(dtype, dtype)")
        args = self.arguments()
        if row.public and row.kind != "view":
            defaults = {a.name: a.default for a in row.params}
            lines += tests_before(wanted_by_row(row), defaults, f"return again({row.name}, ROW, ({args}), None)", False)
        lines += self.operands(args)
        lines += self.agree() if row.broadcasts else self.widen()
        lines += self.compute()
        lines += record(self)
        result = self.result()
        aux = "".join(f"r_{o}, " for o, role in row.outputs if role == "aux")
        lines.append(f"        if m > 1: rare({result}, ROW, ({args}){', (' + aux + ')' if aux else ''})")
        lines.append(f"    return {result}")
        return "\n".join(lines)

    def operands(self, args: str) -> list[str]:
        """The arrays of the operands: x0, x1 ... ; in the careful function, what they were before promotion: s0, s1 ..."""
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
                fetch.append(f"x{i} = {'s' + str(i) + ' = ' if self.careful else ''}{v}._array")
        fetch += [f"raw_{a.name} = raw({self.var[a.name]})" for a in row.params if a.nondiff]
        if row.broadcasts and self.pattern == "TT" and row.numbers != "none":
            lines.append(f"    if type({self.var[row.inputs[1].name]}) in NUMBERS: return Tn({self.call()})")
        if row.inputs and row.inputs[0].variadic:
            lines.append(
                f"    if type({self.var[row.inputs[0].name]}) is Tensor: raise row_failure(ROW, ({args}), None)"
            )
        if fetch:
            lines += [f"    try: {'; '.join(fetch)}", f"    except NoArray as why: return why.operator(ROW, ({args}))"]
        if row.broadcasts and len(self.pattern) > 1:
            lines.append(f"    except AttributeError: return by_pattern({self.call()})")
        elif fetch:
            kinds = "(AttributeError, TypeError)" if row.inputs and row.inputs[0].variadic else "AttributeError"
            lines.append(f"    except {kinds} as error: raise row_failure(ROW, ({args}), error) from None")
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
            several = len(self.xs) > 1
            to_float = row.integers == "float"
            if several and not to_float:
                lines.append(f"    {xs} = promoted({xs})")
            if row.refused:
                lines.append(f"    refuse(ROW, {f'*promoted({xs})' if several and to_float else xs})")
            if to_float:
                lines.append(f"    {xs} = promoted_to_float({xs})" if several else f"    {xs}, = to_float({xs})")
            return [*lines, f"    half, {xs} = {'native' if row.half_ready else 'widened'}({xs})"]
        first, *others = [f"x{i}" for i in self.tensors]
        give_up = f"return careful({self.call()})"
        # scalars agree in their types, which are quicker to look at than dtypes
        unlike = " or ".join(["d is nd", *(f"d is not type({x})" for x in others)])
        lines = [f"    d = type({first})", f"    if {unlike}:", f"        d = {first}.dtype"]
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
            lines.append(f"    if type({first}) is nd: {x} = CONSTANTS[d][{x}]")
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
        called = f"kernel({', '.join(args[a.name] for a in row.args)})"
        value = f"x0 {symbol} x1" if symbol and len(row.args) == 2 else called
        if self.careful:
            value = f"narrow({value}, half)"
        failed = f"    except RuntimeWarning: return quietly({row.name}, {self.given()})\n"
        failed += f"    except Exception as error: return again({row.name}, ROW, ({self.arguments()}), error"
        failed += f"{''.join(f', {x}' for x in self.xs) if row.broadcasts else ''})"
        if self.many:
            return [
                f"    try: rs = {value}",
                failed,
                "    ts = [new(Tensor) for _ in rs]",
                "    for t, r in zip(ts, rs): t._array = r",
                *(["    for t in ts: as_view(t, input, True)"] if row.kind == "view" else []),
            ]
        if len(row.outputs) == 1:
            lines = ["    t = new(Tensor)", f"    try: t._array = r = {value}", failed, *self.lay_out()]
            return lines + (["    as_view(t, input)"] if row.kind == "view" else [])
        lines = [f"    try: {', '.join('r_' + o for o, _ in row.outputs)} = {value}", failed]
        for o in self.returned:
            lines += [f"    t_{o} = new(Tensor)", f"    t_{o}._array = r_{o}"]
        return lines

    def lay_out(self) -> list[str]:
        """Where operands do not lie in rows, torch's order of the dimensions, which is numpy's where they agree."""
        if not self.row.broadcasts or len(self.tensors) < 2:
            return []
        arrays = [f"raw_{a.name}" for a in self.row.params if a.nondiff] + [f"x{i}" for i in self.tensors]
        test = " or ".join(f"{x}.ndim > 1 and not {x}.flags.c_contiguous" for x in arrays[:-1])
        return [f"    if {test}: t._array = r = laid_as(r, {', '.join(arrays)})"]

    def result(self) -> str:
        if self.many:
            return "tuple(ts)"
        if len(self.row.outputs) == 1:
            return "t"
        outs = ", ".join(f"t_{o}" for o in self.returned)
        return f"Result(({outs}))" if len(self.returned) > 1 else f"t_{self.returned[0]}"


def usual_text(row: Row, pattern: str) -> Text:
    usual = row.overloads.get("defaults")
    guards = tuple(a for a in row.params if a not in usual.args) if usual else ()
    return Text(usual or row, pattern, guards=guards, former=row if row.former else None)
