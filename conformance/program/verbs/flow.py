"""Verbs that govern other steps: contexts, loops, branches."""

from __future__ import annotations

import ast

from conformance.language.model import Placed, Step
from conformance.language.source import Map
from conformance.program.emission import Emission
from conformance.program.quote import stand
from conformance.program.verb import EXPRESSION, NAME, VALUE, Verb, options


class With(Verb):
    """Play the steps under `do:` inside a context manager; `{name: expression}` binds what it enters.

    ```yaml
    - with: no_grad()
      do:
      - let:
          y: x * 2
    ```
    """

    key = "with"
    companions = ("do",)
    schema = {
        "if": {"type": "string"},
        "then": EXPRESSION,
        "else": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "propertyNames": NAME,
            "additionalProperties": EXPRESSION,
        },
    }

    def binds(self, step: Step) -> list[str]:
        return list(step.argument.value) if isinstance(step.argument.value, Map) else []

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        value, mark = step.argument
        if isinstance(value, str):
            return to.quote("with CONTEXT: BODY", step.mark, CONTEXT=to.expression(value, mark), BODY=to.block(step.do))
        ((name, text),) = value.items()
        return to.quote(
            "with CONTEXT as NAME: BODY",
            step.mark,
            CONTEXT=to.expression(text, value.values_at[name]),
            NAME=to.name(name, value.keys_at[name], store=True),
            BODY=to.block(step.do),
        )


class Repeat(Verb):
    """Play the steps under `do:` a number of times, over the items of a value, or while a condition holds.

    ```yaml
    - repeat: 3
      do:
      - backward: sum(x)
    - repeat: {over: range(2), as: row}
      do:
      - backward: {of: "y[row]", retain_graph: true}
    - repeat: {while: y.norm() < 1000}
      do:
      - let:
          y: y * 2
    ```
    """

    key = "repeat"
    companions = ("do",)
    schema = {
        "if": {"type": "integer"},
        "then": {"type": "integer", "minimum": 0, "maximum": 100000},
        "else": {
            "if": {"type": "object", "required": ["while"]},
            "then": options({"while": EXPRESSION}),
            "else": options({"over": VALUE, "as": NAME}),
        },
    }

    def binds(self, step: Step) -> list[str]:
        argument = step.argument.value
        return [argument["as"]] if isinstance(argument, Map) and "as" in argument else []

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        argument, mark = step.argument
        body = to.block(step.do)
        if isinstance(argument, int | float):
            if not isinstance(argument, int):
                raise to.malformed(mark, f"repeat: needs a whole number, not {argument}")
            return to.quote(f"for _ in range({argument}): BODY", step.mark, BODY=body)
        if "while" in argument:
            condition = to.expression(argument["while"], argument.values_at["while"])
            return to.quote("while CONDITION: BODY", step.mark, CONDITION=condition, BODY=body)
        return to.quote(
            "for NAME in ITEMS: BODY",
            step.mark,
            NAME=to.name(argument["as"], mark, store=True),
            ITEMS=to.value(Placed(argument["over"], argument.values_at["over"])),
            BODY=body,
        )


class If(Verb):
    """Play the steps under `do:` if a condition holds, those under `else:` if not.

    ```yaml
    - if: x.sum() > 0
      do:
      - let: {y: x * 2}
      else:
      - let: {y: x * 3}
    ```
    """

    key = "if"
    companions = ("do", "else")
    schema = EXPRESSION

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        made = stand(
            ast.If(
                to.expression(*step.argument),
                to.block(step.do) or [stand(ast.Pass(), step.mark)],
                to.block(step.otherwise),
            ),
            step.mark,
        )
        return [made]
