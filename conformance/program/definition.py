"""``define:`` the one callable of the language, as a Python function, a torch.autograd.Function or another class."""

from __future__ import annotations

import ast

from conformance.language.model import Placed
from conformance.language.reader import read_steps
from conformance.language.source import Map, Mark, Seq
from conformance.program.emission import Emission, binds
from conformance.program.names import parameter
from conformance.program.quote import constant

METHODS = {"init": "__init__", **{m: m for m in ("forward", "setup_context", "backward", "vjp", "jvp", "vmap")}}
"""The methods that a Function may define, by their keys."""
SPECIAL = {key: f"__{key}__" for key in ("init", "torch_dispatch", "torch_function")}
"""The methods of other classes that Python or torch calls, by their keys."""


def define(to: Emission) -> list[ast.stmt]:
    """The definitions of a case, in order."""
    made: list[ast.stmt] = []
    definitions = to.case.define or Map(to.case.mark)
    for name, spec in definitions.items():
        mark = definitions.keys_at[name]
        to.check_name(name, mark)
        if "function" in spec:
            made += _function_class(name, spec["function"], mark, to)
        elif "class" in spec:
            made += _class(name, spec["class"], mark, to)
        else:
            made += _callable(name, name, spec, mark, to)
    return made


def names_of_calls(define: Map | None) -> list[str]:
    """Under which names the calls of these definitions are logged."""
    found: list[str] = []
    for name, spec in (define or {}).items():
        if "function" in spec:
            found += [f"{name}.{key}" for key in spec["function"] if key in METHODS]
        elif "class" in spec:
            found += [f"{name}.{key}" for key in spec["class"].get("methods", ())]
        else:
            found.append(name)
    return found


def _class(name: str, spec: Map, mark: Mark, to: Emission) -> list[ast.stmt]:
    methods = spec.get("methods", Map(mark))
    body = [
        statement
        for key, value in methods.items()
        for statement in _callable(SPECIAL.get(key, key), f"{name}.{key}", value, methods.keys_at[key], to)
    ]
    base = to.expression(spec["of"], spec.values_at["of"]) if "of" in spec else to.name("object", mark)
    return to.quote(f"class {name}(BASE): BODY", mark, BASE=base, BODY=body or to.quote("pass", mark))


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
    for key, value in (spec.get("attributes") or {}).items():
        at = spec["attributes"].values_at[key]
        body += to.quote(f"{key} = VALUE", at, VALUE=to.value(Placed(value, at)))
    to.scope.used.add("torch.autograd.Function")
    return to.quote(f"class {name}(torch.autograd.Function): BODY", mark, BODY=body or to.quote("pass", mark))


def _callable(name: str, logged_as: str, spec: Map, mark: Mark, to: Emission) -> list[ast.stmt]:
    parameters, signature = _signature(spec, mark, to)
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


def _signature(spec: Map, mark: Mark, to: Emission) -> tuple[list[str], str]:
    """The names of the parameters, and the parameter list as Python. Only literals may be defaults."""
    takes = spec.get("takes", Seq(mark))
    names: list[str] = []
    for text, at in zip(takes, takes.items_at, strict=True):
        name = parameter(text)
        if name is None:
            raise to.malformed(at, f"{text!r} is no parameter; write a name, *name, **name or name=literal")
        if name:
            to.check_name(name, at)
            if name in names:
                raise to.malformed(at, f"the parameter {name!r} stands twice")
            names.append(name)
    signature = ", ".join(takes)
    at = spec.values_at.get("takes", mark)
    try:
        arguments = ast.parse(f"lambda {signature}: 0", mode="eval").body.args  # type: ignore[attr-defined]
    except SyntaxError as error:
        raise to.malformed(at, f"takes: [{signature}] is no parameter list: {error.msg}") from None
    for default in [*arguments.defaults, *filter(None, arguments.kw_defaults)]:
        if not isinstance(default, ast.Constant):
            raise to.malformed(at, "a default in takes: must be a literal")
    return names, signature
