"""What the functions of torch.autograd.functional do with their arguments and results, and torch's words when they are wrong."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from . import grad


def as_tensors(given: Any, what: str, function: str) -> tuple[bool, tuple[Tensor, ...]]:
    """Whether a tuple was given, and the tuple; a TypeError unless it holds Tensors only."""
    several = isinstance(given, tuple)
    found = given if several else (given,)
    for i, x in enumerate(found):
        if not isinstance(x, Tensor):
            where = f"value at index {i}" if several else f"given {what}"
            raise TypeError(
                f"The {what} given to {function} must be either a Tensor or a tuple of Tensors but the {where} has type "
                f"{type(x)}."
            )
    return several, found


def outputs_of(outputs: Any, function: str, strict: bool) -> tuple[bool, tuple[Tensor, ...]]:
    several, found = as_tensors(outputs, "outputs of the user-provided function", function)
    require_grad(found, OUTPUT, strict)
    return several, found


def scalar_output(outputs: Any, function: str, strict: bool) -> tuple[Tensor, ...]:
    several, found = outputs_of(outputs, function, strict)
    if several:
        raise RuntimeError(f"The function given to {function} should return a single Tensor")
    if found[0].numel() != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {function} should contain a single element")
    return found


def fresh(tensors: tuple[Tensor, ...], create_graph: bool, requires_grad: bool = True) -> tuple[Tensor, ...]:
    """New Tensors for the user's function: a captured reference to an input is then a constant, not the input.

    Where gradients of the result must reach the inputs, views of them; else leaves of their own.
    """
    return tuple(
        x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_(requires_grad) for x in tensors
    )


def finished(results: Any, create_graph: bool) -> Any:
    """Results without history, unless the user asked for it."""
    if create_graph:
        return results
    return results.detach() if isinstance(results, Tensor) else tuple(finished(r, create_graph) for r in results)


def check_v(v: tuple[Tensor, ...], like: tuple[Tensor, ...], several: bool) -> None:
    if len(like) != len(v):
        if several:
            raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(v)}.")
        raise RuntimeError("The given v should contain a single Tensor.")
    for i, (a, b) in enumerate(zip(v, like, strict=True)):
        if a.shape != b.shape:
            entry = f"Entry {i} in " if several else ""
            raise RuntimeError(f"{entry}v has invalid size: should be {b.shape} but got {a.shape}.")


def vector(v: Any, like: tuple[Tensor, ...], several: bool, function: str, create_graph: bool, source: str) -> Any:
    """The vector of a product, checked; it may be left out where `like` is one element."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(f"The vector v can only be None if {source} a single Tensor with a single element.")
        return None
    _, vs = as_tensors(v, "v", function)
    vs = fresh(vs, create_graph, requires_grad=False)
    check_v(vs, like, several)
    return vs


def gradients_or_none(outputs: tuple, inputs: tuple, seeds: Any = None, create_graph: bool = False) -> tuple:
    """autograd.grad over the outputs that have a gradient; None for an input that none of them depends on."""
    seeds = (None,) * len(outputs) if seeds is None else seeds
    pairs = [(y, g) for y, g in zip(outputs, seeds, strict=True) if y is not None and y.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    ys, gs = zip(*pairs, strict=True)
    return grad(ys, inputs, gs, create_graph=create_graph, allow_unused=True)


# ---------------------------------------------------------------- strict mode

OUTPUT = (
    "Output {i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable "
    "manner from the input when running in strict mode."
)
GRADIENT = (
    "The gradient with respect to input {i} is independent of the inputs of the user-provided function. This is not allowed "
    "in strict mode."
)
JACOBIAN = (
    "While computing the hessian, found that the jacobian of the user-provided function with respect to input {i} is "
    "independent of the input. This is not allowed in strict mode. You should ensure that your function is twice "
    "differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example)."
)
HESSIAN = (
    "The hessian of the user-provided function with respect to input {i} is independent of the input. This is not allowed in "
    "strict mode. You should ensure that your function is thrice differentiable and that the hessian depends on the inputs."
)
UNUSED = {
    "back": "The output of the user-provided function is independent of input {i}. This is not allowed in strict mode.",
    "back_trick": "The gradient with respect to the input is independent of entry {i} in the grad_outputs when using the "
    "double backward trick to compute forward mode gradients. This is not allowed in strict mode.",
    "double_back": "The jacobian of the user-provided function is independent of input {i}. This is not allowed in strict "
    "mode.",
    "double_back_trick": "The hessian of the user-provided function is independent of entry {i} in the grad_jacobian. This "
    "is not allowed in strict mode as it prevents from using the double backward trick to replace forward mode AD.",
}
CONSTANT = (
    "The {what} of the user-provided function is independent of input {i}. This is not allowed in strict mode when "
    "create_graph=True."
)


def require_grad(tensors: Any, complaint: str, strict: bool) -> None:
    """In strict mode, raise if one of the tensors has no gradient."""
    if not strict:
        return
    for i, t in enumerate(tensors if isinstance(tensors, tuple) else (tensors,)):
        if t is None:
            raise RuntimeError(UNUSED["back"].format(i=i))
        if not t.requires_grad:
            raise RuntimeError(complaint.format(i=i))


def filled(gradients: tuple, like: tuple[Tensor, ...], strict: bool, create_graph: bool, stage: str) -> tuple:
    """Zeros for None; in strict mode, torch's error of that stage instead."""
    from .. import zeros_like

    found = []
    for i, (g, x) in enumerate(zip(gradients, like, strict=True)):
        if g is None:
            if strict:
                raise RuntimeError(UNUSED[stage].format(i=i))
            g = zeros_like(x)
        elif strict and create_graph and not g.requires_grad:
            raise RuntimeError(CONSTANT.format(what="hessian" if "double" in stage else "jacobian", i=i))
        found.append(g)
    return tuple(found)


def unpacked(results: tuple, several: bool) -> Any:
    return results if several else results[0]
