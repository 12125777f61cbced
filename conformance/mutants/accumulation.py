"""backward and grad: what they put into .grad, what they return, and the options that they take."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.around import after_backward, around_backward, backward_options, leaves, with_options
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant(
    "backward.*",
    "tensor.backward.*",
    "tensor.is-leaf.only-leaves-populated",
    "tensor.grad.becomes-tensor",
    "graph.backward.*",
    "modules.zero-grad-then-backward-then-step",
    "tensor.register-hook.called-with-grad",
    "hooks.*",
    "amp.*",
    "checkpoint.value-and-gradient",
    "checkpoint.same-gradient-as-plain",
    "layout.*",
    "grad-layout.*",
    "threads.*",
    "function.*",
    "freeze.*",
)
def backward_does_nothing(torch: Torch) -> Changed:
    """No gradient ever arrives."""
    return around_backward(torch, lambda proceed, roots: None)


@mutant(
    "backward.accumulate.*",
    "tensor.backward.accumulates",
    "tensor.grad.accumulates",
    "backward.inputs.accumulates-existing",
    "backward.inputs.nonleaf-accumulates",
    "grad-layout.existing.*",
    "amp.accumulate-before-step",
    "threads.shared-leaf-backward-accumulates-all",
    "threads.shared-graph-*",
    "layout.grad.*",
    "tensor.register-hook.receives-new-gradient-not-accumulated",
    "tensor.post-accumulate-hook.sees-updated-grad",
    "backward.tensors.*",
    "tensor.grad.assign-tensor",
)
def replaces_gradients(torch: Torch) -> Changed:
    """.grad is replaced, not added to."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        for leaf in (leaf for root in roots for leaf in leaves(root)):
            leaf.grad = None
        proceed(roots)

    return around_backward(torch, around)


def _keep(options: dict[str, Any]) -> None:
    options["retain_graph"] = True


FREED_CLAIMS = (
    "backward.retain-graph.*",
    "tensor.backward.retain-graph-*",
    "graph.node.saved-attributes.freed",
    "saved.access-after-free.*",
    "function-ctx.save-for-backward.freed-after-backward",
    "function.save-for-backward.*",
    "function.clear-saved*",
    "savedhooks.packed-object-*",
    "savedhooks.register.after-release.*",
    "threads.shared-graph-second-backward.*",
    "graph.dynamic.*",
    "graph.saved-tensors-hooks.*",
    "checkpoint.*",
    "function-ctx.*",
)
"""What is claimed of it, of torch as of the reference's own engine."""


@mutant(*FREED_CLAIMS)
def backward_keeps_the_graph(torch: Torch) -> Changed:
    """backward never frees what was saved."""
    return backward_options(torch, _keep)


@mutant("grad.retain-graph.*", "checkpoint.*", "grad.create-graph.*", "function.clear-saved*")
def grad_keeps_the_graph(torch: Torch) -> Changed:
    """autograd.grad never frees what was saved."""
    return with_options(torch.autograd, "grad", _keep)


@mutant(
    "backward.retain-graph.true-allows-second-pass",
    "tensor.backward.retain-graph-true",
    "graph.saved-tensors-hooks.retain-graph-unpacks-again",
    "savedhooks.packed-object-survives-retain-graph",
    "threads.shared-graph-retain-graph-works",
    "amp.multiple-losses-retain-graph",
    "checkpoint.retain-graph-recomputes-each-time",
    "backward.create-graph.*",
    "*retain-graph*",
    "graph.node.register-hook.each-backward",
    "backward.inputs.*",
    "tensor.retain-grad.accumulates",
)
def backward_frees_what_it_should_keep(torch: Torch) -> Changed:
    """backward frees what was saved though retain_graph=True."""

    def change(options: dict[str, Any]) -> None:
        options["retain_graph"] = None

    return backward_options(torch, change)


@mutant(
    "backward.inputs.*",
    "tensor.backward.inputs*",
    "hooks.node.backward-with-inputs-runs-node-of-input",
    "hooks.tensor.not-fired-when-gradient-not-needed",
    "function.needs-input-grad.not-narrowed-by-inputs",
)
def backward_ignores_inputs(torch: Torch) -> Changed:
    """backward accumulates into every leaf, whatever inputs= says."""

    def change(options: dict[str, Any]) -> None:
        if options["inputs"]:
            options["inputs"] = None

    return backward_options(torch, change)


@mutant(
    "backward.create-graph.*",
    "tensor.backward.create-graph",
    "backward.retain-graph.*create-graph",
    "grad-layout.existing.replaced*",
    "grad-layout.*create-graph",
    "function.apply.backward-grad-mode-follows-create-graph",
    "function.once-differentiable.*",
    "tensor.post-accumulate-hook.grad-mode-with-create-graph",
)
def backward_ignores_create_graph(torch: Torch) -> Changed:
    """backward with create_graph=True records nothing."""

    def change(options: dict[str, Any]) -> None:
        if options["create_graph"]:
            options["create_graph"], options["retain_graph"] = False, True

    return backward_options(torch, change)


@mutant(
    "grad.create-graph.*",
    "grad.retain-graph.*create-graph",
    "grad.is-grads-batched.create-graph",
    "grad.under-no-grad.create-graph",
    "grad.materialize-grads.requires-grad-follows-create-graph",
    "functional.*create-graph*",
    "function.backward.double-differentiable",
    "function.double-backward.*",
    "function-ctx.save-for-backward.*",
    "func.example.*",
    "function.once-differentiable.*",
    "gradgradcheck.*",
    "checkpoint.nonreentrant.double-backward",
    "amp.gradient-penalty-double-backward",
    "functional.hessian.*",
    "functional.hvp.*",
    "functional.vhp.*",
    "functional.jvp.*",
    "hooks.*",
    "function.example.*",
    "complex.*",
    "forward-ad.*",
)
def grad_ignores_create_graph(torch: Torch) -> Changed:
    """autograd.grad with create_graph=True records nothing."""

    def change(options: dict[str, Any]) -> None:
        if options["create_graph"]:
            options["create_graph"], options["retain_graph"] = False, True

    return with_options(torch.autograd, "grad", change)


@mutant(
    "grad.allow-unused.*", "grad.materialize-grads.*allow-unused*", "grad.is-grads-batched.unused-none", "grad.inputs.*"
)
def grad_allows_unused(torch: Torch) -> Changed:
    """autograd.grad returns None for an unused input, allowed or not."""

    def change(options: dict[str, Any]) -> None:
        options["allow_unused"] = True

    return with_options(torch.autograd, "grad", change)


@mutant("grad.materialize-grads.*", "grad.is-grads-batched.materialize")
def grad_does_not_materialize(torch: Torch) -> Changed:
    """autograd.grad ignores materialize_grads."""

    def change(options: dict[str, Any]) -> None:
        if options["materialize_grads"]:
            options["materialize_grads"], options["allow_unused"] = False, True

    return with_options(torch.autograd, "grad", change)


@mutant(
    "grad.grad-outputs.*",
    "grad.is-grads-batched.*",
    "grad.outputs.gradient-edge-nonscalar-seed",
    "functional.vjp.*",
    "functional.vhp.*",
    "functional.jacobian.*",
    "functional.jvp.*",
    "function.apply.*",
    "grad.return.not-aliasing-grad-outputs",
    "complex.*",
    "gradcheck.*",
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
    "backward.grad-tensors.*",
    "tensor.backward.gradient-*",
    "backward.tensors.*",
    "graph.backward.*",
    "backward.create-graph.second-order-wrt-seed",
    "layout.grad.aliases-gradient-argument-through-view",
    "nan.incoming.*",
    "complex.formula.*",
    "backward.chain-rule.*",
)
def backward_ignores_its_cotangent(torch: Torch) -> Changed:
    """backward takes ones where it is given one cotangent."""

    def change(options: dict[str, Any]) -> None:
        for name in ("gradient", "grad_tensors"):
            if isinstance(options.get(name), torch.Tensor):
                options[name] = torch.ones_like(options[name])

    return backward_options(torch, change)


@mutant("grad.return.*")
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
    "grad.side-effect.*",
)
def grad_accumulates_too(torch: Torch) -> Changed:
    """autograd.grad adds what it returns into .grad as well."""

    def around(real: Any, outputs: Any, inputs: Any, *arguments: Any, **keywords: Any) -> Any:
        found = real(outputs, inputs, *arguments, **keywords)
        if isinstance(inputs, torch.Tensor) and inputs.is_leaf and found[0] is not None and inputs.grad is None:
            inputs.grad = found[0].detach().clone()
        return found

    return wrapped(torch.autograd, "grad", around)


@mutant(
    "grad-layout.existing.inplace-*",
    "tensor.grad.accumulates",
    "backward.accumulate.*",
    "layout.grad.*",
    "grad-layout.manual.*",
    "tensor.grad.assign-tensor",
)
def grad_is_another_tensor_each_time(torch: Torch) -> Changed:
    """A backward adds into a new tensor and not into the .grad that is there."""

    def then(leaf: Any) -> None:
        if leaf.grad is not None:
            leaf.grad = leaf.grad.clone()

    return after_backward(torch, then)


@mutant("grad-layout.*", "layout.grad.*")
def grad_is_contiguous(torch: Torch) -> Changed:
    """.grad is contiguous, whatever the layout of its leaf."""

    def then(leaf: Any) -> None:
        if leaf.grad is not None and not leaf.grad.is_contiguous():
            with torch.no_grad():
                leaf.grad = leaf.grad.contiguous()

    return after_backward(torch, then)


@mutant("backward.inputs.unreachable", "backward.inputs.*", "backward.accumulate.unrelated-leaf-untouched")
def unused_leaves_get_zeros(torch: Torch) -> Changed:
    """A backward in which an input of inputs= has no part leaves zeros in its .grad."""

    def change(options: dict[str, Any]) -> None:
        wanted = options.get("inputs")
        for one in wanted if isinstance(wanted, tuple | list) else (wanted,):
            if isinstance(one, torch.Tensor) and one.is_leaf and one.grad is None:
                one.grad = torch.zeros_like(one)

    return backward_options(torch, change)
