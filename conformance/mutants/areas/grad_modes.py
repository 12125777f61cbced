"""Grad modes: managers that do nothing, do not give back what was before, do not decorate, or reach other threads."""

from __future__ import annotations

import contextlib
import threading
import traceback
from collections.abc import Iterator
from typing import Any

from conformance.mutants.around import attribute, both
from conformance.mutants.mutant import Torch, mutant, operator, patched, patched_all, wrapped

Changed = contextlib.AbstractContextManager[None]


# -- managers that do something else


@mutant(
    "grad-mode.no-grad.results-without-grad",
    "grad-mode.no-grad.backward-of-result",
    "grad-mode.is-grad-enabled.value",
    "modes.default.requires-grad-effective-only-in-grad-mode",
    "modes.context-manager-and-decorator",
    "no-grad.in-place-update-of-leaf-allowed",
    "function.apply.under-no-grad",
    "inplace.*no-grad*",
    "graph.node.grad-fn-none-under-no-grad",
    "out.under-no-grad-allowed",
    "grad.under-no-grad.*",
    "checkpoint.under-no-grad",
    "threads.grad-mode-is-thread-local",
    "forward-ad.no-grad.*",
    "function.needs-input-grad.under-no-grad",
    "functional.common.works-under-no-grad",
)
def no_grad_records(torch: Torch) -> Changed:
    """no_grad leaves gradients on."""

    def enter(real: Any, self: Any) -> None:
        real(self)
        torch.set_grad_enabled(True)

    return wrapped(torch.no_grad, "__enter__", enter)


@mutant(
    "no-grad.result-usable-in-grad-mode-later",
    "no-grad.in-place-update-bumps-version",
    "modes.table.no-grad-tensors-usable-later-inference-not",
    "modes.inference-skips-version-and-view-tracking",
)
def no_grad_is_inference_mode(torch: Torch) -> Changed:
    """What is made under no_grad is an inference tensor."""

    def enter(real: Any, self: Any) -> None:
        real(self)
        self.stricter = contextlib.nullcontext() if _prints() else torch.inference_mode()
        self.stricter.__enter__()

    def leave(real: Any, self: Any, *raised: Any) -> None:
        self.stricter.__exit__(None, None, None)
        real(self, *raised)

    def _prints() -> bool:
        """Whether torch prints: it leaves a guard after no_grad that would bring back what was inside."""
        return any(frame.filename.endswith("_tensor_str.py") for frame in traceback.extract_stack(limit=6))

    return _both(torch.no_grad, enter, leave)


@contextlib.contextmanager
def _both(manager: Any, enter: Any, leave: Any) -> Iterator[None]:
    with wrapped(manager, "__enter__", enter), wrapped(manager, "__exit__", leave):
        yield


@mutant(
    "grad-mode.enable-grad.inside-*",
    "grad-mode.enable-grad.decorator",
    "tensor.post-accumulate-hook.enable-grad-inside",
    "modes.context-manager-and-decorator",
    "function-ctx.save-for-backward.recompute-intermediate",
)
def enable_grad_does_nothing(torch: Torch) -> Changed:
    """enable_grad inside no_grad leaves gradients off."""

    def enter(real: Any, self: Any) -> None:
        before = torch.is_grad_enabled()
        real(self)
        torch.set_grad_enabled(before)

    return wrapped(torch.enable_grad, "__enter__", enter)


@mutant("grad-mode.enable-grad.thread-local")
def enable_grad_reads_on_in_other_threads(torch: Torch) -> Changed:
    """is_grad_enabled is True as long as any thread is inside enable_grad."""
    entered: list[Any] = []

    def enter(real: Any, self: Any) -> None:
        real(self)
        entered.append(self)

    def leave(real: Any, self: Any, *raised: Any) -> None:
        entered.remove(self)
        real(self, *raised)

    reading = wrapped(torch, "is_grad_enabled", lambda real: real() or bool(entered))
    return both(_both(torch.enable_grad, enter, leave), reading)


@mutant(
    "grad-mode.set-grad-enabled.context",
    "grad-mode.set-grad-enabled.function",
    "grad-mode.set-grad-enabled.used-as-function-persists-in-thread",
    "grad-mode.enable-grad.inside-set-grad-enabled",
)
def set_grad_enabled_does_nothing(torch: Torch) -> Changed:
    """set_grad_enabled(False) leaves gradients on."""
    return wrapped(torch.set_grad_enabled, "__init__", lambda real, self, mode: real(self, _as_bool(mode)))


def _as_bool(mode: Any) -> Any:
    return True if isinstance(mode, bool) else mode


@mutant("grad-mode.set-grad-enabled.effect-at-construction", "grad-mode.set-grad-enabled.function")
def set_grad_enabled_waits(torch: Torch) -> Changed:
    """set_grad_enabled(False) takes effect when it is entered, not when it is made."""
    enabled, switch = torch.is_grad_enabled, torch.set_grad_enabled.__init__

    def make(real: Any, self: Any, mode: Any) -> None:
        before = enabled()
        real(self, mode)
        switch(object.__new__(torch.set_grad_enabled), before)

    return wrapped(torch.set_grad_enabled, "__init__", make)


@mutant("grad-mode.set-grad-enabled.non-bool")
def set_grad_enabled_takes_anything(torch: Torch) -> Changed:
    """set_grad_enabled takes what is no bool for its truth value."""
    return wrapped(torch.set_grad_enabled, "__init__", lambda real, self, mode: real(self, bool(mode)))


@mutant("grad-mode.set-grad-enabled.repr")
def set_grad_enabled_does_not_tell_its_mode(torch: Torch) -> Changed:
    """The repr of a set_grad_enabled is that of any object."""
    return patched(torch.set_grad_enabled, "__repr__", object.__repr__)


@mutant("grad-mode.set-grad-enabled.clone")
def clones_of_set_grad_enabled_are_on(torch: Torch) -> Changed:
    """clone() of a set_grad_enabled has the mode True."""
    return patched(torch.set_grad_enabled, "clone", lambda self: type(self)(True))


@mutant("grad-mode.set-grad-enabled.clone")
def set_grad_enabled_is_its_own_clone(torch: Torch) -> Changed:
    """clone() of a set_grad_enabled is that manager."""
    return patched(torch.set_grad_enabled, "clone", lambda self: self)


@mutant("grad-mode.is-grad-enabled.value", "modes.default.grad-mode-is-initial", "grad-mode.enable-grad.restores")
def grad_mode_reads_on(torch: Torch) -> Changed:
    """is_grad_enabled is always True."""
    return patched(torch, "is_grad_enabled", lambda: True)


@mutant("modes.default.grad-mode-is-initial", "grad-mode.is-inference-mode-enabled.value")
def inference_mode_reads_on(torch: Torch) -> Changed:
    """is_inference_mode_enabled is always True."""
    return patched(torch, "is_inference_mode_enabled", lambda: True)


@mutant("grad-mode.aliases.same-objects")
def managers_are_other_objects_elsewhere(torch: Torch) -> Changed:
    """torch.autograd.no_grad is a class of its own."""
    return patched(torch.autograd, "no_grad", type("no_grad", (torch.no_grad,), {}))


# -- what a mode lets through


@mutant("grad-mode.no-grad.factory-exception", "grad-mode.inference-mode.factory-requires-grad")
def factories_heed_no_grad(torch: Torch) -> Changed:
    """ones, tensor and zeros_like forget requires_grad=True while grad mode is off."""

    def heeding(real: Any) -> Any:
        def made(*given: Any, **named: Any) -> Any:
            if not torch.is_grad_enabled():
                named.pop("requires_grad", None)
            return real(*given, **named)

        return made

    return patched_all(*((torch, name, heeding(getattr(torch, name))) for name in ("ones", "tensor", "zeros_like")))


@mutant("grad-mode.no-grad.views-keep-flag", "grad-mode.inference-mode.view-of-normal-tensor-keeps-flag")
def views_under_no_grad_do_not_require_grad(torch: Torch) -> Changed:
    """view of a tensor that requires grad does not, while grad mode is off, as the documentation has it."""

    def around(real: Any, self: Any, *how: Any) -> Any:
        made = real(self, *how)
        return made if torch.is_grad_enabled() else made.detach()

    return operator(torch, "view", around)


@mutant("grad-mode.no-grad.inputs-keep-flag")
def nothing_requires_grad_under_no_grad(torch: Torch) -> Changed:
    """requires_grad reads False while grad mode is off."""
    return attribute(torch, "requires_grad", read=lambda real, x: torch.is_grad_enabled() and real(x))


@mutant("no-grad.nn-init-not-tracked")
def init_functions_record(torch: Torch) -> Changed:
    """nn.init.constant_ is recorded, so that a parameter is refused."""

    def fill(real: Any, tensor: Any, value: float) -> Any:
        return tensor.fill_(value)

    return wrapped(torch.nn.init, "constant_", fill)


@mutant("no-grad.nn-init-not-tracked")
def init_functions_freeze(torch: Torch) -> Changed:
    """A parameter that nn.init.ones_ has filled does not require grad any more."""
    return wrapped(torch.nn.init, "ones_", lambda real, tensor: real(tensor).requires_grad_(False))


# -- threads


@mutant(
    "grad-mode.no-grad.thread-local",
    "grad-mode.no-grad.worker-cannot-inherit",
    "grad-mode.set-grad-enabled.thread-local",
    "grad-mode.inference-mode.thread-local",
    "grad-mode.set-multithreading-enabled.thread-local",
    "threads.grad-mode-is-thread-local",
)
def threads_inherit_modes(torch: Torch) -> Changed:
    """A new thread has the modes of the one that starts it."""

    def start(real: Any, self: Any) -> None:
        grad, inference = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        several, run = torch.autograd.is_multithreading_enabled(), self.run

        def inside() -> None:
            torch.set_grad_enabled(grad)
            torch.autograd.grad_mode.set_multithreading_enabled(several)
            with torch.inference_mode() if inference else contextlib.nullcontext():
                run()

        self.run = inside
        real(self)

    return wrapped(threading.Thread, "start", start)


@mutant(
    "grad-mode.no-grad.thread-local",
    "grad-mode.enable-grad.thread-local",
    "grad-mode.set-grad-enabled.thread-local",
    only="torch",
)
@contextlib.contextmanager
def grad_mode_reads_that_of_the_last_thread(torch: Torch) -> Iterator[None]:
    """is_grad_enabled tells the mode that was set last, in whichever thread."""
    last = [torch.is_grad_enabled()]

    def note(real: Any, mode: bool) -> None:
        real(mode)
        last[0] = mode

    with (
        wrapped(torch._C, "_set_grad_enabled", note),
        patched(torch, "is_grad_enabled", lambda: last[0]),
    ):
        yield
