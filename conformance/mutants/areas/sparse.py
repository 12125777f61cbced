"""Sparse tensors: their values, the layouts of their gradients, and what is refused."""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

from conformance.mutants.mutant import Torch, mutant, operator, patched, wrapped

Changed = contextlib.AbstractContextManager[None]
TORCH = "torch"


@mutant("sparse.support.sparse-*", "sparse.support.*.sparse-operand", only=TORCH)
def sparse_gradients_are_dense(torch: Torch) -> Changed:
    """A sparse .grad reads as a strided tensor."""
    slot = next(vars(kind)["grad"] for kind in torch.Tensor.__mro__ if "grad" in vars(kind))

    def read(self: Any) -> Any:
        grad = slot.__get__(self)
        return grad if grad is None or grad.layout is torch.strided else grad.to_dense()

    return patched(torch.Tensor, "grad", property(read, slot.__set__, slot.__delete__))


@mutant(
    "sparse.support.*.strided-operand",
    "sparse.support.svd-lowrank.*",
    "sparse.support.pca-lowrank.*",
    "sparse.to-sparse-to-dense-gradient-is-masked",
    only=TORCH,
)
def strided_gradients_are_sparse(torch: Torch) -> Changed:
    """A strided .grad of two dimensions reads as a sparse tensor."""
    slot = next(vars(kind)["grad"] for kind in torch.Tensor.__mro__ if "grad" in vars(kind))

    def read(self: Any) -> Any:
        grad = slot.__get__(self)
        return grad.to_sparse() if grad is not None and grad.layout is torch.strided and grad.dim() == 2 else grad

    return patched(torch.Tensor, "grad", property(read, slot.__set__, slot.__delete__))


@mutant("sparse.values-carries-gradients", only=TORCH)
def values_are_detached(torch: Torch) -> Changed:
    """values() carries no gradient."""
    return wrapped(torch.Tensor, "values", lambda real, self: real(self).detach())


@mutant("sparse.values-underscore-detached", only=TORCH)
def raw_values_carry_gradients(torch: Torch) -> Changed:
    """_values() of a tensor that requires grad carries gradients."""
    return wrapped(
        torch.Tensor, "_values", lambda real, self: self.coalesce().values() if self.requires_grad else real(self)
    )


@mutant("sparse.construction-is-differentiable-in-values", "sparse.duplicate-entries-*", only=TORCH)
def construction_detaches(torch: Torch) -> Changed:
    """sparse_coo_tensor() takes its values out of the graph."""
    return wrapped(
        torch,
        "sparse_coo_tensor",
        lambda real, indices, values, *more, **named: real(indices, values.detach(), *more, **named),
    )


@mutant("sparse.sin-supported-zero-preserving-gradient", only=TORCH)
def sin_of_sparse_tensors_is_dense(torch: Torch) -> Changed:
    """sin of a sparse tensor is that of the strided one, with its derivative."""
    return operator(torch, "sin", lambda real, x: real(x.to_dense() if x.layout is torch.sparse_coo else x))


@mutant("sparse.indices-on-uncoalesced.errors", only=TORCH)
def indices_coalesce(torch: Torch) -> Changed:
    """indices() of a tensor that is not coalesced coalesces it first."""
    return wrapped(torch.Tensor, "indices", lambda real, self: real(self if self.is_coalesced() else self.coalesce()))


@mutant("sparse.support.spsolve-cpu.errors", only=TORCH)
def spsolve_solves(torch: Torch) -> Changed:
    """sparse.spsolve solves the strided system."""
    return patched(torch.sparse, "spsolve", lambda a, b, **named: torch.linalg.solve(a.to_dense(), b))


@mutant("sparse.softmax-fill-is-minus-inf", only=TORCH)
def sparse_softmax_fills_with_zeros(torch: Torch) -> Changed:
    """sparse.softmax takes unspecified entries as zeros."""
    return patched(
        torch.sparse, "softmax", lambda x, dim, **named: torch.softmax(x.to_dense(), dim).sparse_mask(x.coalesce())
    )


@mutant("sparse.gradcheck-wrapper", only=TORCH)
def the_wrapper_of_gradcheck_does_nothing(torch: Torch) -> Changed:
    """as_sparse_gradcheck returns gradcheck as it is."""
    return patched(torch.sparse, "as_sparse_gradcheck", lambda gradcheck: gradcheck)


@mutant("sparse.csr-creation.warning", only=TORCH)
def coo_tensors_are_warned_of(torch: Torch) -> Changed:
    """to_sparse() warns that it is in beta state."""

    def around(real: Any, *arguments: Any, **named: Any) -> Any:
        warnings.warn("Sparse COO tensor support is in beta state", UserWarning, stacklevel=2)
        return real(*arguments, **named)

    return wrapped(torch.Tensor, "to_sparse", around)
