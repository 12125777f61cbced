"""Verbs for threads."""

from __future__ import annotations

import ast

from conformance.language.model import Step
from conformance.program.emission import Emission, binds
from conformance.program.helpers import THREAD
from conformance.program.quote import stand
from conformance.program.verb import NAME, Verb


class Thread(Verb):
    """Start a thread that plays the steps under `do:`; the variables that they bind are the case's. The case needs `threads`.

    ```yaml
    - thread: worker
      do:
      - backward: sum(x * x)
    - join: [worker]
    ```
    """

    key = "thread"
    companions = ("do",)
    schema = NAME

    def binds(self, step: Step) -> list[str]:
        return [step.argument.value]

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        if "threads" not in to.case.needs:
            raise to.malformed(step.mark, "a case with thread: says needs: [threads]")
        name, mark = step.argument
        body = to.block(step.do)
        if bound := binds(step.do):
            body = [stand(ast.Global(bound), mark), *body]
        made = to.quote(f"def body_of_{name}(): BODY", step.mark, BODY=body)
        target = to.name(name, mark, store=True)
        return made + to.quote(f"TARGET = {THREAD}(body_of_{name})", step.mark, TARGET=target)


class Join(Verb):
    """Wait for threads. An error that ended one is raised here.

    ```yaml
    - join: [worker]
      raises: {RuntimeError: second time}
    ```
    """

    key = "join"
    schema = {"type": "array", "minItems": 1, "items": NAME}

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        names = step.argument.value
        return [
            statement
            for name, mark in zip(names, names.items_at, strict=True)
            for statement in to.quote("NAME.join()", step.mark, NAME=to.expression(name, mark))
        ]
