"""Verbs that look: at what is declared, and at what engines must merely agree on."""

from __future__ import annotations

import ast

from conformance.language.model import Placed, Step
from conformance.language.source import Map
from conformance.program.emission import Emission
from conformance.program.verb import EXPECTED, EXPRESSION, Verb


class Expect(Verb):
    """Say what the value of a path is. The path is an expression; the value data, a string, null, or a matcher.

    `calls` is the list of calls of the case's definitions so far: `[{double: [3., 3.]}, after]`.

    ```yaml
    - expect:
        x.grad: [2., 4.]
        y.grad_fn.name(): MulBackward0
        y.grad: null
        z: {repr: "tensor([1.], grad_fn=<MulBackward0>)"}
    ```
    """

    key = "expect"
    schema = {
        "type": "object",
        "minProperties": 1,
        "properties": {"calls": {"$ref": "#/$defs/calls"}},
        "additionalProperties": EXPECTED,
    }

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        paths = step.argument.value
        for path, expected in paths.items():
            at = paths.values_at[path]
            if path == "calls":
                expected = Map.single("calls", expected, at)
            made += to.look(Placed(path, paths.keys_at[path]), Placed(expected, at))
        return made


class Observe(Verb):
    """Look without declaring a value: the engines must agree with each other.

    ```yaml
    - observe: [x.grad, y]
    ```
    """

    key = "observe"
    schema = {"type": "array", "minItems": 1, "items": EXPRESSION}

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        paths = step.argument.value
        return [
            statement
            for path, mark in zip(paths, paths.items_at, strict=True)
            for statement in to.look(Placed(path, mark), None)
        ]
