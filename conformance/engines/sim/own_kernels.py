"""The kernels that the host cannot lend: making memory, copying between devices, what torch asks of each accelerator itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from conformance.engines.sim.clock import clock
from conformance.engines.sim.kernels import refuse_two_devices
from conformance.engines.sim.memory import adopt, is_ours, on_device, on_host, set_memory

KERNELS: dict[str, Callable[..., Any]] = {}
"""By the operator's name and overload, as ``torch.library.Library.impl`` takes it."""


def _kernel(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(kernel: Callable[..., Any]) -> Callable[..., Any]:
        KERNELS[name] = kernel
        return kernel

    return register


def _options(keywords: dict[str, Any]) -> dict[str, Any]:
    return {key: keywords[key] for key in ("dtype", "memory_format") if keywords.get(key) is not None}


@_kernel("empty.memory_format")
def empty(size: Any, **keywords: Any) -> torch.Tensor:
    return on_device(torch.empty(size, **_options(keywords)))


@_kernel("empty_strided")
def empty_strided(size: Any, stride: Any, **keywords: Any) -> torch.Tensor:
    return on_device(torch.empty_strided(size, stride, **_options(keywords)))


@_kernel("_efficientzerotensor")
def zero_tensor(size: Any, **keywords: Any) -> torch.Tensor:
    """The zero of forward mode. The host's has no storage, so that it has no bytes to be named."""
    return on_device(torch.zeros(size, **_options(keywords)))


@_kernel("resize_")
def resize_(tensor: torch.Tensor, size: Any, *, memory_format: Any = None) -> torch.Tensor:
    """Within the memory that there is, else in new memory with what the old one held."""
    if list(tensor.shape) == list(size):
        return tensor
    storage, offset = tensor.untyped_storage(), tensor.storage_offset()
    held = storage.nbytes() // tensor.element_size() - offset
    if math.prod(size) <= held:
        return set_memory(tensor, storage, offset, size, torch.empty(size, device="meta").stride())
    made = torch.empty(size, dtype=tensor.dtype)
    made.view(-1)[:held].copy_(on_host(tensor).as_strided((held,), (1,)))
    return adopt(tensor, made)


@_kernel("set_.source_Storage_storage_offset")
def set_part(tensor: torch.Tensor, storage: Any, offset: int, size: Any, stride: Any = ()) -> torch.Tensor:
    return set_memory(tensor, storage, offset, size, stride)


@_kernel("set_.source_Storage")
def set_whole(tensor: torch.Tensor, storage: Any) -> torch.Tensor:
    return set_memory(tensor, storage, 0, [storage.nbytes() // tensor.element_size()], [1])


@_kernel("set_.source_Tensor")
def set_as(tensor: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
    storage = source.untyped_storage()
    return set_memory(tensor, storage, source.storage_offset(), source.size(), source.stride())


@_kernel("set_")
def set_empty(tensor: torch.Tensor) -> torch.Tensor:
    return set_as(tensor, on_device(torch.empty(0, dtype=tensor.dtype)))


@_kernel("_copy_from")
def copy(source: torch.Tensor, target: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """Every copy_ in which the device takes part. What goes to the host waits for the device."""
    if not is_ours(target):
        clock.wait()
    to, what = (on_host(t) if is_ours(t) else t for t in (target, source))
    to.copy_(what)
    return target


@_kernel("_copy_from_and_resize")
def copy_and_resize(source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    if target.shape != source.shape:
        target.resize_(source.shape)
    return copy(source, target)


@_kernel("_local_scalar_dense")
def item(tensor: torch.Tensor) -> Any:
    clock.wait()
    return on_host(tensor).item()


@_kernel("equal")
def equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    refuse_two_devices([one, other])
    clock.wait()
    return bool(torch.equal(on_host(one), on_host(other)))


@_kernel("record_stream")
def record_stream(tensor: torch.Tensor, stream: Any) -> None:
    """There is one stream, and memory is given back by Python."""


@_kernel("is_pinned")
def is_pinned(tensor: torch.Tensor, device: Any = None) -> bool:
    return False


@_kernel("_pin_memory")
def pin_memory(tensor: torch.Tensor, device: Any = None) -> torch.Tensor:
    """The device reads all of the host's memory."""
    return tensor


@_kernel("_fused_sdp_choice")
def attention_algorithm(*arguments: Any, **keywords: Any) -> int:
    """The one made of plain operators."""
    return 0


@_kernel("convolution_overrideable")
def convolution(x: torch.Tensor, weight: torch.Tensor, bias: Any, *options: Any) -> torch.Tensor:
    made = torch.ops.aten.convolution.default(
        on_host(x), on_host(weight), None if bias is None else on_host(bias), *options
    )
    return on_device(made)


@_kernel("convolution_backward_overrideable")
def convolution_backward(g: Any, x: Any, weight: Any, *options: Any) -> Any:
    *geometry, mask = options
    transposed, groups = geometry[3], geometry[5]
    outputs = weight.shape[1] * groups if transposed else weight.shape[0]
    made = torch.ops.aten.convolution_backward.default(
        on_host(g), on_host(x), on_host(weight), [outputs], *geometry, mask
    )
    return tuple(None if tensor is None else on_device(tensor) for tensor in made)
