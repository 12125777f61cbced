"""Matchers on what a tensor is, besides its values."""

from __future__ import annotations

import ast
from typing import Any

from conformance.language.model import Placed
from conformance.program.emission import Emission
from conformance.program.verb import Matcher
from conformance.transcript import PlainSeen, Seen, TensorSeen, without_addresses

_SIZES = {"type": "array", "items": {"type": "integer"}}


class Dtype(Matcher):
    """A tensor of this dtype, whatever its values.

    ```yaml
    x.grad: {dtype: float64}
    ```
    """

    key = "dtype"
    schema = {"$ref": "#/$defs/dtype"}

    def test(self, seen: Seen, argument: Any) -> str | None:
        if not isinstance(seen, TensorSeen):
            return f"expected a tensor of dtype {argument}, got {seen}"
        return None if seen.dtype == f"torch.{argument}" else f"expected dtype {argument}, got {seen.dtype}"

    def assertion(self, path: ast.expr, argument: Placed, to: Emission) -> list[ast.stmt]:
        return to.quote(f"assert (PATH).dtype == torch.{argument.value}", argument.mark, PATH=path)


class Shape(Matcher):
    """A tensor of this shape, whatever its values.

    ```yaml
    x.grad: {shape: [2, 3]}
    ```
    """

    key = "shape"
    schema = _SIZES

    def test(self, seen: Seen, argument: Any) -> str | None:
        if not isinstance(seen, TensorSeen):
            return f"expected a tensor of shape {argument}, got {seen}"
        got = list(seen.values.shape)
        return None if got == argument else f"expected shape {argument}, got {got}"

    def assertion(self, path: ast.expr, argument: Placed, to: Emission) -> list[ast.stmt]:
        return to.quote(f"assert (PATH).shape == {tuple(argument.value)}", argument.mark, PATH=path)


class Strides(Matcher):
    """A tensor with these strides, in elements.

    ```yaml
    x.grad: {strides: [1, 2]}
    ```
    """

    key = "strides"
    schema = _SIZES

    def test(self, seen: Seen, argument: Any) -> str | None:
        if not isinstance(seen, TensorSeen) or seen.strides is None:
            return f"expected a tensor with strides {argument}, got {seen}"
        return None if list(seen.strides) == argument else f"expected strides {argument}, got {list(seen.strides)}"

    def assertion(self, path: ast.expr, argument: Placed, to: Emission) -> list[ast.stmt]:
        return to.quote(f"assert (PATH).stride() == {tuple(argument.value)}", argument.mark, PATH=path)


class Repr(Matcher):
    """The text that Python prints, character for character; an address is written `0x...`.

    ```yaml
    y: {repr: "tensor([3.], grad_fn=<AddBackward0>)"}
    ```
    """

    key = "repr"
    schema = {"type": "string"}

    def probe(self, path: ast.expr, argument: Placed, to: Emission) -> ast.expr:
        return to.quote_expression("repr(PATH)", argument.mark, PATH=path)

    def test(self, seen: Seen, argument: Any) -> str | None:
        if not isinstance(seen, PlainSeen) or not isinstance(seen.value, str):
            return f"expected it to print as {argument!r}, got {seen}"
        got = without_addresses(seen.value)
        return None if got == without_addresses(argument) else f"expected it to print as {argument!r}, got {got!r}"

    def assertion(self, path: ast.expr, argument: Placed, to: Emission) -> list[ast.stmt]:
        return to.quote(f"expect_repr(PATH, {argument.value!r})", argument.mark, PATH=path)
