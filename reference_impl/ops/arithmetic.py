"""Arithmetic.

HOWTO. One line is an operator: `name = kind("name(operands, params)", kernel, operand=partial)`. The parameters of a
partial are what the node keeps for backward. `x * y`, `2 - x`, `x.mul_(y)`, `out=`, aliases follow from the row.
The kinds: form.py.
"""

from __future__ import annotations

import numpy as np

from ..compiler.runtime import BOOLEAN, narrow, widened
from ..dtypes import BOOL, COMPLEX, FLOAT, LEGACY, from_numpy, number, result_type, same
from .form import elementwise
from .structure import conj


def add_kernel(x, y, alpha):
    check_alpha(alpha, x, y)
    return x + y if alpha == 1 else scaled_add(x, y, alpha)


def check_alpha(alpha, *operands):
    """alpha is of the result's category, or of a lower one; True is for bools alone."""
    check_factor("alpha", alpha, *operands)
    if type(alpha) is complex and result_type(operands).category < COMPLEX:
        raise RuntimeError("For non-complex input tensors, argument alpha must not be a complex number.")


def check_factor(name, factor, *operands):
    category = result_type(operands).category
    if type(factor) is bool and category != BOOL:
        raise RuntimeError(f"Boolean {name} only supported for Boolean results.")
    if type(factor) in (float, complex) and category < FLOAT:
        raise RuntimeError(f"For integral input tensors, argument {name} must not be a floating point number.")


def no_bool(*operands):
    """torch subtracts no bool, not even from other dtypes."""
    found = [type(x) is bool or getattr(x, "dtype", None) == np.bool_ for x in operands]
    if all(found):
        raise RuntimeError(BOOLEAN["sub"])
    if any(found):
        raise RuntimeError(BOOLEAN["sub"].partition("two")[0] + "a bool tensor" + BOOLEAN["neg"].partition("tensor")[2])


def sub_kernel(x, y, alpha):
    no_bool(x, y)
    check_alpha(alpha, x, y)
    return x - y if alpha == 1 else scaled_add(x, -y, alpha)


def scaled_add(x, y, alpha):
    """x + alpha y in half precision: alpha is rounded first, as in torch."""
    target, x, y = widened(x, y)
    if target is None:
        exact = getattr(y, "dtype", None) is not None and y.dtype.kind in "iub"
        return x + y * (np.asarray(alpha).astype(y.dtype) if exact else alpha)
    return narrow(x + y * float(target.type(alpha)), target)


add = elementwise(
    "add(self, other, *, alpha=1)",
    add_kernel,
    self=lambda g: g,
    other=lambda g, alpha: times_number(g, alpha),
    overloads={"defaults": elementwise("add(self, other)", np.add, self=lambda: 1, other=lambda: 1, half_ready=True)},
    half_ready=True,
    numbers="all",
    former=True,
    dunder="__add__ __radd__",
)
sub = elementwise(
    "sub(self, other, *, alpha=1)",
    sub_kernel,
    self=lambda g: g,
    other=lambda g, alpha: times_number(-g, alpha),
    overloads={
        "defaults": elementwise(
            "sub(self, other)", np.subtract, self=lambda: 1, other=lambda: -1, check=no_bool, half_ready=True
        )
    },
    check=no_bool,
    aliases=("subtract",),
    half_ready=True,
    numbers="all",
    former=True,
    dunder="__sub__",
)
# torch's own functions add and multiply numbers so; from Python there is a second edge, which leads nowhere
add_number = elementwise(
    "add_scalar(self, other)",
    np.add,
    self=lambda g: g,
    grad_fn="AddBackward1",
    scalar_overload=True,
    public=False,
)
sub_number = elementwise(
    "sub_scalar(self, other)",
    np.subtract,
    self=lambda g: g,
    grad_fn="SubBackward1",
    scalar_overload=True,
    public=False,
)
mul_number = elementwise(
    "mul_scalar(self, other)",
    np.multiply,
    self=lambda other: other,
    grad_fn="MulBackward1",
    scalar_overload=True,
    public=False,
)
mul_number.backward = mul_number
rsub = elementwise(
    "rsub(self, other, *, alpha=1)",
    lambda x, y, alpha: sub_kernel(y, x, alpha),
    self=lambda g, alpha: times_number(-g, alpha),
    other=lambda g: g,
    inplace=False,
    grad_fn={"TT": "RsubBackward0", "Tn": "RsubBackward1"},
    check=no_bool,
    scalar_overload=True,
    half_ready=True,
    dunder="__rsub__",
    numbers="right",
)
mul = elementwise(
    "mul(self, other)",
    np.multiply,
    self=lambda other: other,
    other=lambda self: self,
    aliases=("multiply",),
    numbers="all",
    dunder="__mul__ __rmul__",
)
div_number = elementwise(
    "div(self, other)",
    np.true_divide,
    self=lambda g, other: g / scalar_conj(other),
    shows={"self": lambda: None},
    integers="float",
)


def div_jvp(other, result, self_t, other_t):
    if other_t is None:
        return self_t / other
    moved = other_t * result
    return (-moved if self_t is None else self_t - moved) / other


div_ = elementwise(
    "div(self, other)",
    np.true_divide,
    self=lambda g, other: g / conj(other),
    other=lambda self, other: -(self / other) / other,  # torch keeps self, not the result
    jvp=div_jvp,
    integers="float",
    aliases=("divide", "true_divide"),
    numbers="all",
    overloads={"Tn": div_number},
    dunder="__truediv__",
)
div_scalar = elementwise(
    "div_scalar(self, other)",
    np.true_divide,
    self=lambda g, other: div_scalar(g, scalar_conj(other)),
    integers="float",
    grad_fn="DivBackward1",
    scalar_overload=True,
    public=False,
)
neg = elementwise("neg(self)", np.negative, self=lambda: -1, aliases=("negative",), dunder="__neg__")


def times_number(g, factor):
    """The adjoint of multiplying by a number."""
    return g if factor == 1 else mul_number(g, scalar_conj(factor))


def scalar_conj(alpha):
    return alpha.conjugate() if type(alpha) is complex else alpha


addcmul = elementwise(
    "addcmul(self, tensor1, tensor2, *, value=1)",
    lambda x, a, b, value: x + a * b if value == 1 else x + number(value, x.dtype) * a * b,
    self=lambda g: g,
    tensor1=lambda tensor2, value: tensor2 if value == 1 else tensor2 * value,
    tensor2=lambda tensor1, value: tensor1 if value == 1 else tensor1 * value,
    refuses="bool",
    numbers="none",
    former=True,
)


def no_integer_division(x, a, b):
    if a.dtype.kind in "biu" and b.dtype.kind in "biu":
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true "
            "division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * "
            "torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) "
            "for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / "
            "tensor2), for all dtypes."
        )


addcdiv = elementwise(
    "addcdiv(self, tensor1, tensor2, *, value=1)",
    lambda x, a, b, value: x + number(value, x.dtype) * (a / b),
    self=lambda g: g,
    tensor1=lambda tensor2, value: value / tensor2,
    tensor2=lambda tensor1, tensor2, value: -value * (tensor1 / (tensor2 * tensor2)),
    refuses="integers",
    check=no_integer_division,
    numbers="none",
    former=True,
)


def lerp_operands(start, *others):
    """torch promotes nothing here."""
    for name, x in zip(("end", "weight"), others, strict=True):
        if isinstance(x, np.ndarray | np.generic):
            same(f"expected dtype {{0.cpp}} for `{name}` but got dtype {{1.cpp}}", start, x)
    if start.dtype.kind in "biu":
        raise NotImplementedError(f"\"lerp_kernel_scalar\" not implemented for '{LEGACY[from_numpy(start.dtype)]}'")


def lerp_kernel(start, end, weight):
    near_start = abs(weight) < 0.5
    return np.where(near_start, start + weight * (end - start), end - (end - start) * (1 - weight))[()]


lerp_by_number = elementwise(
    "lerp(self, end, weight)",
    lerp_kernel,
    self=lambda g, weight: mul_number(g, scalar_conj(1 - weight)),
    end=lambda g, weight: mul_number(g, scalar_conj(weight)),
    refuses="integers",
    scalar_overload=True,
    check=lerp_operands,
)
lerp = elementwise(
    "lerp(self, end, weight)",
    lerp_kernel,
    self=lambda weight: 1 - weight,
    end=lambda weight: weight,
    weight=lambda self, end: end - self,
    refuses="integers",
    grad_fn="LerpBackward1",
    overloads={"TTn": lerp_by_number},
    numbers="right",
    check=lerp_operands,
)
