"""What autograd.grad and backward are asked for: inputs and outputs, and edges among them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.around import Options, backward_options, leaves, listed, with_options
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]


def _edge(one: Any) -> bool:
    return hasattr(one, "node")


# -- inputs


@mutant("grad.inputs.intermediate", "grad.inputs.output-itself", "grad.inputs.gradient-edge-intermediate")
def grad_wants_leaves(torch: Torch) -> Changed:
    """autograd.grad refuses an input that is no leaf."""

    def change(options: Options) -> None:
        for one in listed(options["inputs"]):
            accumulates = one.node.name().endswith("AccumulateGrad") if _edge(one) else getattr(one, "is_leaf", True)
            if not accumulates:
                raise RuntimeError("inputs must be leaves")

    return with_options(torch.autograd, "grad", change)


@mutant("grad.inputs.gradient-edge*", "grad.materialize-grads.used-gradient-edge")
def edges_are_no_inputs_of_grad(torch: Torch) -> Changed:
    """autograd.grad refuses gradient edges as inputs."""

    def change(options: Options) -> None:
        if any(map(_edge, listed(options["inputs"]))):
            raise TypeError("inputs must be tensors")

    return with_options(torch.autograd, "grad", change)


@mutant("grad.outputs.gradient-edge*", "grad.is-grads-batched.gradient-edge-output")
def edges_are_no_outputs_of_grad(torch: Torch) -> Changed:
    """autograd.grad refuses gradient edges as outputs."""

    def change(options: Options) -> None:
        if any(map(_edge, listed(options["outputs"]))):
            raise TypeError("outputs must be tensors")

    return with_options(torch.autograd, "grad", change)


@mutant("backward.inputs.gradient-edge*")
def edges_are_no_inputs_of_backward(torch: Torch) -> Changed:
    """backward refuses gradient edges in inputs=."""

    def change(options: Options) -> None:
        if any(map(_edge, listed(options["inputs"]))):
            raise TypeError("inputs must be tensors")

    return backward_options(torch, change)


@mutant("backward.inputs.bare-tensor", "backward.inputs.gradient-edge-single", "tensor.backward.inputs")
def inputs_of_backward_stand_in_a_list(torch: Torch) -> Changed:
    """backward refuses inputs= that is no sequence."""

    def change(options: Options) -> None:
        if isinstance(options["inputs"], torch.Tensor) or _edge(options["inputs"]):
            raise TypeError("inputs must be a sequence")

    return backward_options(torch, change)


@mutant("backward.inputs.dict", "tensor.backward.inputs-dict")
def dicts_are_no_inputs_of_backward(torch: Torch) -> Changed:
    """backward refuses a dict in inputs=."""

    def change(options: Options) -> None:
        if type(options["inputs"]) is dict and options["inputs"]:
            raise TypeError("inputs must be a sequence")

    return backward_options(torch, change)


@mutant("backward.inputs.other-mapping")
def all_mappings_are_inputs_of_backward(torch: Torch) -> Changed:
    """backward takes any mapping in inputs=."""

    def change(options: Options) -> None:
        if isinstance(options["inputs"], dict):
            options["inputs"] = dict(options["inputs"])

    return backward_options(torch, change)


@mutant("grad.inputs.other-mapping")
def all_mappings_are_inputs_of_grad(torch: Torch) -> Changed:
    """autograd.grad takes any mapping of inputs."""

    def change(options: Options) -> None:
        if isinstance(options["inputs"], dict):
            options["inputs"] = dict(options["inputs"])

    return with_options(torch.autograd, "grad", change)


@mutant("backward.inputs.empty", "backward.inputs.empty-dict")
def no_inputs_are_all_inputs(torch: Torch) -> Changed:
    """backward takes an empty inputs= for none at all."""

    def change(options: Options) -> None:
        if not isinstance(options["inputs"], torch.Tensor) and not options["inputs"]:
            options["inputs"] = None

    return backward_options(torch, change)


@mutant("grad.inputs.empty", "grad.inputs.empty-dict")
def no_inputs_have_no_gradients(torch: Torch) -> Changed:
    """autograd.grad of no inputs is empty."""

    def around(real: Any, outputs: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        return () if isinstance(inputs, list | dict) and not inputs else real(outputs, inputs, *given, **named)

    return wrapped(torch.autograd, "grad", around)


@mutant("backward.inputs.not-requiring-grad")
def constants_in_inputs_are_passed_over(torch: Torch) -> Changed:
    """backward passes over tensors in inputs= that do not require grad."""

    def change(options: Options) -> None:
        if isinstance(options["inputs"], list):
            options["inputs"] = [one for one in options["inputs"] if _edge(one) or one.requires_grad]

    return backward_options(torch, change)


@mutant("grad.inputs.not-requiring-grad")
def constants_have_no_gradient(torch: Torch) -> Changed:
    """autograd.grad by a tensor that does not require grad is None."""
    return _answering(
        torch, lambda one: isinstance(one, torch.Tensor) and not one.requires_grad, lambda one, options: None
    )


@mutant("grad.inputs.repeated")
def inputs_named_again_have_no_gradient(torch: Torch) -> Changed:
    """autograd.grad gives the gradient of an input that is named twice in the first place alone."""

    def around(real: Any, outputs: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        found = real(outputs, inputs, *given, **named)
        if not isinstance(inputs, list) or not isinstance(found, tuple):
            return found
        first = [not any(one is earlier for earlier in inputs[:at]) for at, one in enumerate(inputs)]
        return tuple(gradient if here else None for gradient, here in zip(found, first, strict=True))

    return wrapped(torch.autograd, "grad", around)


@mutant("grad.inputs.output-itself", "grad.return.not-aliasing-grad-outputs")
def grad_of_a_tensor_by_itself_is_one(torch: Torch) -> Changed:
    """autograd.grad of a tensor by itself is one, whatever cotangent is handed in."""

    def around(real: Any, outputs: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        return (torch.ones_like(outputs),) if outputs is inputs else real(outputs, inputs, *given, **named)

    return wrapped(torch.autograd, "grad", around)


@mutant("grad.return.not-aliasing-grad-outputs")
def grad_returns_copies(torch: Torch) -> Changed:
    """What autograd.grad returns without a graph is copied before."""

    def around(real: Any, *given: Any, **named: Any) -> Any:
        found = real(*given, **named)
        copied = isinstance(found, tuple) and not any(one is None or one.requires_grad for one in found)
        return tuple(one.clone() for one in found) if copied else found

    return wrapped(torch.autograd, "grad", around)


def _answering(torch: Torch, where: Callable[[Any], bool], answer: Callable[[Any, Options], Any]) -> Changed:
    """autograd.grad is not asked for the inputs of a list ``where`` that holds, and gives ``answer(input, options)`` for them."""

    def around(real: Any, outputs: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        if not isinstance(inputs, list) or not any(map(where, inputs)):
            return real(outputs, inputs, *given, **named)
        asked = iter(real(outputs, [one for one in inputs if not where(one)], *given, **named))
        return tuple(answer(one, named) if where(one) else next(asked) for one in inputs)

    return wrapped(torch.autograd, "grad", around)


# -- outputs


@mutant("grad.outputs.sum", "grad.outputs.gradient-edge-sequence")
def the_first_output_alone_counts(torch: Torch) -> Changed:
    """Of a list of outputs autograd.grad goes through the first."""

    def change(options: Options) -> None:
        options["outputs"] = listed(options["outputs"])[:1]
        if isinstance(options["grad_outputs"], list | tuple):
            options["grad_outputs"] = options["grad_outputs"][:1]

    return with_options(torch.autograd, "grad", change)


@mutant("grad.outputs.no-grad-output")
def constant_outputs_are_passed_over(torch: Torch) -> Changed:
    """autograd.grad passes over outputs that do not require grad, as the documentation has it."""

    def change(options: Options) -> None:
        outputs, given = listed(options["outputs"]), options["grad_outputs"]
        kept = [at for at, one in enumerate(outputs) if _edge(one) or one.requires_grad]
        if 0 < len(kept) < len(outputs):
            options["outputs"] = [outputs[at] for at in kept]
            options["grad_outputs"] = None if given is None else [given[at] for at in kept]

    return with_options(torch.autograd, "grad", change)


@mutant("grad.side-effect.prunes-graph", "hooks.node.grad-does-not-run-node-of-input")
def grad_runs_every_branch(torch: Torch) -> Changed:
    """autograd.grad goes through the whole graph, whatever inputs it is asked for."""

    def around(real: Any, outputs: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        if isinstance(inputs, dict) or not all(isinstance(one, torch.Tensor) for one in listed(outputs)):
            return real(outputs, inputs, *given, **named)
        asked = list(inputs) if isinstance(inputs, list | tuple) and not _edge(inputs) else [inputs]
        others = [leaf for root in listed(outputs) for leaf in leaves(root) if not any(leaf is one for one in asked)]
        return real(outputs, [*asked, *others], *given, **named)[: len(asked)]

    return wrapped(torch.autograd, "grad", around)
