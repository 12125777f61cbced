"""torch.ops: operators as objects, one for each overload; torch's own in `aten`, users' in namespaces of theirs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from .graph.node import Node
from .ops import registry
from .ops.form import Row
from .tensor import Tensor


class OpOverload:
    """One overload of an operator: `torch.ops.aten.mul.Tensor`."""

    __module__ = "torch._ops"

    def __init__(self, packet: OpOverloadPacket, overload: str) -> None:
        self.overloadpacket, self._overloadname, self.__name__ = packet, overload, f"{packet.__name__}.{overload}"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.overloadpacket(*args, **kwargs)

    def name(self) -> str:
        suffix = "" if self._overloadname == "default" else "." + self._overloadname
        return f"{self.overloadpacket.namespace}::{self.overloadpacket.__name__}{suffix}"

    def __str__(self) -> str:
        return f"{self.overloadpacket.namespace}.{self.__name__}"

    def __repr__(self) -> str:
        return f"<OpOverload(op='{self.overloadpacket}', overload='{self._overloadname}')>"


class OpOverloadPacket:
    """All overloads of one operator: `torch.ops.aten.mul`."""

    __module__ = "torch._ops"

    def __init__(self, name: str, namespace: str = "aten", operator: Callable[..., Any] | None = None) -> None:
        """operator: that of a user, who has the one overload `default`."""
        self.__name__, self.namespace, self.operator = name, namespace, operator

    @cache  # noqa: B019  (packets live as long as the module)
    def __getattr__(self, overload: str) -> OpOverload:
        if overload.startswith("_"):
            raise AttributeError(overload)
        if self.operator is not None and overload != "default":
            raise AttributeError(f"The underlying op of '{self}' has no overload name '{overload}'")
        return OpOverload(self, overload)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.operator is not None:
            return self.operator(*args, **kwargs)
        function = registry.function(self.__name__.lstrip("_"))
        if function is None:
            raise AttributeError(f"'_OpNamespace' 'aten' object has no attribute '{self.__name__}'")
        return function(*args, **kwargs)

    def __str__(self) -> str:
        return f"{self.namespace}.{self.__name__}"

    def __repr__(self) -> str:
        return f"<OpOverloadPacket(op='{self}')>"


class Aten:
    """torch.ops.aten."""

    @cache  # noqa: B019
    def __getattr__(self, name: str) -> OpOverloadPacket:
        if name.startswith("__"):
            raise AttributeError(name)
        return OpOverloadPacket(name)


class Namespace:
    """torch.ops.<name>: the operators that a user has registered there."""

    def __init__(self, name: str, operators: dict[str, Any]) -> None:
        self._name, self._operators = name, operators

    def __getattr__(self, name: str) -> OpOverloadPacket:
        if name not in self._operators:
            raise AttributeError(f"'_OpNamespace' '{self._name}' object has no attribute '{name}'")
        return self._operators[name].packet


aten = Aten()


PRIVATE = """softmax log_softmax safe_softmax unsafe_view to_copy fft_r2c fft_c2r fft_c2c
    linalg_svd linalg_det linalg_slogdet linalg_eigh linalg_solve_ex"""
BELOW = {name: f"_{name}" for name in PRIVATE.split()}  # what torch differentiates is not what users call
BELOW |= {"nll_loss": "nll_loss_forward", "cast": "_to_copy"}
DIM = {
    "sum": "dim_IntList",
    "mean": "dim",
    "max": "dim",
    "min": "dim",
    "prod": "dim_int",
    "median": "dim",
    "squeeze": "dim",
}
FIXED = {
    "select": "int", "transpose": "int", "unbind": "int", "slice": "Tensor", "index": "Tensor", "split": "Tensor",
    "frexp": "Tensor", "where": "self", "maximum": "default", "minimum": "default", "atan2": "default",
    "floor_divide": "default", "clamp_min": "default", "clamp_max": "default",
    "var": "correction", "std": "correction", "var_mean": "correction", "std_mean": "correction",
}  # fmt: skip
VALUE = {"masked_fill": "value", "lerp": "weight"}  # which of their arguments may be a number
ARITHMETIC = {"add", "sub", "mul", "div"}  # a number among their operands is a tensor to torch


def operator_of(node_name: str) -> str | None:
    """The operator that leaves nodes of this name: log_softmax for LogSoftmaxBackward0."""
    stem = node_name.partition("Backward")[0]
    return re.sub(r"(?<!^)(?=[A-Z])(?!(?<=\d)[CD])", "_", stem).lower() if stem.isalnum() else None


def overload_of(row: Row, args: tuple, result: Any) -> OpOverload:
    """Which of torch's operators a row was with these arguments: its node tells, where there is one (matmul is mm or bmm)."""
    first = result[0] if isinstance(result, tuple | list) else result
    name = row.name.strip("_")
    if isinstance(first, Tensor) and isinstance(first._edge, Node):
        name = operator_of(first._edge.source()[0].name()) or name
    named = {arg.name: a for a, arg in zip(args, row.args, strict=True)}
    given = [isinstance(a, Tensor) for a, arg in zip(args, row.args, strict=True) if arg in row.inputs]
    overload = FIXED.get(name, "default")
    if name == "pow":
        overload = {(True, True): "Tensor_Tensor", (False, True): "Scalar"}.get(tuple(given), "Tensor_Scalar")
    elif name in DIM:
        overload = DIM[name] if named.get("dim") not in (None, ...) else "default"
    elif name in VALUE:
        overload = "Tensor" if isinstance(named.get(VALUE[name]), Tensor) else "Scalar"
    elif row.broadcasts and len(given) == 2 and name not in FIXED:
        overload = "Tensor" if all(given) or name in ARITHMETIC else "Scalar"
    return getattr(getattr(aten, BELOW.get(name, name)), overload)
