"""Calls of operators with batched tensors (__init__.py, Note [Batched tensors]): by a rule (rules.py) where the row has
one, else sample by sample. Operators that broadcast need none: their operands only have to be aligned.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..errors import Unsupported
from ..graph.inplace import alias
from ..random import source_of
from ..tensor import NoArray, Tensor, history, storage_array
from ..trees import leaves, tree_map
from . import BatchedTensor, aside, depends_on, enclose, expose, levels, products, rules, sizes_of_levels, varies  # noqa: F401
from .rules import call


def batched(row: Any, args: tuple) -> Any:
    """A row's operator where a tensor among its arguments is batched."""
    refuse_dynamic(row.name)
    number, size = innermost(args)
    if row.name in DRAWN and drawn_once(number):
        raise RuntimeError(SHARED)

    if row.broadcasts:
        result = call(row, aligned(args, number, size, {i for i, a in enumerate(row.args) if a.nondiff}))
    else:
        variadic = any(a.variadic for a in row.args)
        named = {
            n.name: [expose(x, number, size) for x in a] if n.variadic else of_all_samples(a, number, size)
            for n, a in zip(row.args, args, strict=True)
        }
        which = {n.name for n, a in zip(row.args, args, strict=True) if n.variadic or varies(a, number)}
        inside_lists = any(isinstance(a, list | tuple) and any(varies(x, number) for x in a) for a in args)
        f = rules.RULES.get(row.name) if variadic or not inside_lists else None
        result = f(row, named, which) if f else NotImplemented
        if result is NotImplemented:
            result = stacked([call(row, sample(args, b, number, size)) for b in range(size)])
    if isinstance(result, Tensor):
        return enclose(result, number)
    return rebuilt(result, [enclose(r, number) for r in result])


def of_all_samples(a: Any, number: int, size: int) -> Any:
    """An argument with the batch of a level in front, if it has one."""
    if isinstance(a, list | tuple):
        return rebuilt(a, [of_all_samples(x, number, size) for x in a])
    return expose(a, number, size) if varies(a, number) else a


SHARED = (
    "Vmap does not currently support same randomness with a batched tensor input. Please file an issue with functorch"
)


def innermost(args: Any) -> tuple[int, int]:
    """The level that is computed first, and its size."""
    number = max(t.level for t in leaves(args) if isinstance(t, BatchedTensor))
    return number, size_of(number)


ESCAPED = (
    "Either your tensor may have escaped from inside a function being vmapped and this is a user error (see "
    "https://pytorch.org/functorch/stable/ux_limitations.html), or there is an internal functorch error in `{}` Please file "
    "an issue if it looks like the latter"
)


def size_of(number: int, found_by: str = "gen_vmap_plumbing") -> int:
    """The size of the batch of a level, if its vmap still runs."""
    if number not in (sizes := sizes_of_levels()):
        raise RuntimeError(ESCAPED.format(found_by))
    return sizes[number]


def sample(a: Any, b: int, number: int, size: int) -> Any:
    """An argument as sample b has it."""
    if isinstance(a, list | tuple):
        return rebuilt(a, [sample(x, b, number, size) for x in a])
    return expose(a, number, size)[b] if varies(a, number) else a


DYNAMIC = {"nonzero": "nonzero", "bincount": "bincount"}
DYNAMIC |= {"unique": "_unique2", "unique_consecutive": "unique_consecutive"}


COMPARISONS = {
    "allclose": "vmap over torch.allclose isn't supported yet. Please file an issue at "
    "https://github.com/pytorch/pytorch/issues if you need this feature.",
    "equal": "Batching rule not implemented for aten::equal. We could not generate a fallback.",
}


def refuse_dynamic(name: str) -> None:
    if name in DYNAMIC:
        raise of_dynamic_shape(DYNAMIC[name])


def of_dynamic_shape(name: str) -> RuntimeError:
    return RuntimeError(
        f"vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over aten::{name}. "
        "Please file an issue at https://github.com/pytorch/pytorch/issues if you need this feature."
    )


DRAWN = frozenset(["bernoulli", "binomial", "normal", "poisson"])
FILLING = frozenset(
    ["bernoulli_", "cauchy_", "exponential_", "geometric_", "log_normal_", "normal_", "random_", "uniform_"]
)


def drawn_once(number: int) -> bool:
    """Whether the samples of this level share their random numbers."""
    return any(lv.number == number and lv.randomness == "same" for lv in levels())


def by_samples(operator: Any, name: str, args: list, kwargs: dict[str, Any]) -> Any:
    """A composite that looked into a batched tensor. Called where that raised NoArray."""
    refuse_dynamic(name)
    if not any(isinstance(t, BatchedTensor) for t in leaves([args, kwargs])):
        raise  # it looked into one that it was not given
    if name in COMPARISONS:
        raise RuntimeError(COMPARISONS[name])
    if name.startswith("as_strided"):  # whose offsets count in the memory of all samples
        raise Unsupported(f"vmap: {name} of a tensor that depends on the sample")
    number, size = innermost((*args, *kwargs.values()))
    results = []
    for b in range(size):
        xs, named = sample(args, b, number, size), {k: sample(v, b, number, size) for k, v in kwargs.items()}
        try:
            results.append(operator(*xs, **named))
        except NoArray:  # of a level further out
            results.append(by_samples(operator, name, xs, named))
    if not all(isinstance(x, Tensor) for x in leaves(results[0])):
        raise Unsupported(f"vmap: {name} of a tensor that depends on the sample")
    whole = stacked(results)
    return tree_map(lambda t: enclose(t, number), whole)


def batched_in_place(name: str, self: Tensor, args: tuple, kwargs: dict[str, Any]) -> Tensor:
    """An in-place operator on a batched tensor writes into its physical tensor: as it stands if it is pointwise, else what
    the operator makes of the samples."""
    pointwise = getattr(getattr(Tensor, name), "pointwise", True)
    if not isinstance(self, BatchedTensor) or any(isinstance(a, BatchedTensor) and a.level > self.level for a in args):
        refuse_larger("inplace arithmetic" if pointwise else name)
    size = size_of(self.level, "gen_vmap_inplace_plumbing" if pointwise else "gen_vmap_plumbing")
    if name in FILLING:
        return filled(name, self, args, kwargs)
    if not pointwise and hasattr(Tensor, name[:-1]):
        found = getattr(former(self), name[:-1])(*args, **kwargs)
        check_shape(self, found.shape)
        self.value.copy_(expose(found, self.level, size))
        return self
    check_shape(self, *(a.shape for a in args if isinstance(a, Tensor)))
    _, *others = aligned((self, *args), self.level, size)
    getattr(self.value, name)(*others, **kwargs)
    return self


def filled(name: str, self: BatchedTensor, args: tuple, kwargs: dict[str, Any]) -> Tensor:
    """Random numbers written into the samples, for all at once."""
    from .. import zeros

    refuse_to_differ(self.level)
    once = drawn_once(self.level)
    if once and any(depends_on(a, self.level) for a in args):
        raise RuntimeError(SHARED)
    with aside(self.level):
        if once:
            self.value.copy_(getattr(zeros(self.shape, dtype=self.dtype), name)(*args, **kwargs))
        else:
            _, *others = aligned((self, *args), self.level, self.value.shape[0])
            getattr(self.value, name)(*others, **kwargs)
    return self


def refuse_larger(what: str) -> None:
    raise RuntimeError(
        f"vmap: {what}(self, *extra_args) is not possible because there exists a Tensor `other` in extra_args that has more "
        "elements than `self`. This happened due to `other` being vmapped over but `self` not being vmapped over in a vmap. "
        f"Please try to use out-of-place operators instead of {what}. If said operator is being called inside the PyTorch "
        "framework, please file a bug report instead."
    )


def refuse_shared_numbers(p: BatchedTensor) -> None:
    """Numbers that p sets for each sample, written into a tensor that the samples share."""
    source_of()
    if drawn_once(p.level):
        raise RuntimeError(SHARED)
    refuse_larger("inplace bernoulli")


def refuse_to_differ(number: int = 0) -> None:
    """Random numbers written into a tensor that the samples of a vmap inside of `number` share."""
    source_of()
    if any(lv.randomness == "different" and lv.number > number for lv in levels()):
        raise RuntimeError(
            "vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will appear like same randomness. "
            "If this is necessary for your usage, please file an issue with functorch."
        )


def former(t: Tensor) -> Tensor:
    """What t is before a write: the same place in the graph, memory of its own."""
    if isinstance(t, BatchedTensor):
        return enclose(former(t.value), t.level)
    history(t)
    return alias(t, storage_array(t).copy()[()])


def check_shape(self: BatchedTensor, *shapes: tuple[int, ...]) -> None:
    """Refuse what would have to be written into a larger tensor."""
    rank = max(map(len, shapes), default=0)
    if rank > self.ndim:
        size = self.value.shape[0]
        whole = max(shapes, key=len)
        raise RuntimeError(
            f"output with shape {[size, *[1] * (rank - self.ndim), *self.shape]} doesn't match the broadcast shape "
            f"{[size, *whole]}"
        )


def rebuilt(like: Any, items: list) -> Any:
    return like._make(items) if hasattr(like, "_make") else type(like)(items)


def stacked(results: list) -> Any:
    from .. import stack

    if isinstance(results[0], Tensor):
        return stack(results)
    return rebuilt(results[0], [stack(list(xs)) for xs in zip(*results, strict=True)])


def aligned(args: tuple, number: int, size: int, masks: Collection[int] = ()) -> tuple:
    """Operands of a broadcasting operator, physical: the samples' dimensions aligned at the right. masks: which of them
    take no part in promotion."""
    tensors = [a for a in args if isinstance(a, Tensor)]
    n = max(t.ndim for t in tensors)
    floor = next((t.dtype for t in tensors if t.ndim), None)
    alike = n or all(t.dtype is tensors[0].dtype for t in tensors)
    found = []
    for i, a in enumerate(args):
        if not isinstance(a, Tensor):
            found.append(a)
            continue
        lower = floor is not None and a.dtype is not floor and a.dtype.category <= floor.category
        if lower and not a.ndim and i not in masks:
            a = a.to(floor)  # a 0-dim operand does not widen the others, though physically it has a dimension
        if varies(a, number):
            v = expose(a, number, size)
            found.append(v if a.ndim == n else v.reshape(size, *(1,) * (n - a.ndim), *a.shape))
        else:
            found.append(a if alike else a.reshape(1))  # 0-dim operands widen each other, batched or not
    return tuple(found)
