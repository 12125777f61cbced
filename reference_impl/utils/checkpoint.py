"""Checkpointing: drop what a function saved, and run it again in backward (source: torch.utils.checkpoint).

The reentrant kind is a custom Function whose backward runs the function again and calls backward inside. The other kind
packs each saved tensor into an empty Holder; the first that is asked for in backward runs the function again, and hands
the tensors that are then saved, in the same order, to the holders (see Frame).
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from ..autograd import backward, partial
from ..autograd.function import Function
from ..autograd.grad_mode import enable_grad, no_grad
from ..autograd.graph import saved_tensors_hooks
from ..errors import Unsupported
from ..graph.modes import is_grad_enabled
from ..random import fork_rng, get_rng_state, set_rng_state
from ..tensor import Tensor

__all__ = [
    "CheckpointError", "CheckpointFunction", "checkpoint", "checkpoint_sequential", "noop_context_fn",
    "set_checkpoint_debug_enabled", "set_checkpoint_early_stop",
]  # fmt: skip

MISSING = (
    "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, calling "
    "checkpoint without use_reentrant will raise an exception. use_reentrant=False is recommended, but if you need to preserve "
    "the current default behavior, you can pass use_reentrant=True. Refer to docs for more details on the differences between "
    "the two variants."
)
MISSING_SEQUENTIAL = (
    "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be passed explicitly. In version 2.9 we "
    "will raise an exception if use_reentrant is not passed. use_reentrant=False is recommended, but if you need to preserve "
    "the current default behavior, you can pass use_reentrant=True. Refer to docs for more details on the differences between "
    "the two variants."
)
NOT_REENTRANT = (
    "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` parameter to "
    ".backward(). To resolve this error, you can either set use_reentrant=False, or call .backward() without passing the "
    "`inputs` argument."
)
TIP = (
    "\nTip: To see a more detailed error message, either pass `debug=True` to\n`torch.utils.checkpoint.checkpoint(...)` or wrap "
    "the code block\nwith `with torch.utils.checkpoint.set_checkpoint_debug_enabled(True):` to\nenable checkpoint‑debug mode "
    "globally.\n"
)


class CheckpointError(RuntimeError):
    """The function did something else when it was run again."""


def noop_context_fn() -> tuple[AbstractContextManager, AbstractContextManager]:
    return nullcontext(), nullcontext()


class Switches:
    """What set_checkpoint_early_stop and set_checkpoint_debug_enabled set; None leaves it to the argument."""

    early_stop: bool | None = None
    debug: bool | None = None


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Any:
    """A block in which checkpoints made do (not) stop running again once all tensors are there."""
    before, Switches.early_stop = Switches.early_stop, enable
    try:
        yield
    finally:
        Switches.early_stop = before


@contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Any:
    before, Switches.debug = Switches.debug, enabled
    try:
        yield
    finally:
        Switches.debug = before


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[AbstractContextManager, AbstractContextManager]] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """function(*args, **kwargs), whose saved tensors are computed again in backward."""
    if use_reentrant is None:
        warnings.warn(MISSING, UserWarning, stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs and use_reentrant:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    if use_reentrant:
        if context_fn is not noop_context_fn or debug:
            raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        return CheckpointFunction.apply(function, preserve, *args)
    if determinism_check not in ("default", "none"):
        raise ValueError(f"determinism_check should be one of ['default', 'none'], but got {determinism_check}")
    if debug if Switches.debug is None else Switches.debug:
        if context_fn is not noop_context_fn:
            raise ValueError("debug=True is incompatible with non-default context_fn")
        raise Unsupported("checkpoint: debug=True")
    first, second = context_fn()
    stop = early_stop if Switches.early_stop is None else Switches.early_stop
    frame = Frame(lambda: function(*args, **kwargs), second, preserve, stop, determinism_check == "default")
    if not is_grad_enabled():
        return function(*args, **kwargs)
    done = False
    with holding(frame), first:
        result = function(*args, **kwargs)
        done = True
    if not done:
        raise RuntimeError(
            "torch.utils.checkpoint: the forward context provided by context_fn suppressed an exception raised during the "
            "checkpointed forward. This is not supported because checkpoint cannot return a value for a failed forward."
        )
    frame.complete = True
    return result


# ---------------------------------------------------------------- without reentrance


class Holder:
    """Stands for one saved tensor."""

    __slots__ = ("__weakref__", "meta")

    def __init__(self, t: Tensor) -> None:
        self.meta = metadata(t)


def metadata(t: Tensor) -> dict[str, Any]:
    return {"shape": t.shape, "dtype": t.dtype, "device": t.device}


class StopRecomputation(Exception):
    """All tensors that were wanted are there."""


class Frame:
    """One checkpointed call: how to repeat it, and its holders in the order in which tensors were saved."""

    def __init__(self, again: Callable[[], Any], context: Any, preserve: bool, early_stop: bool, check: bool) -> None:
        self.again, self.context, self.early_stop, self.check = again, context, early_stop, check
        self.state = get_rng_state() if preserve else None
        self.holders: list[weakref.ref[Holder]] = []
        self.found: dict[Holder, Tensor] = {}
        self.complete = False

    def pack(self, t: Tensor) -> Holder:
        holder = Holder(t)
        self.holders.append(weakref.ref(holder))
        return holder

    def unpack(self, holder: Holder) -> Tensor:
        """In one backward each holder is asked once; who is asked again is in another, and everything is run again."""
        if holder not in self.found:
            self.recompute()
            self.compare()
        return self.found.pop(holder)

    def recompute(self) -> None:
        self.found, self.count = {}, 0
        with fork_rng(enabled=self.state is not None):
            if self.state is not None:
                set_rng_state(self.state)
            try:
                with self.context, saved_tensors_hooks(self.take, lambda t: t), enable_grad():
                    self.again()
            except StopRecomputation:
                pass

    def take(self, t: Tensor) -> Tensor:
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
            self.found[holder] = t.detach() if not t.requires_grad else t
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
            f"tensor at position {k}:\nsaved metadata: {h.meta}\nrecomputed metadata: {metadata(self.found[h])}"
            for k, h in enumerate(ref() for ref in self.holders)
            if h in self.found and h.meta != metadata(self.found[h])
        ]
        if wrong and self.check:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than during the "
                "forward pass.\n" + "".join(w + "\n" for w in wrong) + f".\n{TIP}"
            )


def holding(frame: Frame) -> saved_tensors_hooks:
    return saved_tensors_hooks(frame.pack, frame.unpack)


# ---------------------------------------------------------------- reentrant


class CheckpointFunction(Function):
    """Forward without a graph; backward with one of its own."""

    @staticmethod
    def forward(ctx: Any, run_function: Callable[..., Any], preserve_rng_state: bool, *args: Any) -> Any:
        if not any(isinstance(a, Tensor) and a.requires_grad for a in args):
            warnings.warn(
                "None of the inputs have requires_grad=True. Gradients will be None", UserWarning, stacklevel=5
            )
        ctx.run_function, ctx.state = run_function, get_rng_state() if preserve_rng_state else None
        ctx.places = [i for i, a in enumerate(args) if isinstance(a, Tensor)]
        ctx.inputs = [None if isinstance(a, Tensor) else a for a in args]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        with no_grad():
            return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple:
        if partial():
            raise RuntimeError(NOT_REENTRANT)
        inputs = list(ctx.inputs)
        for i, t in zip(ctx.places, ctx.saved_tensors, strict=True):
            inputs[i] = t.detach().requires_grad_(t.requires_grad)
        with fork_rng(enabled=ctx.state is not None):
            if ctx.state is not None:
                set_rng_state(ctx.state)
            with enable_grad():
                outputs = ctx.run_function(*inputs)
        outputs = (outputs,) if isinstance(outputs, Tensor) else outputs
        pairs = [(o, g) for o, g in zip(outputs, grads, strict=True) if isinstance(o, Tensor) and o.requires_grad]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([o for o, _ in pairs], [g for _, g in pairs])
        return None, None, *(x.grad if isinstance(x, Tensor) else None for x in inputs)


# ---------------------------------------------------------------- sequences


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """A sequence of modules or functions in segments, all but the last checkpointed."""
    if use_reentrant is None:
        warnings.warn(MISSING_SEQUENTIAL, UserWarning, stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    steps = list(functions.children()) if hasattr(functions, "children") else list(functions)
    size = len(steps) // segments

    def run(part: list[Any]) -> Callable[[Any], Any]:
        def forward(x: Any) -> Any:
            for f in part:
                x = f(x)
            return x

        return forward

    for k in range(segments - 1):
        part = run(steps[k * size : (k + 1) * size])
        input = checkpoint(part, input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return run(steps[(segments - 1) * size :])(input)
