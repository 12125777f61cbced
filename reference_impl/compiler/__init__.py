"""From a row to Python: the operator's function and its Node classes, written as text and compiled when first used.

`text` and `recording` write the function, `derivative` what its nodes compute, `tangent` is forward mode, `bind` gives
formulas their globals, `runtime` and `edge` are what the texts call. `print(source(row))` shows what comes out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autocasting import autocast
from ..dtypes import PYTHON
from ..graph.clock import tick
from ..graph.former import called
from ..graph.modes import mode
from ..graph.node import Node, Output, accumulator
from ..graph.saved import as_torch_shows, unpacked
from ..graph.saved_tensor import attributes
from ..missing import MissingName
from ..ops.form import Row
from ..ops.memory_order import laid_as
from ..ops.signature import names_of
from ..tensor import LEAF, NoArray, Tensor, new, storage_array
from . import numpy_names, runtime
from .arguments import again, row_failure
from .bind import NAMELESS, execute, silent
from .derivative import batched_derivative, derivative, derivative_text, kept_by
from .recording import alone, frees, styled
from .text import Text, usual_text

BASE: dict[str, Any] = {
    "Tensor": Tensor,
    "LEAF": LEAF,
    "new": new,
    "nd": np.ndarray,
    "mode": mode,
    "tick": tick,
    "Output": Output,
    "accumulator": accumulator,
    "storage_array": storage_array,
    "laid_as": laid_as,
    "NUMBERS": runtime.NUMBERS,
    "EASY": runtime.EASY,
    "HALF": runtime.HALF,
    "REAL": runtime.REAL,
    "CONSTANTS": runtime.CONSTANTS,
    "PYTHON": PYTHON,
    "promoted": runtime.promoted,
    "promoted_to_float": runtime.promoted_to_float,
    "to_float": runtime.to_float,
    "refuse": runtime.refuse,
    "widened": runtime.widened,
    "native": runtime.native,
    "narrow": runtime.narrow,
    "target_dtype": runtime.target_dtype,
    "meta": runtime.meta,
    "NoArray": NoArray,
    "no_integers": runtime.no_integers,
    "rare": runtime.rare,
    "raw": runtime.raw,
    "REQUIRED": numpy_names.REQUIRED,
    "missing": numpy_names.missing,
    "instead": numpy_names.instead,
    "again": again,
    "row_failure": row_failure,
    "quietly": runtime.quietly,
    "autocast": autocast,
    "called_formerly": called,
    "__name__": NAMELESS,
}


def compile_row(row: Row) -> Callable[..., Any]:
    """The operator's function. Patterns with numbers compile when they are met."""
    patterns: dict[str, Callable[..., Any]] = {}

    def by_pattern(*args: Any, **kwargs: Any) -> Any:
        """The operator on what is not all Tensors: by the function for the pattern of these arguments."""
        args, pattern = list(args), ""
        for i, a in enumerate(row.args):
            if a in row.inputs and i < len(args):
                args[i] = tensor_or_number(row, i, args[i])
                pattern += "T" if isinstance(args[i], Tensor) else "n"
        wrong = pattern[:-1].find("n") if row.numbers == "right" else pattern.find("n") if row.numbers == "none" else -1
        if "T" not in pattern and row.numbers == "all":
            args[0], pattern = runtime.tensor_of(args[0]), "Tn"
        if "T" not in pattern or wrong >= 0:
            wrong = max(wrong, 0)
            raise runtime.not_a_tensor(row.name, args[wrong], row.args[wrong].name, wrong)
        return one(pattern)(*args, **kwargs)

    def one(pattern: str) -> Callable[..., Any]:
        if pattern not in patterns:
            chosen = row.overloads.get(pattern, row)
            patterns[pattern] = compile_pattern(chosen, pattern, by_pattern, lambda *a, **k: one("Tn")(*a, **k))
        return patterns[pattern]

    function = one("T" * len(row.inputs))
    if row.broadcasts and len(row.inputs) == 2 and row.numbers != "none":
        # The number pattern replaces its stub in the function's globals at its first call.
        def first_number(*args: Any, **kwargs: Any) -> Any:
            function.__globals__["Tn"] = one("Tn")
            return one("Tn")(*args, **kwargs)

        function.__globals__["Tn"] = first_number
    function.__doc__ = f"{row.signature}, {row.kind} (source: torch.{row.name})."
    return function


def tensor_or_number(row: Row, i: int, a: Any) -> Any:
    if isinstance(a, Tensor) or type(a) in runtime.NUMBERS:
        return a
    if isinstance(a, np.generic):  # a number, as Python's are
        return a.item()
    raise runtime.not_a_tensor(row.name, a, "input" if not i else row.args[i].name, i)


def compile_pattern(row: Row, pattern: str, by_pattern: Callable[..., Any], numbers: Callable[..., Any]) -> Any:
    """The function for one pattern; where the row has another for its params' defaults, that one, guarded."""
    unusual = None
    if "defaults" in row.overloads:
        unusual = later(lambda: compile_text(Text(row, pattern), by_pattern, numbers))
    return compile_text(usual_text(row, pattern), by_pattern, numbers, unusual)


def compile_text(text: Text, by_pattern: Any, numbers: Any, unusual: Any = None) -> Callable[..., Any]:
    from ..graph.views import as_view  # which has rows of its own

    row = text.row
    scope = dict(
        BASE, kernel=silent(row.kernel), ROW=row, by_pattern=by_pattern, Tn=numbers, unusual=unusual, as_view=as_view
    )
    scope["FORMER"] = text.former
    if len(text.returned) > 1:
        scope["Result"] = runtime.result_class(row.name.rstrip("_"), *text.returned)
    for name in text.class_names:
        for style in ("plain", "edged", "careful") if row.broadcasts else ("plain", "careful"):
            scope[styled(name, style)] = node_class(text, name, style)
    scope["careful"] = later(lambda: execute(Text(row, text.pattern, careful=True).function(), dict(scope), row.name))
    return execute(text.function(), scope, row.name)


def later(make: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """A function that is compiled when it is first called."""
    made: list[Callable[..., Any]] = []

    def call(*args: Any, **kwargs: Any) -> Any:
        if not made:
            made.append(make())
        return made[0](*args, **kwargs)

    return call


# nodes that torch does not generate, which say where they come from
BY_HAND = {
    "CopyBackwards": "torch::autograd::CopyBackwards",
    "SliceWriteBackward": "torch::autograd::CopySlices",
    "NotImplementedBackward0": "torch::autograd::NotImplemented",
}


def node_class(text: Text, name: str, style: str) -> type[Node]:
    """The Node class; what it computes is compiled when first needed."""
    row = text.row
    kept = tuple(map(row.kept_as, text.users))
    tensors = [
        n
        for n in text.users
        if not n.endswith(("_shape", "_dtype"))
        and n not in {a.name for a in row.params if not a.nondiff}
        and not (row.scalar_overload and n in text.numbers)
    ]
    hidden = hidden_names(row, name)
    saved_names = (*kept, *kept_by(style, text.places))
    body: dict[str, Any] = {
        "__slots__": ("width",) if text.many else (),
        "row": row,
        "frees": frees(text, tensors),
        "fresh": True,
        "takes_batches": True,
        "saved_names": saved_names,
        "alone": alone(text, style),
        "result_names": tuple(row.kept_as(o) for o, _ in row.outputs),
        "differentiable_names": tuple(map(row.kept_as, text.diff)),
        "saves_outputs": any(o in text.users for o, _ in row.outputs),
        "watched": text.watched,
        "saves_result": len(text.diff) == 1 and bool(text.watched),
        "takes_undefined": len(text.diff) > 1 or text.many,
        "outputs": property(lambda node: node.width) if text.many else max(1, len(text.diff)),
        **({"listed": True} if text.many else {}),
        "constants": row.edges
        or (None if row.scalar_overload or len(text.pattern) == len(text.places) else text.pattern),
        "__module__": "builtins",  # torch prints <class 'AddBackward0'>
        **attributes([row.kept_as(n) for n in text.users if row.saved_as.get(n, n not in hidden)]),
        **{f"_saved_{n}": derived(row, n, f) for n, f in row.shows.items()},
        "told": {
            f"_saved_{n}": row.kept_as(x) for n, f in row.shows.items() for x in names_of(f)[:1] if x in row.operands
        },
        **dict.fromkeys(unsaved_names(text)),
        **{f"_saved_{a.name}": a.default for a in text.guards},
        **({"name": lambda node: BY_HAND[name]} if name in BY_HAND else {}),
    }
    cls = type(name, (Node,), body)

    def compiled_later(method: str, world: str) -> Callable[..., Any]:
        def first(node: Node, g: Any) -> Any:
            made = batched_derivative(text, style) if world == "rows" else derivative(text, world, style)
            setattr(cls, method, made)
            return made(node, g)

        return first

    for world in ("taped", "half", "rows"):
        setattr(cls, world, compiled_later(world, world))
    # outside the kinds that broadcast, a careful node is one of half precision
    cls.vjp = compiled_later("vjp", "vjp" if row.broadcasts or style == "plain" else "half")
    return cls


def hidden_names(row: Row, name: str) -> set[str]:
    """What a node keeps that torch's does not show, unless torch has a name for it."""
    aux = {o for o, role in row.outputs if role == "aux"}
    whole = {"dim", "keepdim"} if f"{name} if dim is" in row.grad_fn else set()  # torch's overload without dim
    return aux | whole


def unsaved_names(text: Text) -> list[str]:
    """What torch would save for the gradient of an operand that is a number here, and shows as None."""
    row = text.row
    asked = [n for i, a in enumerate(row.inputs) if text.pattern[i] == "n" for n in row.saved_for(a.name)]
    tensors = {a.name for a in row.inputs} | {o for o, _ in row.outputs}
    return [] if row.scalar_overload else [f"_saved_{row.kept_as(n)}" for n in asked if n in tensors - {*text.users}]


def derived(row: Row, name: str, f: Callable[..., Any]) -> property:
    """A `_saved_*` that is told from what the node kept: first of all from an operand, which must have been saved."""
    names = [row.kept_as(n) for n in names_of(f)]

    def look(node: Node) -> Any:
        if node.lacks(f"_saved_{name}"):
            raise MissingName(f"{node.name()}._saved_{name}: what this is told from was not saved")
        return as_torch_shows(f(*[runtime.raw(unpacked(node, n)) for n in names]))

    return property(look)


def source(row: Row, pattern: str = "") -> str:
    """The text that a row compiles to, for reading."""
    text = Text(row, pattern or "T" * len(row.inputs))
    styles = ("plain", "edged", "careful") if row.broadcasts else ("plain",)
    return "\n\n".join([text.function(), *(derivative_text(text, "vjp", style) for style in styles)])
