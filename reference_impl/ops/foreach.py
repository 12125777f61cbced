"""torch._foreach_*: an operator on each tensor of a list.

HOWTO. A name in OF_TABLES is an operator of that table. A second operand is one for all, or a list with one for each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.inplace import inplace_form
from ..tensor import Tensor
from . import (
    arithmetic,
    comparison,
    complex_,
    division,
    exponential,
    norms,
    powers,
    products,
    rounding,
    special,
    writes,
)
from .extremum import max_all
from .form import composite

OF_TABLES = {
    exponential: "acos asin atan cos cosh exp expm1 log log10 log1p log2 reciprocal rsqrt sigmoid sin sinh sqrt tan tanh",
    rounding: "ceil floor frac sign trunc round",
    arithmetic: "neg add sub mul addcmul addcdiv lerp",
    powers: "pow",
    division: "div",
    comparison: "clamp_min clamp_max",
    special: "lgamma erf erfc",
    complex_: "abs",
    writes: "zero",
}


@composite("larger", modules="", method=False)
def larger(x: Tensor, bound: Any) -> Tensor:
    return (comparison.maximum if isinstance(bound, Tensor) else comparison.clamp_min)(x, bound)


@composite("smaller", modules="", method=False)
def smaller(x: Tensor, bound: Any) -> Tensor:
    return (comparison.minimum if isinstance(bound, Tensor) else comparison.clamp_max)(x, bound)


def per_tensor(value: Any, count: int) -> list[Any]:
    """One operand for each tensor of the list."""
    if isinstance(value, list | tuple):
        if len(value) != count:
            raise RuntimeError(f"Tensor lists must have the same number of tensors, got {count} and {len(value)}")
        return list(value)
    return [value] * count


def publish(name: str, each: Callable[..., Any], write: Callable[..., Any] | None) -> None:
    """_foreach_name, which returns a tuple, and _foreach_name_, which writes."""

    def over(f: Callable[..., Any], tensors: Any, given: tuple, params: dict[str, Any]) -> tuple[Tensor, ...]:
        if not len(tensors):
            raise RuntimeError("Tensor list must have at least one tensor.")
        columns = [per_tensor(v, len(tensors)) for v in given]
        return tuple(f(t, *(c[i] for c in columns), **params) for i, t in enumerate(tensors))

    def function(self: Any, *given: Any, **params: Any) -> tuple[Tensor, ...]:
        return over(each, self, given, params)

    function.__name__ = f"_foreach_{name}"
    globals()[function.__name__] = composite(function.__name__, method=False)(function)
    if write is None:
        return

    def in_place(self: Any, *given: Any, **params: Any) -> Any:
        over(write, self, given, params)
        return self

    in_place.__name__ = f"_foreach_{name}_"
    globals()[in_place.__name__] = composite(in_place.__name__, method=False)(in_place)


def by_position(f: Callable[..., Any], param: str) -> Callable[..., Any]:
    """f with the keyword param that torch's lists give as the last operand."""
    return lambda x, a, b, value=1: f(x, a, b, **{param: value})


for _table, _names in OF_TABLES.items():
    for _name in _names.split():
        _row = getattr(_table, _name)
        _forms = (_row, inplace_form(_row))
        publish(_name, *((by_position(f, "value") for f in _forms) if _name.startswith("addc") else _forms))
publish("maximum", larger, inplace_form(larger))
publish("minimum", smaller, inplace_form(smaller))
publish("clone", writes.clone, None)
publish("norm", lambda x, ord=2, dtype=None: norms.vector_norm(x, ord, dtype=dtype), None)
publish("max", max_all, None)
publish("mm", products.mm, None)
