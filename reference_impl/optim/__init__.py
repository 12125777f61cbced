"""torch.optim: what changes parameters by their gradients, and in lr_scheduler and swa_utils what goes with it."""

from __future__ import annotations

from ..missing import getter
from . import lr_scheduler, swa_utils  # noqa: F401
from .adam import Adam, Adamax, AdamW, NAdam, RAdam  # noqa: F401
from .first_order import ASGD, SGD, Adadelta, Adagrad, RMSprop, Rprop  # noqa: F401
from .lbfgs import LBFGS  # noqa: F401
from .matrices import Adafactor, Muon  # noqa: F401
from .optimizer import Optimizer  # noqa: F401
from .sparse_adam import SparseAdam  # noqa: F401

__getattr__ = getter("optim")
