"""Matchers on values: the literal itself, a tolerance, tuples, the log of calls."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from conformance.closeness import arrays_differ, differs
from conformance.language.data import NotData, array, is_data, plain
from conformance.language.model import Placed
from conformance.language.source import Map
from conformance.language.vocabulary import closest
from conformance.program.definition import names_of_calls
from conformance.program.emission import Emission, needs_bare_probe, split_matcher
from conformance.program.quote import constant
from conformance.program.verb import EXPECTED, MATCHERS, Matcher
from conformance.transcript import CallSeen, PlainSeen, Seen, SequenceSeen, TensorSeen


class Equals(Matcher):
    """A value without a key: data, a string, or null. It fixes value, shape and kind (bool, int, float, complex).

    A list matches a tensor, a list or a torch.Size. Numbers are compared within the tolerance of their dtype.

    ```yaml
    x.grad: [2., 4.]
    y.grad_fn.name(): MulBackward0
    x.shape: [2]
    ```
    """

    key = "equals"
    schema = {"not": {"type": "object"}}

    def check(self, argument: Placed, to: Emission) -> None:
        value, mark = argument
        if is_data(value):
            try:
                array(value)
            except NotData as error:
                raise to.malformed(mark, str(error)) from None
        elif isinstance(value, list) and not all(isinstance(item, str | int | float | bool | None) for item in value):
            raise to.malformed(mark, f"{value!r} is neither data nor a list of plain values")

    def test(self, seen: Seen, argument: Any) -> str | None:
        return differs(seen, argument)

    def assertion(self, path: ast.expr, argument: Placed, to: Emission) -> list[ast.stmt]:
        value, mark = argument
        if value is None:
            return to.quote("assert PATH is None", mark, PATH=path)
        literal = plain(value) if is_data(value) else value
        return to.quote("expect(PATH, WANT)", mark, PATH=path, WANT=constant(literal, mark))


class Within(Matcher):
    """Data with a tolerance of its own: `[data, tolerance]`, both relative and absolute.

    ```yaml
    y: {within: [[0.3333, 0.6667], 1e-3]}
    ```
    """

    key = "within"
    schema = {
        "type": "array",
        "prefixItems": [{"$ref": "#/$defs/data"}, {"type": "number", "exclusiveMinimum": 0}],
        "minItems": 2,
        "maxItems": 2,
    }

    def check(self, argument: Placed, to: Emission) -> None:
        to.literal(argument.value[0], argument.mark)

    def test(self, seen: Seen, argument: Any) -> str | None:
        data, within = argument
        if isinstance(seen, TensorSeen):
            return arrays_differ(seen.values, array(data), (within, within))
        if isinstance(seen, PlainSeen) and isinstance(seen.value, bool | int | float | complex):
            return arrays_differ(np.array(seen.value), array(data), (within, within))
        return f"expected {data}, got {seen}"

    def assertion(self, path: ast.expr, argument: Placed, to: Emission) -> list[ast.stmt]:
        (data, within), mark = argument
        wanted = constant(plain(data), mark)
        return to.quote(f"expect(PATH, WANT, within={within!r})", mark, PATH=path, WANT=wanted)


class Tuple(Matcher):
    """A tuple (a named one too), item by item; an item is a value or a matcher.

    ```yaml
    autograd.grad(y, [x, z], allow_unused=True): {tuple: [[2., 4.], null]}
    ```
    """

    key = "tuple"
    schema = {"type": "array", "items": EXPECTED}

    def items(self, argument: Placed) -> list[Placed]:
        return [Placed(item, at) for item, at in zip(argument.value, argument.value.items_at, strict=True)]

    def check(self, argument: Placed, to: Emission) -> None:
        for item in self.items(argument):
            key, inner = split_matcher(item)
            if key in ("either", "drift") or not needs_bare_probe(item.value):
                raise to.malformed(item.mark, f"{key}: cannot stand inside tuple:; give the item a line of its own")
            MATCHERS[key].check(inner, to)

    def test(self, seen: Seen, argument: Any) -> str | None:
        if not isinstance(seen, SequenceSeen) or seen.kind in ("list", "Size"):
            return f"expected a tuple, got {seen}"
        if len(seen.items) != len(argument):
            return f"expected a tuple of {len(argument)}, got {len(seen.items)}: {seen}"
        for index, (item, want) in enumerate(zip(seen.items, argument, strict=True)):
            key, inner = next(iter(want.items())) if isinstance(want, Map) else ("equals", want)
            if difference := MATCHERS[key].test(item, inner):
                return f"item {index}: {difference}"
        return None

    def assertion(self, path: ast.expr, argument: Placed, to: Emission) -> list[ast.stmt]:
        return self.assertions(path, argument, to, "items_seen")

    def assertions(self, path: ast.expr, argument: Placed, to: Emission, name: str) -> list[ast.stmt]:
        """``name`` holds the items, so that a path is evaluated once; a tuple inside has a name of its own."""
        made = to.quote(f"{name} = expect_tuple(PATH, {len(argument.value)})", argument.mark, PATH=path)
        for index, item in enumerate(self.items(argument)):
            key, inner = split_matcher(item)
            matcher, element = MATCHERS[key], to.quote_expression(f"{name}[{index}]", item.mark)
            if isinstance(matcher, Tuple):
                made += self.assertions(element, inner, to, f"{name}_{index}")
            else:
                made += matcher.assertion(element, inner, to)
        return made


class Calls(Matcher):
    """The calls of the case's definitions so far, in order: a name, or a name with what it was handed.

    One argument stands bare, several under `each:`. It belongs to the path `calls` and is written without its key.

    ```yaml
    calls: [{double: [3., 3.]}, {pair: {each: [[1.], null]}}, after]
    ```
    """

    key = "calls"
    schema = {"$ref": "#/$defs/calls"}

    def check(self, argument: Placed, to: Emission) -> None:
        defined = names_of_calls(to.case.define)
        for entry, at in zip(argument.value, argument.value.items_at, strict=True):
            name, arguments = _name_and_arguments(entry)
            if name not in defined:
                raise to.malformed(at, f"the case defines no {name!r} to be called{closest(name, defined)}")
            for value in arguments or ():
                MATCHERS["equals"].check(Placed(value, at), to)

    def test(self, seen: Seen, argument: Any) -> str | None:
        if not isinstance(seen, SequenceSeen):
            return f"expected the log of calls, got {seen}"
        names = [call.name for call in seen.items if isinstance(call, CallSeen)]
        wanted = [_name_and_arguments(entry) for entry in argument]
        if names != [name for name, _ in wanted]:
            return f"expected the calls {[name for name, _ in wanted]}, got {names}"
        for index, (call, (name, arguments)) in enumerate(zip(seen.items, wanted, strict=True)):
            if arguments is None or not isinstance(call, CallSeen):
                continue
            if len(call.seen) != len(arguments):
                return f"call {index} ({name}): expected {len(arguments)} arguments, got {len(call.seen)}"
            for got, want in zip(call.seen, arguments, strict=True):
                if difference := differs(got, want):
                    return f"call {index} ({name}): {difference}"
        return None

    def assertion(self, path: ast.expr, argument: Placed, to: Emission) -> list[ast.stmt]:
        wanted = [
            (name, None if arguments is None else [plain(a) if is_data(a) else a for a in arguments])
            for name, arguments in map(_name_and_arguments, argument.value)
        ]
        return to.quote("expect_calls(WANT)", argument.mark, WANT=constant(wanted, argument.mark))


def _name_and_arguments(entry: Any) -> tuple[str, list[Any] | None]:
    if isinstance(entry, str):
        return entry, None
    ((name, seen),) = entry.items()
    return name, list(seen["each"]) if isinstance(seen, Map) else [seen]
