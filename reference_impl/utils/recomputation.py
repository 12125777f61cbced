"""How a checkpoint without reentrance computes again: each saved tensor is packed into an empty Holder; the first that is
asked for in a backward runs the function again, and hands the tensors that are then saved, in the same order, to the
holders (source: torch.utils.checkpoint).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any

from ..amp.autocast_mode import autocast_of_now
from ..autograd.function import Function
from ..autograd.grad_mode import enable_grad
from ..autograd.graph import saved_tensors_hooks
from ..factories import empty
from ..graph.hooks import current
from ..graph.modes import DUAL, mode, transforms
from ..random import fork_rng, get_rng_state, set_rng_state
from ..tensor import Tensor

TIP = (
    "\nTip: To see a more detailed error message, either pass `debug=True` to\n`torch.utils.checkpoint.checkpoint(...)` or wrap "
    "the code block\nwith `with torch.utils.checkpoint.set_checkpoint_debug_enabled(True):` to\nenable checkpoint‑debug mode "
    "globally.\n"
)
OVERLAP = (
    "Performing two backward calls that overlap (i.e. require the same saved activation in order to compute gradients) is "
    "not allowed while under the torch.utils.checkpoint.GraphExecGroup context. "
)


class CheckpointError(RuntimeError):
    """The function did something else when it was run again."""


class GraphExecGroup:
    """A context whose backward calls share recomputations; they must not need the same saved tensor."""

    active: GraphExecGroup | None = None

    def __enter__(self) -> GraphExecGroup:
        if GraphExecGroup.active is not None:
            raise RuntimeError(
                f"GraphExecGroup contexts cannot be nested. Already inside group {GraphExecGroup.active}"
            )
        GraphExecGroup.active = self
        return self

    def __exit__(self, *_: object) -> None:
        GraphExecGroup.active = None


CheckpointError.__module__ = GraphExecGroup.__module__ = "torch.utils.checkpoint"


class Holder:
    """Stands for one saved tensor."""

    __slots__ = ("__weakref__", "meta")

    def __init__(self, t: Tensor) -> None:
        self.meta = metadata(t)


def metadata(t: Tensor) -> dict[str, Any]:
    return {"shape": t.shape, "dtype": t.dtype, "device": t.device}


class Inputs(Function):
    """Saves the tensors that a call is given: so hooks see them, and writes to them are noticed."""

    @staticmethod
    def forward(ctx: Any, recorded: Tensor, *tensors: Tensor) -> Tensor:
        ctx.save_for_backward(*tensors)
        return empty(0)


def kept(args: tuple) -> Callable[[], Iterable[Any]]:
    """args for later. A transform's, or in forward mode, are held as they are."""
    if transforms() or mode() & DUAL:
        return lambda: args
    node = Inputs.apply(empty(0, requires_grad=True), *[a for a in args if isinstance(a, Tensor)]).grad_fn
    others = {i: a for i, a in enumerate(args) if not isinstance(a, Tensor)}

    def arguments() -> Iterable[Any]:
        tensors = iter(node.saved_tensors)
        return [others[i] if i in others else next(tensors) for i in range(len(args))]

    return arguments


class StopRecomputation(Exception):
    """All tensors that were wanted are there."""


class Look:
    """A look at a saved tensor outside of backward."""


class Frame:
    """One checkpointed call: how to repeat it, and its holders in the order in which tensors were saved."""

    def __init__(
        self,
        again: Callable[..., Any],
        arguments: Callable[[], Iterable[Any]],
        context: Any,
        preserve: bool,
        early_stop: bool,
        check: bool,
        explain: Callable[[CheckpointError], Any] | None,
    ) -> None:
        """explain: turns an error into one that says more (debug=True)."""
        self.again, self.arguments, self.context = again, arguments, context
        self.early_stop, self.check, self.explain = early_stop, check, explain
        self.state, self.autocast = get_rng_state() if preserve else None, autocast_of_now()
        self.holders: list[weakref.ref[Holder]] = []
        self.found: weakref.WeakKeyDictionary[Any, dict[Holder, Tensor]] = weakref.WeakKeyDictionary()
        self.complete = False

    def pack(self, t: Tensor) -> Holder:
        holder = Holder(t)
        self.holders.append(weakref.ref(holder))
        return holder

    def unpack(self, holder: Holder) -> Tensor:
        try:
            return self.recomputed(holder)
        except CheckpointError as error:
            if self.explain is not None:
                raise self.explain(error) from error
            raise

    def recomputed(self, holder: Holder) -> Tensor:
        """The tensor of a holder. Everything is run again once a backward, or once a group of them."""
        key = GraphExecGroup.active or current.get() or Look()
        if key not in self.found:
            self.found[key] = self.taken = {}
            self.recompute()
            self.compare()
        if holder not in self.found[key]:
            raise CheckpointError(
                "torch.utils.checkpoint: Unpack is being triggered for a tensor that was already unpacked once. "
                f"{OVERLAP if GraphExecGroup.active else ''}If you are calling ctx.saved_tensors in backward, make sure to do "
                "so only once. Otherwise please open an issue with details on your use case."
            )
        return self.found[key].pop(holder)

    def recompute(self) -> None:
        self.count = 0
        args = self.arguments()
        with fork_rng(enabled=self.state is not None):
            if self.state is not None:
                set_rng_state(self.state)
            try:
                with self.autocast, self.context, saved_tensors_hooks(self.take, lambda t: t), enable_grad():
                    self.again(*args)
            except StopRecomputation:
                pass

    def take(self, t: Tensor) -> Tensor:
        t = t.detach() if t.requires_grad else t
        k, self.count = self.count, self.count + 1
        if k >= len(self.holders):
            if not self.complete:
                return t  # backward inside the function: not everything has been saved yet
            raise CheckpointError(
                "torch.utils.checkpoint: trying to save more tensors during recomputation than during the original forward "
                f"pass.\n{TIP}"
            )
        holder = self.holders[k]()
        if holder is not None:
            self.taken[holder] = t
        if self.early_stop and self.count == len(self.holders):
            raise StopRecomputation
        return t

    def compare(self) -> None:
        if self.count < len(self.holders):
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                f"recomputation.\nNumber of tensors saved during forward: {len(self.holders)}\nNumber of tensors saved during "
                f"recomputation: {self.count}.\n{TIP}"
            )
        wrong = [
            f"tensor at position {k}:\nsaved metadata: {h.meta}\nrecomputed metadata: {metadata(self.taken[h])}"
            for k, h in enumerate(ref() for ref in self.holders)
            if h in self.taken and h.meta != metadata(self.taken[h])
        ]
        if wrong and self.check:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than during the "
                "forward pass.\n" + "".join(w + "\n" for w in wrong) + f".\n{TIP}"
            )
