"""Former overloads of in-place operators, deprecated by torch: `x.add_(alpha, other)`, `x.addcdiv_(value, a, b)`.

What is a keyword now stood before the operands. Such a call has an operand too many, and is looked at after it failed.
"""

from __future__ import annotations

from typing import Any

from ..compiler.arguments import is_number
from ..ops.form import Row
from ..tensor import Tensor
from ..warn import once

DEPRECATED = (
    "This overload of {name} is deprecated:\n\t{name}({former})\nConsider using one of the following signatures "
    "instead:\n\t{name}({now})"
)


def as_keywords(
    row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """The call of today for one of a former overload, or None if it is none. args: without the tensor itself."""
    operands = [a.name for a in row.args[1:] if not a.keyword_only]
    keywords = [a.name for a in row.args if a.keyword_only]
    count = len(args) - len(operands)
    numbers, given = args[:count], args[count:]
    if kwargs or not 1 <= count <= len(keywords):
        return None
    if not all(map(is_number, numbers)) or not all(isinstance(x, Tensor) or row.numbers == "all" for x in given):
        return None
    listed = [f"Tensor {name}" for name in operands]
    former = ", ".join([f"Number {name}" for name in keywords[:count]] + listed)
    now = ", ".join([*listed, "*"] + [f"Number {name} = 1" for name in keywords])
    once(DEPRECATED, name=f"{row.name}_", former=former, now=now)
    plain = [n.item() if isinstance(n, Tensor) else n for n in numbers]
    return given, dict(zip(keywords, plain, strict=False))
