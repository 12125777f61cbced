"""A case as a standalone script: plain torch that asserts what the case expects. What ``show --as torch`` prints."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from conformance.language.data import seed
from conformance.language.model import Case, Given, Placed
from conformance.language.source import Map, Mark
from conformance.program.compile import module
from conformance.program.declared import Guard
from conformance.program.emission import Emission, split_matcher
from conformance.program.inputs import dtype_name, strides, values
from conformance.program.messages import declared_pattern
from conformance.program.prelude import drawing, prelude
from conformance.program.quote import constant
from conformance.program.verb import MATCHERS

_MOST_LITERAL = 256


class Script(Emission):
    """Emits assertions. Of a drift it asserts what torch does."""

    def given(self, given: Given) -> list[ast.stmt]:
        mark = given.mark
        target = self.name(given.name, mark, store=True)
        if not given.tensor:
            return self.quote("TARGET = VALUE", mark, TARGET=target, VALUE=self.value(Placed(given.data, mark)))
        made = values(given)
        if made.size <= _MOST_LITERAL:
            data = constant(made.tolist(), mark)
        else:
            data = self.quote_expression(
                f"{drawing(given.generator or '')}(numpy.random.default_rng({seed(given.name)}), {tuple(made.shape)})",
                mark,
            )
        grad = ", requires_grad=True" if given.leaf else ""
        dtype = dtype_name(given, made)
        spelled = "" if given.dtype is None and given.generator is None else f", dtype=torch.{dtype}"
        layout = strides(given, made.shape)
        if layout is None:
            return self.quote(f"TARGET = torch.tensor(DATA{spelled}{grad})", mark, TARGET=target, DATA=data)
        text = f"TARGET = torch.empty_strided({tuple(made.shape)}, {tuple(layout)}, dtype=torch.{dtype})"
        made_statements = self.quote(text, mark, TARGET=target)
        made_statements += self.quote(f"{given.name}.copy_(torch.tensor(DATA))", mark, DATA=data)
        return made_statements + (self.quote(f"{given.name}.requires_grad_()", mark) if given.leaf else [])

    def look_at(self, tree: ast.expr, path: Placed, expected: Placed | None) -> list[ast.stmt]:
        if expected is None:
            return [ast.copy_location(ast.Expr(tree), tree)]
        key, argument = split_matcher(expected)
        if key == "drift":
            return self.look_at(tree, path, Placed(argument.value["torch"], argument.value.values_at["torch"]))
        if key == "either":
            return self._either(tree, path, argument)
        MATCHERS[key].check(argument, self)
        return MATCHERS[key].assertion(tree, argument, self)

    def _either(self, tree: ast.expr, path: Placed, argument: Placed) -> list[ast.stmt]:
        options = [Placed(o, at) for o, at in zip(argument.value, argument.value.items_at, strict=True)]
        made = self.look_at(tree, path, options[-1])
        for option in reversed(options[:-1]):
            body = self.look_at(tree, path, option)
            made = self.quote("try: BODY\nexcept Exception: OTHERWISE", option.mark, BODY=body, OTHERWISE=made)
        return made

    def guard(self, guard: Guard, body: list[ast.stmt]) -> list[ast.stmt]:
        declared = guard.argument
        if isinstance(declared, Map) and "drift" in declared:
            declared = declared["drift"]["torch"]
        if declared is None:
            return self.quote("with warns_nothing(): BODY", guard.mark, BODY=body) if guard.kind == "warns" else body
        for kind, text in declared.items():
            manager = f"{guard.kind}({kind!r}, {declared_pattern(text)!r})"
            body = self.quote(f"with {manager}: BODY", guard.mark, BODY=body)
        return body

    def log(self, name: str, arguments: Sequence[str], mark: Mark) -> list[ast.stmt]:
        if not self.logs_calls:
            return []
        seen: list[ast.expr] = [constant(name, mark), *(self.name(a, mark) for a in arguments)]
        return self.quote("log_call(SEEN)", mark, SEEN=seen)


def script(case: Case) -> str:
    """The case as Python text that runs as it stands where torch is installed, and fails where the case would."""
    body = "\n".join(ast.unparse(statement) for statement in module(Script(case)))
    heading = f'"""{case.id}\n\n{case.says}\nSource: {case.source}\n"""\n'
    return f"{heading}\n{prelude(body)}\n\n{body}\n"
