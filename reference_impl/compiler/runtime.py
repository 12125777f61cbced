"""What compiled operators call besides kernels: promotion, projection, and what is too rare to be worth inlining."""

from __future__ import annotations

from collections import namedtuple
from functools import cache
from typing import Any

import numpy as np

from .. import dtypes
from ..errors import type_name
from ..tensor import Tensor, wrap

NUMBERS = frozenset({int, float, bool, complex})
# scalar types and dtypes side by side, so that one look-up serves numpy scalars and arrays
REAL = frozenset(d for c in "fd" for d in (np.dtype(c), np.dtype(c).type))
EASY = frozenset(d for c in "fdFD" for d in (np.dtype(c), np.dtype(c).type))


class Constants(dict):
    """Python numbers as arrays of one dtype: numpy takes those in half the time."""

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = dtype

    def __missing__(self, number: Any) -> Any:
        if not number or number != number:  # 0.0 and -0.0 would be one key, and nan is none
            return number
        if len(self) >= 1024:
            self.clear()
        with np.errstate(all="ignore"):
            found = self[number] = np.array(number, self.dtype)
        return found


CONSTANTS = {d: Constants(d) for d in map(np.dtype, "fdFD")}
HALF = "eE"  # dtype.char of float16 and bfloat16
nd = np.ndarray


def quietly(operator: Any, *args: Any, **options: Any) -> Any:
    """The operator once more, after a warning of numpy's was made an error (`reference_impl`, Note [Silence])."""
    with np.errstate(all="ignore"):
        return operator(*args, **options)


def promoted(*xs: Any) -> list[Any]:
    """Operands in torch's common dtype. A 0-dim array comes back as a scalar."""
    wanted = dtypes.result_type(xs)
    d, exact = wanted.np, wanted.category < dtypes.FLOAT
    return [
        (np.asarray(x).astype(d)[()] if exact else x)
        if type(x) in NUMBERS
        else x[()]
        if x.dtype == d
        else x.astype(d)[()]
        for x in xs
    ]


def promoted_to_float(*xs: Any) -> list[Any]:
    """The same for what computes integers in the default dtype: they come there as they are, for their common dtype may not
    hold each of them."""
    if dtypes.result_type(xs).category >= dtypes.FLOAT:
        return promoted(*xs)
    d = dtypes.get_default_dtype().np
    return [x if type(x) in NUMBERS else x.astype(d)[()] for x in xs]


def tensor_of(number: Any) -> Tensor:
    """A number as a 0-dim tensor."""
    return wrap(np.asarray(number, dtypes.of_number(number).np)[()])


def to_float(*xs: Any) -> list[Any]:
    """Integer and bool operands in the default dtype."""
    target = dtypes.get_default_dtype().np
    return [x if type(x) in NUMBERS or x.dtype.kind in "fcV" else x.astype(target) for x in xs]


def refuse(row: Any, *xs: Any) -> None:
    """Dtypes that torch has no kernel for."""
    if "filled" in row.refuses and any(x is not None and not x.size for x in xs):
        return
    for x in xs:
        if isinstance(x, list):
            refuse(row, *x)
        elif getattr(getattr(x, "dtype", None), "char", "-") in row.refused:
            raise not_for(row, x)


def not_for(row: Any, x: Any) -> NotImplementedError:
    kernel = row.name.removeprefix("special_")
    return NotImplementedError(f"\"{kernel}_cpu\" not implemented for '{dtypes.LEGACY[dtypes.from_numpy(x.dtype)]}'")


# -- half precision: computed in float32, rounded once


def wide(x: Any) -> Any:
    """float16 and bfloat16 as float32; anything else as it is."""
    if isinstance(x, list):
        return [wide(y) for y in x]
    char = getattr(getattr(x, "dtype", None), "char", "")
    return x.astype(np.float32) if char and char in HALF else x


def widened(*xs: Any) -> list[Any]:
    """The dtype to round to (None where nothing is half), and the operands; as they are where half meets another dtype,
    which is for the kernel to refuse, or to promote."""
    tensors = [y for x in xs for y in (x if isinstance(x, list) else (x,)) if hasattr(y, "dtype")]
    half = next((x.dtype for x in tensors if x.dtype.char in HALF), None)
    if half is None or any(x.dtype != half for x in tensors):
        return [None, *xs]
    return [half, *(wide(x) for x in xs)]


def native(*xs: Any) -> list[Any]:
    """The same for kernels that take half precision as it is: only numbers are rounded to it."""
    half = [x.dtype for x in xs if type(x) not in NUMBERS and x.dtype.char in HALF]
    return [None, *(half[0].type(x) if half and type(x) in NUMBERS else x for x in xs)]


def narrow(r: Any, target: Any) -> Any:
    """Results in float32 rounded to the half precision that their operands had."""
    if target is None:
        return r
    if isinstance(r, tuple | list):
        return type(r)(narrow(y, target) for y in r)
    if r.dtype.kind != "f":
        return r
    with np.errstate(over="ignore"):
        return r.astype(target)


def target_dtype(target: Any, dtype: Any) -> tuple[Any, Any]:
    """For operators with a `dtype` of their own: what to round to, and what to tell the kernel."""
    if dtype is None or target is None:
        return target, dtype
    return (dtype.np, None) if dtype.np.char in HALF else (None, dtype)


BOOLEAN = {
    "sub": "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
    "operator instead.",
    "neg": "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the "
    "`~` or `logical_not()` operator instead.",
}


def no_integers(r: Any) -> Exception:
    """torch's error where a gradient is to go through a result that was asked for in integers."""
    return RuntimeError(f"Autograd not support dtype: {dtypes.from_numpy(r.dtype).legacy}")


def no_kernel(row: Any, error: Exception, *xs: Any) -> Exception:
    """torch's error where numpy's function refused the operands: shapes that do not go together, or a dtype."""
    if isinstance(error, RuntimeError):
        return error
    arrays = [x for x in xs if type(x) not in NUMBERS]
    try:
        np.broadcast_shapes(*[x.shape for x in arrays])
    except ValueError:
        return cannot_broadcast(*[x.shape for x in arrays])
    if not isinstance(error, TypeError):
        return error
    d = dtypes.result_type(tuple(arrays))
    if d is dtypes.bool_ and row.name in BOOLEAN:
        return RuntimeError(BOOLEAN[row.name])
    return NotImplementedError(f"\"{row.name}_cpu\" not implemented for '{dtypes.LEGACY[d]}'")


def cannot_broadcast(*shapes: tuple[int, ...]) -> RuntimeError:
    """torch's error for the first of the shapes that does not go with those before it."""
    a: tuple[int, ...] = ()
    for b in shapes:
        width = max(len(a), len(b))
        a, b = (1,) * (width - len(a)) + a, (1,) * (width - len(b)) + b
        for d in reversed(range(width)):
            if a[d] != b[d] and 1 not in (a[d], b[d]):
                return RuntimeError(
                    f"The size of tensor a ({a[d]}) must match the size of tensor b ({b[d]}) at non-singleton dimension "
                    f"{d}"
                )
        a = np.broadcast_shapes(a, b)
    return RuntimeError(f"cannot broadcast {shapes}")


def meta(x: Any) -> Any:
    """What `project` needs to know of an input."""
    if isinstance(x, list):
        return [(y.shape, y.dtype) for y in x]
    return None if x is None else (x.shape, x.dtype)


def raw(x: Any) -> Any:
    """Arrays for the Tensors in a non-differentiable argument."""
    if isinstance(x, Tensor):
        return x._array
    if type(x) in (tuple, list):
        return type(x)(raw(y) for y in x)
    return x


def not_a_tensor(op: str, value: Any, argument: str, position: int) -> TypeError:
    argument = "input" if argument == "self" else argument
    return TypeError(f"{op}(): argument '{argument}' (position {position}) must be Tensor, not {type_name(value)}")


def rare(result: Any, row: Any, args: tuple, aux: tuple = ()) -> None:
    from ..graph.rare import finish

    finish(result, row, args, aux)


@cache
def result_class(op: str, *names: str) -> Any:
    """The named tuple that an operator of several outputs returns (torch.return_types)."""
    base = namedtuple(op, names)

    def text(self: Any) -> str:
        return f"torch.return_types.{op}(\n" + ",\n".join(f"{n}={v!r}" for n, v in zip(names, self, strict=True)) + ")"

    return type(
        op,
        (base,),
        {
            "__slots__": (),
            "__new__": lambda cls, items: base.__new__(cls, *items),
            "__repr__": text,
            "__module__": "torch.return_types",
        },
    )
