"""Nodes of the graph: what an operator leaves behind so that its gradient can be computed later.

A node's `next` are its edges, one for each differentiable input: the node that made the input, the AccumulateGrad of a
leaf, or None for a constant. (`edges` holds them; of a single edge no tuple is made.) Each operator has its own subclass,
generated from its row (compiler/), with

    vjp(g)       the gradients of the inputs, on raw arrays: one value where there is one edge, else a tuple
    taped(g)     the same on Tensors, recorded in its turn (create_graph)
    rows(g)      the same on a batch of cotangents (batching/arrays.py)

Note [Several outputs]
A node with several differentiable outputs takes a list of cotangents. Each of its outputs points at an Output, a small
relay that stands before it in the engine; so an edge is always one object, and a tensor's hooks always sit on one edge.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from ..errors import Unsupported
from .clock import Storage, tick
from .hooks import Hooks, RemovableHandle

if TYPE_CHECKING:
    from ..tensor import Tensor

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
    "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
    "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
    "saved tensors after calling backward."
)


class Node:
    """One application of an operator (source: torch.autograd.graph.Node)."""

    __slots__ = ("__weakref__", "_metadata", "edges", "hooks", "saved", "seq", "storage", "traceback")

    saved_names: tuple[str, ...] = ()
    result_names: tuple[str, ...] = ()  # those of them that are outputs of the node itself
    differentiable_names: tuple[str, ...] = ()  # those of these that have a gradient
    told: dict[str, str] = {}  # what is shown, but not kept: from which operand it is told
    constants: str | None = None  # where an operand was a number: which ("Tn")
    alone = False  # whether `saved` is the one thing kept; else it is a tuple of all
    frees = False  # whether `saved` holds tensors, which backward frees
    saves_outputs = False  # whether `saved` holds outputs of the node itself, as arrays
    watched: dict[int, str] = {}  # its outputs by number that are in `saved`, and under which name
    saves_result = False  # whether its one output is: then `storage` must follow that output's storage
    takes_batches = False  # whether it has `rows`
    takes_undefined = False  # whether vjp wants to run even where no gradient arrives
    fresh = False  # whether vjp returns new memory, or what it was given, or views
    outputs = 1  # cotangents that vjp takes

    edges: Node | tuple[Node | None, ...] | None  # a single edge, or all
    saved: Any
    seq: int
    hooks: Hooks | None
    storage: Storage | dict[int, Storage] | None  # a dict, by number, where there are several outputs

    @property
    def next(self) -> tuple[Node | None, ...]:
        edges = self.edges
        return edges if type(edges) is tuple else (edges,)

    @next.setter
    def next(self, edges: tuple[Node | None, ...]) -> None:
        self.edges = edges[0] if len(edges) == 1 else edges

    @property
    def all_saved(self) -> tuple[Any, ...]:
        """What is saved, in the order of `saved_names`."""
        return (self.saved,) if self.alone else self.saved

    @all_saved.setter
    def all_saved(self, values: tuple[Any, ...]) -> None:
        self.saved = values[0] if self.alone else values

    def vjp(self, g: Any) -> Any:
        raise NotImplementedError

    def taped(self, g: Any) -> Any:
        raise NotImplementedError

    def rows(self, g: Any) -> Any:
        raise NotImplementedError

    @property
    def listed(self) -> bool:
        """Whether its cotangents come as a list."""
        return self.outputs > 1

    def release(self) -> None:
        """Free what was saved; a second backward then raises FREED."""
        if self.frees:
            self.saved = None

    # -- the public face
    def name(self) -> str:
        return type(self).__name__

    def operator_name(self) -> str:
        """As errors have it: Exp of ExpBackward0, Max1 of MaxBackward1."""
        stem, _, number = self.name().rpartition("Backward")
        return self.name() if number == "s" else stem + number.removesuffix("0")  # CopyBackwards

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        sources = [None if e is None else e.source() for e in self.next]
        shown = tuple((None, 0) if s is None else (s[0].shown(), s[1]) for s in sources)
        if self.constants is not None:
            tensors = iter(shown)
            shown = tuple((None, 0) if c == "n" else next(tensors) for c in self.constants)
        return shown

    def source(self) -> tuple[Node, int]:
        return self, 0

    def shown(self) -> Any:
        """What a user sees of it (a custom Function's shows its ctx)."""
        return self

    @property
    def metadata(self) -> dict:
        try:
            return self._metadata
        except AttributeError:
            self._metadata: dict = {}
            return self._metadata

    def _sequence_nr(self) -> int:
        return self.seq

    def _set_sequence_nr(self, number: int) -> None:
        self.seq = number

    @property
    def requires_grad(self) -> bool:
        return True

    def register_hook(self, fn: Any) -> RemovableHandle:
        """Call fn(grad_inputs, grad_outputs) after this node ran (source: Node.register_hook)."""
        return Hooks.of(self).add("post", fn)

    def register_prehook(self, fn: Any) -> RemovableHandle:
        """Call fn(grad_outputs) before this node runs (source: Node.register_prehook)."""
        return Hooks.of(self).add("pre", fn)

    def _register_hook_dict(self, hooks: dict[int, Any]) -> None:
        """Call the hooks of a dict, as they are when this node's gradient has come, as those of a tensor."""
        Hooks.of(self).tensor = hooks

    @property
    def _input_metadata(self) -> Any:
        raise Unsupported("grad_fn._input_metadata: a node here does not record what its outputs look like")

    def __dir__(self) -> list[str]:
        return sorted(
            n
            for n in object.__dir__(self)
            if n in PUBLIC
            or n.startswith("__")
            or (n.startswith("_saved_") and not self.lacks(n))
            or (n.startswith("_raw_saved_") and hasattr(self, n))
        )

    def lacks(self, name: str) -> bool:
        """Whether this is to be told from an operand that was not saved."""
        operand = self.told.get(name)
        return operand and self.saved is not None and self.all_saved[self.saved_names.index(operand)] is None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {id(self):#x}>"

    def __call__(self, *gradients: Tensor) -> Any:
        from .visit import call_node

        return call_node(self, gradients)


PUBLIC = {
    "name",
    "next_functions",
    "metadata",
    "_input_metadata",
    "_register_hook_dict",
    "_sequence_nr",
    "_set_sequence_nr",
    "register_hook",
    "register_prehook",
    "requires_grad",
    "variable",
}


class Output(Node):
    """One output of a node that has several. See Note [Several outputs]."""

    __slots__ = ("nr",)
    takes_batches = True

    def __init__(self, node: Node, nr: int) -> None:
        self.edges, self.nr = node, nr
        self.seq, self.hooks, self.saved = tick(), None, None  # nothing to run: the engine passes it by

    @property
    def saves_result(self) -> bool:  # type: ignore[override]
        return self.nr in self.edges.watched

    @property
    def storage(self) -> Storage | None:  # type: ignore[override]
        return (self.edges.storage or {}).get(self.nr)

    @storage.setter
    def storage(self, storage: Storage) -> None:
        self.edges.storage = {**(self.edges.storage or {}), self.nr: storage}

    def source(self) -> tuple[Node, int]:
        return self.edges, self.nr


class AccumulateGrad(Node):
    """The end of the graph: adds what arrives to `.grad` of its leaf, which it keeps alive.

    A leaf holds its node weakly, as in torch: hooks on a node that nobody holds are lost with it.
    """

    __module__ = "builtins"  # torch prints <class 'AccumulateGrad'>
    __slots__ = ("variable",)
    takes_batches = True

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable
        self.edges, self.saved, self.seq = (), (), LAST_SEQ
        self.hooks = Hooks(variable._hooks) if variable._hooks is not None else None

    def name(self) -> str:
        return "torch::autograd::AccumulateGrad"

    def vjp(self, g: Any) -> Any:
        from .accumulate import accumulate

        accumulate(self.variable, g, False)
        return ()

    def taped(self, g: Any) -> Any:
        from .accumulate import accumulate

        accumulate(self.variable, g, True)
        return ()


LAST_SEQ = (1 << 64) - 1  # newest of all: runs as soon as it is ready
NOBODY: Any = type(None)  # in place of a weak reference: returns None, as one to something dead does


def accumulator(leaf: Tensor) -> AccumulateGrad:
    """The leaf's AccumulateGrad, made when the leaf is first used."""
    node = leaf._accumulator()
    if node is None:
        if leaf._stale:  # a view, not a leaf
            from .views import regenerate

            return regenerate(leaf)
        if leaf._edge is None or isinstance(leaf._edge, Node):
            return leaf._edge  # a view that was stale until this operator looked at it the first time
        node = AccumulateGrad(leaf)
        leaf._accumulator = weakref.ref(node)
    return node
