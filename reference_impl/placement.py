"""Where tensors lie, and how: devices, layouts and memory formats."""

from __future__ import annotations

from typing import Any

DEVICES = ("cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla", "lazy",
           "vulkan", "mps", "meta", "hpu", "mtia", "privateuseone")  # fmt: skip


class device:
    """The one device: cpu."""

    __slots__ = ("index", "type")

    def __init__(self, name: Any = "cpu", index: int | None = None) -> None:
        if isinstance(name, device):
            name = name.type
        self.type, _, k = name.partition(":")
        self.index = int(k) if k else index
        if self.type not in DEVICES:
            raise RuntimeError(
                f"Expected one of {', '.join(DEVICES)} device type at start of device string: {self.type}"
            )
        if self.type != "cpu":
            from . import Unsupported

            raise Unsupported(f"device {name!r}: the reference implementation computes on the cpu only")

    def __repr__(self) -> str:
        return f"device(type='{self.type}'" + (f", index={self.index})" if self.index is not None else ")")

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


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
strided = layout("strided")
contiguous_format, preserve_format, channels_last, channels_last_3d = map(
    memory_format, ("contiguous_format", "preserve_format", "channels_last", "channels_last_3d")
)
CHANNELS_LAST = {channels_last: 4, channels_last_3d: 5}  # formats of tensors of one rank
