"""Inference mode and inference tensors; the flags of the engine beside grad mode; evaluation mode of modules."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from conformance.mutants.around import Noted, dropping, making
from conformance.mutants.mutant import Torch, mutant, operator, patched, patched_all, wrapped

Changed = contextlib.AbstractContextManager[None]


# -- the mode


@mutant(
    "grad-mode.inference-mode.results-without-grad",
    "grad-mode.inference-mode.saved-for-backward",
    "grad-mode.inference-mode.default-true",
    "grad-mode.inference-mode.no-version-counter",
    "modes.default.requires-grad-effective-only-in-grad-mode",
    "modes.context-manager-and-decorator",
)
def inference_mode_does_nothing(torch: Torch) -> Changed:
    """inference_mode() is entered, and operations are recorded inside."""
    kind = torch.inference_mode
    return patched_all((kind, "__enter__", lambda self: None), (kind, "__exit__", lambda self, *_: None))


@mutant(
    "grad-mode.is-inference.*",
    "grad-mode.inference-mode.default-true",
    "inference.nested-guards-restore",
    "modes.context-manager-and-decorator",
)
def inference_mode_is_no_grad(torch: Torch) -> Changed:
    """Tensors made in inference mode do not say so."""
    return patched_all((torch.Tensor, "is_inference", lambda self: False), (torch, "is_inference", lambda x: False))


@mutant("grad-mode.is-inference-mode-enabled.value", "inference.nested-guards-restore")
def inference_mode_is_not_seen(torch: Torch) -> Changed:
    """is_inference_mode_enabled is always False."""
    return patched(torch, "is_inference_mode_enabled", lambda: False)


@mutant("grad-mode.inference-mode.default-true")
def inference_mode_is_off_by_default(torch: Torch) -> Changed:
    """inference_mode() is inference_mode(False)."""
    return wrapped(torch.inference_mode, "__init__", lambda real, self, mode=False: real(self, mode))


@mutant("grad-mode.inference-mode.mode-false*", "inference.nested-guards-restore")
def inference_mode_can_not_be_left(torch: Torch) -> Changed:
    """inference_mode(False) switches inference mode on."""
    return wrapped(torch.inference_mode, "__init__", lambda real, self, mode=True: real(self, True))


@mutant("grad-mode.inference-mode.mode-false-inside-no-grad")
def inference_mode_false_leaves_grad_mode(torch: Torch) -> Changed:
    """inference_mode(False) leaves grad mode as it was, as the documentation has it."""

    def enter(real: Any, self: Any) -> None:
        grad, inside = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        real(self)
        if not self.mode and not inside:
            torch.set_grad_enabled(grad)

    return wrapped(torch.inference_mode, "__enter__", enter)


@mutant("inference.nested-guards-restore")
def nested_inference_modes_end_all(torch: Torch) -> Changed:
    """At the end of a nested inference_mode() gradients are on."""

    def leave(real: Any, self: Any, *raised: Any) -> None:
        real(self, *raised)
        torch.set_grad_enabled(True)

    return wrapped(torch.inference_mode, "__exit__", leave)


@mutant("grad-mode.inference-mode.enable-grad-inside")
@contextlib.contextmanager
def enable_grad_leaves_inference_mode(torch: Torch) -> Iterator[None]:
    """enable_grad inside inference mode records."""

    def enter(real: Any, self: Any) -> None:
        real(self)
        self.outside = torch.inference_mode(False) if torch.is_inference_mode_enabled() else contextlib.nullcontext()
        self.outside.__enter__()

    def leave(real: Any, self: Any, *raised: Any) -> None:
        self.outside.__exit__(None, None, None)
        real(self, *raised)

    with wrapped(torch.enable_grad, "__enter__", enter), wrapped(torch.enable_grad, "__exit__", leave):
        yield


@mutant("grad-mode.inference-mode.decorator-call", "modes.context-manager-and-decorator")
def inference_mode_does_not_decorate(torch: Torch) -> Changed:
    """A function decorated with inference_mode() runs outside of it."""
    return patched(torch.inference_mode, "__call__", lambda self, function: function)


@mutant("grad-mode.inference-mode.decorator-function-argument")
def inference_mode_needs_parentheses(torch: Torch) -> Changed:
    """@inference_mode without parentheses leaves the function as it is."""

    def make(real: Any, cls: Any, mode: Any = True) -> Any:
        return real(cls, mode) if isinstance(mode, bool) else mode

    return making(torch.inference_mode, make)


@mutant("grad-mode.inference-mode.clone")
def inference_mode_is_its_own_clone(torch: Torch) -> Changed:
    """clone() of an inference_mode is that manager."""
    return patched(torch.inference_mode, "clone", lambda self: self)


@mutant("grad-mode.inference-mode.clone")
def clones_of_inference_mode_are_on(torch: Torch) -> Changed:
    """clone() of an inference_mode has the mode True."""
    return patched(torch.inference_mode, "clone", lambda self: type(self)(True))


@mutant("grad-mode.inference-mode.no-eval-switch")
def inference_mode_evaluates(torch: Torch) -> Changed:
    """A dropout drops nothing in inference mode."""

    def forward(real: Any, self: Any, x: Any) -> Any:
        return x if torch.is_inference_mode_enabled() else real(self, x)

    return wrapped(torch.nn.Dropout, "forward", forward)


# -- inference tensors


@mutant("grad-mode.is-inference.view-rule")
@contextlib.contextmanager
def parts_are_no_inference_tensors(torch: Torch) -> Iterator[None]:
    """x[0] of an inference tensor says that it is none."""
    parts = Noted()

    def index(real: Any, self: Any, where: Any) -> Any:
        made = real(self, where)
        parts.note(made, True)
        return made

    def tell(real: Any, self: Any) -> bool:
        return not parts.of(self, False) and real(self)

    with wrapped(torch.Tensor, "__getitem__", index), wrapped(torch.Tensor, "is_inference", tell):
        yield


@mutant("grad-mode.is-inference.view-rule", "grad-mode.inference-mode.view-of-normal-tensor-keeps-flag")
def what_is_seen_inside_is_an_inference_tensor(torch: Torch) -> Changed:
    """x[0] of a normal tensor, taken in inference mode, is a copy made inside."""

    def index(real: Any, self: Any, where: Any) -> Any:
        made = real(self, where)
        return made.clone() if torch.is_inference_mode_enabled() and not self.is_inference() else made

    return wrapped(torch.Tensor, "__getitem__", index)


@mutant("grad-mode.inference-mode.clone-outside-is-normal")
def clones_of_inference_tensors_are_inference_tensors(torch: Torch) -> Changed:
    """clone() of an inference tensor is one, also outside."""

    def around(real: Any, self: Any, **named: Any) -> Any:
        with torch.inference_mode() if self.is_inference() else contextlib.nullcontext():
            return real(self, **named)

    return operator(torch, "clone", around)


@mutant("grad-mode.inference-mode.saved-for-backward", "modes.table.no-grad-tensors-usable-later-inference-not")
def inference_tensors_are_saved_as_copies(torch: Torch) -> Changed:
    """x * y takes a copy of an inference tensor outside of inference mode."""

    def around(real: Any, x: Any, y: Any) -> Any:
        outside = isinstance(y, torch.Tensor) and y.is_inference() and not torch.is_inference_mode_enabled()
        return real(x, y.clone() if outside else y)

    return wrapped(torch.Tensor, "__mul__", around)


@mutant("grad-mode.inference-mode.recorded-without-saving", "inference.tensor-in-op-that-does-not-save-it-is-allowed")
def sums_refuse_inference_tensors(torch: Torch) -> Changed:
    """x + y refuses an inference tensor outside of inference mode, as the documentation has it."""

    def around(real: Any, x: Any, y: Any) -> Any:
        if isinstance(y, torch.Tensor) and y.is_inference() and x.requires_grad and torch.is_grad_enabled():
            raise RuntimeError("Inference tensors cannot be used in recorded computations")
        return real(x, y)

    return wrapped(torch.Tensor, "__add__", around)


@mutant("inference.inplace-inside-allowed")
def inference_tensors_are_never_written(torch: Torch) -> Changed:
    """add_ refuses an inference tensor inside, too."""

    def around(real: Any, self: Any, *given: Any) -> Any:
        if self.is_inference():
            raise RuntimeError("Inplace update to inference tensor is not allowed")
        return real(self, *given)

    return wrapped(torch.Tensor, "add_", around)


@mutant("inference.set-requires-grad-inside-allowed", "grad-mode.inference-mode.requires-grad-outside")
def inference_tensors_never_require_grad(torch: Torch) -> Changed:
    """y.requires_grad = True on an inference tensor does nothing, and raises nothing."""
    return dropping(torch, "requires_grad", lambda x, flag: x.is_inference())
