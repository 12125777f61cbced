"""Nodes of the graph: what they tell of themselves, and edges to them.

Note [Classes built into torch]
The classes of torch's nodes are written in C, and Python refuses to assign to them. Their dictionaries can be written all the
same: ``gc`` knows the dictionary behind the proxy that ``vars`` gives, and ``PyType_Modified`` has Python forget what it has
cached of the class. That a node was asked for something is seen by the grad_fn of the tensor that led to it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
from collections.abc import Callable, Iterator
from typing import Any

from conformance.mutants.around import inside, slot
from conformance.mutants.mutant import Torch, mutant, patched, patched_all, wrapped

Changed = contextlib.AbstractContextManager[None]

_HEAP_TYPE = 1 << 9
"""The flag of classes that were made at run time (Py_TPFLAGS_HEAPTYPE), and are no C of torch."""


def node_kinds(torch: Torch) -> list[Any]:
    """The classes that have the methods of nodes: each of torch's has its own, other engines have one for all."""
    if torch.__name__ != "torch":
        return [inside(torch, "graph.node").Node]
    return [
        kind for kind in object.__subclasses__() if "next_functions" in vars(kind) and not kind.__flags__ & _HEAP_TYPE
    ]


@contextlib.contextmanager
def _entry(kind: Any, name: str, value: Any) -> Iterator[None]:
    """A method of a class that is written in C is ``value``; see Note [Classes built into torch]."""
    (space,) = gc.get_referents(vars(kind))
    before = space[name]
    try:
        space[name] = value
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
        yield
    finally:
        space[name] = before
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


@contextlib.contextmanager
def _of_all_nodes(torch: Torch, name: str, change: Callable[[Any], Any]) -> Iterator[None]:
    """What stands under that name in the classes of nodes is ``change(the real one)``."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(patched(torch.Tensor, "grad_fn", slot(torch, "grad_fn")))  # so that reaching it is noted
        for kind in node_kinds(torch):
            into = patched if kind.__flags__ & _HEAP_TYPE else _entry
            stack.enter_context(into(kind, name, change(vars(kind)[name])))
        yield


def node_method(torch: Torch, name: str, around: Callable[..., Any]) -> Changed:
    """The method of nodes goes through ``around(the real one, node, ...)``."""
    return _of_all_nodes(
        torch, name, lambda real: lambda self, *given: around(lambda *g: real.__get__(self)(*g), self, *given)
    )


def node_attribute(torch: Torch, name: str, read: Callable[[Any, Any], Any]) -> Changed:
    """The attribute of nodes reads as ``read(the real value, node)``."""
    return _of_all_nodes(torch, name, lambda real: property(lambda self: read(real.__get__(self), self)))


# -- names and edges


@mutant("graph.node.name.accumulate-grad", only="reference")
def leaves_end_in_a_node_without_a_namespace(torch: Torch) -> Changed:
    """The name of the node that accumulates into a leaf is AccumulateGrad."""
    return patched(inside(torch, "graph.node").AccumulateGrad, "name", lambda self: "AccumulateGrad")


@mutant("graph.node.dir-lists-saved-attributes", only="reference")
def what_was_saved_is_not_listed(torch: Torch) -> Changed:
    """dir of a node has none of the names of what it saved."""
    return wrapped(
        inside(torch, "graph.node").Node, "__dir__", lambda real, self: [n for n in real(self) if "saved" not in n]
    )


@mutant("graph.node.name.value")
def names_have_no_number(torch: Torch) -> Changed:
    """name() is the name of the operation without the number of its overload."""
    return node_method(torch, "name", lambda real, self: real().rstrip("0123456789"))


@mutant("graph.node.name.accumulate-grad", only="torch")
def accumulating_nodes_have_a_short_name(torch: Torch) -> Changed:
    """name() of the node of a leaf is AccumulateGrad."""
    return node_method(torch, "name", lambda real, self: real().removeprefix("torch::autograd::"))


@mutant("graph.node.next-functions.structure")
def next_functions_is_a_list(torch: Torch) -> Changed:
    """next_functions is a list."""
    return node_attribute(torch, "next_functions", lambda real, self: list(real))


@mutant("graph.node.next-functions.structure", "graph.dag.leaves-are-inputs-roots-are-outputs")
def next_functions_run_backwards(torch: Torch) -> Changed:
    """next_functions begins with the last input."""
    return node_attribute(torch, "next_functions", lambda real, self: tuple(reversed(real)))


@mutant("graph.node.next-functions.none-for-no-grad")
def next_functions_leaves_constants_out(torch: Torch) -> Changed:
    """next_functions has no place for an input that does not require grad."""
    return node_attribute(
        torch, "next_functions", lambda real, self: tuple(edge for edge in real if edge[0] is not None)
    )


@mutant("graph.node.next-functions.input-index")
def next_functions_lose_the_number(torch: Torch) -> Changed:
    """The second of each pair of next_functions is 0."""
    return node_attribute(torch, "next_functions", lambda real, self: tuple((node, 0) for node, _ in real))


@mutant("graph.node.next-functions.leaf-end", "graph.dag.leaves-are-inputs-roots-are-outputs")
def accumulating_nodes_lead_on(torch: Torch) -> Changed:
    """next_functions of the node of a leaf has a pair of None and 0."""
    return node_attribute(torch, "next_functions", lambda real, self: real or ((None, 0),))


@mutant("graph.dag.leaves-are-inputs-roots-are-outputs")
def sines_are_ends_of_the_graph(torch: Torch) -> Changed:
    """next_functions of the node of a sine is empty."""
    return node_attribute(torch, "next_functions", lambda real, self: () if self.name().startswith("Sin") else real)


# -- classes, metadata, and what was saved


@mutant("graph.node.isinstance", "tensor.grad-fn.node-for-recorded")
def nothing_is_a_node(torch: Torch) -> Changed:
    """isinstance(y.grad_fn, Node) is False."""
    return patched(torch.autograd.graph, "Node", type("Node", (), {}))


@mutant("graph.node.abstract")
def nodes_can_be_made(torch: Torch) -> Changed:
    """Node() makes something."""
    node = torch.autograd.graph.Node
    return patched_all((node, "__abstractmethods__", frozenset()), (node, "__new__", lambda cls: object.__new__(cls)))


@mutant("graph.node.metadata.dict", "anomaly.detect-anomaly.metadata-traceback")
def metadata_is_new_each_time(torch: Torch) -> Changed:
    """metadata is another empty dict whenever it is read."""
    return node_attribute(torch, "metadata", lambda real, self: {})


@mutant("graph.node.metadata.documented-as-method")
def metadata_is_a_method(torch: Torch) -> Changed:
    """metadata is a method that returns the dict, as the documentation has it."""
    return node_attribute(torch, "metadata", lambda real, self: lambda: real)


def _saving(torch: Torch, prefix: str, read: Callable[[Any], Any]) -> Changed:
    """What the nodes of some operators saved reads as ``read(...)``, where it is a tensor."""

    def change(real: Any) -> Any:
        return property(lambda self: read(real.__get__(self)))

    found = [(kind, name) for kind in _operators(torch) for name in vars(kind) if name.startswith(prefix)]
    return _several(torch, [(kind, name, change(vars(kind)[name])) for kind, name in found])


def _operators(torch: Torch) -> list[Any]:
    x = torch.ones(1, requires_grad=True)
    return [type(made.grad_fn) for made in (torch.exp(x), x * x, x**2)]


@contextlib.contextmanager
def _several(torch: Torch, entries: list[tuple[Any, str, Any]]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        stack.enter_context(patched(torch.Tensor, "grad_fn", slot(torch, "grad_fn")))
        for entry in entries:
            stack.enter_context(_entry(*entry))
        yield


@mutant("graph.node.saved-attributes.value")
def what_was_saved_reads_as_zeros(torch: Torch) -> Changed:
    """_saved_self, _saved_other and _saved_result are zeros."""

    def read(value: Any) -> Any:
        return torch.zeros_like(value) if isinstance(value, torch.Tensor) else value

    return _saving(torch, "_saved_", read)


@mutant("graph.node.dir-lists-saved-attributes", only="torch")
@contextlib.contextmanager
def dir_hides_what_was_saved(torch: Torch) -> Iterator[None]:
    """dir() of the node of exp lists no name that begins with _saved_."""
    kind = type(torch.exp(torch.ones(1, requires_grad=True)).grad_fn)
    (space,) = gc.get_referents(vars(kind))
    kept = {name: space.pop(name) for name in list(space) if name.startswith("_saved_")}
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
    try:
        with patched(torch.Tensor, "grad_fn", slot(torch, "grad_fn")):
            yield
    finally:
        space.update(kept)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


@mutant("graph.node.accumulate-grad-weakly-held", "graph.get-gradient-edge.leaf")
def leaves_hold_their_nodes(torch: Torch) -> Changed:
    """get_gradient_edge of a leaf keeps the node of the leaf alive."""
    held: list[Any] = []

    def around(real: Any, tensor: Any) -> Any:
        edge = real(tensor)
        held.append(edge.node)
        return edge

    return wrapped(torch.autograd.graph, "get_gradient_edge", around)


@mutant("graph.debug-logging.executing-nodes")
def executed_nodes_are_not_logged(torch: Torch) -> Changed:
    """The logger torch.autograd.graph hears nothing."""
    return patched(logging.getLogger("torch.autograd.graph"), "debug", lambda *_, **__: None)
