"""torch.autograd.forward_ad: forward mode by dual tensors. How tangents are computed: compiler/tangent.py."""

from __future__ import annotations

from threading import get_ident
from typing import Any, NamedTuple

from ..errors import Unsupported
from ..graph import dual
from ..graph.modes import DUAL, INFERENCE, PRIMAL, mode, set_mode
from ..ops.structure import dual_view, primal_view
from ..tensor import Tensor
from .grad_mode import Mode

__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]


class UnpackedDualTensor(NamedTuple):
    """What unpack_dual returns; tangent is None where there is none."""

    primal: Tensor
    tangent: Tensor | None


def enter_dual_level() -> int:
    """Enter the level, and return it: 0. A second one raises (source: forward_ad.enter_dual_level)."""
    dual.enter()
    return 0


def current_level() -> int:
    """0 inside a level, -1 outside: those that transforms make inside each other are 0 to those who ask."""
    return 0 if dual.Level.opened else -1


def check_thread() -> None:
    """Refuse a level of another thread: operators of this one give no tangents."""
    if not mode() & (DUAL | PRIMAL) and dual.Level.opened[-1].thread != get_ident():
        raise Unsupported("forward mode in another thread than the one that entered the level")


def __getattr__(name: str) -> Any:
    if name == "_current_level":
        return current_level()
    raise AttributeError(f"module 'torch.autograd.forward_ad' has no attribute '{name}'")


def exit_dual_level(*, level: int | None = None) -> None:
    """Leave the level; all tangents in it are gone (source: forward_ad.exit_dual_level)."""
    level = current_level() if level is None else level
    if level != current_level():
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not supported."
        )
    if level < 0:
        raise RuntimeError("Dual level must be a positive number.")
    dual.leave(dual.Level.opened[-1])


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """A view of tensor that carries tangent, which is copied only if its layout differs (source: forward_ad.make_dual).

    Both of one shape, floating point or complex; differentiable in both.
    """
    level = current_level() if level is None else level
    if level < 0:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first."
        )
    check_thread()
    dual.check_floating(tensor, "primal")
    dual.check_floating(tangent, "tangent")
    if level != current_level():
        raise RuntimeError("Invalid level given to _make_dual")
    if dual.tangent_of(tensor) is not None:
        raise RuntimeError(
            "Making a dual Tensor based on a Tensor that already has a forward gradient at the same level "
            f"{level} is not supported."
        )
    with dual.Primals():
        made = dual_view(tensor)
    dual.attach(made, tangent)
    return made


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """(primal, tangent) of tensor: a view that has no tangent, and the tangent itself (source: forward_ad.unpack_dual)."""
    level = current_level() if level is None else level
    if level < 0:
        return UnpackedDualTensor(tensor, None)
    if not isinstance(tensor, Tensor):
        kind = type(tensor).__name__
        raise TypeError(f"_unpack_dual(): argument 'dual' (position 1) must be Tensor, not {kind}")
    check_thread()
    tangent = None if mode() & INFERENCE else dual.tangent_of(tensor)
    if level != current_level() and tangent is not None:
        raise RuntimeError("Invalid level given to _fw_primal")
    with dual.Primals() as at:
        primal = primal_view(tensor)
        if at is not None:
            dual.hold(primal, False, at)
    return UnpackedDualTensor(primal, tangent)


class dual_level(Mode):
    """A context, and a decorator, inside which forward mode happens (source: forward_ad.dual_level)."""

    def __enter__(self) -> int:  # type: ignore[override]
        return enter_dual_level()

    def __exit__(self, *_: object) -> None:
        exit_dual_level()


def _is_fwd_grad_enabled() -> bool:
    return not mode() & PRIMAL


class _set_fwd_grad_enabled(Mode):
    """Switch forward mode off (or on again), from the call on, as torch's does."""

    bits = DUAL | PRIMAL

    def __init__(self, mode_: bool) -> None:
        self.prev = mode()
        inside = DUAL if mode_ and dual.innermost() is not None else 0 if mode_ else PRIMAL
        set_mode(self.prev & ~self.bits | inside)

    def __new__(cls, mode_: bool) -> Any:  # type: ignore[misc]
        return object.__new__(cls)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        set_mode(mode() & ~self.bits | self.prev & self.bits)
