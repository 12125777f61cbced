"""Calling a module: its forward, between the hooks of all modules and its own."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from typing import Any

from ...graph.hooks import RemovableHandle, register
from .backward_hooks import BackwardHook, watch_last_node
from .global_hooks import ALWAYS_CALLED, GLOBAL, WITH_KWARGS


class WithHooks:
    """The part of a Module that calls forward."""

    def make_hooks(self) -> None:
        """Called once, by Module.__init__."""
        self.__dict__.update({f"_{kind}_hooks": OrderedDict() for kind in GLOBAL})
        self.__dict__.update(_with_kwargs=set(), _always_called=set())  # ids of hooks

    def forward(self, *_: Any) -> Any:
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def register(self, kind: str, hook: Any, prepend: bool) -> RemovableHandle:
        hooks = self.__dict__[f"_{kind}_hooks"]
        handle = register(hooks, hook)
        if prepend:
            hooks.move_to_end(handle.id, last=False)
        return handle

    def register_forward_pre_hook(
        self, hook: Any, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call hook(module, args) before forward; what it returns replaces args."""
        handle = self.register("forward_pre", hook, prepend)
        if with_kwargs:
            self._with_kwargs.add(handle.id)
        return handle

    def register_forward_hook(
        self, hook: Any, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call hook(module, args, output) after forward; what it returns replaces output."""
        handle = self.register("forward", hook, prepend)
        if with_kwargs:
            self._with_kwargs.add(handle.id)
        if always_call:
            self._always_called.add(handle.id)
        return handle

    def register_full_backward_hook(self, hook: Any, prepend: bool = False) -> RemovableHandle:
        """Call hook(module, grad_input, grad_output); what it returns replaces grad_input."""
        self.require_one_kind(full=True)
        return self.register("backward", hook, prepend)

    def register_full_backward_pre_hook(self, hook: Any, prepend: bool = False) -> RemovableHandle:
        """Call hook(module, grad_output); what it returns replaces grad_output."""
        return self.register("backward_pre", hook, prepend)

    def register_backward_hook(self, hook: Any) -> RemovableHandle:
        """Deprecated: call hook(module, grad_input, grad_output) on the last node of forward alone."""
        self.require_one_kind(full=False)
        return self.register("last_node", hook, False)

    def require_one_kind(self, full: bool) -> None:
        if self.__dict__["_last_node_hooks" if full else "_backward_hooks"]:
            raise RuntimeError(
                "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use only one of "
                "them."
            )

    def hooks(self, kind: str) -> list[tuple[int, Any]]:
        return [*GLOBAL[kind].items(), *self.__dict__[f"_{kind}_hooks"].items()]

    def with_kwargs(self, number: int) -> bool:
        return number in self._with_kwargs or number in WITH_KWARGS

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        own = self.__dict__
        if not any(own[f"_{kind}_hooks"] or hooks for kind, hooks in GLOBAL.items()):
            return self.forward(*args, **kwargs)
        call = Call(self, args, kwargs)
        try:
            return call.run()
        except Exception:
            call.run_what_always_runs()
            raise


class Call:
    """One call of a module that has hooks. What a hook returns, if it is not None, replaces what it saw."""

    def __init__(self, module: Any, args: tuple, kwargs: dict[str, Any]) -> None:
        self.module, self.args, self.kwargs, self.result = module, args, kwargs, None
        self.called: set[int] = set()

    def run(self) -> Any:
        module = self.module
        for number, hook in module.hooks("forward_pre"):
            self.run_before(number, hook)
        backward, before = ([hook for _, hook in module.hooks(kind)] for kind in ("backward", "backward_pre"))
        watch = BackwardHook(module, backward, before) if backward or before else None
        if watch is not None:
            self.args = watch.inputs(self.args)
        self.result = module.forward(*self.args, **self.kwargs)
        for number, hook in module.hooks("forward"):
            self.called.add(number)
            self.run_after(number, hook, module.with_kwargs(number))
        if watch is not None:
            self.result = watch.outputs(self.result)
        last = [hook for _, hook in module.hooks("last_node")]
        if last:
            watch_last_node(module, last, self.args, self.result)
        return self.result

    def run_before(self, number: int, hook: Any) -> None:
        if not self.module.with_kwargs(number):
            changed = hook(self.module, self.args)
            if changed is not None:
                self.args = changed if isinstance(changed, tuple) else (changed,)
            return
        changed = hook(self.module, self.args, self.kwargs)
        if changed is not None:
            if not (isinstance(changed, tuple) and len(changed) == 2):
                raise RuntimeError(
                    f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                )
            self.args, self.kwargs = changed

    def run_after(self, number: int, hook: Any, with_kwargs: bool) -> None:
        given = (self.args, self.kwargs) if with_kwargs else (self.args,)
        changed = hook(self.module, *given, self.result)
        self.result = self.result if changed is None else changed

    def run_what_always_runs(self) -> None:
        """After an error, the forward hooks that were to run in any case; an error of theirs is a warning."""
        for number, hook in self.module.hooks("forward"):
            everywhere = number in ALWAYS_CALLED
            if number in self.called or not (everywhere or number in self.module._always_called):
                continue
            try:
                self.run_after(number, hook, number in self.module._with_kwargs)  # torch forgets those of all modules
            except Exception as error:
                warnings.warn(
                    f"{'global ' if everywhere else ''}module forward hook with ``always_call=True`` raised an exception "
                    f"that was silenced as another error was raised in forward: {error}",
                    stacklevel=3,
                )
