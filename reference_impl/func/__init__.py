"""torch.func: derivatives of functions as functions, which nest: vmap(grad(f)), jacfwd(jacrev(f)) ...

Reverse mode is the ordinary graph: inputs get a place of their own in it, and a result keeps a history only if something
outside the transform requires grad. Forward mode is a level of dual tensors for each jvp (graph/dual.py).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from ..autograd import grad as autograd_grad
from ..autograd.grad_mode import enable_grad, inference_mode, no_grad
from ..autograd.graph import disable_saved_tensors_hooks
from ..batching import own, physical, transform
from ..batching.vmap import vmap
from ..graph.dual import detached
from ..graph.modes import INFERENCE, is_grad_enabled, mode
from ..graph.node import AccumulateGrad, Node
from ..missing import getter
from ..tensor import Tensor, history
from ..trees import flatten, shown, tree_map, unflatten
from .checks import chosen, differentiable, only_tensors, scalar, with_aux
from .tracking import mark

__all__ = [
    "functional_call", "functionalize", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "linearize",
    "replace_all_batch_norm_modules_", "stack_module_state", "vjp", "vmap",
]  # fmt: skip

HOOKS = "torch.func.{grad, vjp, jacrev, hessian} don't yet support saved tensor hooks. Please open an issue with your use case."


def fresh(tree: Any, running: Any) -> Any:
    """The tensors of a tree with a place of their own in the graph, behind which the caller's history goes on."""

    def one(x: Any) -> Any:
        x = of_its_own(own(differentiable(x)))
        return mark(x.view_as(x) if x.requires_grad else wanting(detached(x)), running)

    return tree_map(one, tree)


@contextmanager
def without_inference() -> Any:
    """A context that leaves inference mode, which a transform does not see; gradients stay off."""
    if not mode() & INFERENCE:
        yield
        return
    with inference_mode(False), no_grad():
        yield


@contextmanager
def recording() -> Any:
    """A context in which gradients are on, whatever the mode around the transform."""
    with without_inference(), enable_grad():
        yield


def of_its_own(x: Tensor) -> Tensor:
    """x, or a copy of an inference tensor."""
    return x.clone() if physical(x).is_inference() else x


def zeros_like(t: Tensor) -> Tensor:
    from .. import zeros_like

    return zeros_like(t.detach())


def wanting(t: Tensor) -> Tensor:
    """t, made a leaf that requires grad. (A user's requires_grad_() is refused inside vmap.)"""
    t.requires_grad = True
    return t


def settled(tree: Any, inputs: list[Tensor]) -> Any:
    """Results of a transform: without history if it leads nowhere but to inputs of this or of ended transforms, and where
    the transform itself stands under no_grad, which what it differentiates does not see."""
    mine = {id(physical(x)) for x in inputs if x.is_leaf}
    recorded = is_grad_enabled()
    return tree_map(
        lambda t: t if not isinstance(t, Tensor) or (recorded and leads_out(t, mine)) else detached(t), tree
    )


def leads_out(t: Tensor, mine: set[int]) -> bool:
    edge = history(t)
    todo: list[Node] = [edge] if isinstance(edge, Node) else []
    seen = set(todo)
    while todo:
        node = todo.pop()
        if isinstance(node, AccumulateGrad) and id(node.variable) not in mine and not ended(node.variable):
            return True
        for edge in node.next:
            if edge is not None and edge not in seen:
                seen.add(edge)
                todo.append(edge)
    return t.is_leaf and t.requires_grad and id(physical(t)) not in mine and not ended(physical(t))


def ended(leaf: Tensor) -> bool:
    """Whether it was an input of a transform that is over: nobody asks for the gradient of what comes after."""
    return leaf._transform is not None and leaf._transform.ended is not None


def grad_and_value(
    func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that returns the gradient of func, which returns a scalar, and its value
    (source: torch.func.grad_and_value)."""

    @functools.wraps(func)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        places = chosen(args, argnums)
        with transform() as running, recording(), disable_saved_tensors_hooks(HOOKS):
            full = list(args)
            for k in places:
                full[k] = fresh(args[k], running)
            picked = tuple(full[k] for k in places)
            leaves, spec = flatten(picked[0] if isinstance(argnums, int) else picked)
            output = func(*full, **kwargs)
            aux = None
            if has_aux:
                output, aux = with_aux(output, "grad_and_value(f)(*args)")
            scalar(output)
            found = derivatives(output, leaves)
        result = settled(unflatten(found, spec), leaves)
        value, aux = settled((output, aux), leaves)
        return (result, (value, aux)) if has_aux else (result, value)

    return wrapped


def derivatives(output: Tensor, leaves: list[Tensor], seed: Tensor | None = None) -> list[Tensor]:
    """Gradients with their history; zeros where the output does not depend on a leaf."""
    if not output.requires_grad:
        return [zeros_like(x) for x in leaves]
    found = autograd_grad(output, leaves, seed, create_graph=True, allow_unused=True)
    return [zeros_like(x) if g is None else g for g, x in zip(found, leaves, strict=True)]


def grad(func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns the gradient of func with respect to the arguments argnums (source: torch.func.grad)."""
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return wrapped


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """(func(*primals), a function from cotangents of the output to those of the primals) (source: torch.func.vjp)."""
    with transform() as running, recording(), disable_saved_tensors_hooks(HOOKS):
        inputs = fresh(primals, running)
        leaves, spec = flatten(inputs)
        output = func(*inputs)
        aux = None
        if has_aux:
            output, aux = with_aux(output, "vjp(f, *primals)")
        outs, out_spec = flatten(output)
    only_tensors(outs, "vjp(f, *primals)")
    for o in outs:
        if o.dtype.np.kind not in "fcV":
            raise RuntimeError(
                "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype "
                f"{o.dtype}"
            )

    def pull_back(*cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        seeds, seed_spec = flatten(cotangents[0] if len(cotangents) == 1 else cotangents)
        if seed_spec != out_spec:
            raise RuntimeError(
                f"Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function. "
                f"cotangents: {shown(seed_spec)}, primal output: {shown(out_spec)}"
            )
        pairs = [(o, g) for o, g in zip(outs, seeds, strict=True) if o.requires_grad]
        with recording():
            found: Any = (None,) * len(leaves)
            if pairs:
                ys, gs = zip(*pairs, strict=True)
                found = autograd_grad(ys, leaves, gs, retain_graph=retain_graph, create_graph=True, allow_unused=True)
            filled = [zeros_like(x) if g is None else g for g, x in zip(found, leaves, strict=True)]
        return settled(unflatten(filled, spec), leaves)

    value = settled(unflatten(outs, out_spec), leaves)
    return (value, pull_back, settled(aux, leaves)) if has_aux else (value, pull_back)


def functionalize(func: Callable[..., Any], *, remove: str = "mutations") -> Callable[..., Any]:
    """func without in-place operators, and without views, for tracing; what it computes stays the same, which is all that
    shows here (source: torch.func.functionalize)."""
    if remove not in ("mutations", "mutations_and_views"):
        raise RuntimeError(
            f"functionalize(f, remove='mutations'): received invalid argument for remove={remove}. Valid options are:\n     "
            "remove='mutations': all inplace and out= operators will be removed from the program, and replaced with their "
            "out-of-place equivalents.\n     remove='mutations_and_views': In addition to the above, all aliasing operators "
            "{view} will be replaced with their non-aliasing counterparts, {view}_copy.\n"
        )

    @functools.wraps(func)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with transform():
            return func(*args, **kwargs)

    return wrapped


from .forward import jvp, linearize  # noqa: E402
from .jacobians import hessian, jacfwd, jacrev  # noqa: E402
from .modules import functional_call, replace_all_batch_norm_modules_, stack_module_state  # noqa: E402

__getattr__ = getter("func")
