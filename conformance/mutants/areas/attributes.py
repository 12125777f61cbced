"""The attributes grad and grad_dtype of tensors: what they read, and what may be assigned to them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from conformance.mutants.around import Noted, attribute, dropping
from conformance.mutants.mutant import Torch, mutant

Changed = contextlib.AbstractContextManager[None]


# -- grad


@mutant("tensor.grad.assign-wrong-shape")
def grad_takes_any_shape(torch: Torch) -> Changed:
    """A .grad of another shape is dropped, and raises nothing."""
    return dropping(torch, "grad", lambda x, g: isinstance(g, torch.Tensor) and g.shape != x.shape)


@mutant("tensor.grad.assign-wrong-dtype", "tensor.grad-dtype.none-allows-assignment")
def grad_takes_any_dtype(torch: Torch) -> Changed:
    """A .grad of another dtype is dropped, and raises nothing."""
    return dropping(torch, "grad", lambda x, g: isinstance(g, torch.Tensor) and g.dtype != x.dtype)


@mutant("tensor.grad.assign-non-tensor")
def grad_takes_anything(torch: Torch) -> Changed:
    """A .grad that is neither a tensor nor None is dropped, and raises nothing."""
    return dropping(torch, "grad", lambda x, g: g is not None and not isinstance(g, torch.Tensor))


@mutant("tensor.grad.assign-self")
def tensors_are_their_own_gradient(torch: Torch) -> Changed:
    """A tensor that is assigned to its own .grad is dropped, and raises nothing."""
    return dropping(torch, "grad", lambda x, g: g is x)


@mutant("tensor.grad.assign-tensor", "grad-layout.manual.*")
def assigned_gradients_are_copied(torch: Torch) -> Changed:
    """What is assigned to .grad is copied, in rows."""

    def write(real: Any, tensor: Any, value: Any) -> None:
        real(tensor, value.clone(memory_format=torch.contiguous_format) if isinstance(value, torch.Tensor) else value)

    return attribute(torch, "grad", write=write)


@mutant(
    "tensor.grad.assign-none",
    "backward.accumulate.none-first",
    "grad-layout.reset-none.recreated",
    "layout.grad.set-none-equivalent-to-zeroing",
)
def none_does_not_reset_grad(torch: Torch) -> Changed:
    """Assigning None to .grad leaves the gradient that is there."""
    return dropping(torch, "grad", lambda x, g: g is None)


@mutant("tensor.grad.assign-none")
def del_does_not_reset_grad(torch: Torch) -> Changed:
    """del x.grad leaves the gradient that is there."""
    return attribute(torch, "grad", delete=lambda real, tensor: None)


@mutant("tensor.grad.default-none", "backward.accumulate.unrelated-leaf-untouched")
def grad_begins_with_zeros(torch: Torch) -> Changed:
    """.grad of a leaf that requires grad reads as zeros where it would be None."""

    def read(real: Any, tensor: Any) -> Any:
        found = real(tensor)
        if found is not None or not tensor.is_leaf or not tensor.requires_grad:
            return found
        with torch.no_grad():
            return torch.zeros_like(tensor)

    return attribute(torch, "grad", read=read)


@mutant(
    "tensor.grad.assign-tensor",
    "tensor.grad.accumulates",
    "backward.accumulate.zero-first",
    "grad-layout.existing.inplace-without-create-graph",
    "grad-layout.manual.kept-without-create-graph",
    "layout.grad.two-leaves-may-share-grad-storage",
    "layout.grad.set-none-equivalent-to-zeroing",
)
def grad_reads_a_copy(torch: Torch) -> Changed:
    """.grad reads as a new tensor each time."""
    return _reading(torch, lambda grad: grad.clone() if grad is not None else None)


@mutant(
    "tensor.grad.dtype-device-follow-tensor",
    "tensor.grad-dtype.none-allows-any",
    "backward.supported-dtypes.half-bfloat16-complex",
)
def widens_half_gradients(torch: Torch) -> Changed:
    """.grad of half precision reads as float32."""

    def widened(grad: Any) -> Any:
        return grad.float() if grad is not None and grad.dtype in (torch.float16, torch.bfloat16) else grad

    return _reading(torch, widened)


@mutant(
    "backward.create-graph.true-differentiable",
    "backward.create-graph.second-order-wrt-seed",
    "tensor.backward.create-graph",
    "grad-layout.existing.replaced-has-history",
    "grad-layout.none.rules-hold-with-create-graph",
)
def grad_never_requires_grad(torch: Torch) -> Changed:
    """.grad reads detached, even after create_graph=True."""
    return _reading(torch, lambda grad: grad.detach() if grad is not None and grad.requires_grad else grad)


def _reading(torch: Torch, change: Callable[[Any], Any]) -> Changed:
    return attribute(torch, "grad", read=lambda real, tensor: change(real(tensor)))


# -- grad_dtype


@mutant("tensor.grad-dtype.default")
def grad_dtype_is_none_at_first(torch: Torch) -> Changed:
    """grad_dtype reads None where it was not set."""
    return attribute(
        torch, "grad_dtype", read=lambda real, x: None if (found := real(x)) is x.dtype and x.is_leaf else found
    )


@mutant(
    "tensor.grad-dtype.casts-gradient",
    "tensor.grad-dtype.casts-grad-result",
    "tensor.grad-dtype.none-allows-any",
    "tensor.grad-dtype.none-allows-assignment",
)
def grad_dtype_is_not_heeded(torch: Torch) -> Changed:
    """grad_dtype keeps what is assigned, and nothing heeds it."""
    said = Noted()

    def read(real: Any, tensor: Any) -> Any:
        (found,) = said.of(tensor) or (real(tensor),)
        return found

    return attribute(torch, "grad_dtype", read=read, write=lambda real, tensor, value: said.note(tensor, (value,)))


@mutant("tensor.grad-dtype.nonleaf-get")
def grad_dtype_can_be_read_of_results(torch: Torch) -> Changed:
    """grad_dtype of a tensor that was computed reads as its dtype."""
    return attribute(torch, "grad_dtype", read=lambda real, x: real(x) if x.is_leaf else x.dtype)


@mutant("tensor.grad-dtype.nonleaf-set")
def grad_dtype_can_be_set_of_results(torch: Torch) -> Changed:
    """Setting grad_dtype of a tensor that was computed does nothing, and raises nothing."""
    return dropping(torch, "grad_dtype", lambda x, dtype: not x.is_leaf)


@mutant("tensor.grad-dtype.set-with-existing-grad")
def grad_dtype_may_disagree_with_grad(torch: Torch) -> Changed:
    """Setting grad_dtype to another dtype than that of a gradient does nothing, and raises nothing."""
    return dropping(torch, "grad_dtype", lambda x, dtype: x.grad is not None and x.grad.dtype != dtype)


@mutant("tensor.grad-dtype.wrong-type")
def grad_dtype_takes_anything(torch: Torch) -> Changed:
    """Setting grad_dtype to what is no dtype does nothing, and raises nothing."""
    return dropping(torch, "grad_dtype", lambda x, dtype: dtype is not None and not isinstance(dtype, torch.dtype))
