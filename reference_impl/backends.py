"""torch.backends: what a build has, which here is nothing, and switches without effect."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


def absent(**switches: Any) -> SimpleNamespace:
    return SimpleNamespace(is_available=lambda: False, is_built=lambda: False, version=lambda: None, **switches)


cudnn = absent(enabled=True, benchmark=False, deterministic=False, allow_tf32=True)
cuda = absent(matmul=SimpleNamespace(allow_tf32=False))
mps, mkl, mkldnn, openmp, cusparselt = (absent() for _ in range(5))
