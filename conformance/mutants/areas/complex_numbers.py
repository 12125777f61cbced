"""Complex numbers: the convention of their gradients, their parts, and their meeting with real ones."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.around import after_backward
from conformance.mutants.mutant import Torch, mutant, operator, patched, patched_all, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant(
    "complex.convention.*",
    "complex.formula.general-vjp",
    "complex.formula.multiply-by-real-constant",
    "complex.formula.complex-to-real",
    "complex.holomorphic.*",
    "complex.descent.*",
    "complex.real-imag-gradients",
    "complex.angle.gradient",
    "complexpage.autograd.*",
    "complexpage.optimizers.*",
)
def gradients_are_not_conjugated(torch: Torch) -> Changed:
    """backward fills .grad with the conjugate of torch's gradient, as other conventions have it."""

    def then(leaf: Any) -> None:
        if leaf.grad is not None and leaf.grad.is_complex():
            with torch.no_grad():
                leaf.grad = leaf.grad.conj().resolve_conj()

    return after_backward(torch, then)


@mutant("complex.formula.conj")
def conj_does_not_conjugate(torch: Torch) -> Changed:
    """conj passes its gradient back without conjugating it."""

    def around(real: Any, x: Any) -> Any:
        made = real(x)
        if made.grad_fn is not None and made.is_complex():
            made.register_hook(real)
        return made

    return operator(torch, "conj", around)


def _parts(torch: Torch, name: str) -> Any:
    return next(vars(kind)[name] for kind in torch.Tensor.__mro__ if name in vars(kind))


@mutant("complex.real-imag-gradients")
def imaginary_parts_pass_back_their_negative(torch: Torch) -> Changed:
    """The gradient of z.imag arrives with the other sign."""
    slot = _parts(torch, "imag")

    def read(self: Any) -> Any:
        made = slot.__get__(self)
        if made.grad_fn is not None:
            made.register_hook(lambda grad: -grad)
        return made

    return patched(torch.Tensor, "imag", property(read, getattr(slot, "__set__", None)))


@mutant("complexpage.real-imag-not-contiguous-no-copy", "views.real-imag")
def parts_are_copies(torch: Torch) -> Changed:
    """z.real and z.imag of a complex z are new tensors."""

    def copy(slot: Any) -> Any:
        def read(self: Any) -> Any:
            return slot.__get__(self).clone() if self.is_complex() else slot.__get__(self)

        return property(read, getattr(slot, "__set__", None))

    return patched_all(*((torch.Tensor, name, copy(_parts(torch, name))) for name in ("real", "imag")))


@mutant("complex.real-input-mixed-with-complex-gets-real-gradient")
def real_factors_get_the_absolute_value(torch: Torch) -> Changed:
    """A real tensor that multiplies a complex one gets a gradient without signs."""

    def spoil(gradients: tuple[Any, ...], incoming: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(g if g is None or g.is_complex() else abs(g) for g in gradients)

    def around(real: Any, self: Any, other: Any) -> Any:
        made = real(self, other)
        if isinstance(made, torch.Tensor) and made.is_complex() and made.grad_fn is not None:
            made.grad_fn.register_hook(spoil)
        return made

    return wrapped(torch.Tensor, "__mul__", around)


@mutant("complex.formula.real-to-complex-gradient-is-real")
def real_parts_pass_back_the_imaginary_one(torch: Torch) -> Changed:
    """complex(x, y) passes the gradient of its real part to y and that of its imaginary part to x."""
    return wrapped(torch, "complex", lambda real, x, y: real(x + (y - y.detach()), y + (x - x.detach())))


@mutant("complexpage.default-complex-dtype-follows-float")
def complex_literals_are_complex64(torch: Torch) -> Changed:
    """tensor() of complex numbers is complex64, whatever the default dtype."""

    def around(real: Any, *arguments: Any, **named: Any) -> Any:
        made = real(*arguments, **named)
        return made.to(torch.complex64) if made.is_complex() and named.get("dtype") is None else made

    return wrapped(torch, "tensor", around)


@mutant("complexpage.abs-angle-values")
def angles_are_in_degrees(torch: Torch) -> Changed:
    """angle() of complex numbers is in degrees."""
    return operator(torch, "angle", lambda real, z: real(z) * 57.29577951308232)
