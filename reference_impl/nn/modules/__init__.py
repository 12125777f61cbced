"""torch.nn.modules."""

from .containers import *  # noqa: F403
from .functions import *  # noqa: F403
from .layers import *  # noqa: F403
from .module import Module  # noqa: F401
from .recurrent import *  # noqa: F403
