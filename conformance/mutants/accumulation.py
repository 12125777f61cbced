"""backward and grad: what they put into .grad, what they return, and the options that they take."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.around import after_backward, around_backward, backward_options, leaves, with_options
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant("backward_and_grad", "hooks")
def backward_does_nothing(torch: Torch) -> Changed:
    """No gradient ever arrives."""
    return around_backward(torch, lambda proceed, roots: None)


@mutant("backward_and_grad", "leaves_and_grad", "hooks", "notebooks")
def replaces_gradients(torch: Torch) -> Changed:
    """.grad is replaced, not added to."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        for leaf in (leaf for root in roots for leaf in leaves(root)):
            leaf.grad = None
        proceed(roots)

    return around_backward(torch, around)


def _keep(options: dict[str, Any]) -> None:
    options["retain_graph"] = True


@mutant("backward_and_grad", "graph", "saved_tensors", "functions", "notebooks")
def backward_keeps_the_graph(torch: Torch) -> Changed:
    """backward never frees what was saved."""
    return backward_options(torch, _keep)


@mutant("backward_and_grad", "graph", "functional")
def grad_keeps_the_graph(torch: Torch) -> Changed:
    """autograd.grad never frees what was saved."""
    return with_options(torch.autograd, "grad", _keep)


@mutant("backward_and_grad", "graph", "hooks", "saved_tensors")
def backward_frees_what_it_should_keep(torch: Torch) -> Changed:
    """backward frees what was saved though retain_graph=True."""

    def change(options: dict[str, Any]) -> None:
        options["retain_graph"] = None

    return backward_options(torch, change)


@mutant("backward_and_grad", "leaves_and_grad", "hooks")
def backward_ignores_inputs(torch: Torch) -> Changed:
    """backward accumulates into every leaf, whatever inputs= says."""

    def change(options: dict[str, Any]) -> None:
        if options["inputs"]:
            options["inputs"] = None

    return backward_options(torch, change)


@mutant("backward_and_grad", "functions", "gradient_layout")
def backward_ignores_create_graph(torch: Torch) -> Changed:
    """backward with create_graph=True records nothing."""

    def change(options: dict[str, Any]) -> None:
        if options["create_graph"]:
            options["create_graph"], options["retain_graph"] = False, True

    return backward_options(torch, change)


@mutant("backward_and_grad", "functions", "functional", "notebooks")
def grad_ignores_create_graph(torch: Torch) -> Changed:
    """autograd.grad with create_graph=True records nothing."""

    def change(options: dict[str, Any]) -> None:
        if options["create_graph"]:
            options["create_graph"], options["retain_graph"] = False, True

    return with_options(torch.autograd, "grad", change)


@mutant("backward_and_grad", "functional", "grad_modes")
def grad_allows_unused(torch: Torch) -> Changed:
    """autograd.grad returns None for an unused input, allowed or not."""

    def change(options: dict[str, Any]) -> None:
        options["allow_unused"] = True

    return with_options(torch.autograd, "grad", change)


@mutant("backward_and_grad")
def grad_does_not_materialize(torch: Torch) -> Changed:
    """autograd.grad ignores materialize_grads."""

    def change(options: dict[str, Any]) -> None:
        if options["materialize_grads"]:
            options["materialize_grads"], options["allow_unused"] = False, True

    return with_options(torch.autograd, "grad", change)


@mutant("backward_and_grad", "workloads", "functional")
def grad_ignores_its_cotangents(torch: Torch) -> Changed:
    """autograd.grad takes ones where it is given cotangents."""

    def change(options: dict[str, Any]) -> None:
        given = options["grad_outputs"]
        if isinstance(given, torch.Tensor) and not options["is_grads_batched"]:
            options["grad_outputs"] = torch.ones_like(given)
        elif isinstance(given, tuple | list) and not options["is_grads_batched"]:
            options["grad_outputs"] = [g if g is None else torch.ones_like(g) for g in given]

    return with_options(torch.autograd, "grad", change)


@mutant("backward_and_grad", "functions", "notebooks")
def backward_ignores_its_cotangent(torch: Torch) -> Changed:
    """backward takes ones where it is given one cotangent."""

    def change(options: dict[str, Any]) -> None:
        for name in ("gradient", "grad_tensors"):
            if isinstance(options.get(name), torch.Tensor):
                options[name] = torch.ones_like(options[name])

    return backward_options(torch, change)


@mutant("backward_and_grad")
def grad_returns_a_list(torch: Torch) -> Changed:
    """autograd.grad returns a list, not a tuple."""

    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        found = real(*arguments, **keywords)
        return list(found) if isinstance(found, tuple) else found

    return wrapped(torch.autograd, "grad", around)


@mutant("backward_and_grad")
def grad_forgets_the_keys(torch: Torch) -> Changed:
    """autograd.grad returns a tuple for a dict of inputs."""

    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        found = real(*arguments, **keywords)
        return tuple(found.values()) if isinstance(found, dict) else found

    return wrapped(torch.autograd, "grad", around)


@mutant("backward_and_grad", "leaves_and_grad", "hooks")
def grad_accumulates_too(torch: Torch) -> Changed:
    """autograd.grad adds what it returns into .grad as well."""

    def around(real: Any, outputs: Any, inputs: Any, *arguments: Any, **keywords: Any) -> Any:
        found = real(outputs, inputs, *arguments, **keywords)
        if isinstance(inputs, torch.Tensor) and inputs.is_leaf and found[0] is not None and inputs.grad is None:
            inputs.grad = found[0].detach().clone()
        return found

    return wrapped(torch.autograd, "grad", around)


@mutant("leaves_and_grad", "backward_and_grad", "gradient_layout", "hooks")
def grad_is_another_tensor_each_time(torch: Torch) -> Changed:
    """A backward adds into a new tensor and not into the .grad that is there."""

    def then(leaf: Any) -> None:
        if leaf.grad is not None:
            leaf.grad = leaf.grad.clone()

    return after_backward(torch, then)


@mutant("gradient_layout", "leaves_and_grad", "backward_and_grad")
def grad_is_contiguous(torch: Torch) -> Changed:
    """.grad is contiguous, whatever the layout of its leaf."""

    def then(leaf: Any) -> None:
        if leaf.grad is not None and not leaf.grad.is_contiguous():
            with torch.no_grad():
                leaf.grad = leaf.grad.contiguous()

    return after_backward(torch, then)


@mutant("backward_and_grad", "leaves_and_grad")
def unused_leaves_get_zeros(torch: Torch) -> Changed:
    """A backward in which an input of inputs= has no part leaves zeros in its .grad."""

    def change(options: dict[str, Any]) -> None:
        wanted = options.get("inputs")
        for one in wanted if isinstance(wanted, tuple | list) else (wanted,):
            if isinstance(one, torch.Tensor) and one.is_leaf and one.grad is None:
                one.grad = torch.zeros_like(one)

    return backward_options(torch, change)
