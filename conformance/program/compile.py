"""A case as a program: the compiled code that plays it, and what it declares."""

from __future__ import annotations

import ast
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
        code = compile(ast.Module(body, []), str(case.file), "exec", dont_inherit=True)
    except RecursionError:
        raise case.malformed(case.mark, "an expression is nested too deeply") from None
    except SyntaxError as error:
        raise case.malformed(case.mark, f"cannot be compiled: {error.msg}") from None
    helpers = vocabulary().helpers
    used = to.scope.used.union(*(helpers.get(name, ()) for name in to.scope.used))
    torch_names = frozenset(name for name in used if name.startswith("torch."))
    return Program(case, code, tuple(to.expectations), tuple(to.guards), torch_names)


def module(to: Emission) -> list[ast.stmt]:
    """The statements of a whole case: inputs, definitions, steps."""
    case = to.case
    made: list[ast.stmt] = []
    for name, value in case.choice:
        bound = to.value(Placed(value, case.mark))
        made += to.quote("NAME = VALUE", case.mark, NAME=to.name(name, case.mark, store=True), VALUE=bound)
    for given in case.given:
        check_given(given, case)
        made += to.given(given)
    made += define(to)
    made += to.block(case.steps)
    return made


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
