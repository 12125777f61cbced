"""torch.autograd.functional: derivatives of functions. Products with a vector here, whole matrices in jacobians.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.modes import is_grad_enabled
from .arguments import (
    GRADIENT,
    HESSIAN,
    JACOBIAN,
    as_tensors,
    filled,
    finished,
    fresh,
    gradients_or_none,
    outputs_of,
    require_grad,
    scalar_output,
    unpacked,
    vector,
)  # fmt: skip
from .grad_mode import enable_grad, set_grad_enabled
from .jacobians import hessian, jacobian

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Function = Callable[..., Any]
OF_INPUT = "the input to the user-provided function is"


def vjp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), v times the Jacobian), the product shaped as inputs; v is shaped as the outputs
    (source: torch.autograd.functional.vjp)."""
    with enable_grad():
        several, xs = as_tensors(inputs, "inputs", "vjp")
        xs = fresh(xs, create_graph)
        several_out, ys = outputs_of(func(*xs), "vjp", strict)
        vs = vector(v, ys, several_out, "vjp", create_graph, "the user-provided function returns")
    with set_grad_enabled(create_graph or is_grad_enabled()):
        product = filled(gradients_or_none(ys, xs, vs, create_graph), xs, strict, create_graph, "back")
    return unpacked(finished(ys, create_graph), several_out), unpacked(finished(product, create_graph), several)


def jvp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), the Jacobian times v), both shaped as the outputs; v is shaped as the inputs.

    As in torch, by differentiating the vjp, which is linear in its cotangent (source: torch.autograd.functional.jvp).
    """
    from .. import zeros_like

    with enable_grad():
        several, xs = as_tensors(inputs, "inputs", "jvp")
        xs = fresh(xs, create_graph)
        vs = vector(v, xs, several, "jvp", create_graph, OF_INPUT)
        several_out, ys = outputs_of(func(*xs), "jvp", strict)
        cotangents = tuple(zeros_like(y, requires_grad=True) for y in ys)
        gradients = gradients_or_none(ys, xs, cotangents, create_graph=True)
        require_grad(gradients, GRADIENT, strict)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = gradients_or_none(gradients, cotangents, vs, create_graph)
        product = filled(found, ys, strict, create_graph, "back_trick")
    return unpacked(finished(ys, create_graph), several_out), unpacked(finished(product, create_graph), several_out)


def vhp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), v times the Hessian) of a function with one output element (source: torch.autograd.functional.vhp)."""
    with enable_grad():
        several, xs = as_tensors(inputs, "inputs", "vhp")
        xs = fresh(xs, create_graph)
        vs = vector(v, xs, several, "vhp", create_graph, OF_INPUT)
        ys = scalar_output(func(*xs), "vhp", strict)
        gradients = gradients_or_none(ys, xs, create_graph=True)
        require_grad(gradients, JACOBIAN, strict)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        product = filled(gradients_or_none(gradients, xs, vs, create_graph), xs, strict, create_graph, "double_back")
    return finished(ys[0], create_graph), unpacked(finished(product, create_graph), several)


def hvp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(inputs), the Hessian times v), by differentiating vhp (source: torch.autograd.functional.hvp)."""
    from .. import zeros_like

    with enable_grad():
        several, xs = as_tensors(inputs, "inputs", "hvp")
        xs = fresh(xs, create_graph)
        vs = vector(v, xs, several, "hvp", create_graph, OF_INPUT)
        ys = scalar_output(func(*xs), "hvp", strict)
        gradients = gradients_or_none(ys, xs, create_graph=True)
        require_grad(gradients, JACOBIAN, strict)
        cotangents = tuple(zeros_like(x, requires_grad=True) for x in xs)
        twice = gradients_or_none(gradients, xs, cotangents, create_graph=True)
        require_grad(gradients, HESSIAN, strict)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = gradients_or_none(twice, cotangents, vs, create_graph)
        product = filled(found, xs, strict, create_graph, "double_back_trick")
    return finished(ys[0], create_graph), unpacked(finished(product, create_graph), several)
