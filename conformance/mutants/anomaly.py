"""Anomaly mode."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant("anomaly.check-nan.*", "anomaly.detect-anomaly.*")
def nan_is_not_looked_for(torch: Torch) -> Changed:
    """detect_anomaly never checks for nan."""
    return wrapped(torch.autograd.detect_anomaly, "__init__", lambda real, self, check_nan=True: real(self, False))


@mutant("anomaly.check-nan.*")
def nan_is_always_looked_for(torch: Torch) -> Changed:
    """detect_anomaly checks for nan even with check_nan=False."""
    return wrapped(torch.autograd.detect_anomaly, "__init__", lambda real, self, check_nan=True: real(self, True))


@mutant("anomaly.detect-anomaly.*", "anomaly.check-nan.*")
def detect_anomaly_does_nothing(torch: Torch) -> Changed:
    """detect_anomaly leaves anomaly mode off."""

    def around(real: Any, self: Any) -> Any:
        done = real(self)
        torch.autograd.set_detect_anomaly(False)
        return done

    return wrapped(torch.autograd.detect_anomaly, "__enter__", around)


@mutant("anomaly.set-detect-anomaly.*", "anomaly.detect-anomaly.*", "anomaly.check-nan.*")
def anomaly_mode_can_not_be_set(torch: Torch) -> Changed:
    """set_detect_anomaly(True) leaves anomaly mode off."""
    return wrapped(torch.autograd.set_detect_anomaly, "__init__", lambda real, self, mode, *more: real(self, False))


@mutant("anomaly.*")
def anomaly_mode_is_not_seen(torch: Torch) -> Changed:
    """is_anomaly_enabled is always False."""
    return patched(torch, "is_anomaly_enabled", lambda: False)


@mutant("anomaly.check-nan.*", "anomaly.set-detect-anomaly.check-nan")
def nan_check_is_not_seen(torch: Torch) -> Changed:
    """is_anomaly_check_nan_enabled is always True."""
    return patched(torch, "is_anomaly_check_nan_enabled", lambda: True)
