"""torch.nn.modules."""

import sys
from typing import Any

from . import utils  # noqa: F401
from .adaptive import AdaptiveLogSoftmaxWithLoss  # noqa: F401
from .attention import MultiheadAttention  # noqa: F401
from .bases import _DropoutNd, _Loss, _WeightedLoss  # noqa: F401
from .batchnorm import *  # noqa: F403
from .batchnorm import _InstanceNorm  # noqa: F401
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

__all__ = [
    name
    for name, kind in globals().items()
    if isinstance(kind, type) and issubclass(kind, Module) and not name.startswith("_")
]

# torch's files of layers that are divided otherwise here: under each of their names all layers are to be found
FILES = (
    "activation channelshuffle container distance dropout flatten fold instancenorm loss padding pixelshuffle pooling"
)
FILES_OF_TORCH = f"{FILES} rnn upsampling".split()
sys.modules.update(dict.fromkeys([f"{__name__}.{file}" for file in FILES_OF_TORCH], sys.modules[__name__]))


def __getattr__(name: str) -> Any:
    if name in FILES_OF_TORCH:
        return sys.modules[__name__]
    raise AttributeError(f"module 'torch.nn.modules' has no attribute '{name}'")
