"""Where tensors lie, and how: devices, layouts and memory formats."""

from __future__ import annotations

import re
from typing import Any

from .errors import Unsupported, type_name

DEVICES = ("cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla", "lazy",
           "vulkan", "mps", "meta", "hpu", "mtia", "privateuseone")  # fmt: skip


class device:
    """The one device: cpu (source: torch.device). As a context manager it sets the device of new tensors, which is this."""

    __slots__ = ("index", "type")

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        if isinstance(type, int):
            if type < 0:
                raise RuntimeError("Device index must not be negative")
            raise RuntimeError("Cannot access accelerator device when none is available.")
        if not isinstance(type, str):
            raise TypeError(f"device(): argument 'type' (position 1) must be str, not {type_name(type)}")
        self.type, number = parsed(type)
        if index is not None and number is not None:
            raise RuntimeError(f"type (string) must not include an index because index was passed explicitly: {type}")
        self.index = number if index is None else index
        if self.index is not None and self.index < 0:
            raise RuntimeError("Device index must not be negative")
        if self.type != "cpu":
            raise Unsupported(f"device {type!r}: the reference implementation computes on the cpu only")

    def __enter__(self) -> device:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __repr__(self) -> str:
        return f"device(type='{self.type}'" + (f", index={self.index})" if self.index is not None else ")")

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


def parsed(text: str) -> tuple[str, int | None]:
    """The type and the index that a device string names."""
    kind, colon, number = text.partition(":")
    if not text:
        raise RuntimeError("Device string must not be empty")
    if not re.fullmatch("[A-Za-z_]+", kind) or (colon and not re.fullmatch("0|[1-9][0-9]*", number)):
        raise RuntimeError(f"Invalid device string: '{text}'")
    if kind not in DEVICES:
        raise RuntimeError(f"Expected one of {', '.join(DEVICES)} device type at start of device string: {kind}")
    return kind, int(number) if colon else None


class _Named:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


class layout(_Named):
    """How elements lie in storage."""


class memory_format(_Named):
    """The order of strides."""


cpu = device("cpu")
strided, sparse_coo, sparse_csr, sparse_csc = map(layout, ("strided", "sparse_coo", "sparse_csr", "sparse_csc"))
contiguous_format, preserve_format, channels_last, channels_last_3d = map(
    memory_format, ("contiguous_format", "preserve_format", "channels_last", "channels_last_3d")
)
CHANNELS_LAST = {channels_last: 4, channels_last_3d: 5}  # formats of tensors of one rank


def channels_behind(rank: int, form: memory_format) -> list[int]:
    """The dimensions as they lie in memory in such a format."""
    if rank != CHANNELS_LAST[form]:
        raise RuntimeError(f"required rank {CHANNELS_LAST[form]} tensor to use {form.name} format")
    return [0, *range(2, rank), 1]
