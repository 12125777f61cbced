"""detect_anomaly and set_detect_anomaly (source: torch.autograd.anomaly_mode). What they switch on: graph/anomaly.py."""

from __future__ import annotations

import warnings

from ..graph.anomaly import State, switch

__all__ = ["detect_anomaly", "set_detect_anomaly"]


class detect_anomaly:
    """While active, backward names the forward call of a node that fails, and refuses nan (unless check_nan=False)."""

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self.before = (State.on, State.check_nan)
        switch(True, self.check_nan)

    def __exit__(self, *_: object) -> None:
        switch(*self.before)


class set_detect_anomaly:
    """Switch anomaly detection at once; as a context, until its end."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.before = (State.on, State.check_nan)
        switch(mode, check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        switch(*self.before)


for _class in (detect_anomaly, set_detect_anomaly):
    _class.__module__ = "torch.autograd.anomaly_mode"
