"""From steps to Python: what all three ways of emitting share, and the first of them, recording.

A case is emitted to *record* (played on an engine), to *replay* (timed, nothing looked at) and as a *script* (standalone,
asserting). Verbs and matchers are written once against ``Emission``.
"""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from conformance.language.data import NotData, array, is_data, plain
from conformance.language.expression import Scope, resolve
from conformance.language.model import Case, Given, Placed, Step
from conformance.language.problem import MalformedCase
from conformance.language.source import Map, Mark, Seq
from conformance.language.vocabulary import vocabulary
from conformance.program.declared import Drift, Either, Expectation, Expected, Guard, Look
from conformance.program.messages import check_patterns
from conformance.program.names import objection
from conformance.program.quote import Hole, constant, quote, quote_expression, stand
from conformance.program.verb import MATCHERS, VERBS


def all_steps(steps: Sequence[Step]) -> Iterator[Step]:
    """Every step and the steps inside it, in order."""
    for step in steps:
        yield step
        yield from all_steps(step.do)
        yield from all_steps(step.otherwise)


class Emission(ABC):
    """Emits one case. Subclasses decide what looking, guarding, logging and making inputs mean."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.scope = Scope(case.file)
        self.scope.variables |= {given.name for given in case.given} | {"calls"} | {name for name, _ in case.choice}
        self.scope.variables |= set(case.define or ())
        self.scope.variables |= set(binds(case.steps))
        self.scope.attributes |= own_attributes(case)
        self.expectations: list[Expectation] = []
        self.guards: list[Guard] = []
        self.logs_calls = re.search(r"\bcalls\b", case.yaml) is not None

    # -- small helpers for verbs and matchers

    def expression(self, text: Any, mark: Mark) -> ast.expr:
        """A string as an expression; anything else is malformed."""
        if not isinstance(text, str):
            raise self.malformed(mark, f"expected an expression (a string), found {text!r}")
        return resolve(text, mark, self.scope)

    def value(self, placed: Placed) -> ast.expr:
        """Where data or an expression may stand: a string is an expression, a list is a tensor, null is None.

        ``{each: [...]}`` is a tuple of such values.
        """
        value, mark = placed
        if isinstance(value, str):
            return self.expression(value, mark)
        if isinstance(value, Map):
            return self.tuple_of(
                [Placed(item, at) for item, at in zip(value["each"], value["each"].items_at, strict=True)], mark
            )
        if isinstance(value, Seq):
            return self.tensor(value, mark)
        return constant(value, mark)

    def tensor(self, data: Any, mark: Mark) -> ast.expr:
        """A data literal as a tensor of torch's default dtype for its kind."""
        self.literal(data, mark)
        return self.quote_expression("torch.tensor(DATA)", mark, DATA=constant(plain(data), mark))

    def literal(self, data: Any, mark: Mark) -> Any:
        """Check a data literal: numbers only, rectangular, of one kind."""
        if not is_data(data):
            raise self.malformed(
                mark, f"{data!r} is not data: only numbers may stand in a list; an expression is a string"
            )
        try:
            return array(data)
        except NotData as error:
            raise self.malformed(mark, str(error)) from None

    def tuple_of(self, items: Sequence[Placed], mark: Mark) -> ast.expr:
        return stand(ast.Tuple([self.value(item) for item in items], ast.Load()), mark)  # type: ignore[no-any-return]

    def name(self, name: str, mark: Mark, store: bool = False) -> ast.expr:
        """A variable; ``store`` binds it. Raises MalformedCase for a name that a case may not take."""
        if store:
            self.check_name(name, mark)
        return stand(ast.Name(name, ast.Store() if store else ast.Load()), mark)  # type: ignore[no-any-return]

    def quote(self, text: str, mark: Mark, **holes: Hole) -> list[ast.stmt]:
        return quote(text, mark, **holes)

    def quote_expression(self, text: str, mark: Mark, **holes: Hole) -> ast.expr:
        return quote_expression(text, mark, **holes)

    def check_name(self, name: str, mark: Mark) -> None:
        if why := objection(name):
            raise self.malformed(mark, why)

    def malformed(self, mark: Mark, message: str) -> MalformedCase:
        return self.case.malformed(mark, message)

    @contextmanager
    def local_names(self, names: Sequence[str]) -> Iterator[None]:
        """Inside a definition its parameters and its own variables are known too."""
        before = set(self.scope.variables)
        self.scope.variables |= set(names)
        yield
        self.scope.variables = before

    # -- steps

    def block(self, steps: Sequence[Step]) -> list[ast.stmt]:
        return [statement for step in steps for statement in self.step(step)]

    def step(self, step: Step) -> list[ast.stmt]:
        verb = VERBS[step.verb]
        for key, inside in (("do", step.do), ("else", step.otherwise)):
            if inside and key not in verb.companions:
                raise self.malformed(step.mark, f"{key}: cannot stand beside {step.verb}:")
        if "do" in verb.companions and not step.do:
            raise self.malformed(step.mark, f"{step.verb}: needs do: with the steps it governs")
        body = verb.emit(step, self)
        for kind, placed in (("raises", step.raises), ("warns", step.warns)):
            if placed is not None:
                check_patterns(placed, self.case)
                body = self.guard(Guard(len(self.guards), kind, placed.mark, placed.value), body)
        return body

    # -- what the subclasses decide

    @abstractmethod
    def given(self, given: Given) -> list[ast.stmt]: ...

    def look(self, path: Placed, expected: Placed | None) -> list[ast.stmt]:
        """Look at the value of an expression; ``expected`` None means that engines must agree."""
        return self.look_at(self.expression(*path), path, expected)

    @abstractmethod
    def look_at(self, tree: ast.expr, path: Placed, expected: Placed | None) -> list[ast.stmt]:
        """``look`` for an expression that a verb made; ``path`` names it."""

    @abstractmethod
    def guard(self, guard: Guard, body: list[ast.stmt]) -> list[ast.stmt]:
        """A step that may raise or warn as declared."""

    @abstractmethod
    def log(self, name: str, arguments: Sequence[str], mark: Mark) -> list[ast.stmt]:
        """Note a call of a definition with what it saw."""


_ASSIGNS = re.compile(r"\b(set|methods)\b")
_OWN_ATTRIBUTE = re.compile(r"\.([A-Za-z][A-Za-z0-9_]*)$")


def own_attributes(case: Case) -> set[str]:
    """The attributes that a case makes itself, by assigning them with set: or as methods of a class.

    Raises MalformedCase for a name that means something else elsewhere: it could be used to reach it.
    """
    own: set[str] = set()
    todo: list[Any] = [case.steps, case.define] if _ASSIGNS.search(case.yaml) else []
    while todo:
        node = todo.pop()
        if isinstance(node, Step):
            todo += [Map.single(node.verb, node.argument.value, node.mark), node.do, node.otherwise]
        elif isinstance(node, dict):
            assigned: Any = node.get("set")
            for path in assigned if isinstance(assigned, Map) else ():
                own |= _own(path, assigned.keys_at[path], case)
            methods = node.get("methods")
            if isinstance(methods, Map):
                own = own.union(*(_own(f".{name}", methods.keys_at[name], case) for name in methods))
            todo += node.values()
        elif isinstance(node, list | tuple):
            todo += node
    return own


def _own(path: str, mark: Mark, case: Case) -> set[str]:
    names = set(_OWN_ATTRIBUTE.findall(path)) - vocabulary().attributes
    for name in names:
        if vocabulary().refuses(name):
            raise case.malformed(mark, f"the attribute {name!r} is not in the vocabulary, and may not be added to it")
    return names


def binds(steps: Sequence[Step]) -> list[str]:
    """The variables that steps make."""
    return [name for step in all_steps(steps) for name in VERBS[step.verb].binds(step)]


class Recording(Emission):
    """Emits calls of the recorder (play.py): it holds what was seen, never what was expected."""

    probes = 0

    def given(self, given: Given) -> list[ast.stmt]:
        mark = given.mark
        target = self.name(given.name, mark, store=True)
        if not given.tensor:
            return self.quote("TARGET = VALUE", mark, TARGET=target, VALUE=self.value(Placed(given.data, mark)))
        return self.quote("TARGET = _given(NAME)", mark, TARGET=target, NAME=constant(given.name, mark))

    def look_at(self, tree: ast.expr, path: Placed, expected: Placed | None) -> list[ast.stmt]:
        first, made = self.probes, list[ast.stmt]()
        bare = self.probe(tree, path.mark, made) if expected is None or needs_bare_probe(expected.value) else None
        declared = expected and self.expected(tree, path, expected, bare, made)
        numbers = tuple(range(first, self.probes))
        self.expectations.append(Expectation(str(path.value), path.mark, declared, numbers))
        return made

    def probe(self, tree: ast.expr, mark: Mark, made: list[ast.stmt]) -> int:
        number, self.probes = self.probes, self.probes + 1
        made += self.quote("_see(N, lambda: PATH)", mark, N=constant(number, mark), PATH=tree)
        return number

    def expected(
        self, tree: ast.expr, path: Placed, placed: Placed, bare: int | None, made: list[ast.stmt]
    ) -> Expected:
        key, argument = split_matcher(placed)
        if key == "either":
            options = zip(argument.value, argument.value.items_at, strict=True)
            return Either(tuple(self.expected(tree, path, Placed(*option), bare, made) for option in options))
        if key == "drift":
            sides = [Placed(argument.value[side], argument.value.values_at[side]) for side in ("documented", "torch")]
            documented, torch = (self.expected(tree, path, side, bare, made) for side in sides)
            return Drift(documented, torch)
        matcher = MATCHERS[key]
        matcher.check(argument, self)
        probed = matcher.probe(tree, argument, self)
        if probed is tree and bare is not None:
            return Look(bare, key, argument.value)
        return Look(self.probe(probed, path.mark, made), key, argument.value)

    def guard(self, guard: Guard, body: list[ast.stmt]) -> list[ast.stmt]:
        self.guards.append(guard)
        manager = "_raising" if guard.kind == "raises" else "_warning"
        return self.quote(f"with {manager}(N): BODY", guard.mark, N=constant(guard.number, guard.mark), BODY=body)

    def log(self, name: str, arguments: Sequence[str], mark: Mark) -> list[ast.stmt]:
        if not self.logs_calls:
            return []
        seen: list[ast.expr] = [constant(name, mark), *(self.name(a, mark) for a in arguments)]
        return self.quote("_log(ARGUMENTS)", mark, ARGUMENTS=seen)


def split_matcher(placed: Placed) -> tuple[str, Placed]:
    """The key of the matcher and its argument; a bare value is the matcher ``equals``."""
    value = placed.value
    if isinstance(value, Map):
        ((key, argument),) = value.items()
        return key, Placed(argument, value.values_at[key])
    return "equals", placed


def needs_bare_probe(value: Any) -> bool:
    """Whether some matcher in ``value`` looks at the path itself."""
    if not isinstance(value, Map):
        return True
    ((key, argument),) = value.items()
    if key == "either":
        return any(map(needs_bare_probe, argument))
    if key == "drift":
        return needs_bare_probe(argument["documented"]) or needs_bare_probe(argument["torch"])
    return type(MATCHERS[key]).probe is type(MATCHERS["equals"]).probe
