"""Arguments for every row of the tables, so that test_rows.py can visit it.

Rows whose arguments are all differentiable operands, or parameters named in PARAMS, get theirs by construction. The others
have a line in EXAMPLES, found by signature or by name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from reference_impl import placement
from reference_impl.ops.conv import Where
from reference_impl.ops.form import Row
from reference_impl.ops.windows import Window
from reference_impl.tests.every_row import label

rng = np.random.default_rng(11)


def x(*shape: int) -> np.ndarray:
    """Distinct positive numbers, away from 0, 1 and each other."""
    n = int(np.prod(shape))
    return (0.25 + 0.5 * (rng.permutation(n) + rng.uniform(0.2, 0.8, n)) / max(n, 1)).reshape(shape)


def z(*shape: int) -> np.ndarray:
    return x(*shape) + 1j * x(*shape)


def i(*values: Any) -> np.ndarray:
    return np.array(values, np.int64)


def b(*values: Any) -> np.ndarray:
    return np.array(values, bool)


# parameters that mean the same in every row
PARAMS: dict[str, Any] = {
    "dim": 1,
    "dims": (0, 1),
    "dim0": 0,
    "dim1": 1,
    "keepdim": True,
    "correction": 1,
    "reduction": "mean",
    "delta": 0.2,
    "beta": 0.2,
    "offset": 1,
    "rounding_mode": "floor",
    "k": 1,
    "order": 1,
}

FIRST = ("slice", 0, 0, 2, 1)
ONE = ((1,), (0,), (1,), 1)  # stride, padding, dilation, groups
WINDOW = Window((2, 3), (3, 1), (2, 2), (3, 1), 1)

EXAMPLES: dict[str, Callable[[], tuple]] = {
    # structure
    "cast": lambda: (x(2, 3), np.dtype("float64")),
    "where": lambda: (b([True, False, True]), x(2, 3), x(3)),
    "broadcast": lambda: (x(1, 3), (2, 3)),
    "sum_to": lambda: (x(2, 3), (1, 3)),
    "total": lambda: (x(2, 3),),
    **dict.fromkeys(("spread", "spread_mean"), lambda: (x(2), (2, 3), 1, False)),
    # shapes
    **dict.fromkeys(("select", "select_copy"), lambda: (x(2, 3), 1, 2)),
    **dict.fromkeys(("basic", "slice", "slice_copy"), lambda: (x(4, 3), (slice(1, 4, 2),))),
    "narrow_copy": lambda: (x(4, 3), 1, 1, 2),
    "basic_adjoint": lambda: (x(2, 3), (4, 3), (slice(1, 4, 2),)),
    **dict.fromkeys(("view", "view_copy", "reshape_copy", "reshaped"), lambda: (x(2, 3), (3, 2))),
    "squeezed": lambda: (x(2, 1, 3), 1),
    "unsqueezed": lambda: (x(2, 3), (2, 1, 3), 1),
    "raised": lambda: (x(2, 3), -9.0),
    "_cdist_forward": lambda: (x(2, 3, 2), -x(4, 2), 1.5),
    "_pdist_forward": lambda: (x(4, 3) * [1, 9, 2], 3.0),
    "renorm": lambda: (x(2, 3), 1.5, 0, 0.7),
    "block_diag": lambda: ((x(2, 3), x(2)),),
    "linalg_lstsq": lambda: (x(4, 3) + np.eye(4, 3), x(4, 2), 1e-9, True),
    "lu_unpack": lambda: (x(2, 4, 3), i([2, 2, 3], [1, 4, 3]).astype(np.int32), True, True),
    "linalg_lu_solve": lambda: (x(2, 3, 3) + np.eye(3), i([2, 2, 3], [1, 3, 3]).astype(np.int32), x(3, 2), True, True),
    **dict.fromkeys(("add_scalar", "sub_scalar", "mul_scalar", "div_scalar"), lambda: (x(2, 3), 2.5)),
    "_reshape_alias": lambda: (x(2, 3), (3, 2)),
    "laid_out_as": lambda: (x(2, 3), x(2, 3)),
    "on_diagonal": lambda: (x(), (2, 3)),
    "glu_backward": lambda: (x(2, 3), x(2, 6), 1),
    "binary_cross_entropy_backward": lambda: (x(), x(2, 3), x(2, 3), x(3), (2, 3), "mean"),
    "soft_margin_loss_backward": lambda: (x(2, 3), x(2, 3), x(2, 3), (2, 3), "none"),
    "zeros_of": lambda: (x(2, 3), (2, 3)),
    **dict.fromkeys(("expand", "expand_copy"), lambda: (x(1, 3), (2, 3))),
    **dict.fromkeys(("permute", "permute_copy"), lambda: (x(2, 3), (1, 0))),
    **dict.fromkeys(("unfold", "unfold_copy"), lambda: (x(5, 2), 0, 3, 2)),
    "unfold(self, dimension, width, step, size, stride)": lambda: (x(5, 2), 0, 3, 2, (2, 2, 3), (4, 1, 2)),
    "unfold_adjoint": lambda: (x(2, 2, 3), (5, 2), 0, 3, 2),
    **dict.fromkeys(("split", "split_copy", "unsafe_split"), lambda: (x(5, 2), 2)),
    **dict.fromkeys(
        ("split_with_sizes", "split_with_sizes_copy", "unsafe_split_with_sizes"), lambda: (x(5, 2), (2, 3))
    ),
    **dict.fromkeys(("as_strided", "as_strided_copy", "strided_copy"), lambda: (x(2, 3), (2, 2), (3, 1), 1, (3, 1))),
    "as_strided_adjoint": lambda: (x(2, 2), (2, 3), (2, 2), (3, 1), 1, (3, 1)),
    "diagonal_adjoint": lambda: (x(2), (2, 3), 1, 0, 1),
    "roll": lambda: (x(2, 3), (1,), (1,)),
    "repeat": lambda: (x(2, 3), (2, 1)),
    "constant_pad_nd": lambda: (x(2, 3), (1, 2)),
    "Slice_replaced": lambda: (x(3, 3), x(2, 3), FIRST),
    "Select_replaced": lambda: (x(3, 3), x(3), ("select", -1, 1)),
    "Diagonal_replaced": lambda: (x(3, 3), x(2), ("diagonal", 1, 0, 1)),
    "wiped": lambda: (x(3, 3), FIRST),
    "windowed": lambda: (x(3, 3), FIRST),
    "unwindowed": lambda: (x(2, 3), (3, 3), FIRST),
    "cut": lambda: (x(2, 3), WINDOW),
    "paste": lambda: (x(2, 2), WINDOW),
    "outside": lambda: (x(2, 3), WINDOW),
    "fill(self, value)": lambda: (x(2, 3), x()),
    # places
    "index": lambda: (x(3, 2), (i(0, 0, 2),)),
    "add_at": lambda: (x(3, 2), (3, 2), (i(0, 0, 2),)),
    "index_put": lambda: (x(3, 2), (i(0, 2),), x(2, 2)),
    "cleared": lambda: (x(3, 2), (i(0, 2),)),
    "gather": lambda: (x(3, 2), 0, i([0, 1], [0, 2])),
    "gathered_back": lambda: (x(2, 2), (3, 2), 0, i([0, 1], [0, 2])),
    "scatter_add": lambda: (x(3, 2), 0, i([0, 1], [0, 2]), x(2, 2)),
    "scatter(self, dim, index: nondiff, src)": lambda: (x(3, 2), 0, i([0, 1], [1, 2]), x(2, 2)),
    "scatter(self, dim, index: nondiff, value)": lambda: (x(3, 2), 0, i([0, 1], [1, 2]), 0.5),
    "scatter_reduce": lambda: (x(3, 2), 0, i([0, 1], [1, 2]), x(2, 2), "sum"),
    "index_reduce": lambda: (x(3, 2), 0, i(0, 2), x(2, 2), "prod"),
    "refused": lambda: (x(3), x(3), "more than one zero"),
    "differentiable_once": lambda: (x(3), x(3), "more than one zero"),
    "index_select": lambda: (x(3, 2), 0, i(0, 0, 2)),
    "index_selected_back": lambda: (x(3, 2), (3, 2), 0, i(0, 0, 2)),
    "index_add": lambda: (x(3, 2), 0, i(0, 2), x(2, 2)),
    "index_copy": lambda: (x(3, 2), 0, i(0, 2), x(2, 2)),
    "index_fill": lambda: (x(3, 2), 0, i(0, 2), x()),
    "take": lambda: (x(3, 2), i(0, 5, 0)),
    "taken_back": lambda: (x(3), (3, 2), i(0, 5, 0)),
    "put": lambda: (x(3, 2), i(0, 5), x(2)),
    "put_cleared": lambda: (x(3, 2), i(0, 5)),
    "masked_fill": lambda: (x(2, 3), b([True, False, True]), x()),
    **dict.fromkeys(("masked_keep", "without", "only"), lambda: (x(2, 3), b([True, False, True]))),
    "masked_select": lambda: (x(2, 3), b([True, False, True])),
    "masked_selected_back": lambda: (x(4), (2, 3), b([True, False, True], [True, False, True])),
    "masked_scatter": lambda: (x(2, 3), b([True, False, True], [False, True, True]), x(4)),
    "masked_scattered_back": lambda: (x(2, 3), b([True, False, True], [False, True, True]), (5,)),
    "place": lambda: (x(2), i(0, 2), (2, 3), 1, False),
    "picked": lambda: (x(2, 3), i(0, 2), 1, False),
    # products
    "mv": lambda: (x(2, 3), x(3)),
    "dot": lambda: (x(3), x(3)),
    "vdot": lambda: (x(3), x(3)),
    "outer": lambda: (x(2), x(3)),
    "bmm": lambda: (x(2, 2, 3), x(2, 3, 2)),
    "addmv": lambda: (x(2), x(2, 3), x(3)),
    "addr": lambda: (x(2, 3), x(2), x(3)),
    "unreflected": lambda: (x(2, 2), x(2), x(2, 3)),
    "baddbmm": lambda: (x(2, 2, 2), x(2, 2, 3), x(2, 3, 2)),
    "addbmm": lambda: (x(2, 2), x(2, 2, 3), x(2, 3, 2)),
    "correlate": lambda: (x(1, 2, 5), x(3, 2, 2), Where(*ONE)),
    "correlate_input": lambda: (x(1, 3, 4), x(3, 2, 2), (1, 2, 5), Where(*ONE)),
    "correlate_weight": lambda: (x(1, 3, 4), x(1, 2, 5), (3, 2, 2), Where(*ONE)),
    "convolution": lambda: (x(1, 2, 5), x(3, 2, 2), x(3), (2,), (1,), (1,), False, (0,), 1),
    "triangular": lambda: (x(3, 3) + np.eye(3), x(2, 3), True, False, False),
    "linalg_qr": lambda: (x(3, 2), "reduced"),
    "linalg_pinv": lambda: (x(3, 2), 1e-15, False),
    # normalisation, pooling
    "layer_norm": lambda: (x(2, 3), (3,), x(3), x(3)),
    "batch_norm": lambda: (x(4, 3), x(3), x(3), None, None, True),
    "group_norm": lambda: (x(2, 4, 3), x(4), x(4), 2),
    "put_back": lambda: (x(1, 2), i([0, 3]), (1, 5), 1),
    "put_back_like": lambda: (x(1, 2), i([0, 3]), x(1, 5), 1),
    "adaptive_put_back": lambda: (x(1, 2), i([0, 3]), x(1, 5), 1),
    "taken_out": lambda: (x(1, 5), i([0, 3]), 1),
    "max_unpool": lambda: (x(1, 1, 2), i([[0, 3]]), (5,)),
    "avg_back": lambda: (x(1, 1, 2), x(1, 1, 4), (2,), (2,), (0,), False, True, None),
    "avg_pool2d": lambda: (x(1, 1, 4), (2,), (2,), (0,), False, True, None),
    "adaptive_back": lambda: (x(1, 1, 2), x(1, 1, 4), (2,)),
    "adaptive_avg_pool2d": lambda: (x(1, 1, 4), (2,)),
    "max_pool2d_with_indices": lambda: (x(1, 1, 4, 4), (2, 2), (2, 2), (0, 0), (1, 1), False),
    "max_pool3d_with_indices": lambda: (x(1, 1, 2, 2, 4), (2, 2, 2), (2, 2, 2), (0, 0, 0), (1, 1, 1), False),
    "adaptive_max_pool2d": lambda: (x(1, 1, 4, 4), (2, 3)),
    "adaptive_max_pool3d": lambda: (x(1, 1, 2, 3, 4), (1, 2, 2)),
    "fractional_max_pool2d": lambda: (x(1, 2, 5, 5), (2, 2), (3, 2), x(1, 2, 2)),
    "fractional_max_pool3d": lambda: (x(1, 2, 5, 5, 4), (2, 2, 1), (2, 1, 2), x(1, 2, 3)),
    "avg_pool3d": lambda: (x(1, 1, 4), (2,), (2,), (0,), False, True, None),
    "adaptive_avg_pool3d": lambda: (x(1, 1, 4), (2,)),
    # images, tables, order, spectra
    "resample": lambda: (x(2, 3), ((1, i([0, 1], [1, 2]), x(2, 2)),)),
    "im2col": lambda: (x(1, 1, 3, 3), (2, 2), (1, 1), (0, 0), (1, 1)),
    "col2im": lambda: (x(1, 4, 4), (3, 3), (2, 2), (1, 1), (0, 0), (1, 1)),
    "embedding": lambda: (x(4, 2), i(0, 2, 0), -1, False),
    "embedding_backward": lambda: (x(3, 2), i(0, 2, 0), 4, -1, False),
    "embedding_again": lambda: (x(4, 2), i(0, 2, 0), -1, False),
    "sort": lambda: (x(2, 3), 1, False, None),
    "pixel_shuffle": lambda: (x(1, 4, 2, 3), 2),
    "pixel_unshuffle": lambda: (x(1, 1, 4, 6), 2),
    "affine_grid_generator": lambda: (x(2, 2, 3), (2, 1, 2, 3), False),
    "affine_grid_generator_backward": lambda: (x(2, 2, 3, 2), (2, 1, 2, 3), False),
    "channel_shuffle": lambda: (x(1, 6, 2), 2),
    "topk": lambda: (x(2, 3), 2, 1, True),
    "linalg_householder_product": lambda: (x(4, 3), x(2)),
    "ormqr": lambda: (x(3, 2), x(2), x(2, 3), False, True),
    "trilinear": lambda: (x(2, 3), x(4, 3, 2), x(2, 2), ("bi", "kij", "bj", "bk")),
    "cast_and_lay_out": lambda: (x(1, 2, 2, 2), np.dtype(np.float64), placement.channels_last),
    "fft_c2c": lambda: (z(2, 3), (0, 1), 0, True),
    "fft_r2c": lambda: (x(2, 4), (1,), 0, True),
    "fft_c2r": lambda: (z(2, 3), (1,), 0, 4),
    "filled_spectrum": lambda: (z(2, 3), 4, 1),
    "weighted": lambda: (z(2, 3), 4, 1),
    # activations, losses
    "acosh": lambda: (1 + x(2, 3),),
    "erfinv": lambda: (x(2, 3) - 0.5,),
    "glu": lambda: (x(2, 4),),
    "clamp(self, min=None, max=None)": lambda: (x(2, 3), 0.4, 0.6),
    "mvlgamma": lambda: (1 + x(2, 3), 2),
    "nll_loss": lambda: (x(2, 3), i(0, 2), x(3), "mean", -100),
    "nll_loss2d": lambda: (x(2, 3, 2), i([0, 2], [1, 1]), None, "mean", -100),
    "nll_adjoint": lambda: (x(), x(2, 3), i(0, 2), x(3), "mean", -100),
    "multi_margin_loss": lambda: (x(2, 3), i(0, 2), None, "mean", 2, 1.0),
    "multilabel_margin_loss": lambda: (x(2, 3), i([0, 2, -1], [1, -1, 0]), "mean"),
    "binary_cross_entropy": lambda: (x(2, 3), x(2, 3), x(3), "mean"),
    "binary_cross_entropy_with_logits": lambda: (x(2, 3), x(2, 3), x(3), x(3), "mean"),
    "soft_margin_loss": lambda: (x(2, 3), np.array([[1.0, -1, 1]]), "mean"),
    "flash_attention": lambda: (x(1, 2, 3, 2), x(1, 2, 4, 2), x(1, 2, 4, 2), x(3, 4), False, None),
    "flash_back": lambda: (*(x(1, 2, 3, 2) for _ in range(2)), x(1, 2, 4, 2), x(1, 2, 4, 2), x(3, 4), False, None),
    "rrelu_with_noise": lambda: (x(2, 3) - 0.5, x(2, 3), 0.1, 0.3, True),
    "delay": lambda: (x(2, 3), 1, 1),
    "recurrence": lambda: (x(2, 3), x(2, 3), 1),
    # complex
    "imaginary_part": lambda: (z(2, 3),),
    **dict.fromkeys(("view_as_real", "view_as_real_copy"), lambda: (z(2, 3),)),
    "view_as_complex": lambda: (x(3, 2),),
}

EXAMPLES |= {
    name: lambda: (i([6, 4, 9], [3, 2, 8]), i(1, 2, 3))
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift", "gcd", "lcm")
} | {"bitwise_not": lambda: (i(1, 2),)}

# a row whose derivative cannot be compared with differences, and why
UNVISITED = {
    "AsStrided_replaced": "torch gives self the gradient of what was overwritten",
    "native_dropout": "draws anew at every call",
    "poisson": "draws anew at every call",
    **dict.fromkeys(
        ("bernoulli", "normal", "cauchy", "log_normal", "geometric", "exponential", "uniform", "random"),
        "draws anew at every call",
    ),
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge"), "gives truth values; has a gradient, 0, in place alone"),
    **dict.fromkeys(("igamma", "igammac"), "not differentiable in its first argument, as in torch"),
    "linalg_eigh": "its matrix must be symmetric, which a random direction is not",
    "linalg_eig": "its loss must not depend on the phase of the eigenvectors",
    **dict.fromkeys(("linalg_cholesky", "cholesky"), "its matrix must be symmetric, which a random direction is not"),
    "cholesky_solve": "its factor must be triangular, which a random direction is not",
    "ctc_loss": "its gradient is that of probabilities which a softmax made, not that of its value alone",
    "cholesky_inverse": "its factor must be triangular, which a random direction is not",
    "triangular_solve": "torch's tangent reads all of its matrix, which must be triangular: a random direction is not",
    "gauge_free": "raises for a random cotangent, as it should",
    "plain_rule": "has two meanings, see Note [Two gradients of det]",
    "embedding_bag": "not differentiable twice, as in torch",
    **dict.fromkeys(
        ("bag_gradient", "bag_weights_gradient", "unique", "unique_consecutive"), "not differentiable, as in torch"
    ),
    "special_zeta": "not differentiable in its first argument, as in torch",
    "scatter(self, dim, index: nondiff, src: nondiff, reduce)": "not differentiable, as in torch",
}


def arguments(row: Row, pattern: str = "") -> tuple[Any, ...] | None:
    """Arrays for the inputs, values for the parameters; None where nobody said what they are."""
    example = EXAMPLES.get(label(row)) or EXAMPLES.get(row.name)
    if example is not None:
        return example()
    shapes = iter([(2, 3), (3,), (2, 1)] if row.broadcasts else [(3, 3)] * 5)
    kinds = iter(pattern or "T" * len(row.args))
    found: list[Any] = []
    for a in row.args:
        if a in row.inputs or (row.broadcasts and a.default is inspect.Parameter.empty and not a.keyword_only):
            number = next(kinds) == "n"
            found.append(1.75 if number else [x(2, 3), x(2, 3)] if a.variadic else x(*next(shapes)))
        elif a.default is not inspect.Parameter.empty:
            found.append(a.default)
        elif a.name in PARAMS:
            found.append(PARAMS[a.name])
        else:
            return None
    return tuple(found)
