"""What gradcheck needs to know of sparse inputs (autograd/differences.py), and torch.sparse.as_sparse_gradcheck."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ..autograd.gradcheck import GradcheckError, as_tuple
from ..tensor import Tensor, wrap
from .kernels import at
from .making import leave_unchecked
from .operators import coo_of
from .tensor import SparseTensor, coalesced, dense, made


def apart(t: SparseTensor, masked: bool) -> SparseTensor:
    """A copy of t, whose values may be moved: those that are specified if masked, else every element."""
    if masked:
        c = coalesced(t)
        places, values = c._indices_array, c._values_tensor.clone()
    else:
        leave_unchecked()
        sizes = t._size[: t.sparse_dim()]
        places = np.stack([x.reshape(-1) for x in np.indices(sizes)])
        values = at(wrap(dense(t)), places).clone()
    found = made(places, values, t._size, True, t.layout)
    found._edge = t._edge
    return found


def numbers_of(t: SparseTensor) -> np.ndarray:
    """The places of the elements of t, as numbers in the whole."""
    whole = np.arange(t.numel()).reshape(t._size)
    return whole[tuple(t._indices_array)].reshape(-1)


def of_all_elements(t: SparseTensor, masked: bool, jacobians: Callable[[Tensor], list[Tensor]]) -> list[Tensor]:
    """Jacobians with a row for every element of t, where those given have one for each that can be moved."""
    x = apart(t, masked)
    found = []
    for j in jacobians(x):
        whole = np.zeros((x.numel(), j.shape[1]), j.dtype.np)
        whole[numbers_of(x)] = j._array
        found.append(wrap(whole))
    return found


def has_elements(t: SparseTensor) -> np.ndarray:
    """Where t has elements."""
    found = np.zeros(t._size, bool)
    found[tuple(t._indices_array)] = True
    return found


def check_layout(g: SparseTensor, x: Tensor) -> None:
    """Refuse a sparse gradient of another layout than its input."""
    if g.layout is not x.layout:
        raise GradcheckError(f"grad is incorrect layout ({g.layout} is not {x.layout})")
    for name, a, b in (("sparse", g.sparse_dim(), x.sparse_dim()), ("dense", g.dense_dim(), x.dense_dim())):
        if a != b:
            kind = g.layout.name.removesuffix("_coo")
            raise GradcheckError(f"grad is {kind} tensor, but has incorrect {name}_dim {a}, expected {b}")


def as_sparse_gradcheck(gradcheck: Callable[..., Any]) -> Callable[..., Any]:
    """gradcheck of a function of sparse tensors as one of their values; of all elements, those specified if masked."""

    @wraps(gradcheck)
    def check(func: Callable[..., Any], inputs: Any, **options: Any) -> Any:
        masked = options.pop("masked", False)
        given = as_tuple(inputs)
        sparse = {i: apart(x, masked) for i, x in enumerate(given) if isinstance(x, SparseTensor) and x.requires_grad}

        def of_values(*args: Any) -> Any:
            made_of = [like_values(sparse[i], x) if i in sparse else x for i, x in enumerate(args)]
            found = func(*made_of)
            outputs = tuple(
                o.to_dense(masked_grad=masked) if isinstance(o, SparseTensor) else o for o in as_tuple(found)
            )
            return outputs if isinstance(found, tuple | list) else outputs[0]

        values = [sparse[i]._values_tensor.requires_grad_() if i in sparse else x for i, x in enumerate(given)]
        return gradcheck(of_values, tuple(values), **options)

    return check


def like_values(t: SparseTensor, values: Tensor) -> Tensor:
    return coo_of(values, t._indices_array, t._size, True, t.layout)
