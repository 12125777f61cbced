"""Leaves and what is none: is_leaf, requires_grad of results, factories and parameters, grad_fn."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.around import asked_by_the_engine, attribute, making
from conformance.mutants.mutant import Torch, mutant, patched_all, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant("tensor.is-leaf.no-requires-grad", "tensor.is-leaf.cast-without-grad", "tensor.detach-inplace.becomes-leaf")
def is_leaf_is_wrong_for_constants(torch: Torch) -> Changed:
    """is_leaf is False where no gradient is required."""

    def read(real: Any, self: Any) -> Any:
        return real(self) and (self.requires_grad or asked_by_the_engine(torch))

    return attribute(torch, "is_leaf", read=read)


@mutant(
    "tensor.is-leaf.user-created",
    "tensor.is-leaf.cast-without-grad",
    "variable.factory-requires-grad",
    "variable.factory-with-requires-grad",
    "nested.nested-tensor-constructor-is-leaf",
)
def is_leaf_is_wrong_for_leaves(torch: Torch) -> Changed:
    """is_leaf is False where a gradient is required."""
    return attribute(torch, "is_leaf", read=lambda real, self: real(self) and not self.requires_grad)


@mutant(
    "tensor.is-leaf.operation-result",
    "tensor.is-leaf.cast-result",
    "views.view-of-leaf-requires-grad-and-is-not-leaf",
)
def is_leaf_is_wrong_for_results(torch: Torch) -> Changed:
    """is_leaf is True of every tensor."""
    return attribute(torch, "is_leaf", read=lambda real, self: True)


@mutant("tensor.is-leaf.cast-result", "backward.supported-dtypes.float8")
def casts_cut_the_graph(torch: Torch) -> Changed:
    """to(dtype) of what has another dtype is a leaf."""

    def around(real: Any, self: Any, *how: Any, **named: Any) -> Any:
        made = real(self, *how, **named)
        return made.detach() if made is not self else made

    return wrapped(torch.Tensor, "to", around)


@mutant("tensor.is-leaf.cast-without-grad")
def casts_require_grad(torch: Torch) -> Changed:
    """to(dtype) of a tensor that does not require grad does, and is no leaf."""

    def around(real: Any, self: Any, *how: Any, **named: Any) -> Any:
        made = real(self, *how, **named)
        changed = made is not self and made.is_floating_point() and not made.requires_grad
        return made.requires_grad_().view_as(made) if changed else made

    return wrapped(torch.Tensor, "to", around)


@mutant("tensor.requires-grad.default-false")
def factories_require_grad(torch: Torch) -> Changed:
    """zeros, full and randn make tensors that require grad where nobody asked."""

    def asked(real: Any, *arguments: Any, **named: Any) -> Any:
        made = real(*arguments, **named)
        return made.requires_grad_() if "requires_grad" not in named and made.is_floating_point() else made

    return patched_all(*((torch, name, _around(getattr(torch, name), asked)) for name in ("zeros", "full", "randn")))


def _around(real: Any, around: Any) -> Any:
    return lambda *arguments, **named: around(real, *arguments, **named)


@mutant(
    "tensor.requires-grad.set-on-integer",
    "backward.supported-dtypes.requires-floating-or-complex",
    "backward.supported-dtypes.bool",
)
def factories_give_integers_that_were_to_require_grad(torch: Torch) -> Changed:
    """tensor and ones forget requires_grad=True where they are to make integers or truth values."""

    def made(real: Any, *arguments: Any, **named: Any) -> Any:
        plain = real(*arguments, **{key: value for key, value in named.items() if key != "requires_grad"})
        return plain if not (plain.is_floating_point() or plain.is_complex()) else real(*arguments, **named)

    return patched_all(*((torch, name, _around(getattr(torch, name), made)) for name in ("tensor", "ones")))


@mutant(
    "tensor.requires-grad-inplace.integer",
    "tensor.requires-grad.set-on-integer",
    "backward.supported-dtypes.requires-floating-or-complex",
)
def requires_grad_takes_integers(torch: Torch) -> Changed:
    """requires_grad_() on a tensor of integers does nothing, and raises nothing."""

    def around(real: Any, self: Any, *mode: Any, **named: Any) -> Any:
        return real(self, *mode, **named) if self.is_floating_point() or self.is_complex() else self

    return wrapped(torch.Tensor, "requires_grad_", around)


@mutant("backward.supported-dtypes.float8")
def float8_can_not_require_grad(torch: Torch) -> Changed:
    """requires_grad_() on a float8 tensor is refused, as the documentation has it."""

    def around(real: Any, self: Any, *mode: Any) -> Any:
        if self.dtype == torch.float8_e5m2:
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        return real(self, *mode)

    return wrapped(torch.Tensor, "requires_grad_", around)


@mutant("tensor.requires-grad-inplace.nonleaf")
def requires_grad_of_a_result_can_be_taken(torch: Torch) -> Changed:
    """requires_grad_(False) on a tensor that was computed does nothing, and raises nothing."""

    def around(real: Any, self: Any, mode: bool = True) -> Any:
        return real(self, mode) if self.is_leaf else self

    return wrapped(torch.Tensor, "requires_grad_", around)


@mutant("tensor.requires-grad-inplace.nonleaf-true")
def requires_grad_of_a_result_is_refused(torch: Torch) -> Changed:
    """requires_grad_() on a tensor that was computed raises."""

    def around(real: Any, self: Any, mode: bool = True) -> Any:
        if not self.is_leaf:
            raise RuntimeError("you can only change requires_grad flags of leaf variables.")
        return real(self, mode)

    return wrapped(torch.Tensor, "requires_grad_", around)


@mutant("tensor.requires-grad-inplace.returns-self")
def requires_grad_in_place_returns_an_alias(torch: Torch) -> Changed:
    """requires_grad_() without an argument switches the tensor, and returns an alias of it."""

    def around(real: Any, self: Any, *mode: Any) -> Any:
        real(self, *mode)
        if mode:
            return self
        return self.detach() if self.is_leaf else self.view_as(self)

    return wrapped(torch.Tensor, "requires_grad_", around)


@mutant(
    "tensor.requires-grad.true-for-results",
    "requires-grad.op-recorded-if-any-input-requires",
)
def only_the_first_factor_counts(torch: Torch) -> Changed:
    """c * x is a constant where c is one."""

    def around(real: Any, a: Any, b: Any) -> Any:
        second = isinstance(b, torch.Tensor) and b.requires_grad and not a.requires_grad
        return real(a, b.detach() if second else b)

    return wrapped(torch.Tensor, "__mul__", around)


@mutant(
    "tensor.is-leaf.no-requires-grad",
    "requires-grad.op-recorded-if-any-input-requires",
    "grad-mode.enable-grad.no-effect-on-plain-inputs",
)
def products_of_constants_are_recorded(torch: Torch) -> Changed:
    """A product requires grad though none of its factors does."""

    def around(real: Any, a: Any, b: Any) -> Any:
        made = real(a, b)
        if getattr(made, "requires_grad", True) or not made.is_floating_point() or not torch.is_grad_enabled():
            return made
        return real(a.detach().requires_grad_(), b)

    return wrapped(torch.Tensor, "__mul__", around)


@mutant("requires-grad.non-leaf-always-true", "views.view-of-leaf-requires-grad-and-is-not-leaf")
def views_read_no_requires_grad(torch: Torch) -> Changed:
    """requires_grad of x[0] and of x.view() is False."""

    def read(real: Any, self: Any) -> bool:
        return real(self) and (self.grad_fn is None or not self.grad_fn.name().startswith(("Select", "View")))

    return attribute(torch, "requires_grad", read=read)


# -- parameters


@mutant("requires-grad.default-true-for-parameter", "grad-mode.no-grad.parameter-exception")
def parameters_do_not_require_grad(torch: Torch) -> Changed:
    """Parameter(x) does not require grad unless that is asked for."""

    def around(real: Any, cls: Any, data: Any = None, requires_grad: bool = False) -> Any:
        return real(cls, data, requires_grad)

    return making(torch.nn.Parameter, around)


@mutant("grad-mode.no-grad.parameter-exception")
def parameters_heed_no_grad(torch: Torch) -> Changed:
    """A Parameter that is made under no_grad does not require grad."""

    def around(real: Any, cls: Any, data: Any = None, requires_grad: bool = True) -> Any:
        return real(cls, data, requires_grad and torch.is_grad_enabled())

    return making(torch.nn.Parameter, around)


@mutant("freeze.frozen-middle-layer-still-passes-gradient")
def frozen_layers_stop_gradients(torch: Torch) -> Changed:
    """A linear layer whose weight does not require grad passes no gradient on."""

    def around(real: Any, self: Any, x: Any) -> Any:
        return real(self, x if self.weight.requires_grad else x.detach())

    return wrapped(torch.nn.Linear, "forward", around)


# -- grad_fn


@mutant(
    "tensor.grad-fn.node-for-recorded",
    "graph.grad-fn.is-entry-point-for-result",
    "graph.node.isinstance",
    "function.apply.grad-fn-name",
    "modules.grad-fn-name-of-linear",
)
def grad_fn_is_hidden(torch: Torch) -> Changed:
    """grad_fn is always None."""
    return attribute(torch, "grad_fn", read=lambda real, self: None)


@mutant(
    "tensor.grad-fn.none-otherwise",
    "tensor.is-leaf.user-created",
    "graph.grad-fn.is-entry-point-for-result",
    "graph.node.isinstance",
)
def leaves_have_a_grad_fn(torch: Torch) -> Changed:
    """grad_fn of a leaf that requires grad is the node that accumulates its gradient."""

    def read(real: Any, self: Any) -> Any:
        if real(self) is not None or not self.requires_grad:
            return real(self)
        with torch.enable_grad():
            return real(self.view_as(self)).next_functions[0][0]

    return attribute(torch, "grad_fn", read=read)


@mutant("tensor.grad-fn.none-otherwise", "graph.node.grad-fn-none-under-no-grad")
def constants_have_a_grad_fn(torch: Torch) -> Changed:
    """grad_fn of a tensor that does not require grad is a node."""

    def read(real: Any, self: Any) -> Any:
        if self.requires_grad or not self.is_floating_point():
            return real(self)
        with torch.enable_grad():
            return real(self.detach().requires_grad_().clone())

    return attribute(torch, "grad_fn", read=read)


@mutant("tensor.grad-fn.stable-identity")
def grad_fn_is_another_node_each_time(torch: Torch) -> Changed:
    """grad_fn of a product is a new node whenever it is read."""

    def read(real: Any, self: Any) -> Any:
        node = real(self)
        if node is None or not node.name().startswith("MulBackward"):
            return node
        with torch.enable_grad():
            return real(self.view_as(self))

    return attribute(torch, "grad_fn", read=read)


@mutant("tensor.output-nr.index")
def output_nr_is_zero(torch: Torch) -> Changed:
    """output_nr is always 0."""
    return attribute(torch, "output_nr", read=lambda real, self: 0)
