"""The types of arguments. Hardly anything is checked before a call, for every call would pay: an operator that fails asks
here whether the type of an argument is the reason, and raises torch's TypeError then. Only what would not fail is looked
at before: flags (parameters whose default is True or False), since anything has a truth value, and None for a number.

What an argument must be is read where it is declared: an input of a row is a Tensor, a parameter of a composite is what
its annotation says. Params of rows, and of composites without annotations, are known by their names, which torch uses
for one thing only.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..errors import Unsupported, type_name
from ..tensor import Tensor
from .numpy_names import missing
from .runtime import cannot_broadcast, no_kernel, not_a_tensor


def is_int(x: Any) -> bool:
    """An integer, or a 0-dim tensor of one, which torch takes for it."""
    if isinstance(x, Tensor):
        return not x.ndim and x.dtype.category <= dtypes.INTEGER
    return isinstance(x, int | np.integer) and not isinstance(x, bool)


def is_number(x: Any) -> bool:
    if isinstance(x, Tensor):
        return not x.ndim and not x.requires_grad
    return isinstance(x, int | float | complex | np.number | np.bool_)


def is_sequence_of(item: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda x: isinstance(x, tuple | list) and all(map(item, x))


TUPLE = "tuple[int, ...]"
TESTS: dict[str, Callable[[Any], bool]] = {
    "Tensor": lambda x: isinstance(x, Tensor),
    "int": is_int,
    "bool": lambda x: isinstance(x, bool),
    "float": is_number,
    "Number": is_number,
    "str": lambda x: isinstance(x, str),
    "torch.dtype": lambda x: isinstance(x, dtypes.dtype) or x in dtypes.PYTHON,
    "tuple of ints": lambda x: is_int(x) or is_sequence_of(is_int)(x),
    TUPLE: is_sequence_of(is_int),  # not one alone
    "tuple of Tensors": is_sequence_of(lambda x: isinstance(x, Tensor)),
    "None": lambda x: x is None,
}
NAMES = {
    "Tensor": "self input index mask target weight bias src x1 x2 y prepend append fweights aweights",
    "tuple of ints": "dim size shape repeats shifts dims kernel_size stride dilation split_sizes normalized_shape pad "
    "output_padding s",
    "int": "decimals diagonal divisor_override offset dim0 dim1 dim2 k groups n step storage_offset "
    "split_size upscale_factor downscale_factor mvlgamma.p",
    "str": "approximate mode norm reduce rounding_mode UPLO",
    "Number": "alpha beta lambd lower max_val min_val negative_slope ord threshold upper value",
    "float": "atol bernoulli.p delta eps geometric.p log_normal.mean margin median normal.mean rtol sigma std",
    "torch.dtype": "dtype",
}
SIZES = ("size", "normalized_shape", "pad", "s", "shifts")  # annotated as Any, and of one kind nevertheless
SIZES_ONE_BY_ONE = {"args": "dims", "sizes": "shape", "size": "size"}  # *args: what it is called
NUMBERS = frozenset(["int", "float", "Number", "tuple of ints"])
LOOSE = ("get_infos", "inplace", "return_indices", "use_separate_proj_weight")  # flags that need only be true or false
BY_NAME = {name: kind for kind, names in NAMES.items() for name in names.split()}


def by_name(name: str, default: Any, function: str = "") -> str:
    """What an argument without annotation must be, as far as its name and its default tell."""
    if type(default) is bool and name not in LOOSE:
        return "bool"
    return BY_NAME.get(name) or BY_NAME.get(f"{function}.{name}", "")


def wanted_by_row(row: Any) -> list[tuple[str, list[str], bool]]:
    """Of each argument: its name, what it may be, whether it has a position."""
    found = []
    for a in row.args:
        kind = (
            "tuple of Tensors" if a.variadic else "Tensor" if a in row.inputs else by_name(a.name, a.default, row.name)
        )
        if kind == "Tensor" and a in row.params and not a.nondiff:
            kind = "int" if a.name == "index" else ""
        kind = "" if row.broadcasts and a in row.inputs and len(row.inputs) > 1 else kind  # numbers, too
        kinds = ["int", kind] if a.name == "dim" and a.default is not None else [kind]
        spelled_out = not (row.public or row.inplace)  # every param, in calls of these rows
        optional = a.default is None or spelled_out
        found.append((a.name, [*kinds, *(["None"] if optional else [])], not a.keyword_only))
    return found


def sizes_label(name: str, parameters: Any) -> str:
    """What torch calls the sizes that a function takes one by one: the keyword that it has for them, if it has one."""
    return next(
        (n for n in ("dims", "size", "shape", "repeats") if n in parameters), SIZES_ONE_BY_ONE.get(name, "size")
    )


def in_one(parameters: list[inspect.Parameter]) -> str:
    """The keyword for sizes that methods take one by one, and functions in one sequence only."""
    found = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL and p.name in SIZES_ONE_BY_ONE]
    names = [p.name for p in parameters]
    return sizes_label(found[0], names) if found and sizes_label(found[0], names) in names else ""


def wanted_by_function(f: Callable[..., Any]) -> list[tuple[str, list[str], bool]]:
    found = []
    parameters = inspect.signature(f).parameters
    for p in parameters.values():
        if p.kind is p.VAR_POSITIONAL and p.name in SIZES_ONE_BY_ONE and (p.name != "args" or "dims" in parameters):
            found.append((sizes_label(p.name, parameters), [TUPLE], True))
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            break
        if p.annotation is p.empty or (p.annotation == "Any" and p.name in SIZES):
            kind = by_name(p.name, p.default)
            kinds = ["int", kind] if p.name == "dim" and p.default is not None else [kind]
        elif type(p.default) is bool:
            kinds = [by_name(p.name, p.default)]
        else:
            kinds = [k.strip() for k in p.annotation.split("|")]
        kinds = [""] if "str" in kinds and p.annotation is not p.empty else kinds
        found.append((p.name, kinds + (["None"] if p.default is None else []), p.kind is not p.KEYWORD_ONLY))
    return found


def tests_before(
    wanted: list[tuple[str, list[str], bool]], defaults: dict[str, Any], otherwise: str, python: bool
) -> list[str]:
    """The text of the tests before a call: for what would be taken in silence, though it is wrong.

    defaults: of the parameters that are tested. python: whether a function in Python computes, which takes more than rows do.
    """
    doubts = [doubt(name, kinds, defaults[name], python) for name, kinds, _ in wanted if name in defaults]
    return [f"    if {wrong}: {otherwise}" for wrong in doubts if wrong]


def doubt(name: str, kinds: list[str], default: Any, python: bool) -> str:
    """The condition under which an argument is no flag, no number or no integer (dim need not be looked at: a wrong one
    fails); "" where there is nothing to test. Rows take numbers in 0-dim tensors, and are called `again` with these."""
    absent = "None" if "None" in kinds else "..." if default is ... else ""
    given = f"{name} is not {absent} and " if absent else ""
    if kinds[0] == "bool" and (python or not given):
        usual = default is not False
        return f"{given}type({name}) is not bool" if given else f"{name} is not {usual} and {name} is not {not usual}"
    if python and name != "dim" and kinds[0] == "int" and {"int", "None"}.issuperset(kinds):
        return f"{given}type({name}) is not int and not is_int({name})"
    if given or default == () or not NUMBERS.intersection(kinds) or not NUMBERS.union(["Tensor"]).issuperset(kinds):
        return ""
    whole = not NUMBERS.difference(["float", "Number"]).isdisjoint(kinds)
    return f"{name} is None" if python or whole else f"{name} is None or type({name}) is Tensor"


def check_tensors(function: str, **given: Any) -> None:
    """Refuse what is no tensor among the first arguments of a function that computes with numbers as well."""
    for position, (name, x) in enumerate(given.items(), 1):
        if not isinstance(x, Tensor):
            raise not_a_tensor(function, x, name, position)


def check_ints(function: str, **given: Any) -> None:
    """Refuse what is no integer among the first arguments of a function."""
    for position, (name, n) in enumerate(given.items(), 1):
        if type(n) is not int and not is_int(n):
            raise TypeError(f"{function}(): argument '{name}' (position {position}) must be int, not {type_name(n)}")


def misfit(name: str, wanted: list[tuple[str, list[str], bool]], given: dict[str, Any], first: int) -> TypeError | None:
    """torch's error for the first argument of a wrong type, if there is one. given: arguments by name."""
    for position, (argument, kinds, positional) in enumerate(wanted, first):
        if argument not in given or any(k not in TESTS or TESTS[k](given[argument]) for k in kinds):
            continue
        value = given[argument]
        if kinds[0] == "tuple of Tensors" and isinstance(value, tuple | list):
            k, item = next((k, x) for k, x in enumerate(value) if not isinstance(x, Tensor))
            return TypeError(f"expected Tensor as element {k} in argument 0, but got {type(item).__name__}")
        shown = f"'{'input' if argument == 'self' else argument}'" + (f" (position {position})" if positional else "")
        must = f"{name}(): argument {shown} must be {kinds[0].replace(TUPLE, 'tuple of ints')}, "
        if kinds[0] in ("tuple of ints", TUPLE) and isinstance(value, tuple | list):
            k, item = next((k, x) for k, x in enumerate(value) if not is_int(x))
            if k:
                why = f"type must be tuple of ints,but got {type(item).__name__}"
                name = must.partition(" (")[0]
                return TypeError(f'{name} failed to unpack the object at pos {k + 1} with error "{why}"')
            return TypeError(must + f"but found element of type {type(item).__name__} at pos {k}")
        return TypeError(must + f"not {type(value).__name__}")
    return None


def row_failure(row: Any, args: tuple[Any, ...], error: Exception, *operands: Any) -> Exception:
    """What a row raises where its kernel failed: torch's TypeError, in the words for a method, or what it failed with.

    operands: the arrays of a row that broadcasts, for torch's words about their shapes and dtypes.
    """
    if not (row.public or row.inplace) and isinstance(error, RuntimeError):
        return error
    given = dict(zip([a.name for a in row.args], args, strict=True))
    better = misfit(row.name, wanted_by_row(row), given, 0) or no_tensor(row.name, given, 0, error)
    better = better or (no_kernel(row, error, *operands) if operands else error)
    return (of_shapes(row.name, error) or error) if better is error else better


def again(
    operator: Callable[..., Any], row: Any, args: tuple[Any, ...], error: Exception | None, *operands: Any
) -> Any:
    """The operator once more, if a number was given as a 0-dim tensor, which torch takes; else it fails."""
    plain = [
        x.item() if isinstance(x, Tensor) and is_number(x) and a in row.params and not a.nondiff else x
        for x, a in zip(args, row.args, strict=True)
    ]
    if all(x is y for x, y in zip(plain, args, strict=True)):
        try:
            raise row_failure(row, args, error, *operands) from None
        finally:
            del error  # what is raised may be it, and its traceback knows this frame
    named = {a.name: x for x, a in zip(plain, row.args, strict=True) if a.keyword_only}
    return operator(*plain[: len(plain) - len(named)], **named)


def explained(
    f: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception, first: int
) -> Exception | None:
    """A better error than the one a composite failed with, if there is one.

    first: the position of its first argument, 0 for a method's self.
    """
    try:
        given = inspect.signature(f).bind(*args, **kwargs).arguments
    except TypeError:
        return None
    if isinstance(error, Unsupported):
        return None
    wanted = wanted_by_function(f)
    parameters = inspect.signature(f).parameters
    given = {p: value for p, value in given.items() if value is not parameters[p].default}
    for p, (label, _, _) in zip(list(given), wanted, strict=False):
        if parameters[p].kind is inspect.Parameter.VAR_POSITIONAL:  # (2, 3) and 2, 3 are the same
            given[label] = given[p][0] if len(given[p]) == 1 and not is_int(given[p][0]) else given[p]
    if isinstance(error, NoSizes):
        return missing(
            name, next(sizes_label(p.name, parameters) for p in parameters.values() if p.kind is p.VAR_POSITIONAL)
        )
    better = misfit(name, wanted, given, first) or no_tensor(name, given, first, error)
    with_arrays = any(isinstance(x, np.ndarray) for x in given.values())  # numpy computes then, in its own words
    return better or (None if with_arrays else of_shapes(name, error))


class NoSizes(TypeError):
    """A function of sizes, which may be given one by one, was given none."""


NUMPY_LIMIT = ("maximum supported dimension", "within [0, 64]", "ndmax")


def of_shapes(name: str, error: Exception) -> RuntimeError | None:
    """What is to be said where numpy has said it of its arrays, inside a kernel: of shapes, or too many dimensions."""
    text = str(error)
    if not isinstance(error, ValueError):
        return None
    if any(words in text for words in NUMPY_LIMIT):
        return Unsupported(f"{name}: more than 64 dimensions, which numpy does not have")
    if text.startswith("operands could not be broadcast together with shapes"):
        return cannot_broadcast(*[tuple(map(int, re.findall(r"\d+", s))) for s in re.findall(r"\(([\d,]*)\)", text)])
    return None


def no_tensor(name: str, given: dict[str, Any], first: int, error: Exception) -> TypeError | None:
    """torch's error if what failed is that an argument has not what a Tensor has."""
    if not isinstance(error, AttributeError) or isinstance(error.obj, Tensor):
        return None
    for position, (argument, value) in enumerate(given.items(), first):
        if value is error.obj or (isinstance(value, str) and error.obj in [*value]):
            return not_a_tensor(name, value, argument, position)
        if isinstance(value, tuple | list) and len(value) == 1 and isinstance(value[0], tuple | list | str):
            value = value[0]  # tensors one by one, or in a sequence
        for k, item in enumerate(value if isinstance(value, tuple | list | str) else ()):
            if item is error.obj:
                return TypeError(f"expected Tensor as element {k} in argument 0, but got {type(item).__name__}")
    return None


def the_one(name: str, **given: Any) -> Any:
    """What is given, under one of the names that torch's overloads have for it."""
    found = [value for value in given.values() if value is not None]
    if len(found) != 1:
        raise TypeError(f"{name}() takes one of the arguments {', '.join(given)}, but {len(found)} were given")
    return found[0]
