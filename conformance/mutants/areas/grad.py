"""autograd.grad: what it returns, and the options that it takes."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.around import with_options
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant(
    "grad.retain-graph.default-frees",
    "grad.retain-graph.freed-only-along-executed-path",
    "grad.retain-graph.false-with-create-graph",
    "function.clear-saved*",
)
def grad_keeps_the_graph(torch: Torch) -> Changed:
    """autograd.grad never frees what was saved."""

    def change(options: dict[str, Any]) -> None:
        options["retain_graph"] = True

    return with_options(torch.autograd, "grad", change)


@mutant(
    "grad.create-graph.*",
    "grad.retain-graph.*create-graph",
    "grad.is-grads-batched.create-graph",
    "grad.under-no-grad.create-graph",
    "grad.materialize-grads.requires-grad-follows-create-graph",
    "functional.*create-graph*",
    "function.backward.double-differentiable",
    "function.double-backward.*",
    "function-ctx.save-for-backward.*intermediate*",
    "func.example.*order",
    "func.example.numpysort-double-backward",
    "function.once-differentiable.double*",
    "functional.jvp.double-backward-trick*",
    "gradgradcheck.checks-double-backward",
    "checkpoint.nonreentrant.double-backward",
    "amp.gradient-penalty-double-backward",
    "function.example.mycube-intermediate-as-output",
)
def grad_ignores_create_graph(torch: Torch) -> Changed:
    """autograd.grad with create_graph=True records nothing."""

    def change(options: dict[str, Any]) -> None:
        if options["create_graph"]:
            options["create_graph"], options["retain_graph"] = False, True

    return with_options(torch.autograd, "grad", change)


@mutant(
    "grad.allow-unused.default-error",
    "grad.allow-unused.explicit-false-error",
    "grad.materialize-grads.*allow-unused*",
)
def grad_allows_unused(torch: Torch) -> Changed:
    """autograd.grad returns None for an unused input, allowed or not."""

    def change(options: dict[str, Any]) -> None:
        options["allow_unused"] = True

    return with_options(torch.autograd, "grad", change)


@mutant(
    "grad.materialize-grads.zeros",
    "grad.materialize-grads.implies-allow-unused",
    "grad.materialize-grads.with-allow-unused-true",
    "grad.materialize-grads.dict",
    "grad.materialize-grads.requires-grad-follows-create-graph",
    "grad.is-grads-batched.materialize",
)
def grad_does_not_materialize(torch: Torch) -> Changed:
    """autograd.grad ignores materialize_grads."""

    def change(options: dict[str, Any]) -> None:
        if options["materialize_grads"]:
            options["materialize_grads"], options["allow_unused"] = False, True

    return with_options(torch.autograd, "grad", change)


@mutant(
    "grad.grad-outputs.vjp-value",
    "grad.grad-outputs.bare-tensor",
    "grad.outputs.gradient-edge-nonscalar-seed",
    "grad.return.not-aliasing-grad-outputs",
    "functional.vjp.value",
    "functional.vjp.equals-jacobian-product",
)
def grad_ignores_its_cotangents(torch: Torch) -> Changed:
    """autograd.grad takes ones where it is given cotangents."""

    def change(options: dict[str, Any]) -> None:
        given = options["grad_outputs"]
        if isinstance(given, torch.Tensor) and not options["is_grads_batched"]:
            options["grad_outputs"] = torch.ones_like(given)
        elif isinstance(given, tuple | list) and not options["is_grads_batched"]:
            options["grad_outputs"] = [g if g is None else torch.ones_like(g) for g in given]

    return with_options(torch.autograd, "grad", change)


@mutant(
    "grad.return.tuple-*",
)
def grad_returns_a_list(torch: Torch) -> Changed:
    """autograd.grad returns a list, not a tuple."""

    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        found = real(*arguments, **keywords)
        return list(found) if isinstance(found, tuple) else found

    return wrapped(torch.autograd, "grad", around)


@mutant("grad.return.dict*", "grad.materialize-grads.dict")
def grad_forgets_the_keys(torch: Torch) -> Changed:
    """autograd.grad returns a tuple for a dict of inputs."""

    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        found = real(*arguments, **keywords)
        return tuple(found.values()) if isinstance(found, dict) else found

    return wrapped(torch.autograd, "grad", around)


@mutant(
    "grad.side-effect.no-accumulation",
    "functional.common.no-grad-accumulation",
    "threads.grad-function-does-not-accumulate",
)
def grad_accumulates_too(torch: Torch) -> Changed:
    """autograd.grad adds what it returns into .grad as well."""

    def around(real: Any, outputs: Any, inputs: Any, *arguments: Any, **keywords: Any) -> Any:
        found = real(outputs, inputs, *arguments, **keywords)
        if isinstance(inputs, torch.Tensor) and inputs.is_leaf and found[0] is not None:
            gradient = found[0].detach().clone()
            inputs.grad = gradient if inputs.grad is None else inputs.grad + gradient
        return found

    return wrapped(torch.autograd, "grad", around)
