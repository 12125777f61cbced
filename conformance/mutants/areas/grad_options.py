"""The options of autograd.grad: cotangents and batches of them, graphs of the derivative, inputs that took no part."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

from conformance.mutants.around import Options, listed, shape_of, with_options
from conformance.mutants.mutant import Torch, mutant, wrapped

Changed = contextlib.AbstractContextManager[None]


def _cotangents(torch: Torch, change: Callable[[Any, Any], Any]) -> Changed:
    """Every cotangent that autograd.grad is handed is ``change(output, cotangent)``, but for those of a batch."""

    def each(options: Options) -> None:
        outputs, given = listed(options["outputs"]), options["grad_outputs"]
        if options["is_grads_batched"]:
            return
        handed = [None] * len(outputs) if given is None else listed(given)
        made = [change(*pair) for pair in zip(outputs, handed, strict=False)] + handed[len(outputs) :]
        options["grad_outputs"] = made[0] if isinstance(given, torch.Tensor) else made

    return with_options(torch.autograd, "grad", each)


@mutant("grad.grad-outputs.default-none", "grad.outputs.gradient-edge")
def grad_starts_from_two(torch: Torch) -> Changed:
    """autograd.grad starts from two where it is handed no cotangent."""

    def change(output: Any, given: Any) -> Any:
        return torch.full_like(output, 2) if given is None and shape_of(output) is not None else given

    return _cotangents(torch, change)


@mutant("grad.grad-outputs.none-entry")
def none_in_a_list_of_grad_is_zero(torch: Torch) -> Changed:
    """None in a list of cotangents of autograd.grad stands for zero."""

    def change(options: Options) -> None:
        given = options["grad_outputs"]
        if isinstance(given, list | tuple):
            pairs = zip(listed(options["outputs"]), given, strict=False)
            options["grad_outputs"] = [torch.zeros_like(one) if g is None else g for one, g in pairs]

    return with_options(torch.autograd, "grad", change)


@mutant("grad.grad-outputs.missing-for-nonscalar")
def all_outputs_start_from_ones(torch: Torch) -> Changed:
    """autograd.grad starts from ones where it is handed no cotangent for several elements."""

    def change(output: Any, given: Any) -> Any:
        return torch.ones_like(output) if given is None and shape_of(output) is not None else given

    return _cotangents(torch, change)


@mutant("grad.grad-outputs.complex-scalar-needs-seed")
def complex_outputs_start_from_one(torch: Torch) -> Changed:
    """autograd.grad starts from one where it is handed no cotangent for a complex number."""

    def change(output: Any, given: Any) -> Any:
        return torch.ones_like(output) if given is None and shape_of(output) == () and output.is_complex() else given

    return _cotangents(torch, change)


@mutant("grad.grad-outputs.bare-tensor")
def a_cotangent_of_grad_must_stand_in_a_list(torch: Torch) -> Changed:
    """autograd.grad refuses a cotangent that stands in no list, where it is handed by name."""

    def around(real: Any, *given: Any, **named: Any) -> Any:
        if isinstance(named.get("grad_outputs"), torch.Tensor):
            raise TypeError("grad_outputs must be a sequence")
        return real(*given, **named)

    return wrapped(torch.autograd, "grad", around)


@mutant("grad.grad-outputs.mismatched-shape")
def cotangents_of_another_shape_are_ones(torch: Torch) -> Changed:
    """autograd.grad takes ones for a cotangent of another shape than its output's."""

    def change(output: Any, given: Any) -> Any:
        return torch.ones_like(output) if given is not None and given.shape != shape_of(output) else given

    return _cotangents(torch, change)


@mutant("grad.grad-outputs.too-few")
def missing_cotangents_of_grad_are_none(torch: Torch) -> Changed:
    """autograd.grad takes None for the cotangents that a list lacks."""

    def change(options: Options) -> None:
        given = options["grad_outputs"]
        if isinstance(given, list | tuple):
            options["grad_outputs"] = [*given, *[None] * (len(listed(options["outputs"])) - len(given))]

    return with_options(torch.autograd, "grad", change)


@mutant("grad.grad-outputs.too-many")
def a_cotangent_of_grad_too_many_is_refused(torch: Torch) -> Changed:
    """autograd.grad refuses more cotangents than outputs, as the documentation has it."""

    def change(options: Options) -> None:
        given = options["grad_outputs"]
        if isinstance(given, list | tuple) and len(given) > len(listed(options["outputs"])):
            raise RuntimeError("more gradients than outputs")

    return with_options(torch.autograd, "grad", change)


@mutant("grad.grad-outputs.wrong-type")
def cotangents_of_grad_may_be_numbers(torch: Torch) -> Changed:
    """autograd.grad takes a number for a cotangent."""
    return _cotangents(torch, lambda output, g: torch.full_like(output, g) if isinstance(g, int) else g)


@mutant("grad.grad-outputs.complex-mismatch")
def cotangents_of_grad_are_cast(torch: Torch) -> Changed:
    """autograd.grad takes a real cotangent for a complex output."""

    def change(output: Any, given: Any) -> Any:
        differs = given is not None and shape_of(output) is not None and given.is_complex() != output.is_complex()
        return given.to(output.dtype) if differs else given

    return _cotangents(torch, change)


@mutant("grad.create-graph.default-false", "grad.create-graph.linear-result-not-requiring-grad")
def grad_creates_graphs(torch: Torch) -> Changed:
    """autograd.grad has create_graph=True where nothing else is said."""

    def around(real: Any, *given: Any, **named: Any) -> Any:
        return real(*given, **{"create_graph": True, **named}) if len(given) < 5 else real(*given, **named)

    return wrapped(torch.autograd, "grad", around)


@mutant("grad.create-graph.no-warning")
def grad_warns_of_a_cycle(torch: Torch) -> Changed:
    """autograd.grad with create_graph=True warns, as backward does."""

    def change(options: Options) -> None:
        if options["create_graph"]:
            warnings.warn("create_graph=True creates a reference cycle", UserWarning, stacklevel=3)

    return with_options(torch.autograd, "grad", change)


@mutant("grad.only-inputs.default-silent")
def grad_always_warns_of_only_inputs(torch: Torch) -> Changed:
    """autograd.grad warns that only_inputs is deprecated even where nobody uses it."""

    def change(options: Options) -> None:
        warnings.warn("only_inputs argument is deprecated and is ignored now", FutureWarning, stacklevel=3)

    return with_options(torch.autograd, "grad", change)


# -- batches


@mutant("grad.is-grads-batched.default-false")
def batches_are_recognized(torch: Torch) -> Changed:
    """autograd.grad takes a cotangent of one more dimension for a batch."""

    def change(options: Options) -> None:
        output, given = options["outputs"], options["grad_outputs"]
        if isinstance(given, torch.Tensor) and shape_of(output) == given.shape[1:]:
            options["is_grads_batched"] = True

    return with_options(torch.autograd, "grad", change)


@mutant("grad.is-grads-batched.needs-explicit-grad-outputs")
def batches_have_one_row_by_default(torch: Torch) -> Changed:
    """A batched autograd.grad without cotangents has a batch of one."""

    def change(options: Options) -> None:
        if options["is_grads_batched"] and options["grad_outputs"] is None:
            options["grad_outputs"] = [torch.ones_like(one).unsqueeze(0) for one in listed(options["outputs"])]

    return with_options(torch.autograd, "grad", change)


@mutant("grad.is-grads-batched.mismatched-shape", "grad.is-grads-batched.gradient-edge-mismatched-shape")
def batches_of_another_shape_are_ones(torch: Torch) -> Changed:
    """A batched autograd.grad takes ones for a batch whose rows have another shape than the output."""

    def change(options: Options) -> None:
        output, given = options["outputs"], options["grad_outputs"]
        if options["is_grads_batched"] and isinstance(given, torch.Tensor) and shape_of(output) != given.shape[1:]:
            shape = given.shape[1:] if shape_of(output) is None else output.shape
            options["grad_outputs"] = torch.ones((given.shape[0], *shape), dtype=given.dtype)

    return with_options(torch.autograd, "grad", change)


# -- inputs that took no part


@mutant("grad.materialize-grads.conflict-with-allow-unused-false")
def materialize_grads_prevails(torch: Torch) -> Changed:
    """autograd.grad with materialize_grads=True forgets allow_unused=False."""

    def change(options: Options) -> None:
        if options["materialize_grads"] and options["allow_unused"] is False:
            options["allow_unused"] = True

    return with_options(torch.autograd, "grad", change)


@mutant("grad.materialize-grads.unused-gradient-edge")
def unused_edges_stay_none(torch: Torch) -> Changed:
    """autograd.grad with materialize_grads=True gives None for an edge that took no part."""

    def change(options: Options) -> None:
        if options["materialize_grads"] and any(shape_of(one) is None for one in listed(options["inputs"])):
            options["materialize_grads"], options["allow_unused"] = False, True

    return with_options(torch.autograd, "grad", change)


@mutant("grad.allow-unused.true-gives-none")
def unused_inputs_have_zeros(torch: Torch) -> Changed:
    """autograd.grad with allow_unused=True gives zeros for an input that took no part."""

    def change(options: Options) -> None:
        if options["allow_unused"] and all(shape_of(one) is not None for one in listed(options["inputs"])):
            options["materialize_grads"] = True

    return with_options(torch.autograd, "grad", change)


@mutant("grad.allow-unused.true-gives-none")
def zeros_are_none(torch: Torch) -> Changed:
    """autograd.grad with allow_unused=True gives None for a gradient of zeros."""

    def around(real: Any, *given: Any, **named: Any) -> Any:
        found = real(*given, **named)
        if not named.get("allow_unused") or not isinstance(found, tuple):
            return found
        return tuple(one if one is None or bool((one != 0).any()) else None for one in found)

    return wrapped(torch.autograd, "grad", around)
