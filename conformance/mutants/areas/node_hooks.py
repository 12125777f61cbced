"""Hooks and prehooks of nodes: not called, called where they should not be, in another order, unheeded, unchecked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from conformance.mutants.areas.hooks import foremost, hooked
from conformance.mutants.areas.nodes import node_method
from conformance.mutants.around import around_backward
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]
Gradients = tuple[Any, ...]


def node_hooks(torch: Torch, around: Callable[..., Any]) -> Changed:
    """Every hook of a node is ``around(the real one, gradients of its inputs, gradients of its outputs)``."""
    return node_method(torch, "register_hook", lambda real, self, hook: real(hooked(hook, around)))


def alike(made: Any, given: Gradients) -> bool:
    """Whether torch accepts what a hook returned in place of what it was given."""
    if not isinstance(made, tuple) or len(made) != len(given):
        return False
    pairs = zip(made, given, strict=True)
    return all(a is None or b is None or (a.shape == b.shape and a.dtype == b.dtype) for a, b in pairs)


def zeros_for(torch: Torch, given: Gradients) -> Gradients:
    """Zeros in place of gradients, None in place of None."""
    return tuple(one if one is None else torch.zeros_like(one) for one in given)


# -- hooks


@mutant(
    "graph.node.register-hook.each-backward",
    "graph.node.register-hook.on-accumulate-grad",
    "graph.node.register-hook.registered-while-running",
    "hooks.node.*",
    "hooks.order.*node*",
    "backward.inputs.nonleaf-grad-fn-called",
    "tensor.backward.inputs-nonleaf-grad-fn",
)
def hooks_of_nodes_are_forgotten(torch: Torch) -> Changed:
    """A hook of a node is accepted and never called."""
    return node_hooks(torch, lambda hook, inputs, outputs: None)


@mutant(
    "graph.node.register-hook.return-replaces-grad-inputs",
    "graph.node.register-hook.none-entry",
    "graph.node.register-hook.registered-while-running",
)
def hooks_of_nodes_only_look(torch: Torch) -> Changed:
    """What a hook of a node returns is dropped."""

    def around(hook: Any, inputs: Gradients, outputs: Gradients) -> None:
        hook(inputs, outputs)

    return node_hooks(torch, around)


@mutant("graph.node.register-hook.arguments")
def hooks_of_nodes_get_their_arguments_swapped(torch: Torch) -> Changed:
    """A hook of a node is called with the gradients of the outputs first."""
    return node_hooks(torch, lambda hook, inputs, outputs: hook(outputs, inputs))


@mutant("graph.node.register-hook.arguments")
def hooks_of_nodes_get_zeros_for_none(torch: Torch) -> Changed:
    """A hook of a node is called with zeros for an input that requires no gradient."""

    def around(hook: Any, inputs: Gradients, outputs: Gradients) -> Any:
        return hook(tuple(torch.zeros(()) if one is None else one for one in inputs), outputs)

    return node_hooks(torch, around)


@mutant("graph.node.register-hook.on-accumulate-grad")
def hooks_of_leaves_get_the_gradient_twice(torch: Torch) -> Changed:
    """A hook of the node of a leaf is called with its gradient as that of an input, too."""
    return node_hooks(torch, lambda hook, inputs, outputs: hook(inputs or outputs, outputs))


@mutant("graph.node.register-hook.none-keeps")
def a_hook_of_a_node_must_return(torch: Torch) -> Changed:
    """A hook of a node that returns None makes the gradients zeros."""

    def around(hook: Any, inputs: Gradients, outputs: Gradients) -> Any:
        made = hook(inputs, outputs)
        return zeros_for(torch, inputs) if made is None else made

    return node_hooks(torch, around)


@mutant("graph.node.register-hook.none-entry")
def none_from_a_hook_of_a_node_keeps(torch: Torch) -> Changed:
    """Where the tuple that a hook of a node returns has None the gradient stays."""

    def around(hook: Any, inputs: Gradients, outputs: Gradients) -> Any:
        made = hook(inputs, outputs)
        if not isinstance(made, tuple) or len(made) != len(inputs):
            return made
        return tuple(own if one is None else one for one, own in zip(made, inputs, strict=True))

    return node_hooks(torch, around)


@mutant("graph.node.register-hook.each-backward")
def hooks_of_nodes_fire_once(torch: Torch) -> Changed:
    """A hook of a node is called in the first pass only."""

    def register(real: Any, self: Any, hook: Any) -> Any:
        fired: list[bool] = []

        def around(hook: Any, *given: Gradients) -> Any:
            if fired:
                return None
            fired.append(True)
            return hook(*given)

        return real(hooked(hook, around))

    return node_method(torch, "register_hook", register)


@mutant("graph.node.register-hook.wrong-*")
def results_of_hooks_of_nodes_are_not_checked(torch: Torch) -> Changed:
    """What a hook of a node returns is dropped where torch refuses it."""

    def around(hook: Any, inputs: Gradients, outputs: Gradients) -> Any:
        made = hook(inputs, outputs)
        return made if alike(made, inputs) else None

    return node_hooks(torch, around)


@mutant("hooks.order.same-kind-in-registration-order", only="torch")
def the_last_hook_of_a_node_runs_first(torch: Torch) -> Changed:
    """The hook of a node that was registered last runs first."""
    return node_method(torch, "register_hook", lambda real, self, hook: foremost(real(hook)))


@mutant("hooks.node.fire-only-if-node-executed", "hooks.node.grad-does-not-run-node-of-input")
@contextlib.contextmanager
def hooks_of_idle_nodes_are_called(torch: Torch) -> Iterator[None]:
    """After a pass the hooks of nodes that did not run are called with nothing."""
    waiting: list[tuple[Any, list[bool]]] = []

    def register(real: Any, self: Any, hook: Any) -> Any:
        ran: list[bool] = []
        waiting.append((hook, ran))

        def around(hook: Any, *given: Gradients) -> Any:
            ran.append(True)
            return hook(*given)

        return real(hooked(hook, around))

    def afterwards() -> None:
        idle = [hook for hook, ran in waiting if not ran]
        waiting.clear()  # one pass is enough, and the hooks of one case are not those of the next
        for hook in idle:
            hook((), ())

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        proceed(roots)
        afterwards()

    def grad(real: Any, *given: Any, **named: Any) -> Any:
        found = real(*given, **named)
        afterwards()
        return found

    with (
        node_method(torch, "register_hook", register),
        around_backward(torch, around),
        wrapped(torch.autograd, "grad", grad),
    ):
        yield


@mutant(
    "hooks.node.backward-with-inputs-runs-node-of-input",
    "backward.inputs.nonleaf-grad-fn-called",
    "tensor.backward.inputs-nonleaf-grad-fn",
)
@contextlib.contextmanager
def backward_asks_for_inputs_as_grad_does(torch: Torch) -> Iterator[None]:
    """Tensor.backward and the function run no node of an input that is no leaf."""
    real, grad = torch.autograd.backward, torch.autograd.grad

    def fill(roots: Any, gradients: Any, inputs: Any) -> None:
        for one, gradient in zip(inputs, grad(roots, inputs, gradients), strict=True):
            one.retain_grad()
            one.grad = gradient

    def results(inputs: Any) -> bool:
        return isinstance(inputs, list) and all(isinstance(x, torch.Tensor) and not x.is_leaf for x in inputs)

    def function(tensors: Any, grad_tensors: Any = None, *given: Any, **named: Any) -> None:
        if results(named.get("inputs")) and not named.get("retain_graph"):
            fill(tensors, grad_tensors, named["inputs"])
        else:
            real(tensors, grad_tensors, *given, **named)

    def method(real: Any, self: Any, gradient: Any = None, *given: Any, **named: Any) -> None:
        if results(named.get("inputs")) and not named.get("retain_graph"):
            fill(self, gradient, named["inputs"])
        else:
            real(self, gradient, *given, **named)

    with wrapped(torch.Tensor, "backward", method), patched(torch.autograd, "backward", function):
        yield


@mutant("hooks.node.grad-runs-node-if-other-input-depends-on-it", "grad.inputs.intermediate")
def requested_results_cut_the_graph(torch: Torch) -> Changed:
    """autograd.grad by a result and by a leaf behind it goes no further than the result."""

    def around(real: Any, outputs: Any, inputs: Any, *given: Any, **named: Any) -> Any:
        if not isinstance(inputs, list) or len({getattr(one, "is_leaf", None) for one in inputs}) < 2:
            return real(outputs, inputs, *given, **named)
        asked = iter(real(outputs, [one for one in inputs if not one.is_leaf], *given, **named))
        return tuple(torch.zeros_like(one) if one.is_leaf else next(asked) for one in inputs)

    return wrapped(torch.autograd, "grad", around)
