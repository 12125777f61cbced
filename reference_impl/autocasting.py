"""Autocast: which operators bring their operands to which dtype while it is on, and the casts of weights that it keeps.

Note [Autocast]
While autocast is on, the mode has the bit AUTOCAST. Only the operators of POLICIES ask for it, before they compute
(compiler/text.py for rows, compiler/faces.py for composites). Such an operator casts its operands, by operators that are
recorded, and runs with the bit off: what it calls is not cast again. So a gradient comes back in the dtype of its leaf.
float64 stays as it is, and so does what is written in place or into out=.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from . import dtypes
from .graph.modes import AUTOCAST, GRAD, mode, set_mode
from .tensor import LEAF, Tensor

# policy -> operators, as torch has them on the CPU (source: torch.amp, "Autocast Op Reference")
POLICIES = {
    "lower": """addbmm addmm baddbmm bmm conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d
        convolution linalg_vecdot linear matmul mm prelu reflected_matmul scaled_dot_product_attention""",
    "float32": """adaptive_avg_pool3d adaptive_max_pool3d avg_pool3d binary_cross_entropy binary_cross_entropy_with_logits
        cdist cholesky cholesky_inverse cholesky_solve cosine_embedding_loss cross_entropy ctc_loss fft fft2 fftn
        fractional_max_pool2d fractional_max_pool3d geqrf grid_sample hfft hinge_embedding_loss huber_loss ifft ifft2
        ifftn ihfft inverse irfft irfft2 irfftn kl_div l1_loss linalg_cholesky linalg_cholesky_ex linalg_cond linalg_eig
        linalg_eigh linalg_eigvals linalg_eigvalsh linalg_householder_product linalg_inv linalg_inv_ex linalg_lstsq
        linalg_matrix_rank linalg_qr linalg_solve linalg_svd linalg_svdvals linalg_tensorinv linalg_tensorsolve lu lu_solve
        margin_ranking_loss max_unpool1d max_unpool2d max_unpool3d mse_loss multi_margin_loss multilabel_margin_loss
        nanquantile nll_loss orgqr ormqr pinverse poisson_nll_loss polar prod qr quantile reflection_pad1d
        reflection_pad2d replication_pad1d replication_pad2d replication_pad3d rfft rfft2 rfftn smooth_l1_loss
        soft_margin_loss stft svd trace triangular_solve triplet_margin_loss view_as_complex""",
    "promote": "cat index_copy stack",
}
POLICY_OF = {name: policy for policy, names in POLICIES.items() for name in names.split()}
LOWER = (dtypes.bfloat16, dtypes.float16)
FIRST_DTYPES = dict.fromkeys(["cuda", "mps", "mtia", "xpu", "ipu", "privateuseone"], dtypes.float16)
FIRST_DTYPES |= dict.fromkeys(["cpu", "maia", "hpu", "xla"], dtypes.bfloat16)


class State(threading.local):
    """Of one thread: the dtype of each device, the other devices whose autocast is on, and casts of weights."""

    def __init__(self) -> None:
        self.dtypes = dict(FIRST_DTYPES)
        self.elsewhere: set[str] = set()
        self.nesting = 0
        self.keeps_casts = True
        self.casts: dict[
            int, tuple[Tensor, Tensor]
        ] = {}  # by the leaf's id: the leaf, so that it keeps that, and its cast


state = State()


def autocast(operator: Callable[..., Any], policy: str, args: Any, options: dict[str, Any]) -> Any:
    """The operator on cast operands; "": on operands as they are."""
    before = mode()
    set_mode(before & ~AUTOCAST)
    try:
        if policy:
            to = wanted(policy, (*args, *options.values()))
            args, options = [cast(a, to) for a in args], {k: cast(a, to) for k, a in options.items()}
        return operator(*args, **options)
    finally:
        set_mode(mode() | before & AUTOCAST)


def uncast(operator: Callable[..., Any], *args: Any, **options: Any) -> Any:
    return autocast(operator, "", args, options)


def as_called(f: Callable[..., Any]) -> Callable[..., Any]:
    """A composite as users call it, for one that has no policy itself and calls it by its Python function."""

    def call(*args: Any, **options: Any) -> Any:
        return autocast(f, POLICY_OF[f.names.name], args, options) if mode() & AUTOCAST else f(*args, **options)

    return call


def wanted(policy: str, operands: tuple[Any, ...]) -> dtypes.dtype:
    if policy == "float32":
        return dtypes.float32
    found = lower = state.dtypes["cpu"]
    for x in operands:
        for t in x if isinstance(x, tuple | list) else (x,):
            if policy == "lower" or not is_cast(t):
                continue
            if dtypes.float32 in (found, t.dtype):
                found = dtypes.float32
            elif t.dtype is not lower:
                raise RuntimeError("Unexpected floating ScalarType in at::autocast::prioritize")
    return found


def is_cast(x: Any) -> bool:
    return isinstance(x, Tensor) and x.is_floating_point() and x.dtype is not dtypes.float64


def cast(x: Any, to: dtypes.dtype) -> Any:
    """A tensor, or those of a sequence, in the dtype. The casts of weights are kept until the region ends."""
    if isinstance(x, tuple | list) and any(isinstance(t, Tensor) for t in x):
        return [cast(t, to) for t in x]
    if not is_cast(x) or x.dtype is to:
        return x
    weight = x._edge is LEAF and x._view is None and x.dtype is dtypes.float32 and to is state.dtypes["cpu"]
    if not (weight and state.keeps_casts):
        return x.to(to)
    if id(x) not in state.casts:
        made = x.to(to)
        if not mode() & GRAD:
            return made
        state.casts[id(x)] = x, made
    return state.casts[id(x)][1]
