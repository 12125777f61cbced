"""A case as a program: the compiled code that plays it, and what it declares."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from types import CodeType

from conformance.language.model import Case, Placed
from conformance.language.problem import MalformedCase, Problem
from conformance.language.vocabulary import vocabulary
from conformance.program.declared import Expectation, Guard
from conformance.program.definition import define
from conformance.program.emission import Emission, Recording
from conformance.program.inputs import check_given


@dataclass(frozen=True, eq=False)
class Program:
    """One case, compiled to record. ``uses`` are the torch names that it takes from the engine."""

    case: Case
    code: CodeType
    expectations: tuple[Expectation, ...]
    guards: tuple[Guard, ...]
    uses: frozenset[str]


def compile_case(case: Case) -> Program:
    """Compile one case. Raises MalformedCase for what only its meaning shows: unknown names, ragged data, misplaced keys."""
    to = Recording(case)
    try:
        body = module(to)
        with warnings.catch_warnings():
            warnings.simplefilter("error", SyntaxWarning)  # such as "is" with a number: no case means that
            code = compile(ast.Module(body, []), str(case.file), "exec", dont_inherit=True)
    except RecursionError:
        raise case.malformed(case.mark, "an expression is nested too deeply") from None
    except SyntaxError as error:
        at = case.mark._replace(line=error.lineno or case.mark.line, column=error.offset or 1)
        raise case.malformed(at, f"cannot be compiled: {error.msg}") from None
    helpers = vocabulary().helpers
    used = to.scope.used.union(*(helpers.get(name, ()) for name in to.scope.used))
    torch_names = frozenset(name for name in used if name.startswith("torch."))
    return Program(case, code, tuple(to.expectations), tuple(to.guards), torch_names)


def module(to: Emission) -> list[ast.stmt]:
    """The statements of a whole case: inputs, definitions, steps."""
    case = to.case
    made: list[ast.stmt] = []
    for given in case.given:
        check_given(given, case)
        made += to.given(given)
    made += choices_and_definitions(to)
    made += to.block(case.steps)
    return made


def choices_and_definitions(to: Emission) -> list[ast.stmt]:
    """What ``each:`` chose, and the definitions. A choice that names a definition comes after them, any other before them."""
    case = to.case
    before: list[ast.stmt] = []
    after: list[ast.stmt] = []
    inputs, definitions = {given.name for given in case.given}, set(case.define or ())
    for name in sorted((inputs & definitions) | ({name for name, _ in case.choice} & (inputs | definitions))):
        raise case.malformed(
            case.mark, f"the name {name!r} stands in two of given:, define: and each:; take another name"
        )
    for name, value in case.choice:
        bound = to.value(Placed(value, case.mark))
        names = {node.id for node in ast.walk(bound) if isinstance(node, ast.Name)}
        made = to.quote("NAME = VALUE", case.mark, NAME=to.name(name, case.mark, store=True), VALUE=bound)
        (after if names & definitions else before).extend(made)
    return [*before, *define(to), *after]


def compile_all(cases: list[Case]) -> list[Program]:
    """Every case compiled. Raises MalformedCase with the problems of all of them."""
    programs: list[Program] = []
    problems: list[Problem] = []
    for case in cases:
        try:
            programs.append(compile_case(case))
        except MalformedCase as error:
            problems += error.problems
    if problems:
        raise MalformedCase(problems)
    return programs
