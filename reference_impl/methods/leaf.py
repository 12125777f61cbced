"""Methods of Tensor that are about its place in the graph: grad, data, detach, hooks."""

from __future__ import annotations

import warnings
from typing import Any

from .. import dtypes
from ..graph.clock import latest, tick
from ..graph.hooks import Hooks, Observers, RemovableHandle, register, retain_at
from ..graph.modes import INFERENCE, mode, transforms
from ..graph.node import NOBODY
from ..tensor import INSIDE, LEAF, Tensor, history, storage_array, storage_of, wrap
from . import method

NON_LEAF_GRAD = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated "
    "during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use "
    ".retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf "
    "Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information."
)


def get_grad(self: Tensor) -> Tensor | None:
    """The gradient that backward accumulated, or None (source: torch.Tensor.grad)."""
    if self._grad is None and not self._retains and not self.is_leaf:
        warnings.warn(NON_LEAF_GRAD, UserWarning, stacklevel=2)
    return self._grad


def set_grad(self: Tensor, value: Tensor | None) -> None:
    if value is not None:
        if not isinstance(value, Tensor):
            raise TypeError(
                f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}"
            )
        if value is self:
            raise RuntimeError("can't assign Variable as its own grad")
        wanted = self._grad_dtype or self.dtype
        if self._grad_dtype is not None and value.dtype is not wanted:
            raise RuntimeError(
                f"attempting to assign a gradient with dtype '{value.dtype.cpp}' to a tensor with grad_dtype "
                f"'{wanted.legacy}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's "
                "dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. "
                "Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream "
                "systems that assume they match."
            )
        if value.layout is not self.layout and not value.is_sparse:
            raise RuntimeError("attempting to assign a gradient to a tensor that has data of a different type")
        if value.shape != self.shape:
            raise RuntimeError(
                f"attempting to assign a gradient of size '{list(value.shape)}' to a tensor of size '{list(self.shape)}'. "
                "Please ensure that the gradient and the tensor are the same size"
            )
    self._grad = value


def del_grad(self: Tensor) -> None:
    self._grad = None


def get_grad_dtype(self: Tensor) -> dtypes.dtype | None:
    """The dtype that gradients of this leaf are cast to; None takes any (source: torch.Tensor.grad_dtype)."""
    if not self.is_leaf:
        raise RuntimeError("grad_dtype can only be accessed on leaf tensors.")
    return self.dtype if self._grad_dtype is False else self._grad_dtype


def set_grad_dtype(self: Tensor, value: dtypes.dtype | None) -> None:
    if not (value is None or isinstance(value, dtypes.dtype)):
        raise RuntimeError(f"grad_dtype must be a torch.dtype or None, but got {type(value).__name__}")
    if not self.is_leaf:
        warnings.warn(NON_LEAF_GRAD, UserWarning, stacklevel=2)
        raise RuntimeError("grad_dtype can only be set on leaf tensors.")
    if value is not None and self._grad is not None and self._grad.dtype is not value:
        raise RuntimeError(
            f"Cannot set grad_dtype to '{value.legacy}' because there is already a gradient with dtype "
            f"'{self._grad.dtype.cpp}'. Please clear the gradient (.grad = None) before changing grad_dtype, or ensure the "
            "new grad_dtype matches the existing gradient's dtype."
        )
    self._grad_dtype = value


def get_data(self: Tensor) -> Tensor:
    """The same memory without history and with a version counter of its own (source: torch.Tensor.data)."""
    t = wrap(storage_array(self))
    if self._inference:
        t._inference, t._counted = True, not mode() & INFERENCE
    return t


def set_data(self: Tensor, value: Tensor) -> None:
    """Take over another tensor's memory, of any shape; the version counter stays."""
    if not isinstance(value, Tensor):
        raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
    if self._edge is not None and value._array.dtype.kind not in "fcV":
        raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
    if self._recorded_shape is None and self._edge is not None and not self.is_leaf and value.shape != self.shape:
        self._recorded_shape = tuple(self.shape)
    if value.dtype is not self.dtype:
        self._accumulator = NOBODY
    self._array = storage_array(value)


def del_data(self: Tensor) -> None:
    raise RuntimeError("Deleting tensor data is not allowed. Delete tensor instead!")


def get_volatile(self: Tensor) -> bool:
    warnings.warn("volatile was removed (Variable.volatile is always False)", UserWarning, stacklevel=2)
    return False


Tensor.grad = property(get_grad, set_grad, del_grad)
Tensor.grad_dtype = property(get_grad_dtype, set_grad_dtype)
Tensor.data = property(get_data, set_data, del_data)
Tensor.volatile = property(get_volatile)


@method
def detach(self: Tensor) -> Tensor:
    """The same memory and version counter, outside the graph (source: torch.Tensor.detach)."""
    t = wrap(storage_array(self))
    if self._inference:
        t._inference, t._counted = True, not mode() & INFERENCE
    else:
        t._storage = storage_of(self)
    return t


@method
def detach_(self: Tensor) -> Tensor:
    """Cut this tensor from its graph; it becomes a leaf (source: torch.Tensor.detach_)."""
    if mode() & INFERENCE:
        return self
    if self._view is not None:
        raise RuntimeError(
            "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for "
            "training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() "
            "cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in "
            "torch/optim/optimizer.py as the solution."
        )
    storage_of(self)  # its node may have saved it, and must notice what is written from now on
    if not self.is_leaf:
        self._detached = latest.write = tick()
    self._edge = self._tangents = None
    return self


# -- hooks


@method
def register_hook(self: Tensor, hook: Any) -> RemovableHandle:
    """Call hook(grad) whenever this tensor's gradient is computed; what it returns replaces it."""
    if self._edge is None:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    edge = history(self)
    if edge is not LEAF:
        return Hooks.of(edge).add("tensor", hook)
    if self._hooks is None:
        self._hooks = {}
    node = self._accumulator()
    if node is not None:
        Hooks.of(node).tensor = self._hooks
    return register(self._hooks, hook)


@method
def register_post_accumulate_grad_hook(self: Tensor, hook: Any) -> RemovableHandle:
    """Call hook(tensor) after its .grad was accumulated (leaves only)."""
    if not self.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if not self.is_leaf:
        raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    if self._post_hooks is None:
        self._post_hooks = WatchedDict()
    return register(self._post_hooks, hook)


class WatchedDict(dict):
    """Post-accumulate hooks; alive, they make the engine deliver leaves at once."""

    def __init__(self) -> None:
        Observers.alive += 1

    def __del__(self) -> None:
        Observers.alive -= 1


@method
def retain_grad(self: Tensor) -> None:
    """Let backward fill .grad of a non-leaf too; it follows the tensor through in-place operations."""
    if transforms():
        raise RuntimeError(INSIDE.format("Tensor.retain_grad()", "retain_grad"))
    if self._edge is None:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    if self._retains or self.is_leaf:
        return
    self._retains = True
    retain_at(history(self), self)
