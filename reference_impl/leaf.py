"""Methods of Tensor that are about its place in the graph: grad, data, detach, backward, hooks."""
from __future__ import annotations

import warnings
import weakref
from typing import Any

from .graph.hooks import Hooks, Observers, RemovableHandle, register
from .methods import method
from .tensor import LEAF, Tensor, storage_array, storage_of, wrap

NON_LEAF_GRAD = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated "
    "during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use "
    ".retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf "
    "Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information.")


def get_grad(self: Tensor) -> Tensor | None:
    if self._grad is None and not self.is_leaf and not self._retains:
        warnings.warn(NON_LEAF_GRAD, UserWarning, stacklevel=2)
    return self._grad


def set_grad(self: Tensor, value: Tensor | None) -> None:
    if value is not None:
        if not isinstance(value, Tensor):
            raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}")
        if value is self:
            raise RuntimeError("can't assign Variable as its own grad")
        if value.shape != self.shape:
            raise RuntimeError(f"assigned grad has data of a different size: expected {list(self.shape)} but got "
                               f"{list(value.shape)}")
        if value.dtype is not self.dtype:
            raise RuntimeError("assigned grad has data of a different type")
    self._grad = value


def del_grad(self: Tensor) -> None:
    self._grad = None


def get_data(self: Tensor) -> Tensor:
    """The same memory without history and with a version counter of its own."""
    return wrap(storage_array(self))


def set_data(self: Tensor, value: Tensor) -> None:
    self._array = value._array
    self._storage = None


setattr(Tensor, "grad", property(get_grad, set_grad, del_grad))
setattr(Tensor, "data", property(get_data, set_data))


@method
def detach(self: Tensor) -> Tensor:
    """The same memory and version counter, outside the graph (source: Tensor.detach)."""
    t = wrap(storage_array(self))
    t._storage = storage_of(self)
    return t


@method
def detach_(self: Tensor) -> Tensor:
    if self._base is not None:
        raise RuntimeError("Can't detach views in-place. Use detach() instead. If you are using "
                           "DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, "
                           "gradients are views of DDP buckets, and hence detach_() cannot be called on these "
                           "gradients. To fix this error, please refer to the Optimizer.zero_grad() function in "
                           "torch/optim/optimizer.py as a reference.")
    self._edge = None
    return self


@method
def backward(self: Tensor, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False,
             inputs: Any = None) -> None:
    """Accumulate gradients into the leaves (source: Tensor.backward)."""
    from .autograd import backward as run_backward
    run_backward(self, gradient, retain_graph, create_graph, inputs=inputs)


@method
def register_hook(self: Tensor, hook: Any) -> RemovableHandle:
    """Call hook(grad) whenever this tensor's gradient is computed; what it returns replaces it."""
    if self._edge is None:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if self._edge is not LEAF:
        return Hooks.of(self._edge).add("tensor", hook)
    if self._hooks is None:
        self._hooks = {}
    node = self._accumulator and self._accumulator()
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
    """Let backward fill .grad of a non-leaf too."""
    if self._edge is None:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    if self._edge is LEAF or self._retains:
        return
    ref = weakref.ref(self)
    self._retains = True

    def retain(g: Tensor) -> None:
        t = ref()
        if t is not None:
            t._grad = wrap(g._array.copy()) if t._grad is None and g._edge is None else (
                g if t._grad is None else t._grad + g)
    Hooks.of(self._edge).retain = retain


@method
def untyped_storage(self: Tensor) -> Any:
    return UntypedStorage(self if self._base is None else self._base)


class UntypedStorage:
    """The memory of a tensor: only its address and size."""

    def __init__(self, owner: Tensor) -> None:
        self._owner = owner

    def data_ptr(self) -> int:
        a = storage_array(self._owner)
        while isinstance(a.base, type(a)):
            a = a.base
        return a.__array_interface__["data"][0]

    def nbytes(self) -> int:
        return storage_array(self._owner).nbytes


@method
def data_ptr(self: Tensor) -> int:
    return storage_array(self).__array_interface__["data"][0]
