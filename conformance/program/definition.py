"""``define:`` the one callable of the language, as a Python function or a torch.autograd.Function."""

from __future__ import annotations

import ast
from typing import Any

from conformance.language.model import Placed
from conformance.language.reader import read_steps
from conformance.language.source import Map, Mark
from conformance.program.emission import Emission, binds
from conformance.program.quote import constant

METHODS = {"init": "__init__", **{m: m for m in ("forward", "setup_context", "backward", "vjp", "jvp", "vmap")}}
"""The methods that a Function may define, by their keys."""


def define(to: Emission) -> list[ast.stmt]:
    """The definitions of a case, in order."""
    made: list[ast.stmt] = []
    definitions = to.case.define or Map(to.case.mark)
    for name, spec in definitions.items():
        mark = definitions.keys_at[name]
        made += (
            _function_class(name, spec["function"], mark, to)
            if "function" in spec
            else _callable(name, name, spec, mark, to)
        )
    return made


def _function_class(name: str, spec: Map, mark: Mark, to: Emission) -> list[ast.stmt]:
    body: list[ast.stmt] = []
    for key, value in spec.items():
        at = spec.keys_at[key]
        if key in METHODS:
            (method,) = _callable(METHODS[key], f"{name}.{key}", value, at, to)
            assert isinstance(method, ast.FunctionDef)
            if key != "init" and spec.get("static", True):
                method.decorator_list.append(to.name("staticmethod", at))
            body.append(method)
        elif key == "generate_vmap_rule":
            body += to.quote("generate_vmap_rule = VALUE", at, VALUE=constant(value, at))
    to.scope.used.add("torch.autograd.Function")
    return to.quote(f"class {name}(torch.autograd.Function): BODY", mark, BODY=body)


def _callable(name: str, logged_as: str, spec: Map, mark: Mark, to: Emission) -> list[ast.stmt]:
    takes: list[str] = list(spec.get("takes", []))
    signature = ", ".join(takes)
    parameters = [_bare(parameter) for parameter in takes]
    _check_signature(signature, spec, mark, to)
    steps = read_steps(spec["steps"], to.case.file) if "steps" in spec else ()
    with to.local_names([*parameters, *binds(steps)]):
        body = to.log(logged_as, [p for p in parameters if p not in ("ctx", "self")], mark)
        body += to.block(steps)
        body += _ending(spec, to) or to.quote("pass", mark)
    (made,) = to.quote(f"def {name}({signature}): BODY", mark, BODY=body)
    assert isinstance(made, ast.FunctionDef)
    if "decorated_by" in spec:
        at = spec.values_at["decorated_by"]
        made.decorator_list.append(to.expression(spec["decorated_by"], at))
    return [made]


def _ending(spec: Map, to: Emission) -> list[ast.stmt]:
    if "yields" in spec:
        items = spec["yields"]
        return [
            statement
            for item, at in zip(items, items.items_at, strict=True)
            for statement in to.quote("yield VALUE", at, VALUE=to.value(Placed(item, at)))
        ]
    if "raises" in spec:
        ((kind, message),) = spec["raises"].items()
        at = spec["raises"].keys_at[kind]
        return to.quote("raise KIND(MESSAGE)", at, KIND=to.expression(kind, at), MESSAGE=constant(message, at))
    if "returns" in spec:
        at = spec.values_at["returns"]
        return to.quote("return VALUE", at, VALUE=to.value(Placed(spec["returns"], at)))
    return []


def _bare(parameter: Any) -> str:
    return str(parameter).split("=")[0].strip().lstrip("*")


def _check_signature(signature: str, spec: Map, mark: Mark, to: Emission) -> None:
    try:
        arguments = ast.parse(f"def f({signature}): pass").body[0].args  # type: ignore[attr-defined]
    except SyntaxError as error:
        raise to.malformed(
            spec.values_at.get("takes", mark), f"takes: [{signature}] is no parameter list: {error.msg}"
        ) from None
    for default in [*arguments.defaults, *filter(None, arguments.kw_defaults)]:
        if not isinstance(default, ast.Constant):
            raise to.malformed(spec.values_at["takes"], "a default in takes: must be a literal")
