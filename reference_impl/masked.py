"""torch.masked: what the tables place there."""

from .ops.registry import attributes

__getattr__ = attributes("masked")
