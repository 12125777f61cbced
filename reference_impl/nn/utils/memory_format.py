"""The memory format of the weights of convolutions (source: torch.nn.utils.convert_conv2d_weight_memory_format)."""

from __future__ import annotations

from typing import Any

from ..modules.conv import _ConvNd
from ..modules.module import Module


def converted(module: Module, memory_format: Any, dims: int) -> Module:
    for m in module.modules():
        if isinstance(m, _ConvNd) and m.dims == dims:
            m.weight.data = m.weight.detach().clone(memory_format=memory_format)
    return module


def convert_conv2d_weight_memory_format(module: Module, memory_format: Any) -> Module:
    """The weights of all two-dimensional convolutions in a module, transposed ones too, in a memory format."""
    return converted(module, memory_format, 2)


def convert_conv3d_weight_memory_format(module: Module, memory_format: Any) -> Module:
    """The same for three dimensions."""
    return converted(module, memory_format, 3)
