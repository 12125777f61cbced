"""numpy autograd with torch's face: `import reference_impl as torch`. How it works: README.md beside this file."""

from __future__ import annotations

import importlib
import warnings
from math import e, inf, nan, pi  # noqa: F401
from typing import Any

import numpy as np

# Note [Silence]: torch is silent on 1 / 0 and log(-1), numpy warns. np.errstate around every operator would cost a
# microsecond each. But Python drops the warnings of code whose globals say that its __name__ is None; so compiled operators,
# and the kernels and formulas that are bound to globals of their own, are nameless (compiler/bind.py). What little
# happens elsewhere in this package is filtered here; where a program makes errors of it, an operator computes once more,
# quietly. numpy's own settings are left alone.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"reference_impl\b")

# Note [Page faults]: glibc hands back, and faults in again, every temporary above its mmap threshold. Freeing one large
# block raises that threshold to 32 MB for the process; pointwise code on a million elements gains a quarter.
np.empty((32 << 20) - 8192, np.uint8)

from . import dtypes, methods, number_types, random, storage, switches, warn  # noqa: E402, F401
from .autograd.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled  # noqa: E402, F401
from .dtypes import Size, dtype, get_default_dtype, promote_types, set_default_dtype  # noqa: E402, F401
from .errors import Unsupported  # noqa: E402, F401
from .factories import (  # noqa: E402, F401
    MADE,
    drawing,
    from_data,
    ranges,
)
from .graph.anomaly import is_anomaly_check_nan_enabled, is_anomaly_enabled  # noqa: E402, F401
from .graph.modes import is_grad_enabled, is_inference_mode_enabled  # noqa: E402, F401
from .methods import conversions, copying, facts, layouts, leaf, reshaping  # noqa: E402, F401
from .missing import missing  # noqa: E402
from .ops import registry  # noqa: E402
from .placement import (  # noqa: E402, F401
    channels_last,
    channels_last_3d,
    contiguous_format,
    device,
    layout,
    memory_format,
    preserve_format,
    sparse_coo,
    sparse_csc,
    sparse_csr,
    strided,
)
from .tensor import Tensor  # noqa: E402
from .warn import is_warn_always_enabled, set_warn_always  # noqa: E402, F401

globals().update(MADE)
globals().update(dtypes.NAMES)  # torch.float, torch.bool ... hide the builtins from here on
# methods that are functions too, beside the operators of registry.WRITTEN
METHODS = ("as_strided_", "detach_", "is_same_size", "is_signed", "resize_as_")
__version__ = "2.13.0+reference"
newaxis = None
LATER = {
    "vmap": "batching.vmap",
    "save": "serialization",
    "load": "serialization",
    "set_printoptions": "methods.printing",
}
LATER |= dict.fromkeys(("sparse_coo_tensor", "sparse_csr_tensor", "sparse_csc_tensor"), "sparse.making")
LATER |= dict.fromkeys(("smm", "hspmm", "sspaddmm", "spmm", "dsmm", "saddmm"), "sparse.products")
WINDOWS = ("bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window")
LATER |= dict.fromkeys(WINDOWS, "factories.windows") | dict.fromkeys(("from_dlpack", "to_dlpack"), "utils.dlpack")
OLDER = (f"{short}_{what}" for short in ("cpu", "gpu", "ipu", "xla") for what in ("dtype", "enabled"))
AUTOCAST = ("dtype", "enabled", "cache_enabled", *OLDER)
LATER |= {
    f"{verb}_autocast_{what}": "amp.autocast_state"
    for what in AUTOCAST
    for verb in ("get" if "dtype" in what else "is", "set")
}
LATER |= dict.fromkeys(
    ("autocast_decrement_nesting", "autocast_increment_nesting", "clear_autocast_cache"), "amp.autocast_state"
)
LATER |= dict.fromkeys(("GradScaler", "autocast"), "amp")
SUBMODULES = {
    "_C",
    "accelerator",
    "distributed",
    "amp",
    "autograd",
    "backends",
    "cuda",
    "fft",
    "func",
    "special",
    "nn",
    "library",
    "linalg",
    "masked",
    "ops",
    "profiler",
    "optim",
    "overrides",
    "sparse",
    "testing",
    "utils",
    "version",
}


def __getattr__(name: str) -> Any:
    """Operators compile, and submodules load, when first asked for."""
    if name in LATER:
        return getattr(importlib.import_module(f".{LATER[name]}", __name__), name)
    if name in METHODS:
        return getattr(Tensor, name)
    if name in SUBMODULES:
        return importlib.import_module(f".{name}", __name__)
    found = registry.function(name)
    if found is None:
        raise missing("", name)
    return registry.keep(found, name, globals())


def numel(input: Tensor):
    return input.numel()


def detach(input: Tensor):
    return input.detach()
