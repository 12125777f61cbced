"""Grad modes: contexts that do nothing, leak, or nest wrongly."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant(
    "grad-mode.no-grad.*",
    "no-grad.*",
    "modes.*",
    "function.apply.under-no-grad",
    "inplace.*no-grad*",
    "graph.node.grad-fn-none-under-no-grad",
    "out.under-no-grad-allowed",
    "backward.under-no-grad",
    "grad.under-no-grad.*",
    "checkpoint.under-no-grad",
    "threads.grad-mode-is-thread-local",
    "grad-mode.enable-grad.*",
    "forward-ad.no-grad.*",
    "function.needs-input-grad.under-no-grad",
    "functional.common.works-under-no-grad",
)
def no_grad_records(torch: Torch) -> Changed:
    """no_grad leaves gradients on."""
    return patched(torch.no_grad, "__enter__", lambda self: torch.enable_grad.__enter__(_fields(self)))


def _fields(context: Any) -> Any:
    if not hasattr(context, "prev"):
        context.prev = True
    return context


@mutant(
    "grad-mode.enable-grad.*",
    "grad-mode.no-grad.*",
    "tensor.post-accumulate-hook.enable-grad-inside",
    "modes.*",
    "function-ctx.save-for-backward.recompute-intermediate",
)
def enable_grad_does_nothing(torch: Torch) -> Changed:
    """enable_grad inside no_grad leaves gradients off."""
    return patched(torch.enable_grad, "__enter__", torch.no_grad.__enter__)


@mutant("grad-mode.no-grad.decorat*", "modes.context-manager-and-decorator", "modules.init-under-no-grad-decorator")
def no_grad_does_not_decorate(torch: Torch) -> Changed:
    """A function decorated with no_grad() records."""
    return patched(torch.no_grad, "__call__", lambda self, function: function)


@mutant(
    "grad-mode.set-grad-enabled.*",
    "grad-mode.is-grad-enabled.value",
    "modes.*",
    "grad-mode.enable-grad.inside-set-grad-enabled",
)
def set_grad_enabled_does_nothing(torch: Torch) -> Changed:
    """set_grad_enabled(False) leaves gradients on."""
    return wrapped(torch.set_grad_enabled, "__init__", lambda real, self, mode: real(self, _as_bool(mode)))


def _as_bool(mode: Any) -> Any:
    return True if isinstance(mode, bool) else mode


@mutant("grad-mode.is-inference.*", "grad-mode.inference-mode.*", "inference.*", "modes.*")
def inference_mode_is_no_grad(torch: Torch) -> Changed:
    """Tensors made in inference mode do not say so."""
    return patched(torch.Tensor, "is_inference", lambda self: False)


@mutant("grad-mode.is-inference-mode-enabled.value", "grad-mode.inference-mode.*", "inference.*")
def inference_mode_is_not_seen(torch: Torch) -> Changed:
    """is_inference_mode_enabled is always False."""
    return patched(torch, "is_inference_mode_enabled", lambda: False)


@mutant(
    "grad-mode.inference-mode.mode-false",
    "inference.*",
    "grad-mode.inference-mode.*",
)
def inference_mode_can_not_be_left(torch: Torch) -> Changed:
    """inference_mode(False) switches inference mode on."""
    return wrapped(torch.inference_mode, "__init__", lambda real, self, mode=True: real(self, True))


@mutant(
    "grad-mode.is-grad-enabled.value",
    "grad-mode.no-grad.*",
    "grad-mode.set-grad-enabled.*",
    "grad-mode.enable-grad.*",
    "modes.*",
    "tensor.register-hook.runs-under-grad",
    "tensor.post-accumulate-hook.*grad-mode*",
    "function.apply.*grad-mode*",
    "function.once-differentiable.runs-without-grad-mode",
    "savedhooks.context.pack-runs-without-grad",
    "threads.grad-mode-is-thread-local",
)
def grad_mode_reads_on(torch: Torch) -> Changed:
    """is_grad_enabled is always True."""
    return patched(torch, "is_grad_enabled", lambda: True)


@mutant("grad-mode.set-multithreading-enabled.*", "grad-mode.is-multithreading-enabled.value")
def multithreading_is_not_switched(torch: Torch) -> Changed:
    """set_multithreading_enabled does nothing."""
    return wrapped(
        torch.autograd.grad_mode.set_multithreading_enabled, "__init__", lambda real, self, mode: real(self, True)
    )
