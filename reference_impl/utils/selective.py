"""Selective checkpoints: a policy says which operators' results are saved, and which are computed again.

What is saved takes the place of what the recomputation computes; torch does not even compute it (graph/watching.py).
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ..graph.watching import Watching, substitute
from ..operators import OpOverload, OpOverloadPacket, aten
from ..tensor import Tensor, storage_of
from ..trees import leaves, tree_map


class CheckpointPolicy(enum.Enum):
    """What is to happen to an operator's result; PREFER leaves the last word to others (source: torch.utils.checkpoint)."""

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3
    MUST_CPU_OFFLOAD = 4
    PREFER_CPU_OFFLOAD = 5


CheckpointPolicy.__module__ = "torch.utils.checkpoint"
SAVED = (CheckpointPolicy.MUST_SAVE, CheckpointPolicy.PREFER_SAVE)
SAC_IGNORED_OPS = {aten.detach.default}


class SelectiveCheckpointContext:
    """What a policy function is told beside the operator and its arguments; is_recompute is always False."""

    def __init__(self, *, is_recompute: bool, op_output: Any = None) -> None:
        self.is_recompute, self.op_output = is_recompute, op_output


class Entry:
    """A saved result. It stands for a version of its memory."""

    def __init__(self, result: Any) -> None:
        self.kept = [(t, storage_of(t).version) if isinstance(t, Tensor) else (t, 0) for t in leaves(result)]


RECOMPUTE, CONSUMED = object(), object()
MISMATCH = (
    "This can happen if the operations in the checkpointed region are nondeterministic or depend on global state that "
    "changed between forward and backward."
)


class Saved:
    """What a selective checkpoint has saved: for each operator, by the number of its call."""

    def __init__(self, policy: Callable[..., Any], may_change: bool) -> None:
        self.policy, self.may_change = policy, may_change
        self.entries: dict[OpOverload, list[Any]] = defaultdict(list)
        self.calls: dict[OpOverload, int] = defaultdict(int)

    def save(self, op: OpOverload, args: tuple, result: Any) -> None:
        """In forward: ask the policy."""
        outputs = tuple(result) if isinstance(result, tuple) else result  # a plain tuple, as operators give them
        output = tree_map(lambda t: t.detach() if isinstance(t, Tensor) else t, outputs)
        answer = self.policy(SelectiveCheckpointContext(is_recompute=False, op_output=output), op, *args)
        if isinstance(answer, bool):
            answer = CheckpointPolicy.MUST_SAVE if answer else CheckpointPolicy.PREFER_RECOMPUTE
        self.entries[op].append(Entry(output) if answer in SAVED else RECOMPUTE)

    def restore(self, op: OpOverload, args: tuple, result: Any) -> None:
        """In recomputation: put what was saved in the place of the result."""
        k, self.calls[op] = self.calls[op], self.calls[op] + 1
        if op not in self.entries:
            raise RuntimeError(f"{op} encountered during backward but not found in storage. {MISMATCH}")
        entries = self.entries[op]
        if k >= len(entries):
            raise RuntimeError(
                f"{op} invocation index {k} encountered during backward but not found in storage. {MISMATCH}"
            )
        if entries[k] is CONSUMED:
            raise RuntimeError(
                "Trying to backward an extra time. You are only allowed to backward once on any region computed under "
                "selective activation checkpoint."
            )
        if entries[k] is RECOMPUTE:
            return
        entry, entries[k] = entries[k], CONSUMED
        for (kept, version), t in zip(entry.kept, leaves(result), strict=True):
            if isinstance(kept, Tensor):
                if storage_of(kept).version != version and not self.may_change:
                    raise RuntimeError("Tensor cached during selective activation checkpoint has been mutated")
                substitute(t, kept)


class Restoring(Watching):
    """The context of the recomputation, which may be entered once for each backward."""

    def __init__(self, saved: Saved) -> None:
        super().__init__(saved.restore)
        self.saved = saved

    def __enter__(self) -> Watching:
        self.saved.calls.clear()
        return super().__enter__()


def create_selective_checkpoint_contexts(
    policy_fn_or_list: Any, allow_cache_entry_mutation: bool = False
) -> tuple[Watching, Watching]:
    """The two contexts of a checkpoint's context_fn: for forward and for recomputation.

    policy_fn_or_list: a function of (context, operator, *arguments) to a CheckpointPolicy, or a list of the operators to save.
    """
    policy = policy_fn_or_list
    if isinstance(policy, list):
        for op in policy:
            if not isinstance(op, OpOverload):
                hint = (
                    "Please update the OpOverloadPacket to a specific OpOverload."
                    "For example, if you have `torch.ops.aten.mm`, change it to `torch.ops.aten.mm.default`."
                    if isinstance(op, OpOverloadPacket)
                    else ""
                )
                raise ValueError(
                    f"Expected op in `op_list` to be an OpOverload but got: {op} of type {type(op)}. {hint}"
                )

        def policy(ctx: Any, op: OpOverload, *args: Any) -> CheckpointPolicy:
            listed = op in policy_fn_or_list
            return CheckpointPolicy.MUST_SAVE if listed else CheckpointPolicy.PREFER_RECOMPUTE

    elif not callable(policy):
        raise TypeError("policy_fn_or_list must be either a function or a list of ops.")
    saved = Saved(policy, allow_cache_entry_mutation)
    return Watching(saved.save), Restoring(saved)
