"""torch.func's Jacobians: all rows, or all columns, at once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..autograd.jacobians import unit_vectors
from ..batching.vmap import batched, vmap
from ..ops import joining
from ..tensor import Tensor
from ..trees import flatten, tree_map, unflatten
from . import jvp, vjp
from .checks import chosen, real_only


def jacrev(
    func: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,  # how torch puts chunks together; here they always are at the end
) -> Callable[..., Any]:
    """The Jacobian by reverse mode, all rows at once (source: torch.func.jacrev): trees of outputs, of arguments, of
    Tensors of shape output.shape + input.shape."""

    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def wrapped(*args: Any) -> Any:
        real_only(args, "jacrev", "inputs")
        places = chosen(args, argnums)

        def of_chosen(*xs: Any) -> Any:
            full = list(args)
            for k, x in zip(places, xs, strict=True):
                full[k] = x
            return func(*full)

        output, pull_back, *aux = vjp(of_chosen, *(args[k] for k in places), has_aux=has_aux)
        real_only(output, "jacrev", "outputs")
        outs, out_spec = flatten(output)
        pull = row_by_row if chunk_size == 1 else functools.partial(vmap, chunk_size=chunk_size)
        rows = pull(lambda *g: pull_back(unflatten(list(g), out_spec)))(*unit_vectors(outs))
        counts = [o.numel() for o in outs]
        leaves, spec = flatten(tree_map(lambda g: g.contiguous(), rows))  # so torch's blocks lie in memory
        shapes = [x.shape for x in flatten(tuple(args[k] for k in places))[0]]
        table = []
        for i, o in enumerate(outs):
            start = sum(counts[:i])
            blocks = [g[start : start + counts[i]].reshape((*o.shape, *s)) for g, s in zip(leaves, shapes, strict=True)]
            block = unflatten(blocks, spec)
            table.append(block[0] if isinstance(argnums, int) else block)
        result = unflatten(table, out_spec)
        return (result, aux[0]) if has_aux else result

    return wrapped


def row_by_row(func: Callable[..., Any]) -> Callable[..., Any]:
    """func of each row, without vmap, so that it may do what samples cannot."""

    def wrapped(*units: Tensor) -> Any:
        found = [flatten(func(*row)) for row in zip(*units, strict=True)]
        return unflatten(
            [joining.stack(list(gs)) for gs in zip(*(leaves for leaves, _ in found), strict=True)], found[0][1]
        )

    return wrapped


def jacfwd(
    func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """The Jacobian by forward mode, all columns at once (source: torch.func.jacfwd)."""

    @functools.wraps(func)
    def wrapped(*args: Any) -> Any:
        real_only(args, "jacfwd", "inputs")
        places = chosen(args, argnums)
        picked = tuple(args[k] for k in places)
        leaves, spec = flatten(picked)

        def of_chosen(*xs: Any) -> Any:
            full = list(args)
            for k, x in zip(places, xs, strict=True):
                full[k] = x
            return func(*full)

        aux: list[Any] = []

        def along(*ts: Tensor) -> Any:
            found = jvp(of_chosen, picked, unflatten(list(ts), spec), has_aux=has_aux)
            real_only(found[0], "jacfwd", "outputs")
            aux[:] = found[2:]
            return found[1]

        if randomness == "error":  # without draws all columns have the same primals
            all_along = batched(along, randomness=randomness, tangents=True)
        else:
            all_along = vmap(along, randomness=randomness)
        columns, out_spec = flatten(all_along(*unit_vectors(leaves)))
        columns = [c if type(c) is Tensor else c.contiguous() for c in columns]
        counts = [x.numel() for x in leaves]
        table = []
        for c in columns:
            blocks = [
                c[sum(counts[:j]) : sum(counts[: j + 1])].movedim(0, -1).reshape((*c.shape[1:], *x.shape))
                for j, x in enumerate(leaves)
            ]
            block = unflatten(blocks, spec)
            table.append(block[0] if isinstance(argnums, int) else block)
        result = unflatten(table, out_spec)
        return (result, aux[0]) if has_aux else result

    return wrapped


def hessian(func: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """The Jacobian, forward, of the Jacobian, backward (source: torch.func.hessian)."""
    return jacfwd(jacrev(func, argnums), argnums)
