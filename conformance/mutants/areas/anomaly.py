"""Anomaly mode: whether it is on, what it looks for, and what it reports of the forward run."""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Callable
from typing import Any

from conformance.mutants.areas.nodes import node_attribute
from conformance.mutants.around import after_backward, around_backward
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


# -- on and off


@mutant("anomaly.detect-anomaly.not-active-before-enter", "anomaly.check-nan.default-true")
def detect_anomaly_does_nothing(torch: Torch) -> Changed:
    """detect_anomaly leaves anomaly mode off."""

    def around(real: Any, self: Any) -> Any:
        done = real(self)
        torch.autograd.set_detect_anomaly(False)
        return done

    return wrapped(torch.autograd.detect_anomaly, "__enter__", around)


@mutant("anomaly.detect-anomaly.not-active-before-enter")
def detect_anomaly_begins_when_it_is_made(torch: Torch) -> Changed:
    """Making a detect_anomaly switches anomaly mode on."""

    def make(real: Any, self: Any, *check: Any, **named: Any) -> None:
        real(self, *check, **named)
        torch.autograd.set_detect_anomaly(True)

    return wrapped(torch.autograd.detect_anomaly, "__init__", make)


@mutant("anomaly.detect-anomaly.restores")
def detect_anomaly_is_not_left(torch: Torch) -> Changed:
    """At the end of detect_anomaly the mode stays on."""
    return patched(torch.autograd.detect_anomaly, "__exit__", lambda self, *_: None)


@mutant("anomaly.detect-anomaly.restores")
def leaving_detect_anomaly_switches_off(torch: Torch) -> Changed:
    """At the end of detect_anomaly the mode is off, whatever it was before."""

    def leave(real: Any, self: Any, *raised: Any) -> None:
        real(self, *raised)
        torch.autograd.set_detect_anomaly(False)

    return wrapped(torch.autograd.detect_anomaly, "__exit__", leave)


@mutant("anomaly.detect-anomaly.enable-warning")
def detect_anomaly_does_not_warn(torch: Torch) -> Changed:
    """Making a detect_anomaly warns of nothing."""

    def make(real: Any, self: Any, *check: Any, **named: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            real(self, *check, **named)

    return wrapped(torch.autograd.detect_anomaly, "__init__", make)


@mutant("anomaly.set-detect-anomaly.no-warning")
def set_detect_anomaly_warns(torch: Torch) -> Changed:
    """Making a set_detect_anomaly warns as detect_anomaly does."""

    def make(real: Any, self: Any, *mode: Any, **named: Any) -> None:
        warnings.warn("Anomaly Detection has been enabled.", UserWarning, stacklevel=3)
        real(self, *mode, **named)

    return wrapped(torch.autograd.set_detect_anomaly, "__init__", make)


@mutant("anomaly.set-detect-anomaly.context", "anomaly.set-detect-anomaly.function", "anomaly.check-nan.builtin-op")
def anomaly_mode_can_not_be_set(torch: Torch) -> Changed:
    """set_detect_anomaly(True) leaves anomaly mode off."""
    return wrapped(torch.autograd.set_detect_anomaly, "__init__", lambda real, self, mode, *more: real(self, False))


@mutant("anomaly.set-detect-anomaly.context")
def set_detect_anomaly_is_not_left(torch: Torch) -> Changed:
    """At the end of set_detect_anomaly the mode stays as it was set."""
    return patched(torch.autograd.set_detect_anomaly, "__exit__", lambda self, *_: None)


@mutant("anomaly.set-detect-anomaly.function")
def set_detect_anomaly_waits(torch: Torch) -> Changed:
    """set_detect_anomaly(True) as a plain call has no effect."""

    def make(real: Any, self: Any, *mode: Any, **named: Any) -> None:
        real(self, *mode, **named)
        if type(self) is torch.autograd.set_detect_anomaly:
            type(self).__exit__(self, None, None, None)

    return wrapped(torch.autograd.set_detect_anomaly, "__init__", make)


@mutant("anomaly.set-detect-anomaly.no-decorator")
def set_detect_anomaly_decorates(torch: Torch) -> Changed:
    """A set_detect_anomaly can be called with a function."""
    return patched(torch.autograd.set_detect_anomaly, "__call__", lambda self, function: function)


@mutant("anomaly.set-detect-anomaly.*", "anomaly.detect-anomaly.restores", "anomaly.detect-anomaly.process-wide")
def anomaly_mode_is_not_seen(torch: Torch) -> Changed:
    """is_anomaly_enabled is always False."""
    return patched(torch, "is_anomaly_enabled", lambda: False)


@mutant("anomaly.set-detect-anomaly.check-nan", "anomaly.detect-anomaly.restores")
def nan_check_is_not_seen(torch: Torch) -> Changed:
    """is_anomaly_check_nan_enabled is always True."""
    return patched(torch, "is_anomaly_check_nan_enabled", lambda: True)


@mutant("anomaly.detect-anomaly.process-wide")
def anomaly_mode_reads_off_in_other_threads(torch: Torch) -> Changed:
    """is_anomaly_enabled is False outside of the main thread."""

    def tell(real: Any) -> bool:
        return real() and threading.current_thread() is threading.main_thread()

    return wrapped(torch, "is_anomaly_enabled", tell)


# -- what it looks for


@mutant("anomaly.check-nan.default-true")
def nan_is_not_looked_for(torch: Torch) -> Changed:
    """detect_anomaly never checks for nan."""
    return wrapped(torch.autograd.detect_anomaly, "__init__", lambda real, self, check_nan=True: real(self, False))


@mutant("anomaly.check-nan.false")
def nan_is_always_looked_for(torch: Torch) -> Changed:
    """detect_anomaly checks for nan even with check_nan=False."""
    return wrapped(torch.autograd.detect_anomaly, "__init__", lambda real, self, check_nan=True: real(self, True))


@mutant("anomaly.set-detect-anomaly.check-nan")
def set_detect_anomaly_looks_for_no_nan(torch: Torch) -> Changed:
    """set_detect_anomaly has check_nan=False where nothing is said."""
    return wrapped(
        torch.autograd.set_detect_anomaly,
        "__init__",
        lambda real, self, mode, check_nan=False: real(self, mode, check_nan),
    )


@mutant("anomaly.check-nan.infinity-passes")
def infinity_is_looked_for(torch: Torch) -> Changed:
    """Under anomaly mode a gradient that is infinite is an error."""

    def then(leaf: Any) -> None:
        if torch.is_anomaly_enabled() and leaf.grad is not None and bool(torch.isinf(leaf.grad).any()):
            raise RuntimeError("Function returned inf values")

    return after_backward(torch, then)


@mutant("anomaly.check-nan.none-outside")
def nan_is_looked_for_outside(torch: Torch) -> Changed:
    """A backward looks for nan outside of anomaly mode, too."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        check = torch.is_anomaly_check_nan_enabled()
        with torch.autograd.set_detect_anomaly(True, check):
            proceed(roots)

    return around_backward(torch, around)


@mutant(
    "anomaly.check-nan.builtin-op", "anomaly.check-nan.needs-mode-in-backward", "anomaly.set-detect-anomaly.function"
)
def nan_from_operators_passes(torch: Torch) -> Changed:
    """Anomaly mode looks for nan in what Functions return, and not in what operators do."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        built_in = all(root.grad_fn is not None and root.grad_fn.name()[-1].isdigit() for root in roots)
        with torch.autograd.set_detect_anomaly(torch.is_anomaly_enabled(), not built_in):
            proceed(roots)

    return around_backward(torch, around)


# -- what it reports


@mutant(
    "anomaly.detect-anomaly.forward-traceback",
    "anomaly.detect-anomaly.forward-traceback-has-source-line",
    "anomaly.check-nan.report",
)
def forward_calls_are_not_reported(torch: Torch) -> Changed:
    """The report of anomaly mode says nothing of the forward call."""

    def shown(real: Any, message: Any) -> None:
        text = str(message.message)
        if "Traceback of forward call" in text:
            message.message = type(message.message)(
                text.split("Traceback")[0] + "No forward pass information available."
            )
        real(message)

    return wrapped(warnings, "_showwarnmsg", shown)


@mutant("anomaly.detect-anomaly.forward-traceback-has-source-line")
def reports_quote_no_line(torch: Torch) -> Changed:
    """The report of anomaly mode names functions, and no lines of theirs."""

    def shown(real: Any, message: Any) -> None:
        kept = [line for line in str(message.message).split("\n") if not line.startswith("    ")]
        message.message = type(message.message)("\n".join(kept))
        real(message)

    return wrapped(warnings, "_showwarnmsg", shown)


@mutant("anomaly.detect-anomaly.forward-outside", "anomaly.check-nan.needs-mode-in-backward")
def nothing_is_said_of_a_forward_outside(torch: Torch) -> Changed:
    """Where the forward run was outside the report says nothing of that."""

    def shown(real: Any, message: Any) -> None:
        if "No forward pass information" not in str(message.message):
            real(message)

    return wrapped(warnings, "_showwarnmsg", shown)


@mutant("anomaly.detect-anomaly.no-report-without-mode", "anomaly.detect-anomaly.backward-outside")
def errors_are_always_reported(torch: Torch) -> Changed:
    """An error in a backward outside of anomaly mode comes with a report on the forward call."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        try:
            proceed(roots)
        except Exception:
            if not torch.is_anomaly_enabled():
                warnings.warn("Traceback of forward call that caused the error", UserWarning, stacklevel=3)
            raise

    return around_backward(torch, around)


@mutant("anomaly.detect-anomaly.error-propagates")
def reported_errors_are_others(torch: Torch) -> Changed:
    """An error in a backward under anomaly mode becomes an AssertionError."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        try:
            proceed(roots)
        except Exception as error:
            if torch.is_anomaly_enabled():
                raise AssertionError(str(error)) from None
            raise

    return around_backward(torch, around)


@mutant("anomaly.detect-anomaly.metadata-traceback")
def nodes_keep_no_traceback(torch: Torch) -> Changed:
    """metadata has no traceback_."""
    return node_attribute(
        torch, "metadata", lambda real, self: {key: value for key, value in real.items() if key != "traceback_"}
    )


@mutant("anomaly.detect-anomaly.inplace-hint")
def hints_advise_the_same(torch: Torch) -> Changed:
    """The error about a value that was modified in place gives the same hint under anomaly mode."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        try:
            proceed(roots)
        except RuntimeError as error:
            raise RuntimeError(str(error).split("Hint: the backtrace")[0] + "Hint: enable anomaly detection") from None

    return around_backward(torch, around)
