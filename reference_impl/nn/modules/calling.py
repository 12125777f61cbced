"""Calling a module: its forward, between the hooks of all modules and its own."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ...graph.hooks import RemovableHandle, register
from .backward_hooks import BackwardHook
from .global_hooks import GLOBAL


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
        return self.register("backward", hook, prepend)

    def register_full_backward_pre_hook(self, hook: Any, prepend: bool = False) -> RemovableHandle:
        """Call hook(module, grad_output); what it returns replaces grad_output."""
        return self.register("backward_pre", hook, prepend)

    def hooks(self, kind: str) -> list[tuple[int, Any]]:
        return [*GLOBAL[kind].items(), *self.__dict__[f"_{kind}_hooks"].items()]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        called: set[int] = set()
        try:
            return self.call(called, args, kwargs)
        except Exception:
            for number, hook in self.hooks("forward"):
                if number in self._always_called and number not in called:
                    hook(self, args, kwargs, None) if number in self._with_kwargs else hook(self, args, None)
            raise

    def call(self, called: set[int], args: tuple, kwargs: dict[str, Any]) -> Any:
        """forward, between the hooks. called: receives the forward hooks that were."""
        for number, hook in self.hooks("forward_pre"):
            if number in self._with_kwargs:
                changed = hook(self, args, kwargs)
                if changed is not None:
                    if not (isinstance(changed, tuple) and len(changed) == 2):
                        raise RuntimeError(
                            "forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got "
                            f"{changed}."
                        )
                    args, kwargs = changed
            else:
                changed = hook(self, args)
                if changed is not None:
                    args = changed if isinstance(changed, tuple) else (changed,)
        backward, before = ([hook for _, hook in self.hooks(kind)] for kind in ("backward", "backward_pre"))
        watch = BackwardHook(self, backward, before) if backward or before else None
        if watch is not None:
            args = watch.inputs(args)
        output = self.forward(*args, **kwargs)
        for number, hook in self.hooks("forward"):
            called.add(number)
            changed = hook(self, args, kwargs, output) if number in self._with_kwargs else hook(self, args, output)
            output = output if changed is None else changed
        return output if watch is None else watch.outputs(output)
