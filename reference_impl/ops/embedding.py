"""Look-up tables: embedding, one_hot.

HOWTO. The gradient of a table adds up over the rows that were looked up; padding rows get none.
"""

from __future__ import annotations

import numpy as np

from ..dtypes import LEGACY, from_numpy
from ..errors import Unsupported
from ..tensor import Tensor, storage_array, storage_of, wrap
from .adding import add_up
from .form import composite, linear


def check_kind(indices, name):
    if indices.dtype.kind not in "iu":
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"torch.{LEGACY[from_numpy(indices.dtype)]}Tensor instead (while checking arguments for {name})"
        )


def check_table(weight, indices):
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    check_kind(indices, "embedding")
    if indices.size and (indices.min() < 0 or indices.max() >= len(weight)):
        raise IndexError("index out of range in self")


def look_up(weight, indices, padding_idx, scale_grad_by_freq):
    check_table(weight, indices)
    return weight[indices]


def look_up_back(g, indices, rows, padding_idx, scale_grad_by_freq):
    r = np.zeros((rows, g.shape[-1]), g.dtype)
    flat = indices.reshape(-1)
    terms = g.reshape(flat.size, g.shape[-1])
    if scale_grad_by_freq and flat.size:
        terms = terms / np.bincount(flat, minlength=rows)[flat][:, None].astype(g.dtype)
    add_up(r, flat, terms)
    if padding_idx >= 0:
        r[padding_idx] = 0
    return r


def look_up_again(g, indices, padding_idx, scale_grad_by_freq):
    """The adjoint of look_up_back."""
    if scale_grad_by_freq:
        raise Unsupported("embedding: second derivative with scale_grad_by_freq=True")
    r = g[indices]
    return np.where((indices == padding_idx)[..., None], g.dtype.type(0), r) if padding_idx >= 0 else r


table_rows = linear(
    "embedding(weight, indices: nondiff, padding_idx, scale_grad_by_freq)",
    look_up,
    weight=lambda g, indices, weight_shape, padding_idx, scale_grad_by_freq: table_gradient(
        g, indices, weight_shape[0], padding_idx, scale_grad_by_freq
    ),
    shows={"sparse": lambda: False, "weight_sym_argsize_0": lambda weight_shape: weight_shape[0]},
    public=False,
)
table_gradient = linear(
    "embedding_backward(self, indices: nondiff, rows, padding_idx, scale_grad_by_freq)",
    look_up_back,
    self=lambda g, indices, padding_idx, scale_grad_by_freq: table_again(g, indices, padding_idx, scale_grad_by_freq),
    public=False,
    grad_fn="EmbeddingDenseBackwardBackward0",
)
table_again = linear(
    "embedding_again(self, indices: nondiff, padding_idx, scale_grad_by_freq)",
    look_up_again,
    self=lambda g, indices, self_shape, padding_idx, scale_grad_by_freq: table_gradient(
        g, indices, self_shape[0], padding_idx, scale_grad_by_freq
    ),
    public=False,
)


@composite(modules="nn.functional", method=False)
def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of a table (source: torch.nn.functional.embedding)."""
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    n = weight.shape[0]
    if padding_idx is not None and not -n <= padding_idx < n:
        raise AssertionError("Padding_idx must be within num_embeddings")
    if max_norm is not None:
        shorten(weight, input, max_norm, norm_type)
    padding = -1 if padding_idx is None else padding_idx % n
    if sparse:
        from ..sparse import tables

        return tables.embedding(weight, input, padding, scale_grad_by_freq)
    return table_rows(weight, input, padding, scale_grad_by_freq)


def shorten(weight: Tensor, input: Tensor, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are looked up down to max_norm, in place and unrecorded."""
    table, used = storage_array(weight), np.unique(input._array)
    norms = np.linalg.norm(table[used], norm_type, axis=1)
    long = used[norms > max_norm]
    table[long] *= (max_norm / (norms[norms > max_norm] + 1e-7)).astype(table.dtype)[:, None]
    storage_of(weight).bump()


@composite(modules="nn.functional", method=False)
def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """1 in the place that an entry names, 0 elsewhere (source: torch.nn.functional.one_hot)."""
    if tensor.dtype.np != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if not tensor.numel() and num_classes <= 0:
        raise RuntimeError("Can not infer total number of classes from empty tensor.")
    if tensor.numel() and tensor._array.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if tensor.numel() and -1 != num_classes <= tensor._array.max():
        raise RuntimeError("Class values must be smaller than num_classes.")
    classes = int(tensor._array.max()) + 1 if num_classes == -1 else num_classes
    return wrap(np.eye(classes, dtype=np.int64)[tensor._array])
