"""torch.nn.modules."""

from . import utils  # noqa: F401
from .activation import MultiheadAttention  # noqa: F401
from .adaptive import AdaptiveLogSoftmaxWithLoss  # noqa: F401
from .batchnorm import *  # noqa: F403
from .containers import *  # noqa: F403
from .conv import *  # noqa: F403
from .functions import *  # noqa: F403
from .layers import *  # noqa: F403
from .lazy import *  # noqa: F403
from .linear import *  # noqa: F403
from .module import Module
from .normalization import *  # noqa: F403
from .parameter_containers import ParameterDict, ParameterList  # noqa: F401
from .recurrent import *  # noqa: F403
from .sparse import *  # noqa: F403
from .transformer import *  # noqa: F403

__all__ = [name for name, kind in globals().items() if isinstance(kind, type) and issubclass(kind, Module)]
