"""Parametrizations that are ready made (source: torch.nn.utils.parametrizations)."""

from __future__ import annotations

from typing import Any

from ...autograd.grad_mode import no_grad
from ...tensor import Tensor
from .. import functional as F
from ..modules.conv import Transposed
from ..modules.module import Module
from .parametrize import register_parametrization


class _WeightNorm(Module):
    """Salimans and Kingma (2016): a weight as its norm, for each index of dim, times its direction."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        from ... import norm_except_dim

        return weight_v * (weight_g / norm_except_dim(weight_v, 2, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        from ... import norm_except_dim

        return norm_except_dim(weight, 2, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int = 0) -> Module:
    """Let a weight be computed of its norm, `original0`, and its direction, `original1`."""
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)

    def rename(state_dict: Any, prefix: str, *_: Any) -> None:
        """What torch.nn.utils.weight_norm called name_g and name_v."""
        keys = [f"{prefix}{name}_{part}" for part in "gv"]
        if all(key in state_dict for key in keys):
            for i, key in enumerate(keys):
                state_dict[f"{prefix}parametrizations.{name}.original{i}"] = state_dict.pop(key)

    module._register_load_state_dict_pre_hook(rename)
    return module


class _SpectralNorm(Module):
    """Miyato et al. (2018): a weight divided by its largest singular value, which power iteration approximates."""

    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        rank = weight.ndim
        if not -rank <= dim < rank:
            raise IndexError(f"Dimension out of range (expected to be in range of [-{rank}, {rank - 1}] but got {dim})")
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.dim, self.eps = dim % rank, eps
        if rank > 1:
            self.n_power_iterations = n_power_iterations
            matrix = self.matrix(weight.detach())
            for name, n in zip(("_u", "_v"), matrix.shape, strict=True):
                self.register_buffer(name, F.normalize(matrix.new_empty(n).normal_(0, 1), dim=0, eps=eps))
            self.iterate(matrix, 15)

    def matrix(self, weight: Tensor) -> Tensor:
        return weight.movedim(self.dim, 0).flatten(1)

    @no_grad()
    def iterate(self, matrix: Tensor, times: int) -> None:
        for _ in range(times):
            self._u.copy_(F.normalize(matrix.mv(self._v), dim=0, eps=self.eps))
            self._v.copy_(F.normalize(matrix.mH.mv(self._u), dim=0, eps=self.eps))

    def forward(self, weight: Tensor) -> Tensor:
        if weight.ndim == 1:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = self.matrix(weight)
        if self.training:
            self.iterate(matrix, self.n_power_iterations)
        u, v = self._u.clone(), self._v.clone()  # the next call changes them, maybe before backward
        return weight / u.vdot(matrix.mv(v))

    def right_inverse(self, value: Tensor) -> Tensor:
        return value


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """Let a weight be divided by its largest singular value, as a matrix whose rows are the indices of dim."""
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if dim is None:
        dim = 1 if isinstance(module, Transposed) else 0
    return register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, dim, eps))


def made_orthogonal(a: Tensor) -> Tensor:
    """Q of a = Q R, where R has a positive diagonal: close to a where that is nearly orthogonal."""
    from ... import geqrf
    from ...linalg import householder_product

    reflectors, tau = geqrf(a)
    return householder_product(reflectors, tau) * reflectors.diagonal(0, -2, -1).sgn().unsqueeze(-2)


def is_orthogonal(q: Tensor) -> bool:
    from ... import allclose, eye, finfo

    n, k = q.shape[-2:]
    return allclose(q.mH @ q, eye(k, dtype=q.dtype), atol=10 * n * finfo(q.dtype).eps)


class _Orthogonal(Module):
    """Lezcano-Casado (2019): a matrix with orthonormal columns, or rows, from one without constraint. With a trivialization
    the map is taken around `base`, which an assignment moves: so any orthogonal matrix can be assigned."""

    def __init__(self, weight: Tensor, orthogonal_map: str, use_trivialization: bool) -> None:
        super().__init__()
        if weight.is_complex() and orthogonal_map == "householder":
            raise ValueError("The householder parametrization does not support complex tensors.")
        self.shape, self.orthogonal_map, self.moves = weight.shape, orthogonal_map, use_trivialization
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, x: Tensor) -> Tensor:
        wide = x.shape[-2] < x.shape[-1]
        q = self.mapped(x.mT if wide else x)
        if self.moves:
            q = self.base @ q
        return q.mT if wide else q

    def mapped(self, x: Tensor) -> Tensor:
        """An orthogonal n x k matrix, n >= k, from the lower triangle of x."""
        from ... import cat, eye, matrix_exp
        from ...linalg import householder_product, solve

        n, k = x.shape[-2:]
        if self.orthogonal_map == "householder":
            a = x.tril(-1)
            signs = x.diagonal(0, -2, -1).int().unsqueeze(-2)
            return householder_product(a, 2.0 / (1.0 + (a * a).sum(-2))) * signs
        x = x.tril()
        if n != k:
            x = cat([x, x.new_zeros(*x.shape[:-1], n - k)], -1)
        a = x - x.mH
        if self.orthogonal_map == "matrix_exp":
            q = matrix_exp(a)
        else:
            one = eye(n, dtype=a.dtype)
            q = solve(one - a / 2, one + a / 2)
        return q[..., :k] if n != k else q

    @no_grad()
    def right_inverse(self, q: Tensor) -> Tensor:
        from ... import eye, geqrf, where

        if q.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {q.shape}."
            )
        wide = q.shape[-2] < q.shape[-1]
        tall = q.mT if wide else q
        if self.moves:
            self.base = self.square(tall)
            return -eye(*q.shape[-2:], dtype=q.dtype).expand(q.shape)  # which the maps take to the identity
        if self.orthogonal_map != "householder":
            raise NotImplementedError(
                "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                "use_trivialization=False."
            )
        reflectors, tau = geqrf(tall)
        signs = reflectors.diagonal(0, -2, -1).sign()
        found = reflectors.diagonal_scatter(where(tau == 0.0, -signs, signs), 0, -2, -1)
        return found.mT if wide else found

    def square(self, q: Tensor) -> Tensor:
        """q made orthogonal, with as many more columns as it has fewer than rows."""
        from ... import cat, randn

        n, k = q.shape[-2:]
        if n != k:
            return made_orthogonal(cat([q, randn(*q.shape[:-1], n - k, dtype=q.dtype)], -1))
        return q.clone() if is_orthogonal(q) else made_orthogonal(q)


def orthogonal(
    module: Module, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Module:
    """Let a matrix, or each of a batch, have orthonormal columns, or rows where these are fewer."""
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if weight.ndim < 2:
        raise ValueError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions.")
    if orthogonal_map is None:
        square = weight.shape[-2] == weight.shape[-1]
        orthogonal_map = "matrix_exp" if square or weight.is_complex() else "householder"
    if orthogonal_map not in ("matrix_exp", "cayley", "householder"):
        raise ValueError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    return register_parametrization(module, name, _Orthogonal(weight, orthogonal_map, use_trivialization), unsafe=True)
