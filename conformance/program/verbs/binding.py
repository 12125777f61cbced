"""Verbs that evaluate, bind, assign and delete."""

from __future__ import annotations

import ast

from conformance.language.model import Placed, Step
from conformance.program.emission import Emission
from conformance.program.quote import stand
from conformance.program.verb import EXPRESSION, VALUE, Verb

_NAMES = r"[A-Za-z][A-Za-z0-9_]*(, [A-Za-z][A-Za-z0-9_]*)*"


class Let(Verb):
    """Bind names to values. A list of numbers is a tensor, a string an expression; `"a, b"` unpacks.

    ```yaml
    - let:
        y: x * x
        v: [1., 0.1]
        "u, s, vh": linalg.svd(a)
    ```
    """

    key = "let"
    schema = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{_NAMES}$"},
        "additionalProperties": VALUE,
    }

    def binds(self, step: Step) -> list[str]:
        return [name for key in step.argument.value for name in key.split(", ")]

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        bindings = step.argument.value
        for key, value in bindings.items():
            mark = bindings.keys_at[key]
            names = [to.name(name, mark, store=True) for name in key.split(", ")]
            target = names[0] if len(names) == 1 else stand(ast.Tuple(names, ast.Store()), mark)
            made += to.quote(
                "TARGET = VALUE", mark, TARGET=target, VALUE=to.value(Placed(value, bindings.values_at[key]))
            )
        return made


class Run(Verb):
    """Evaluate an expression for its effect.

    ```yaml
    - run: x.register_hook(double)
    - run: x.mul_(2)
      raises: {RuntimeError: "a leaf Variable that requires grad is being used in an in-place operation"}
    ```
    """

    key = "run"
    schema = EXPRESSION

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        return [stand(ast.Expr(to.expression(*step.argument)), step.argument.mark)]


class Set(Verb):
    """Assign to an attribute or an item. The left side is a path, the right side a value; null is None.

    ```yaml
    - set:
        x.grad: null
        y[0]: x[0] ** 2
        ctx.constant: constant
    ```
    """

    key = "set"
    schema = {"type": "object", "minProperties": 1, "additionalProperties": VALUE}

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for path, value in step.argument.value.items():
            mark = step.argument.value.keys_at[path]
            target = to.expression(path, mark)
            if not isinstance(target, ast.Attribute | ast.Subscript):
                raise to.malformed(mark, f"{path!r} is neither an attribute nor an item; bind a name with let:")
            target.ctx = ast.Store()
            placed = Placed(value, step.argument.value.values_at[path])
            made += to.quote("TARGET = VALUE", mark, TARGET=target, VALUE=to.value(placed))
        return made


_OPERATORS = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "**": ast.Pow,
    "//": ast.FloorDiv,
    "@": ast.MatMult,
}


class Augment(Verb):
    """Assign in place with an operator, as Python's `x += 1` does.

    ```yaml
    - augment:
        x.data: {"*=": 100}
        y[0]: {"+=": x.sum()}
    ```
    """

    key = "augment"
    schema = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "properties": {f"{symbol}=": VALUE for symbol in _OPERATORS},
            "additionalProperties": False,
        },
    }

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for path, change in step.argument.value.items():
            ((operator, value),) = change.items()
            target = to.expression(path, step.argument.value.keys_at[path])
            if not isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
                raise to.malformed(step.argument.value.keys_at[path], f"{path!r} cannot be assigned to")
            target.ctx = ast.Store()
            placed = Placed(value, change.values_at[operator])
            made.append(stand(ast.AugAssign(target, _OPERATORS[operator[:-1]](), to.value(placed)), step.mark))
        return made


class Del(Verb):
    """Forget variables, attributes or items.

    ```yaml
    - del: [y, x.grad]
    ```
    """

    key = "del"
    schema = {"type": "array", "minItems": 1, "items": EXPRESSION}

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        names = step.argument.value
        targets: list[ast.expr] = []
        for name, mark in zip(names, names.items_at, strict=True):
            target = to.expression(name, mark)
            if not isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
                raise to.malformed(mark, f"{name!r} is neither a variable nor an attribute nor an item")
            target.ctx = ast.Del()
            targets.append(target)
        return [stand(ast.Delete(targets), step.mark)]


class Collect(Verb):
    """Run Python's garbage collector, so that what only cycles keep alive is gone.

    ```yaml
    - let: {alive: weakref(y)}
    - del: [y]
    - collect: true
    - expect:
        alive(): null
    ```
    """

    key = "collect"
    schema = {"const": True}

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        return to.quote("gc.collect()", step.mark)
