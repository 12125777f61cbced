"""Custom Functions under vmap: by their own rule, or by running their code on samples."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..batching import REFUSED, BatchedTensor, depends_on, enclose, levels, levels_of, set_levels
from ..graph.modes import set_transforms, transforms
from ..trees import flatten, spread, text, tree_map, unflatten
from .applying import run_apply
from .function import Function


class VmapInfo(NamedTuple):
    """What a Function's vmap is told (source: torch.func)."""

    batch_size: int
    randomness: str


def custom_function(cls: Any, args: tuple) -> Any:
    """apply of a Function one of whose arguments is batched."""
    has_rule = cls.vmap is not Function.vmap
    if cls.generate_vmap_rule == has_rule:
        why = (
            "it has both generate_vmap_rule=True and an overridden vmap staticmethod. Please set generate_vmap_rule=False or "
            "delete the overridden vmap staticmethod to avoid ambiguity. "
            if has_rule
            else "it does not have vmap support. Please override and implement the vmap staticmethod or set "
            "generate_vmap_rule=True. "
        )
        raise RuntimeError(
            f"You tried to vmap over {cls.__name__}, but {why}"
            "For more details, please see https://pytorch.org/docs/main/notes/extending.func.html"
        )
    number = max(levels_of(a)[-1] for a in args if isinstance(a, BatchedTensor))
    running, depth = levels(), transforms()
    at = next(i for i, lv in enumerate(running) if lv.number == number)
    size, randomness = running[at].size, running[at].randomness
    if cls.generate_vmap_rule:
        return run_apply(cls, args, True, samples=(number, size))
    in_dims, values = (tree_map(lambda a, k=k: as_given(a, number)[k], args) for k in (0, 1))
    set_levels(running[:at])
    set_transforms(depth - sum(lv.randomness != REFUSED for lv in running[at:]))
    try:
        found = cls.vmap(VmapInfo(size, randomness), in_dims, *values)
    finally:
        set_levels(running)
        set_transforms(depth)
    if not (isinstance(found, tuple) and len(found) == 2):
        got = f"{len(found)} returns" if isinstance(found, tuple) else f"a {type(found)}"
        raise RuntimeError(
            "Expected the vmap staticmethod to have two returns, an output and out_dims with pytree structure compatible "
            f"with the output. Got {got} instead"
        )
    outputs, spec = flatten(found[0])
    dims = spread(found[1], spec)
    if dims is None:
        raise RuntimeError(
            f"The autograd.Function's vmap staticmethod returned an incompatible (output, out_dims) tuple. Expected "
            f"out_dims={found[1]} to be compatible with the structure of `output`. out_dims has structure "
            f"{text(flatten(found[1])[1])} but output has structure {text(spec)}. For more details, please see "
            "https://pytorch.org/docs/main/notes/extending.func.html"
        )
    return unflatten([o if d is None else enclose(o.movedim(d, 0), number) for o, d in zip(outputs, dims, strict=True)],
                     spec)  # fmt: skip


def as_given(a: Any, number: int) -> tuple[int | None, Any]:
    """Where an argument has its batch, and the argument with it: an input of vmap as its caller gave it."""
    if not depends_on(a, number):
        return None, a
    x, dim = a.given or (a.value, 0)
    return dim, x
