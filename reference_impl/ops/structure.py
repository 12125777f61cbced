"""Rows that other rows' formulas are made of: broadcasting and its sum, selection, casts, real and imaginary parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..compiler.edge import sum_to as sum_to_kernel
from ..compiler.runtime import cannot_broadcast
from .form import SIZES, Row, elementwise, linear, view
from .memory_order import broadcast_strides, laid_like
from .shape import view_


def fill(g: Any, shape: tuple[int, ...]) -> Any:
    """One value everywhere, by strides of zero (np.broadcast_to costs ten times as much)."""
    if not shape:
        return g
    a = np.asarray(g)
    return np.ndarray(shape, a.dtype, a, 0, (0,) * len(shape))


def stretch(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """np.broadcast_to in two thirds of its time, and with its errors."""
    strides = broadcast_strides(x, shape)
    if strides is None or not x.flags.forc:
        return np.broadcast_to(x, shape)
    r = np.ndarray(shape, x.dtype, x, 0, strides)
    r.flags.writeable = False
    return r


def no_derivative(name: str) -> Any:
    """The formula of what torch cannot differentiate: an error in backward."""

    def formula(g: Any) -> Any:
        raise RuntimeError(f"derivative for aten::{name} is not implemented")

    return formula


def not_implemented(what: str) -> Any:
    """The formula of what torch's tables call not differentiable."""

    def formula(g: Any) -> Any:
        raise NotImplementedError(f"the derivative for '{what}' is not implemented.")

    return formula


NO_TANGENT = (
    "Trying to use forward AD with {} that does not support it because it has not been implemented yet.\nPlease file an "
    "issue to PyTorch at https://github.com/pytorch/pytorch/issues/new?template=feature-request.yml so that we can "
    "prioritize its implementation or submit a PR adding the implementation to derivatives.yaml"
)


def no_tangent(name: str, text: str = NO_TANGENT) -> Any:
    """The jvp of what torch has no forward mode for."""
    message = text.format(name)

    def formula() -> Any:
        raise NotImplementedError(message)

    return formula


def not_in_place(row: Row) -> Row:
    """The in-place form of an operator that torch differentiates only out of place."""
    return replace(
        row,
        formulas={"self": not_implemented(f"inplace version of {row.name}")},
        jvp=no_tangent(f"{row.name}_", NO_TANGENT.partition(" or submit")[0] + "."),
        grad_fn=row.grad_fn.replace("0", "1"),
        public=False,
        inplace=True,
    )


def neither(name: str, *inputs: str) -> dict[str, Any]:
    """The formulas of an operator without a derivative of any kind."""
    text = "Trying to use forward AD with aten::{} that does not support it."
    return dict.fromkeys(inputs, no_derivative(name)) | {"jvp": no_tangent(name, text)}


def expand_kernel(x: Any, size: tuple[int, ...]) -> Any:
    if type(x) is not np.ndarray:
        return fill(x, size)
    return x if x.shape == size else stretch(x, size)


def cast_kernel(x: Any, dtype: Any) -> Any:
    if x.dtype.kind == "c" and dtype.kind not in "cb":
        return x.real.astype(dtype)  # in memory of its own
    r = x.astype(dtype, copy=False)
    return r if r is x or r.flags.c_contiguous else laid_like(r, x)


broadcast = linear(
    "broadcast(self, size)",
    expand_kernel,
    self=lambda g, self_shape: unexpanded(g, self_shape),
    grad_fn="ExpandBackward0",
    public=False,
    saved_as=SIZES,
)


def sum_in_steps(g: Any, size: tuple[int, ...]) -> Any:
    """The sum with its dimensions kept, then those in front are dropped."""
    have = g.shape
    if have == size:
        return g
    lead = len(have) - len(size)
    if lead and size:
        return view_.function(sum_to.function(g, (1,) * lead + tuple(size)), tuple(size))
    return sum_to.function(g, size)


sum_to = linear(
    "sum_to(self, size)",
    sum_to_kernel,
    steps=sum_in_steps,
    half_ready=True,
    self=lambda g, self_shape: broadcast(g, self_shape),
    grad_fn="SumBackward1 if size else SumBackward0",
    public=False,
    saved_as=SIZES,
)
total = linear(
    "total(self)",
    lambda g: sum_to_kernel(g, ()),
    half_ready=True,
    self=lambda g, self_shape: broadcast(g, self_shape),
    grad_fn="SumBackward0",
    public=False,
)


def unexpanded(g, shape):
    """The adjoint of expanding; torch sums for a 0-dim tensor even where there is nothing to sum."""
    return sum_to(g, shape) if shape else total(g)


def cast_in_steps(g: Any, dtype: Any) -> Any:
    have = g.dtype.np
    if have.kind == "c" and dtype.kind not in "cb":
        g = real(g)
        have = g.dtype.np
    return g if have == dtype else cast.function(g, dtype)


cast = linear(
    "cast(self, dtype)",
    cast_kernel,
    steps=cast_in_steps,
    self=lambda g, self_dtype: cast(g, self_dtype),
    grad_fn="ToCopyBackward0",
    half_ready=True,
    public=False,
)


def real(g: Any) -> Any:
    from .complex_ import real

    return real(g)


real_part = linear(
    "real_part(self)",
    lambda x: x.real,
    steps=real,
    self=lambda g, self_dtype: cast(g, self_dtype),
    grad_fn="RealBackward0",
    public=False,
)
conjugated = linear("conj(self)", np.conj, public=False, self=lambda g: conj(g))


def conj_if_complex(p: Any) -> Any:
    if type(p) in (int, float, bool):
        return p
    return p.conjugate() if type(p) is complex else conjugated.function(p) if p.dtype.is_complex else p


conj = linear(
    "conj_physical(self)",
    lambda x: x.conj() if x.dtype.kind == "c" else x,
    steps=conj_if_complex,
    self=lambda g: conj(g),
)


# views that make_dual and unpack_dual return
dual_view = view("make_dual(self)", lambda x: x[...], self=lambda g: g, grad_fn="ViewBackward0", public=False)
primal_view = view("fw_primal(self)", lambda x: x[...], self=lambda g: g, grad_fn="FwPrimalBackward0", public=False)


def where_kernel(condition: Any, x: Any, y: Any) -> Any:
    if type(condition) is np.ndarray or type(x) is np.ndarray or type(y) is np.ndarray:
        try:
            return np.where(condition, x, y)
        except ValueError:
            raise cannot_broadcast(*map(np.shape, (condition, x, y))) from None
    chosen, other = (x, y) if condition else (y, x)
    return type(other)(chosen) if type(chosen) in (int, float) else chosen


where = elementwise(
    "where(condition: nondiff, self, other)",
    where_kernel,
    inplace=False,
    half_ready=True,
    self=lambda g, condition: where(condition, g, 0.0),
    other=lambda g, condition: where(condition, 0.0, g),
)


# -- the edge of a node on Tensors; the array versions are in compiler/edge.py


def project_tensor(g: Any, meta: Any) -> Any:
    if g is None or isinstance(meta, list):
        return g if g is None else [project_tensor(h, m) for h, m in zip(g, meta, strict=True)]
    shape, dtype = meta
    if g.dtype.np.kind == "c" and dtype.kind != "c":
        g = real(g)
    return cast_in_steps(sum_in_steps(g, shape), dtype)


def select_tensor(mask: Any, g: Any) -> Any:
    return where(mask if mask.dtype.np.kind == "b" else mask != 0, g, 0.0)
