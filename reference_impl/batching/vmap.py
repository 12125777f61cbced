"""vmap: a function of one sample, run once on a whole batch. How tensors are batched: batching/__init__.py."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from typing import Any

from ..errors import Unsupported
from ..random import get_rng_state, set_rng_state
from ..tensor import NoArray, Tensor
from ..trees import flatten, spread, text, unflatten
from . import REFUSED, arrays, depends_on, enclose, expose, level, levels, sample_of
from .calls import refuse_dynamic


def vmap(
    func: Callable[..., Any], in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *, chunk_size: Any = None
) -> Callable[..., Any]:
    """func over a dimension of its inputs (source: torch.func.vmap).

    in_dims: for each input the dimension to map over, None to share it; out_dims: where it goes in each output.
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")
    return batched(func, in_dims, out_dims, randomness, chunk_size)


def batched(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = REFUSED,
    chunk_size: Any = None,
    tangents: bool = False,
) -> Callable[..., Any]:
    """vmap of checked arguments, or as autograd itself batches (batching.level). tangents: see batching.Level."""
    name = getattr(func, "__name__", repr(func))

    @functools.wraps(func)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        size, dims, leaves, spec = mapped_inputs(in_dims, args, name)
        step = chunk_size or size
        if step < size:
            state = get_rng_state() if randomness == "same" else None
            parts = []
            for k in range(0, size, step):
                if state is not None:
                    set_rng_state(state)
                n = min(step, size - k)
                part = [x if d is None else x.narrow(d, k, n) for x, d in zip(leaves, dims, strict=True)]
                parts.append(run(part, dims, spec, n, kwargs))
            return join(parts)
        return run(leaves, dims, spec, size, kwargs)

    def run(leaves: list, dims: list, spec: Any, size: int, kwargs: dict) -> Any:
        with level(size, randomness, tangents) as current:
            moved = [x if d is None else sample_of(x, d, current) for x, d in zip(leaves, dims, strict=True)]
            try:
                outputs, out_spec = flatten(func(*unflatten(moved, spec), **kwargs))
            except NoArray as error:  # from a composite that looked into its operand
                operator = operator_of(error)
                refuse_dynamic(operator)
                raise Unsupported(f"vmap: {operator} of a tensor that depends on the sample") from error
            places = places_of(out_dims, out_spec, name)
            results = [unmapped(o, d, current, size, name) for o, d in zip(outputs, places, strict=True)]
        return unflatten(results, out_spec)

    def join(parts: list) -> Any:
        from .. import cat

        flat = [flatten(p) for p in parts]
        places = places_of(out_dims, flat[0][1], name)
        return unflatten([cat(list(xs), d) for d, xs in zip(places, zip(*(f[0] for f in flat), strict=True), strict=True)],
                         flat[0][1])  # fmt: skip

    return wrapped


def mapped_inputs(in_dims: Any, args: tuple, name: str) -> tuple[int, list, list, Any]:
    """torch's checks: the batch size, and the inputs with their dimensions as flat lists."""
    start = f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): "
    if not isinstance(in_dims, int | tuple):
        raise ValueError(
            f"{start}expected `in_dims` to be int or a (potentially nested) tuple matching the structure of inputs, got: "
            f"{type(in_dims)}."
        )
    if not args:
        raise ValueError(
            f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a "
            "function with no inputs. The latter is unsupported."
        )
    leaves, spec = flatten(args)
    dims = spread(in_dims, spec)
    if dims is None:
        raise ValueError(
            f"{start}in_dims is not compatible with the structure of `inputs`. in_dims has structure "
            f"{text(flatten(in_dims)[1])} but inputs has structure {text(spec)}."
        )
    for i, (x, d) in enumerate(zip(leaves, dims, strict=True)):
        if d is None:
            continue
        if not isinstance(d, int):
            raise ValueError(
                f"{start}Got in_dim={d} for an input but in_dim must be either an integer dimension or None."
            )
        if not isinstance(x, Tensor):
            raise ValueError(
                f"{start}Got in_dim={d} for an input but the input is of type {type(x)}. We cannot vmap over non-Tensor "
                "arguments, please use None as the respective in_dim"
            )
        n = x.dim()
        if not -n <= d < n:
            raise ValueError(
                f"{start}Got in_dim={d} for some input, but that input is a Tensor of dimensionality {n} so expected "
                f"in_dim to satisfy -{n} <= in_dim < {n}."
            )
        dims[i] = d % n
    sizes = [x.shape[d] for x, d in zip(leaves, dims, strict=True) if d is not None]
    if not sizes:
        raise ValueError("vmap: Expected at least one Tensor to vmap over")
    if any(s != sizes[0] for s in sizes):
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{sizes} for the mapped dimension"
        )
    return sizes[0], dims, leaves, spec


def places_of(out_dims: Any, spec: Any, name: str) -> list:
    """Where the batch goes in each output."""
    dims, structure = flatten(out_dims)
    start = f"vmap({name}, ..., out_dims={out_dims})"
    if not all(d is None or isinstance(d, int) for d in dims):
        raise ValueError(
            f"{start}: `out_dims` must be an int, None or a python collection of ints representing where in the outputs the "
            "vmapped dimension should appear."
        )
    of_one = spec is None and type(out_dims) is tuple and len(out_dims) == 1
    places = spread(out_dims[0] if of_one else out_dims, spec)
    if places is None:
        raise ValueError(
            f"{start}(<inputs>): out_dims is not compatible with the structure of `outputs`. out_dims has structure "
            f"{text(structure)} but outputs has structure {text(spec)}."
        )
    return places


def unmapped(out: Any, dim: int | None, number: int, size: int, name: str) -> Any:
    if dim is None:
        if depends_on(out, number):
            raise ValueError(f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None")
        return out
    if not isinstance(out, Tensor):
        raise ValueError(
            f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(out)}. Did you mean to set out_dims= to "
            "None for output?"
        )
    whole = expose(out, number, size)
    return whole.movedim(0, dim) if dim else whole


def operator_of(error: NoArray) -> str:
    """The operator in which a batched tensor was asked for its array."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = (f.name for f in frames if "/ops/" in f.filename and not f.filename.endswith("registry.py"))
    return next(inside, "an operator")


# ---------------------------------------------------------------- is_grads_batched


def batched_gradients(
    gradients: Callable[..., list], outs: tuple, xs: tuple, cotangents: tuple, keep: bool | None, create_graph: bool
) -> list[Any]:
    """What is_grads_batched asks for: each cotangent's first dimension is a batch, and so is each gradient's."""
    if not create_graph and not levels():
        found = arrays.gradients(outs, xs, cotangents, bool(keep))
        if found is not None:
            return found
    size, _, _, _ = mapped_inputs(0, cotangents, "vjp")
    with level(size, REFUSED) as number:
        found = gradients(outs, xs, tuple(enclose(g, number) for g in cotangents), keep, create_graph)
        return [None if g is None else expose(g, number, size) for g in found]
