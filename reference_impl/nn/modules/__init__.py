"""torch.nn.modules."""

from .layers import *  # noqa: F403
from .module import Module  # noqa: F401
