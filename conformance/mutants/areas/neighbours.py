"""What lies around autograd: factories, Variable, optimisers, copies, autocast, lists of public names."""

from __future__ import annotations

import contextlib
import types
from typing import Any

from conformance.mutants.around import attribute, making
from conformance.mutants.mutant import Torch, mutant, patched, patched_all, wrapped

Changed = contextlib.AbstractContextManager[None]
TORCH = "torch"


@mutant("tensor.constructor.*")
def tensors_of_tensors_share_memory(torch: Torch) -> Changed:
    """torch.tensor of a tensor is a view of it."""

    def around(real: Any, data: Any, **named: Any) -> Any:
        return data.detach() if isinstance(data, torch.Tensor) else real(data, **named)

    return wrapped(torch, "tensor", around)


@mutant("variable.factory-*")
def factories_ignore_requires_grad(torch: Torch) -> Changed:
    """ones, zeros, full, randn and tensor make tensors that require no gradient."""
    return patched_all(*((torch, name, _without_grad(getattr(torch, name))) for name in _FACTORIES))


_FACTORIES = ("ones", "zeros", "full", "randn", "rand", "tensor", "arange", "linspace")


def _without_grad(real: Any) -> Any:
    def around(*arguments: Any, **named: Any) -> Any:
        named.pop("requires_grad", None)
        return real(*arguments, **named)

    return around


@mutant("tensor.requires-grad-inplace.*")
def requires_grad_in_place_makes_another_tensor(torch: Torch) -> Changed:
    """requires_grad_ returns a tensor of its own and leaves the given one."""
    return wrapped(torch.Tensor, "requires_grad_", lambda real, self, mode=True: real(self.detach(), mode))


@mutant(
    "tensor.requires-grad-inplace.false",
    "freeze.module-level-requires-grad",
    "freeze.requires-grad-false-parameter-not-in-graph",
)
def requires_grad_can_not_be_switched_off(torch: Torch) -> Changed:
    """requires_grad_(False) is requires_grad_(True)."""
    return wrapped(torch.Tensor, "requires_grad_", lambda real, self, mode=True: real(self, True))


@mutant("tensor.requires-grad-inplace.default-true", "tensor.requires-grad-inplace.starts-recording")
def requires_grad_defaults_to_false(torch: Torch) -> Changed:
    """requires_grad_() is requires_grad_(False)."""
    return wrapped(torch.Tensor, "requires_grad_", lambda real, self, mode=False: real(self, mode))


@mutant("variable.constructor.*", "variable.returns-tensor", "variable.factory*", "variable.shares-data*")
def variables_are_copies(torch: Torch) -> Changed:
    """Variable(x) is a copy that requires no gradient."""
    return patched(torch.autograd, "Variable", lambda data=None, requires_grad=False, **named: data.detach().clone())


@mutant("variable.methods.on-tensors", "variable.constructor.returns-tensor", "variable.returns-tensor")
def variables_have_no_methods(torch: Torch) -> Changed:
    """Variable(x) holds x in its data, and is no tensor."""

    def holding(data: Any, *flags: Any, **named: Any) -> Any:
        return types.SimpleNamespace(data=data)

    return patched(torch.autograd, "Variable", holding)


@mutant("variable.function-form.removed")
def the_function_variable_makes_tensors(torch: Torch) -> Changed:
    """torch.autograd.variable(data) is torch.tensor(data)."""
    return patched(torch.autograd, "variable", torch.tensor)


@mutant("variable.volatile.read")
def volatile_is_true(torch: Torch) -> Changed:
    """volatile warns and reads True."""
    return attribute(torch, "volatile", read=lambda real, self: not real(self))


@mutant("tensor.constructor.tensor-data")
def the_constructor_of_tensors_detaches(torch: Torch) -> Changed:
    """torch.Tensor(t) is an alias of t that passes no gradient on."""

    def around(real: Any, cls: Any, *given: Any, **named: Any) -> Any:
        made = real(cls, *given, **named)
        return made.detach() if given and isinstance(given[0], torch.Tensor) else made

    return making(torch.Tensor, around)


@mutant("variable.isinstance*")
def nothing_is_a_variable(torch: Torch) -> Changed:
    """isinstance(x, Variable) is False."""
    return patched(type(torch.autograd.Variable), "__instancecheck__", lambda cls, other: False)


@mutant("complexpage.*", "complex.descent.*", "modules.zero-grad-then-backward-then-step", "freeze.*")
def optimisers_climb(torch: Torch) -> Changed:
    """SGD steps along the gradient, not against it."""

    def around(real: Any, self: Any, *closure: Any) -> Any:
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.grad = -parameter.grad
        return real(self, *closure)

    return wrapped(torch.optim.SGD, "step", around)


@mutant("modules.zero-grad-then-backward-then-step", "layout.grad.set-none*")
def zero_grad_does_nothing(torch: Torch) -> Changed:
    """zero_grad of optimisers and modules leaves the gradients."""
    return patched_all(
        (torch.optim.SGD, "zero_grad", lambda self, set_to_none=True: None),
        (torch.nn.Module, "zero_grad", lambda self, set_to_none=True: None),
    )


@mutant("serialization.*", "complexpage.serialization-roundtrip")
def what_is_loaded_requires_no_gradient(torch: Torch) -> Changed:
    """Tensors are loaded as zeros that require no gradient."""

    def around(real: Any, *arguments: Any, **named: Any) -> Any:
        return _zeros(torch, real(*arguments, **named))

    return wrapped(torch, "load", around)


def _zeros(torch: Torch, value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return torch.zeros_like(value.detach())
    if isinstance(value, dict):
        return {key: _zeros(torch, one) for key, one in value.items()}
    return type(value)(_zeros(torch, one) for one in value) if isinstance(value, list | tuple) else value


@mutant("tensor.deepcopy.*")
def deep_copies_are_the_tensor(torch: Torch) -> Changed:
    """A deep copy of a tensor is that tensor."""
    return patched(torch.Tensor, "__deepcopy__", lambda self, memo: self)


@mutant("amp.custom-fwd*", "amp.backward-dtype*", only=TORCH)
def custom_functions_forget_autocast(torch: Torch) -> Changed:
    """custom_fwd and custom_bwd leave forward and backward as they are."""

    def decorate(function: Any = None, **named: Any) -> Any:
        return function if function is not None else decorate

    return patched_all((torch.amp, "custom_fwd", decorate), (torch.amp, "custom_bwd", decorate))


@mutant("amp.*", only=TORCH)
def autocast_does_nothing(torch: Torch) -> Changed:
    """autocast is entered, and casts nothing."""
    return patched_all(
        (torch.autocast, "__enter__", lambda self: self), (torch.autocast, "__exit__", lambda self, *_: None)
    )


@mutant("divzero.masked*", "masked.*", only=TORCH)
def masked_tensors_mask_nothing(torch: Torch) -> Changed:
    """A masked tensor takes every entry as given."""
    return wrapped(torch.masked, "as_masked_tensor", lambda real, data, mask: real(data, torch.ones_like(mask)))


@mutant("seed002.innone-a.dir-of-tensor")
def nothing_is_listed(torch: Torch) -> Changed:
    """dir() of a tensor is empty."""
    return patched(torch.Tensor, "__dir__", lambda self: [])


@mutant("seed002.in1.version")
def the_version_is_that_of_the_notebook(torch: Torch) -> Changed:
    """torch calls itself 1.10.0."""
    return patched(torch, "__version__", "1.10.0+cu111")
