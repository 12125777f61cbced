"""The graph that an operator leaves behind: the names of its nodes, where their edges lead, and what they show of what
they saved. Played as a function, and where torch has these as a method and in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

import reference_impl

from .checks import TIED, torchs
from .exchange import Wrong, closeness, numbers, resolve, same_numbers, tensors_in, to_reference

SIGNED = ("svd_lowrank", "pca_lowrank")  # of singular vectors either sign will do


class Graph:
    """The nodes behind some tensors, in the order of a walk from the first one."""

    def __init__(self, outputs: list[Any], leaves: list[Any]) -> None:
        self.nodes: list[Any] = []
        self.leaves = leaves
        self.places: dict[Any, int] = {}
        self.starts = [t.grad_fn.name() for t in outputs]
        self.text = "; ".join(f"{self.walk(t.grad_fn)}.{t.output_nr}" for t in outputs)

    def walk(self, node: Any) -> str:
        """A node in words: its name, and in brackets where its edges lead; a node seen before by its number."""
        if node is None:
            return "None"
        if hasattr(node, "variable"):
            mine = [k for k, leaf in enumerate(self.leaves) if leaf is node.variable]
            return f"leaf{mine[0]}" if mine else "cotangent"
        if node in self.places:
            return f"#{self.places[node]}"
        self.places[node] = len(self.nodes)
        self.nodes.append(node)
        below = (self.walk(n) + f".{nr}" * (nr > 0) for n, nr in node.next_functions)
        return f"{node.name()}({', '.join(below)})"


def forms(op: Any, sample: Any) -> Iterator[tuple[str, Callable[[Any], Callable[..., Any]]]]:
    """What is called, given the module: the function; the method, in place too, of which OpInfo knows."""
    yield "", lambda module: resolve(op, module)
    name = op.name.rpartition(".")[2]
    if not isinstance(sample.input, torch.Tensor):
        return
    if op.method_variant is not None and hasattr(torch.Tensor, name):
        yield "method: ", lambda module: getattr(module.Tensor, name)
    if op.inplace_variant is not None and hasattr(torch.Tensor, name + "_"):
        yield "in place: ", lambda module: lambda x, *a, **k: getattr(module.Tensor, name + "_")(x.clone(), *a, **k)


def check_graph(op: Any, sample: Any, saved: bool) -> None:
    """The same nodes and edges; with `saved`, where these agree, the same `_saved_*`."""
    for form, call in forms(op, sample):
        have, want = both(call, [sample.input, *sample.args], sample.kwargs)
        if have.text == want.text:
            for a, b in zip(have.nodes, want.nodes, strict=True) if saved else ():
                compare_saved(a, b, op, sample)
        elif not saved:
            raise Wrong(f"{form}{have.text}, torch has {want.text}")


def both(call: Callable[[Any], Callable[..., Any]], arguments: list[Any], keywords: dict[str, Any]) -> list[Graph]:
    """The graphs that the reference and torch record."""
    leaves: list[Any] = []
    theirs_leaves = [t for t in tensors_in([arguments, keywords]) if t.requires_grad]
    here = to_reference(arguments, leaves), to_reference(keywords, leaves)  # before torch may write into them
    theirs = torchs(lambda: recorded(call, torch, arguments, keywords))
    ours = recorded(call, reference_impl, *here)
    return [Graph(ours, leaves), Graph(theirs, theirs_leaves)]


def recorded(call: Callable[[Any], Callable[..., Any]], module: Any, arguments: Any, keywords: Any) -> list[Any]:
    module.manual_seed(0)
    return [t for t in tensors_in(call(module)(*arguments, **keywords)) if t.grad_fn is not None]


def check_second(op: Any, sample: Any) -> None:
    """The same nodes right behind the gradients, where these are recorded. (What is behind those follows torch's formulas,
    which need not be the ones here.)"""
    have, want = both(
        lambda module: gradients(module, resolve(op, module)), [sample.input, *sample.args], sample.kwargs
    )
    if have.starts != want.starts:
        raise Wrong(f"the gradients' {have.text}, torch has {want.text}")


def gradients(module: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **keywords: Any) -> Any:
        leaves = [t for t in tensors_in([arguments, keywords]) if t.requires_grad]
        outputs = [t for t in tensors_in(function(*arguments, **keywords)) if t.grad_fn is not None]
        cotangents = [module.ones_like(t).requires_grad_() for t in outputs]
        found = module.autograd.grad(outputs, leaves, cotangents, create_graph=True, allow_unused=True)
        return [t for t in found if t is not None]

    return call


def compare_saved(ours: Any, theirs: Any, op: Any, sample: Any) -> None:
    have, want = ([n for n in dir(node) if n.startswith("_saved_")] for node in (ours, theirs))
    if have != want:
        raise Wrong(f"{theirs.name()} shows {' '.join(have)}, torch's {' '.join(want)}")
    with_values = same_numbers(op, sample) and op.name not in (*TIED, *SIGNED)
    for name in want:
        a, b = getattr(ours, name), getattr(theirs, name)
        if not alike(a, b, with_values, closeness(op, sample)):
            raise Wrong(f"{theirs.name()}.{name}: {a}, torch has {b}")


def alike(a: Any, b: Any, with_values: bool, close: Any) -> bool:
    if isinstance(b, torch.Tensor):
        if not isinstance(a, reference_impl.Tensor):
            return False
        same = str(a.dtype) == str(b.dtype) and tuple(a.shape) == tuple(b.shape) and a.requires_grad == b.requires_grad
        return same and (not with_values or close(numbers(a), numbers(b), b.dtype).all())
    if isinstance(b, tuple | list):
        return (
            type(a) is type(b)
            and len(a) == len(b)
            and all(alike(x, y, with_values, close) for x, y in zip(a, b, strict=True))
        )
    return type(a) is type(b) and (str(a) == str(b) or a == b)
