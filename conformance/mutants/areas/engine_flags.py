"""The flags of the engine beside grad mode, and evaluation mode of modules."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


# -- flags of the engine


@mutant(
    "grad-mode.set-multithreading-enabled.context",
    "grad-mode.set-multithreading-enabled.function",
    "grad-mode.set-multithreading-enabled.thread-local",
    "grad-mode.is-multithreading-enabled.value",
)
def multithreading_is_not_switched(torch: Torch) -> Changed:
    """set_multithreading_enabled does nothing."""
    return wrapped(
        torch.autograd.grad_mode.set_multithreading_enabled, "__init__", lambda real, self, mode: real(self, True)
    )


@mutant("grad-mode.set-multithreading-enabled.default-true")
def multithreading_reads_off(torch: Torch) -> Changed:
    """is_multithreading_enabled is always False."""
    return patched(torch.autograd, "is_multithreading_enabled", lambda: False)


@mutant("grad-mode.is-multithreading-enabled.value")
def multithreading_reads_as_a_number(torch: Torch) -> Changed:
    """is_multithreading_enabled is 1 or 0."""
    return wrapped(torch.autograd, "is_multithreading_enabled", lambda real: int(real()))


@mutant("grad-mode.set-multithreading-enabled.context")
def multithreading_stays_switched(torch: Torch) -> Changed:
    """At the end of set_multithreading_enabled the flag stays as it was set."""
    return patched(torch.autograd.grad_mode.set_multithreading_enabled, "__exit__", lambda self, *_: None)


@mutant("grad-mode.set-multithreading-enabled.decorator")
def decorating_leaves_multithreading(torch: Torch) -> Changed:
    """Decorating with set_multithreading_enabled leaves the flag alone, as the documentation has it."""

    def decorate(real: Any, self: Any, function: Any) -> Any:
        self.__exit__(None, None, None)
        return real(self, function)

    return wrapped(torch.autograd.grad_mode.set_multithreading_enabled, "__call__", decorate)


@mutant("grad-mode.is-view-replay-enabled.value", "grad-mode.force-original-view-tracking")
def views_are_never_replayed(torch: Torch) -> Changed:
    """is_view_replay_enabled is always False."""
    return patched(torch.autograd, "is_view_replay_enabled", lambda: False)


@mutant("grad-mode.is-view-replay-enabled.value")
def views_are_replayed_at_first(torch: Torch) -> Changed:
    """is_view_replay_enabled is always True."""
    return patched(torch.autograd, "is_view_replay_enabled", lambda: True)


@mutant("grad-mode.force-original-view-tracking")
def replay_stays_switched(torch: Torch) -> Changed:
    """At the end of _force_original_view_tracking the flag stays as it was set."""
    return patched(torch.autograd.grad_mode._force_original_view_tracking, "__exit__", lambda self, *_: None)


@mutant("grad-mode.unsafe-preserve-version-counter")
def versions_are_not_given_back(torch: Torch) -> Changed:
    """At the end of _unsafe_preserve_version_counter the version is that of the changes."""
    return patched(torch.autograd.grad_mode._unsafe_preserve_version_counter, "__exit__", lambda self, *_: None)


# -- evaluation


@mutant("eval.does-not-disable-gradients")
def evaluation_does_not_record(torch: Torch) -> Changed:
    """A linear layer in evaluation mode records nothing."""

    def forward(real: Any, self: Any, x: Any) -> Any:
        with contextlib.nullcontext() if self.training else torch.no_grad():
            return real(self, x)

    return wrapped(torch.nn.Linear, "forward", forward)


@mutant("eval.dropout-identity-with-unit-gradient")
def dropout_drops_in_evaluation(torch: Torch) -> Changed:
    """A dropout drops in evaluation mode, too."""
    return wrapped(torch.nn.Dropout, "forward", _training)


@mutant("eval.batchnorm-uses-running-stats")
def batch_norm_uses_the_batch_in_evaluation(torch: Torch) -> Changed:
    """A batch norm uses and keeps the statistics of the batch in evaluation mode, too."""
    return wrapped(torch.nn.BatchNorm1d, "forward", _training)


def _training(real: Any, self: Any, x: Any) -> Any:
    before, self.training = self.training, True
    try:
        return real(self, x)
    finally:
        self.training = before
