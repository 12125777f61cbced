"""The order of dimensions, and of the elements along them, as torch spells it. These leave no node of their own."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from ..warn import once
from . import rearranging, shape
from .dims import wrap_dim, wrap_dims
from .form import composite
from .shaping import sizes_of


@composite()
def permute(input: Tensor, *args: Any, dims: Any = ...) -> Tensor:
    return shape.permute(input, sizes_of(args, dims))


@composite(aliases=("moveaxis",))
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    if isinstance(source, int) is not isinstance(destination, int):
        raise TypeError("movedim(): arguments 'source' and 'destination' must be both int, or both tuple of ints")
    a, b = ([wrap_dim(n, input.ndim) for n in listed_dims(d)] for d in (source, destination))
    for name, dims, given in (("source", a, source), ("destination", b, destination)):
        if len(a) == len(b) and len(set(dims)) < len(dims):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({listed_dims(given)})")
    if len(a) != len(b):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({listed_dims(source)} dims) should contain the same "
            f"number of dims as destination ({listed_dims(destination)} dims)"
        )
    if not input.ndim:
        return shape.alias(input)
    rest = iter([d for d in range(input.ndim) if d not in a])
    placed = dict(zip(b, a, strict=True))
    return shape.permute(input, tuple(placed[d] if d in placed else next(rest) for d in range(input.ndim)))


def listed_dims(d: Any) -> list[int]:
    return [d] if isinstance(d, int) else list(d)


@composite("T", modules="", method="property")
def big_t(self: Tensor) -> Tensor:
    if self.ndim not in (0, 2):
        once(REVERSED)
    scalar_deprecated(self, "T")
    return shape.permute(self, tuple(range(self.ndim))[::-1])


@composite("mT", modules="", method="property")
def matrix_t(self: Tensor) -> Tensor:
    if scalar_deprecated(self, "mT"):
        return shape.alias(self)
    if self.ndim < 2:
        raise RuntimeError(f"tensor.mT is only supported on matrices or batches of matrices. Got {self.ndim}-D tensor.")
    return shape.transpose(self, -2, -1)


@composite("mH", modules="", method="property")
def matrix_h(self: Tensor) -> Tensor:
    if scalar_deprecated(self, "mH"):
        return self.conj()
    if self.ndim < 2:
        raise RuntimeError(f"tensor.mH is only supported on matrices or batches of matrices. Got {self.ndim}-D tensor.")
    return shape.transpose(self, -2, -1).conj()


@composite("H", modules="", method="property")
def big_h(self: Tensor) -> Tensor:
    if self.ndim not in (0, 2):
        batch = " For batches of matrices, consider using tensor.mH" if self.ndim > 2 else ""
        raise RuntimeError(f"tensor.H is only supported on matrices (2-D tensors). Got {self.ndim}-D tensor.{batch}")
    return self.conj() if scalar_deprecated(self, "H") else matrix_h(self)


REVERSED = (
    "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an error "
    "in a future release. Consider `x.mT` to transpose batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, "
    "-1))` to reverse the dimensions of a tensor."
)


def scalar_deprecated(x: Tensor, name: str) -> bool:
    """Whether x is 0-dim; then torch warns of this property."""
    if not x.ndim:
        instead = "Consider using x.conj()." if "H" in name else "This function is the identity in these cases."
        once(f"Tensor.{name} is deprecated on 0-D tensors. {instead}")
    return not x.ndim


@composite()
def adjoint(input: Tensor) -> Tensor:
    if input.ndim == 1:
        raise RuntimeError("tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return matrix_h(input) if input.ndim else input.conj()


@composite()
def flip(input: Tensor, *args: Any, dims: Any = ...) -> Tensor:
    if not args and dims is ...:
        raise TypeError('flip() missing 1 required positional arguments: "dims"')
    along = sizes_of(args, dims)
    wrap_dims(along, input.ndim)
    return rearranging.flip(input, along)


@composite()
def fliplr(input: Tensor) -> Tensor:
    if input.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return rearranging.flip(input, (1,))


@composite()
def flipud(input: Tensor) -> Tensor:
    if input.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return rearranging.flip(input, (0,))


@composite()
def roll(input: Tensor, shifts: Any, dims: tuple[int, ...] | int | None = ()) -> Tensor:
    dims = () if dims is None else dims
    if not isinstance(shifts, int) and not len(tuple(shifts)):
        raise RuntimeError("`shifts` required")
    if not input.ndim and dims != ():
        raise IndexError(f"Dimension specified as {listed_dims(dims)[0]} but tensor has no dimensions")
    both = tuple((n,) if isinstance(n, int) else tuple(n) for n in (shifts, dims))
    return rearranging.roll(input, *both)


@composite()
def rot90(input: Tensor, k: int = 1, dims: tuple[int, ...] = (0, 1)) -> Tensor:
    return rearranging.rot90(input, k, tuple(dims))
