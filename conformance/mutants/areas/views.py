"""Views: operators that copy where they should show, and copies that are views."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from conformance.mutants.around import Noted, asked_by_the_engine, attribute
from conformance.mutants.mutant import Mutant, Torch, mutant, operator, patched, register, wrapped

Changed = contextlib.AbstractContextManager[None]

METHODS = """
transpose permute movedim swapaxes swapdims t adjoint view view_as unflatten unsqueeze squeeze narrow select split
split_with_sizes chunk tensor_split hsplit vsplit unbind reshape flatten diagonal expand expand_as unfold as_strided
view_as_real view_as_complex values
"""
"""View operators, each with a claim of its name; one mutant for each: it returns a copy of what it should show."""

ATTRIBUTES = {"T": "attr-t", "H": "attr-h", "mT": "mt", "mH": "mh", "real": "real-imag", "imag": "real-imag"}
"""The same for attributes that are views."""

MORE = {
    "view": (
        "views.edit-through-view-reflects-in-base",
        "views.base-of-chain-is-root",
        "inplace.base-updates-existing-view-grad-fn",
        "inplace.view-created-in-no-grad.errors",
        "grad-mode.no-grad.views-keep-flag",
    ),
    "transpose": ("views.transpose-not-contiguous",),
    "reshape": ("views.reshape-view-or-copy",),
    "flatten": ("views.reshape-view-or-copy",),
    "view_as_real": ("views.view-as-real-and-complex",),
    "view_as_complex": ("views.view-as-real-and-complex",),
    "values": ("views.sparse-indices-values",),
    "unbind": ("inplace.multi-view-output.errors",),
    "chunk": ("inplace.multi-view-output.errors",),
    "split": ("inplace.multi-view-output.errors",),
}
"""What else is claimed of some of them."""


def _copied(made: Any) -> Any:
    if isinstance(made, list | tuple):
        return type(made)(one.clone() for one in made)
    return made.clone() if made.is_floating_point() or made.is_complex() else made


def copies(torch: Torch, name: str) -> Changed:
    """It returns a copy of what it should show."""
    return operator(torch, name, lambda real, self, *how, **named: _copied(real(self, *how, **named)))


def attribute_copies(torch: Torch, name: str) -> Changed:
    """It reads as a copy of what it should show."""
    return attribute(torch, name, read=lambda real, self: _copied(real(self)))


def _register_all() -> None:
    for name in METHODS.split():
        claims = (f"views.{name.replace('_', '-')}", *MORE.get(name, ()))
        register(
            Mutant(f"{name}_copies", f"{name}: {copies.__doc__}", claims, None, partial(copies, name=name), made=True)
        )
    for name, claim in ATTRIBUTES.items():
        about, change = f"{name}: {attribute_copies.__doc__}", partial(attribute_copies, name=name)
        register(Mutant(f"{name}_copies", about, (f"views.{claim}",), None, change, made=True))


_register_all()


@mutant(
    "views.basic-slicing",
    "views.step-slicing",
    "views.ellipsis-none-index",
    "views.select",
    "views.edit-through-view-reflects-in-base",
    "inplace.version-shared-by-views",
    "inplace.view-modified-saved-base",
    "inplace.view-updates-base-as-copyslices",
    "inplace.view-of-leaf-requiring-grad",
    "grad-mode.*view*",
)
def indexing_copies(torch: Torch) -> Changed:
    """x[...] copies."""
    return wrapped(torch.Tensor, "__getitem__", lambda real, self, index: real(self, index).clone())


def _base_read(torch: Torch, read: Callable[[Any, Any], Any]) -> Changed:
    """Where a case asks, ``_base`` is ``read(the real one, tensor)``."""
    if torch.__name__ == "torch":
        return attribute(torch, "_base", read=lambda real, self: read(real(self), self))

    def asked(self: Any) -> Any:
        real = vars(self).get("_base")
        return real if asked_by_the_engine(torch, 2) else read(real, self)

    return patched(torch.Tensor, "_base", property(asked, lambda self, base: vars(self).__setitem__("_base", base)))


@mutant("views.base-of-chain-is-root", "grad-mode.inference-mode.no-view-tracking")
def views_have_no_base(torch: Torch) -> Changed:
    """_base is always None."""
    return _base_read(torch, lambda base, self: None)


@mutant("views.base-of-chain-is-root")
@contextlib.contextmanager
def views_of_views_have_views_as_bases(torch: Torch) -> Iterator[None]:
    """_base of x[...] is x, though x be a view itself."""
    shown = Noted()

    def index(real: Any, self: Any, where: Any) -> Any:
        made = real(self, where)
        shown.note(made, self)
        return made

    def read(base: Any, self: Any) -> Any:
        return None if base is None else shown.of(self, base)

    with wrapped(torch.Tensor, "__getitem__", index), _base_read(torch, read):
        yield


@mutant("modes.inference-skips-version-and-view-tracking", "grad-mode.inference-mode.no-view-tracking")
def nothing_is_a_view(torch: Torch) -> Changed:
    """_is_view() is always False."""
    return patched(torch.Tensor, "_is_view", lambda self: False)


@mutant("views.detach", "views.sparse-indices-values")
def everything_is_a_view(torch: Torch) -> Changed:
    """_is_view() is always True."""
    return patched(torch.Tensor, "_is_view", lambda self: True)


@mutant("views.out-of-place-op-not-view")
def adding_nothing_is_a_view(torch: Torch) -> Changed:
    """x + 0 is a view of x."""

    def around(real: Any, self: Any, other: Any) -> Any:
        return self.view_as(self) if isinstance(other, int) and other == 0 else real(self, other)

    return wrapped(torch.Tensor, "__add__", around)


@mutant("views.contiguous-returns-self-when-contiguous", "grad-mode.no-grad.views-keep-flag")
def contiguous_always_copies(torch: Torch) -> Changed:
    """contiguous() of a contiguous tensor is a copy."""

    def around(real: Any, self: Any, **named: Any) -> Any:
        made = real(self, **named)
        return made.clone() if made is self else made

    return wrapped(torch.Tensor, "contiguous", around)


@mutant("views.transpose-not-contiguous")
def everything_is_contiguous(torch: Torch) -> Changed:
    """is_contiguous() is always True."""
    return patched(torch.Tensor, "is_contiguous", lambda self, **named: True)


@mutant("views.transpose-not-contiguous")
def contiguous_does_nothing(torch: Torch) -> Changed:
    """contiguous() of any tensor is that tensor."""
    return patched(torch.Tensor, "contiguous", lambda self, **named: self)


@mutant("views.attr-real-of-real-tensor-is-self")
def real_parts_of_real_tensors_are_views(torch: Torch) -> Changed:
    """real of a tensor of real numbers is a view of it."""
    return attribute(torch, "real", read=lambda real, x: real(x) if x.is_complex() else x.view_as(x))


@mutant("views.reshape-view-or-copy")
def reshaping_writes_nothing_back(torch: Torch) -> Changed:
    """reshape of a tensor that is not contiguous passes no gradient."""

    def around(real: Any, self: Any, *shape: Any) -> Any:
        return real(self if self.is_contiguous() else self.detach(), *shape)

    return wrapped(torch.Tensor, "reshape", around)


# -- advanced indexing


@mutant("views.advanced-indexing-copies")
def lists_select_views(torch: Torch) -> Changed:
    """x[[0, 1]] is a view of the first two."""

    def around(real: Any, self: Any, where: Any) -> Any:
        return real(self, slice(2)) if where == [0, 1] else real(self, where)

    return wrapped(
        torch.Tensor, "__getitem__", lambda real, x, i: around(real, x, i) if isinstance(i, list) else real(x, i)
    )


def _advanced(torch: Torch, where: Any) -> bool:
    return isinstance(where, list | torch.Tensor)


@mutant("views.advanced-indexing-assigns-in-place", "views.index-put-recorded")
def assignments_by_lists_are_lost(torch: Torch) -> Changed:
    """x[[0, 1]] = 1 writes into a copy."""

    def around(real: Any, self: Any, where: Any, value: Any) -> None:
        if not _advanced(torch, where):
            real(self, where, value)

    return wrapped(torch.Tensor, "__setitem__", around)


@mutant("views.index-put-recorded")
def assignments_by_lists_are_not_recorded(torch: Torch) -> Changed:
    """x[[0, 1]] = y writes without a node."""

    def around(real: Any, self: Any, where: Any, value: Any) -> None:
        with torch.no_grad() if _advanced(torch, where) else contextlib.nullcontext():
            real(self, where, value)

    return wrapped(torch.Tensor, "__setitem__", around)


@mutant("views.index-assignment-recorded-as-copyslices", "inplace.recorded-gradient", "version.no-error-means-correct")
def assignments_to_slices_are_not_recorded(torch: Torch) -> Changed:
    """x[1:] = y writes without a node."""

    def around(real: Any, self: Any, where: Any, value: Any) -> None:
        with contextlib.nullcontext() if _advanced(torch, where) else torch.no_grad():
            real(self, where, value)

    return wrapped(torch.Tensor, "__setitem__", around)
