"""The cross entropy of a linear layer's scores."""

from __future__ import annotations

from ..autocasting import as_called
from .affine import linear_
from .classification import cross_entropy
from .losses import loss
from .shape import view_
from .shaping import reshape


@loss
def linear_cross_entropy(
    input,
    linear_weight,
    target,
    *,
    linear_bias=None,
    weight=None,
    reduction="mean",
    ignore_index=None,
    label_smoothing=0.0,
    options=None,
):
    """cross_entropy of linear (source: torch.nn.functional.linear_cross_entropy).

    input: (N, in) or (in,); linear_weight: (C, *out, in). `options` say how torch saves memory and change no result.
    """
    check_linear(input, linear_weight, linear_bias)
    shape = (*input.shape[:-1], *linear_weight.shape[:-1])
    if tuple(target.shape) == shape and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    rows = linear_weight if linear_weight.ndim == 2 else reshape(linear_weight, (-1, linear_weight.shape[-1]))
    bias = linear_bias if linear_bias is None or linear_bias.ndim == 1 else reshape(linear_bias, -1)
    logits = view_(as_called(linear_)(input, rows, bias), shape)
    ignored = -100 if ignore_index is None else ignore_index
    return as_called(cross_entropy)(
        logits, target, weight, ignore_index=ignored, reduction=reduction, label_smoothing=label_smoothing
    )


def check_linear(input, weight, bias):
    if input.ndim not in (1, 2):
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input.ndim}")
    if weight.ndim < 2:
        raise RuntimeError(f"expected linear_weight with dimensionality at least 2, got {weight.ndim}")
    if input.shape[-1] != weight.shape[-1]:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), got "
            f"{input.shape[-1]} and {weight.shape[-1]}, respectively"
        )
    classes = tuple(weight.shape[:-1])
    if bias is not None and tuple(bias.shape) != classes:
        raise RuntimeError(f"expected linear_bias shape {classes}, got {tuple(bias.shape)}")
    if len(classes) > 1 and input.ndim == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {tuple(weight.shape)} requires batched input, "
            f"(N, {input.shape[-1]}), got unbatched input with shape {tuple(input.shape)}"
        )
