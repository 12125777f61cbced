"""Operators as users call them: a row with out=, a composite with words for what failed. Written as text, like rows."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import update_wrapper
from inspect import Parameter
from typing import Any

from ..autocasting import autocast, uncast
from ..graph.former import called
from ..graph.modes import mode
from ..graph.out import write_out
from ..graph.out_rules import SUMMED, WITHOUT_OUT, summed_in
from ..tensor import NoArray, Tensor
from .arguments import explained, in_one, is_int, tests_before, wanted_by_function
from .bind import execute
from .casting import autocast_test
from .numpy_names import REQUIRED, instead, missing, numpys, renamed
from .text import usual_text


def overridden(args: Any) -> bool:
    """Whether what failed was given something that is no Tensor and overrides operators (overrides.py)."""
    items = [y for x in args for y in (x if isinstance(x, tuple | list) else (x,))]
    return any(hasattr(type(x), "__torch_function__") and not isinstance(x, Tensor) for x in items)


def by_class(row: Any, args: tuple) -> Any:
    from ..overrides import by_class as call

    return call(row, args)


def by_class_of(operator: Any, name: str, args: list, kwargs: dict[str, Any]) -> Any:
    from ..overrides import Overridden

    return Overridden().composite(operator, name, args, kwargs)


SCOPE = {
    "REQUIRED": REQUIRED,
    "missing": missing,
    "instead": instead,
    "write_out": write_out,
    "summed_in": summed_in,
    "current_mode": mode,
    "autocast": autocast,
    "uncast": uncast,
    "overridden": overridden,
    "by_class": by_class,
    "by_class_of": by_class_of,
    "called_formerly": called,
}


def row_face(row: Any) -> Callable[..., Any]:
    """A row as torch's function. A method, which is the row itself, does not count its tensor among the arguments."""
    text = usual_text(row, "T" * len(row.inputs))
    parameters, call = text.parameters(), f"operator({text.given()})"
    if row.public and row.kind != "view" and row.name not in WITHOUT_OUT:
        parameters += ", out=None" if "*" in parameters else ", *, out=None"
        into = f"uncast(operator, {text.given()})" if text.may_cast else call
        call = with_out(call, into, row.name, f"({text.arguments()}), {row.broadcasts}")
    lines = [
        f"def {row.name}({parameters}):",
        *text.put_in_place("out=out"),
        f"    try: return {call}",
        "    except TypeError as error:",
        f"        if overridden(({text.arguments()})): return by_class(ROW, ({text.arguments()}))",
        "        count_from_one(error)",
        "        raise",
    ]
    scope = SCOPE | {"operator": row.function, "count_from_one": count_from_one, "ROW": text.row, "FORMER": row}
    function = execute("\n".join(lines), scope, row.name)
    function.__doc__ = row.function.__doc__
    return function


def with_out(call: str, into: str, name: str, operands: str) -> str:
    into = into.replace("dtype=dtype", "dtype=summed_in(out, dtype)") if name in SUMMED else into
    return f"{call} if out is None else write_out(out, {into}, {name!r}, {operands})"


def count_from_one(error: TypeError) -> None:
    """Let the position that a method speaks of be the function's."""
    text = re.sub(r"\(position (\d+)\)", lambda found: f"(position {int(found[1]) + 1})", str(error), count=1)
    error.args = (text,)


def composite_face(f: Callable[..., Any], name: str, out: bool, first: int) -> Callable[..., Any]:
    """A composite as torch's function (first = 1, the position of its first argument) or method (first = 0)."""
    parameters = list(inspect.signature(f).parameters.values())
    sequence = in_one(parameters) if first else ""
    if sequence:
        parameters = [parameters[0], Parameter(sequence, Parameter.POSITIONAL_OR_KEYWORD)]
    positional = [
        f"*{p.name}" if p.kind is p.VAR_POSITIONAL else p.name
        for p in parameters
        if p.kind <= p.VAR_POSITIONAL and p.name != sequence
    ]
    named = [f"**{p.name}" if p.kind is p.VAR_KEYWORD else f"{p.name}={p.name}" for p in parameters[len(positional) :]]
    call = f"operator({', '.join(positional + named)})"
    failure = f"explained(operator, {name!r}, [{', '.join(positional)}], dict({', '.join(named)}), {{}}, {first})"
    called = with_out(call, call, name, f"[{', '.join(positional)}]") if out else call
    more = [p for p in [*numpys(p.name for p in parameters), *(["out"] if out else [])] if p not in positional]
    required = without_default(parameters) if "axis" in more else []
    defaults = {p.name: REQUIRED if p.name in required else p.default for p in parameters}
    wanted, given = wanted_by_function(f), {p.name: p.default for p in parameters}
    lines = [
        f"def {name}{declared(parameters, more, required)}:",
        *renamed(name, defaults if len(more) > out else {}),
        *autocast_test(name, "current_mode()", positional, named, out),
        *tests_before(wanted, given, f"raise {failure.format(None)}", True),
        f"    try: return {called}",
        "    except NoArray as why:",
        *(["        if out is not None: raise"] if out else []),
        f"        return why.composite(operator, {name!r}, [{', '.join(positional)}], dict({', '.join(named)}))",
        "    except Exception as error:",
        f"        if overridden([{', '.join(positional)}]):",
        f"            return by_class_of(operator, {name!r}, [{', '.join(positional)}], dict({', '.join(named)}))",
        f"        better = {failure.format('error')}",
        "        if better is None: raise",
        "        raise better from None",
    ]
    scope = SCOPE | {
        "operator": f,
        "explained": explained,
        "is_int": is_int,
        "NoArray": NoArray,
    }
    function = update_wrapper(execute("\n".join(lines), scope, name), f, ("__module__", "__doc__"))
    having = [p.default for p in parameters if p.default is not p.empty and p.kind < p.VAR_POSITIONAL]
    function.__defaults__ = (*[REQUIRED] * len(required), *having)
    function.__kwdefaults__ = {**(f.__kwdefaults__ or {}), **dict.fromkeys(more)}
    return function


def without_default(parameters: list[Parameter]) -> list[str]:
    """What a call with numpy's names may seem to lack: from dim on, what has no default."""
    names = [p.name for p in parameters]
    return [p.name for p in parameters[names.index("dim") :] if p.default is p.empty and p.kind < p.VAR_POSITIONAL]


def declared(parameters: list[Parameter], more: list[str], required: list[str]) -> str:
    """The parameters as text. Their defaults come later, for not every one can be written down."""
    plain = [
        p.replace(annotation=p.empty, default=p.default if p.default is p.empty and p.name not in required else ...)
        for p in parameters
    ]
    last = len(plain) - (plain[-1].kind is Parameter.VAR_KEYWORD)
    plain[last:last] = [Parameter(name, Parameter.KEYWORD_ONLY, default=...) for name in more]
    return str(inspect.Signature(plain))
