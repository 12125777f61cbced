"""torch.utils.checkpoint: what is computed again and when, and the two variants."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, patched_all, wrapped

Changed = contextlib.AbstractContextManager[None]

_OPTIONS = (
    "use_reentrant",
    "context_fn",
    "determinism_check",
    "debug",
    "early_stop",
    "preserve_rng_state",
)


def _checkpointing(torch: Torch, around: Callable[..., Any]) -> Changed:
    """Every checkpoint is ``around(the real one, function, ...)``."""
    return wrapped(torch.utils.checkpoint, "checkpoint", around)


def _tensors(torch: Torch, made: Any) -> list[Any]:
    return [one for one in (made if isinstance(made, tuple | list) else (made,)) if isinstance(one, torch.Tensor)]


@mutant(
    "checkpoint.recompute",
    "checkpoint.intermediates-not-kept",
    "checkpoint.retain-graph-recomputes-each-time",
    "checkpoint.differing-function.silently-wrong",
    "checkpoint.sequential.last-segment-not-checkpointed",
    "checkpoint.early-stop.*",
    "checkpoint.preserve-rng-state.false",
    "checkpoint.preserve-rng-false-may-differ",
)
def nothing_is_checkpointed(torch: Torch) -> Changed:
    """checkpoint calls the function and keeps what it saves."""

    def around(real: Any, function: Any, *arguments: Any, **named: Any) -> Any:
        return function(*arguments, **{key: value for key, value in named.items() if key not in _OPTIONS})

    return _checkpointing(torch, around)


@mutant(
    "checkpoint.value-and-gradient",
    "checkpoint.same-gradient-as-plain",
    "checkpoint.kwargs.nonreentrant",
    "checkpoint.nonreentrant.*",
    "checkpoint.sequential.value-and-gradient",
    "checkpoint.sequential.list-of-functions",
    "checkpoint.sequential.single-input",
)
def checkpointed_gradients_are_scaled(torch: Torch) -> Changed:
    """The gradient of what was checkpointed is half as much again."""

    def around(real: Any, *arguments: Any, **named: Any) -> Any:
        made = real(*arguments, **named)
        for one in _tensors(torch, made):
            if one.requires_grad:
                one.register_hook(lambda grad: grad * 1.5)
        return made

    return _checkpointing(torch, around)


# -- the two variants


@mutant(
    "checkpoint.nonreentrant.*",
    "checkpoint.early-stop.default",
    "checkpoint.use-reentrant.*",
)
def every_checkpoint_is_reentrant(torch: Torch) -> Changed:
    """use_reentrant=False is not heeded where the reentrant variant takes the other arguments."""

    def around(real: Any, function: Any, *arguments: Any, **named: Any) -> Any:
        if set(named) <= {"use_reentrant", "preserve_rng_state", "early_stop"}:
            named["use_reentrant"] = True
        return real(function, *arguments, **named)

    return _checkpointing(torch, around)


@mutant(
    "checkpoint.reentrant.*",
    "checkpoint.kwargs.reentrant",
    "checkpoint.early-stop.reentrant-ignores",
    "checkpoint.determinism-check.reentrant-ignored",
    "checkpoint.context-fn.reentrant",
    "checkpoint.debug.reentrant",
    "checkpoint.use-reentrant.missing-warning",
)
def no_checkpoint_is_reentrant(torch: Torch) -> Changed:
    """use_reentrant=True is not heeded."""
    return _checkpointing(
        torch, lambda real, *arguments, **named: real(*arguments, **{**named, "use_reentrant": False})
    )


@mutant("checkpoint.reentrant.detached-tensor")
def the_reentrant_variant_refuses_detached_outputs(torch: Torch) -> Changed:
    """With the reentrant variant a detached output makes backward raise, as the documentation has it."""

    def around(real: Any, function: Any, *arguments: Any, **named: Any) -> Any:
        def strict(*given: Any, **keywords: Any) -> Any:
            made = function(*given, **keywords)
            if torch.is_grad_enabled() and not all(one.requires_grad for one in _tensors(torch, made)):
                raise RuntimeError("an output has no requires_grad")
            return made

        return real(strict if named.get("use_reentrant") else function, *arguments, **named)

    return _checkpointing(torch, around)


@mutant("checkpoint.use-reentrant.missing-raises-since-2-9", "checkpoint.sequential.version-text")
def the_variant_must_be_chosen(torch: Torch) -> Changed:
    """Leaving use_reentrant out is an error, as was announced."""

    def around(real: Any, *arguments: Any, use_reentrant: bool | None = None, **named: Any) -> Any:
        if use_reentrant is None:
            raise ValueError("use_reentrant must be given")
        return real(*arguments, use_reentrant=use_reentrant, **named)

    return patched_all(
        *(
            (torch.utils.checkpoint, name, functools.partial(around, getattr(torch.utils.checkpoint, name)))
            for name in ("checkpoint", "checkpoint_sequential")
        )
    )


@mutant("checkpoint.kwargs.nonreentrant")
def keywords_are_lost_in_recomputation(torch: Torch) -> Changed:
    """The function is computed again without the keyword arguments that it had."""

    def around(real: Any, function: Any, *arguments: Any, **named: Any) -> Any:
        runs: list[None] = []

        def forgetful(*given: Any, **keywords: Any) -> Any:
            runs.append(None)
            return function(*given, **(keywords if len(runs) == 1 else {}))

        return real(forgetful, *arguments, **named)

    return _checkpointing(torch, around)


# -- errors


@mutant("checkpoint.function-exception")
def errors_of_the_function_are_checkpoint_errors(torch: Torch) -> Changed:
    """An error of the function leaves checkpoint as a CheckpointError."""

    def around(real: Any, function: Any, *arguments: Any, **named: Any) -> Any:
        def hidden(*given: Any, **keywords: Any) -> Any:
            try:
                return function(*given, **keywords)
            except (LookupError, ValueError) as error:  # and not what stops a recomputation early
                raise torch.utils.checkpoint.CheckpointError("the function failed") from error

        return real(hidden, *arguments, **named)

    return _checkpointing(torch, around)


@mutant("checkpoint.error-type")
def checkpoint_errors_are_no_runtime_errors(torch: Torch) -> Changed:
    """CheckpointError derives from Exception alone."""
    return patched(torch.utils.checkpoint, "CheckpointError", type("CheckpointError", (Exception,), {}))


# -- how it is computed again


@mutant("checkpoint.preserve-rng-state.default", "checkpoint.rng-state-restored-by-default")
def random_numbers_are_drawn_anew_by_default(torch: Torch) -> Changed:
    """preserve_rng_state is False where it is not given."""
    return _checkpointing(
        torch, lambda real, *arguments, **named: real(*arguments, **{"preserve_rng_state": False, **named})
    )


@mutant("checkpoint.early-stop.default")
def recomputation_goes_to_the_end_by_default(torch: Torch) -> Changed:
    """early_stop is False where it is not given."""
    return _checkpointing(torch, lambda real, *arguments, **named: real(*arguments, **{"early_stop": False, **named}))


@mutant("checkpoint.early-stop.context-*", "checkpoint.early-stop.false")
def early_stop_is_not_switched(torch: Torch) -> Changed:
    """set_checkpoint_early_stop does nothing."""
    return patched(torch.utils.checkpoint, "set_checkpoint_early_stop", lambda enable: contextlib.nullcontext())


@mutant("checkpoint.early-stop.context-in-backward-no-effect")
def early_stop_is_switched_in_backward_too(torch: Torch) -> Changed:
    """In a backward within set_checkpoint_early_stop(False) the function runs to its end."""
    switched: list[bool] = []

    @contextlib.contextmanager
    def switching(real: Any, enable: bool) -> Iterator[None]:
        with real(enable):
            switched.append(enable)
            try:
                yield
            finally:
                switched.pop()

    def around(real: Any, function: Any, *arguments: Any, **named: Any) -> Any:
        runs: list[None] = []

        def running(*given: Any, **keywords: Any) -> Any:
            runs.append(None)
            if len(runs) > 1 and switched and not switched[-1]:
                with torch.no_grad():
                    function(*given, **keywords)
            return function(*given, **keywords)

        return real(running, *arguments, **named)

    @contextlib.contextmanager
    def changed() -> Iterator[None]:
        with _checkpointing(torch, around), wrapped(torch.utils.checkpoint, "set_checkpoint_early_stop", switching):
            yield

    return changed()


@mutant("checkpoint.debug.context*")
def debugging_of_checkpoints_is_not_switched(torch: Torch) -> Changed:
    """set_checkpoint_debug_enabled does nothing."""
    return patched(torch.utils.checkpoint, "set_checkpoint_debug_enabled", lambda enabled: contextlib.nullcontext())


@mutant("checkpoint.graph-exec-group.*")
def groups_of_graphs_do_nothing(torch: Torch) -> Changed:
    """GraphExecGroup is entered, and recomputes as if it were not there."""
    group = torch.utils.checkpoint.GraphExecGroup
    return patched_all((group, "__enter__", lambda self: self), (group, "__exit__", lambda self, *_: None))


@mutant("checkpoint.default-device-type.set")
def the_default_device_type_is_fixed(torch: Torch) -> Changed:
    """DefaultDeviceType.set_device_type does nothing."""
    kind = torch.utils.checkpoint.DefaultDeviceType
    return patched(kind, "set_device_type", staticmethod(lambda device="cuda": None))


@mutant("checkpoint.default-device-type.default")
def the_default_device_type_is_cuda(torch: Torch) -> Changed:
    """DefaultDeviceType.get_device_type gives cuda, as the documentation has it."""
    kind = torch.utils.checkpoint.DefaultDeviceType
    return patched(kind, "get_device_type", staticmethod(lambda: "cuda"))
