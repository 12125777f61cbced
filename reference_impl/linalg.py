"""torch.linalg: what the tables place there."""

from .errors import LinAlgError  # noqa: F401
from .ops.registry import attributes

__getattr__ = attributes("linalg")
