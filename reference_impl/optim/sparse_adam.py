"""SparseAdam, for parameters whose gradients are sparse."""

from __future__ import annotations

import math
from typing import Any

from ..tensor import Tensor
from .optimizer import Optimizer, checked


class SparseAdam(Optimizer):
    """Adam that moves, and decays, only the elements that a sparse gradient specifies (source: torch.optim.SparseAdam)."""

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        maximize: bool = False,
    ) -> None:  # fmt: skip
        for words, value in (("learning rate", lr), ("epsilon value", eps)):
            if not value > 0.0:
                raise ValueError(f"Invalid {words}: {value}")
        super().__init__(params, checked({"lr": lr, "betas": betas, "eps": eps, "maximize": maximize}, {}))
        for kind, refused, why in (
            ("Sparse", lambda p: p.is_sparse, "requires dense parameter tensors"),
            ("Complex", lambda p: p.is_complex(), "does not support complex parameters"),
        ):
            found = [[i, k] for i, g in enumerate(self.param_groups) for k, p in enumerate(g["params"]) if refused(p)]
            if found:
                raise ValueError(f"{kind} params at indices {found}: SparseAdam {why}")

    def update(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")

    def update_sparse(self, p: Tensor, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        from .. import zeros_like

        if not state:
            state.update(step=0, exp_avg=zeros_like(p), exp_avg_sq=zeros_like(p))
        state["step"] += 1
        g = g.coalesce()  # the update is not linear
        (b1, b2), step = group["betas"], state["step"]
        m = averaged(state["exp_avg"], g, 1 - b1, g)
        v = averaged(state["exp_avg_sq"], g.pow(2), 1 - b2, g)
        moved = m.values() / (v.values().sqrt() + group["eps"])
        size = group["lr"] * math.sqrt(1 - b2**step) / (1 - b1**step)
        p.add_(with_values(g, -size * moved))


def averaged(mean: Tensor, new: Tensor, weight: float, where: Tensor) -> Tensor:
    """Move a running mean towards `new`, at its places; the mean there."""
    mean.add_((new - mean.sparse_mask(where)) * weight)
    return mean.sparse_mask(where)


def with_values(t: Tensor, values: Tensor) -> Tensor:
    """A sparse tensor with other values."""
    from ..sparse import sparse_coo_tensor

    return sparse_coo_tensor(t.indices(), values, t.shape, check_invariants=False, is_coalesced=True)
