"""Checkpoints of sequences, and selective checkpoints."""

from __future__ import annotations

import contextlib
import enum
import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


# -- sequences


@mutant("checkpoint.sequential.list-of-functions")
def sequences_must_be_modules(torch: Torch) -> Changed:
    """checkpoint_sequential takes an nn.Sequential alone."""

    def around(real: Any, functions: Any, *arguments: Any, **named: Any) -> Any:
        if isinstance(functions, list):
            raise TypeError("a list is no module")
        return real(functions, *arguments, **named)

    return wrapped(torch.utils.checkpoint, "checkpoint_sequential", around)


def _chained(functions: list[Any], value: Any) -> Any:
    return functools.reduce(lambda given, function: function(given), functions, value)


@mutant("checkpoint.sequential.last-segment-not-checkpointed")
def the_last_segment_is_recomputed_too(torch: Torch) -> Changed:
    """checkpoint_sequential checkpoints every segment."""

    def around(real: Any, functions: Any, segments: int, given: Any, **named: Any) -> Any:
        if not isinstance(functions, list):
            return real(functions, segments, given, **named)
        size = len(functions) // segments
        starts = [size * part for part in range(segments)]
        parts = [functions[start : start + size] for start in starts[:-1]] + [functions[starts[-1] :]]
        chains = [functools.partial(_chained, part) for part in parts]
        return real([*chains, lambda last: last], segments + 1, given, **named)

    return wrapped(torch.utils.checkpoint, "checkpoint_sequential", around)


# -- selective checkpoints


@mutant("checkpoint.selective.policies")
def a_policy_is_missing(torch: Torch) -> Changed:
    """CheckpointPolicy has no PREFER_CPU_OFFLOAD."""
    own = torch.utils.checkpoint.CheckpointPolicy
    fewer = {one.name: one.value for one in own if one.name != "PREFER_CPU_OFFLOAD"}
    return patched(torch.utils.checkpoint, "CheckpointPolicy", enum.Enum("CheckpointPolicy", fewer))


def _deciding(torch: Torch, decide: Callable[..., Any]) -> Changed:
    """A policy, and a list that stands for one, is ``decide(policy or list, CheckpointPolicy)``."""

    def around(real: Any, policy: Any, **named: Any) -> Any:
        return real(decide(policy, torch.utils.checkpoint.CheckpointPolicy), **named)

    return wrapped(torch.utils.checkpoint, "create_selective_checkpoint_contexts", around)


@mutant("checkpoint.selective.policy-function")
def policies_save_nothing(torch: Torch) -> Changed:
    """Whatever a policy function says is computed again."""

    def decide(policy: Any, kinds: Any) -> Any:
        return (lambda *_, **__: kinds.PREFER_RECOMPUTE) if callable(policy) else policy

    return _deciding(torch, decide)


@mutant("checkpoint.selective.op-list")
def lists_of_operators_save_nothing(torch: Torch) -> Changed:
    """What a list of operators names is computed again."""
    return _deciding(torch, lambda policy, kinds: [] if isinstance(policy, list) else policy)


@mutant("checkpoint.selective.prefer-recompute-is-vanilla")
def what_should_be_recomputed_is_saved(torch: Torch) -> Changed:
    """PREFER_RECOMPUTE means to save."""

    def decide(policy: Any, kinds: Any) -> Any:
        if not callable(policy):
            return policy

        def other(*arguments: Any, **named: Any) -> Any:
            said = policy(*arguments, **named)
            return kinds.MUST_SAVE if said is kinds.PREFER_RECOMPUTE else said

        return other

    return _deciding(torch, decide)


@mutant("checkpoint.selective.policy-called-in-forward-only")
def policies_are_told_of_a_recomputation(torch: Torch) -> Changed:
    """The context that a policy is handed in forward says that it is recomputed."""

    def decide(policy: Any, kinds: Any) -> Any:
        if not callable(policy):
            return policy
        return lambda ctx, *arguments, **named: policy(
            SimpleNamespace(is_recompute=True, op_output=getattr(ctx, "op_output", None)), *arguments, **named
        )

    return _deciding(torch, decide)
