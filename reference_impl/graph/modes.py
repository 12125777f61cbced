"""Grad mode and the rarer modes, per thread.

Note [One look at the modes]
Every operator asks once, `mode()`, and gets an int. 0: plain, gradients off. 1: plain, gradients on. Any bit above
means that something rare is on (inference mode, forward AD, saved-tensor hooks, anomaly detection), and the operator
hands its result to graph.rare.finish. A ContextVar is as right as a thread-local (a new thread starts at the default)
and costs a third of one.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar

GRAD = 1  # operations are recorded
INFERENCE = 2
DUAL = 4  # a level of forward mode is on (dual.py)
PACKING = 8  # what is saved goes through hooks (packing.py)
ANOMALY = 16  # nodes note where they were made (anomaly.py)
MUTATION = 32  # somebody keeps originals of what is overwritten (saved.py)
WARY = 64  # inference mode has been used: a tensor that may not be saved could turn up
SHOWN = 128  # gradients were switched on inside inference mode, where that has no effect
WATCHED = 256  # somebody is told of each operator (watching.py)
PROFILED = 512  # somebody takes its time (autograd/recorder.py)
AUTOCAST = 1024  # some operators cast their operands (autocasting.py)
PRIMAL = 2048  # forward mode is switched off (forward_ad._set_fwd_grad_enabled)
_mode: ContextVar[int] = ContextVar("mode", default=GRAD)
mode = _mode.get
set_mode = _mode.set

# how many transforms of torch.func are running, vmap among them
_transforms: ContextVar[int] = ContextVar("transforms", default=0)
transforms = _transforms.get
set_transforms = _transforms.set


def is_grad_enabled() -> bool:
    """True where operations are recorded (source: torch.is_grad_enabled)."""
    return bool(mode() & (GRAD | SHOWN))


def is_inference_mode_enabled() -> bool:
    """True inside inference mode (source: torch.is_inference_mode_enabled)."""
    return bool(mode() & INFERENCE)


class Switches(threading.local):
    """Flags of one thread that no operator asks for."""

    multithreading = True
    grad_layout = True
    view_replay = False

    @staticmethod
    def of_thread() -> Switches:
        return _switches


_switches = Switches()
