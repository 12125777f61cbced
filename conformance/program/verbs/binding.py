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


class Del(Verb):
    """Forget variables.

    ```yaml
    - del: [y, loss]
    ```
    """

    key = "del"
    schema = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/name"}}

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        names = step.argument.value
        targets: list[ast.expr] = []
        for name, mark in zip(names, names.items_at, strict=True):
            target = to.expression(name, mark)
            if not isinstance(target, ast.Name):
                raise to.malformed(mark, f"{name!r} is not a variable")
            target.ctx = ast.Del()
            targets.append(target)
        return [stand(ast.Delete(targets), step.mark)]
