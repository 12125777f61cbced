"""What a backward pass computes and leaves behind; by the operator at its root, for all at once would break too much."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from conformance.mutants.areas.hooks import tensor_hooks
from conformance.mutants.around import Options, around_backward, cotangents, function_options, shape_of
from conformance.mutants.mutant import Mutant, Torch, mutant, register, wrapped

Changed = contextlib.AbstractContextManager[None]


VALUES = (
    "backward.chain-rule.value",
    "graph.backward.chain-rule-from-root-to-leaf",
    "tensor.grad.becomes-tensor",
    "tensor.backward.scalar",
    "tensor.backward.equals-function",
    "backward.tensors.gradient-edge-single",
)
GRADIENTS = (
    "backward.grad-tensors.vjp-value",
    "backward.grad-tensors.bare-tensor",
    "tensor.backward.gradient-value",
    "backward.tensors.gradient-edge-with-grad-tensors",
    "backward.create-graph.second-order-wrt-seed",
    "layout.grad.aliases-gradient-argument-through-view",
)
OPERATORS = ("Sum", "Mul", "Pow", "Stack", "Clone")
"""A change of every backward would break too much: each is split by the operator that made the root."""


def _is_of(root: Any, operator: str | None) -> bool:
    node = root.node if hasattr(root, "node") else root.grad_fn
    of = "" if node is None else node.name()
    return of.startswith(operator) if operator else not of.startswith(OPERATORS)


def nothing_arrives(torch: Torch, operator: str | None) -> Changed:
    """A pass does nothing."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        if not all(_is_of(root, operator) for root in roots):
            proceed(roots)

    return around_backward(torch, around)


def twice_as_much_arrives(torch: Torch, operator: str | None) -> Changed:
    """Every gradient is twice what it should be."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        proceed([root * 2 if shape_of(root) is not None and _is_of(root, operator) else root for root in roots])

    return around_backward(torch, around)


def ones_are_taken(torch: Torch, operator: str | None) -> Changed:
    """A pass takes ones for the gradient that it is handed."""
    return cotangents(
        torch,
        lambda root, g: torch.ones_like(g) if isinstance(g, torch.Tensor) and _is_of(root, operator) else g,
    )


for _change, _claims in ((nothing_arrives, VALUES), (twice_as_much_arrives, VALUES), (ones_are_taken, GRADIENTS)):
    for _operator in (*OPERATORS, None):
        _made = partial(_change, operator=_operator)
        _about = f"Where the root was made by {_operator or 'another operator'}: {_change.__doc__}"
        register(Mutant(f"{_change.__name__}:{_operator or 'others'}", _about, _claims, None, _made))


# -- around a pass


@mutant("backward.under-no-grad")
def backward_needs_grad_mode(torch: Torch) -> Changed:
    """A backward is refused while grad mode is off."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        if not torch.is_grad_enabled():
            raise RuntimeError("nothing can be differentiated while grad mode is off")
        proceed(roots)

    return around_backward(torch, around)


@mutant(
    "grad-mode.set-multithreading-enabled.backward-on-calling-thread-cpu",
    "threads.cpu-backward-runs-in-calling-thread",
)
def hooks_run_in_another_thread(torch: Torch) -> Changed:
    """A backward of the CPU calls tensor hooks in a thread of its own."""

    def around(hook: Any, grad: Any) -> Any:
        with ThreadPoolExecutor(max_workers=1) as worker:
            return worker.submit(hook, grad).result()

    return tensor_hooks(torch, around)


@mutant("backward.retain-graph.freed-graph-without-saved-values")
def every_root_is_gone_through_once(torch: Torch) -> Changed:
    """A second backward from a root is refused even where nothing was saved, as the documentation has it."""
    gone: list[Any] = []

    def change(options: Options) -> None:
        root = options["tensors"]
        if options["grad_tensors"] is not None or shape_of(root) is None or root.is_leaf or options["retain_graph"]:
            return
        if any(root.grad_fn is node for node in gone):
            raise RuntimeError("Trying to backward through the graph a second time")
        gone.append(root.grad_fn)

    return function_options(torch, change)


@mutant("backward.create-graph.default-false", "backward.retain-graph.default-frees")
def the_function_creates_graphs(torch: Torch) -> Changed:
    """torch.autograd.backward has create_graph=True where nothing else is said."""

    def change(options: Options) -> None:
        if not options["create_graph"] and options["inputs"] is None:
            options["create_graph"] = True

    return function_options(torch, change)


@mutant(
    "tensor.backward.retain-graph-default",
    "graph.dynamic.fresh-graph-each-iteration",
    "graph.node.saved-attributes.freed",
)
def the_method_keeps_the_graph(torch: Torch) -> Changed:
    """Tensor.backward never frees what was saved."""

    def around(real: Any, self: Any, gradient: Any = None, retain_graph: Any = None, *given: Any, **named: Any) -> None:
        real(self, gradient, True, *given, **named)

    return wrapped(torch.Tensor, "backward", around)
