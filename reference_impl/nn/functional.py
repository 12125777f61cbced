"""torch.nn.functional: what the tables place there."""

from ..ops.registry import attributes
from . import grad  # noqa: F401

__getattr__ = attributes("nn.functional")
