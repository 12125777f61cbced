"""Former overloads, deprecated by torch: `x.add_(alpha, other)`, `x.addcdiv(value, a, b)`, `torch.addmm(beta, x, a, b)`.

What is a keyword now stood before the operands, beta before the tensor itself where a function is called. Such a call has
an operand too many, which rows with `former=True` take as `*former`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..compiler.arguments import is_number
from ..ops.form import Row
from ..tensor import Tensor
from ..warn import once

DEPRECATED = (
    "This overload of {name} is deprecated:\n\t{name}({former})\nConsider using one of the following signatures "
    "instead:\n\t{name}({now})"
)


def operands_of(row: Row) -> list[str]:
    return [a.name for a in row.args[1:] if not a.keyword_only]


def as_keywords(
    row: Row, args: tuple[Any, ...], kwargs: dict[str, Any], function: bool | None = None
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """The call of today for one of a former overload, or None if it is none. args: without the tensor itself.

    function: whether it is a function's, whose tensor torch names, or a method's; None for an in-place form.
    """
    operands = operands_of(row)
    keywords = [a.name for a in row.args if a.keyword_only]
    count = len(args) - len(operands)
    numbers, given = args[:count], args[count:]
    if kwargs or not 1 <= count <= len(keywords):
        return None
    if not all(map(is_number, numbers)) or not all(isinstance(x, Tensor) or row.numbers == "all" for x in given):
        return None
    listed = [f"Tensor {name}" for name in operands]
    before = [f"Number {name}" for name in keywords[:count]]
    options = [f"Number {name} = 1" for name in keywords]
    if function:
        before.insert("beta" in keywords, "Tensor input")
        former, now = [*before, *listed, "*"], ["Tensor input", *listed, "*", *options]
        former, now = ([*items, "Tensor out = None"] for items in (former, now))
    else:
        former, now = [*before, *listed], [*listed, "*", *options]
    name = f"{row.name}_" if function is None else row.name
    once(DEPRECATED, name=name, former=", ".join(former), now=", ".join(now))
    plain = [n.item() if isinstance(n, Tensor) else n for n in numbers]
    return given, dict(zip(keywords, plain, strict=False))


def formerly(row: Row | None, options: str) -> list[str]:
    """The text of the test. options: what is passed on beside the keywords."""
    if row is None:
        return []
    operands = ["input", *operands_of(row)]
    keywords = [f"{a.name}={a.name}" for a in row.args if a.keyword_only]
    given = f"({', '.join(operands)}, *former), dict({', '.join([*keywords, options])})"
    return [f"    if former: return called_formerly({row.name}, FORMER, {given})"]


def called(operator: Callable[..., Any], row: Row, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """A method, or a function (which has out=), with more operands than it takes today."""
    function = "out" in options
    into = {"out": options["out"]} if options.get("out") is not None else {}
    changed = {n: x for n, x in options.items() if n != "out" and x != 1}
    first, *others = args
    if function and is_number(first) and any(a.name == "beta" for a in row.args):
        first, others = others[0], [first, *others[1:]]
    today = as_keywords(row, tuple(others), changed, function) if isinstance(first, Tensor) else None
    if today is None:
        raise TypeError(
            f"{row.name}() takes {1 + len(operands_of(row))} positional arguments but {len(args)} were given"
        )
    return operator(first, *today[0], **today[1], **into)
