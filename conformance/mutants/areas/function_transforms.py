"""Functions under the transforms of torch.func: rules for vmap, and what the transforms refuse or leave wrong."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from conformance.mutants.areas.function_rules import method
from conformance.mutants.areas.functions import applying
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


def _has_rule(cls: Any, torch: Torch) -> bool:
    return cls.vmap is not torch.autograd.Function.vmap


def _generating(torch: Torch, decide: Callable[[bool, bool], bool]) -> Changed:
    """Whether a Function has a generated rule is ``decide(does it ask for one, has it one of its own)``."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        with patched(cls, "generate_vmap_rule", decide(cls.generate_vmap_rule, _has_rule(cls, torch))):
            return real(*arguments, **keywords)

    return applying(torch, around)


@mutant("function.vmap.generated", "func.vmap.generated*")
def no_rule_is_generated(torch: Torch) -> Changed:
    """generate_vmap_rule = True is not heeded."""
    return _generating(torch, lambda asked, own: False)


@mutant("function.vmap.generated-default-false")
def rules_are_generated_by_default(torch: Torch) -> Changed:
    """generate_vmap_rule is True where a Function does not say otherwise."""
    return patched(torch.autograd.Function, "generate_vmap_rule", True)


@mutant("function.vmap.missing")
def a_missing_rule_is_generated(torch: Torch) -> Changed:
    """A Function without a rule for vmap is given a generated one."""
    return _generating(torch, lambda asked, own: asked or not own)


@mutant("function.vmap.both")
def the_own_rule_wins(torch: Torch) -> Changed:
    """A Function with a rule of its own is mapped by it though it asks for a generated one too."""
    return _generating(torch, lambda asked, own: asked and not own)


def _ruling(torch: Torch, rule: Callable[..., Any]) -> Changed:
    """The own rule of a Function goes through ``rule(the rule, info, in_dims, ...)``."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        with method(cls, torch, "vmap", rule):
            return real(*arguments, **keywords)

    return applying(torch, around)


@mutant("function.vmap.info-and-in-dims")
def rules_see_another_batch_size(torch: Torch) -> Changed:
    """The info of a rule has a batch_size that is one more."""
    return _ruling(
        torch, lambda real, info, *others: real(SimpleNamespace(**{**_dict(info), "batch_size": info[0] + 1}), *others)
    )


@mutant("function.vmap.info-and-in-dims")
def rules_see_no_randomness(torch: Torch) -> Changed:
    """The info of a rule has randomness='error', whatever vmap was given."""
    return _ruling(
        torch, lambda real, info, *others: real(SimpleNamespace(**{**_dict(info), "randomness": "error"}), *others)
    )


def _dict(info: Any) -> dict[str, Any]:
    return {name: getattr(info, name) for name in ("batch_size", "randomness")}


@mutant("function.vmap.info-and-in-dims", "func.vmap.numpytake*", "func.vmap.numpysort*")
def rules_see_the_batch_in_front(torch: Torch) -> Changed:
    """in_dims says 0 for every batched argument of a rule, wherever its batch is."""

    def rule(real: Any, info: Any, in_dims: Any, *arguments: Any) -> Any:
        return real(info, tuple(0 if dim is not None else None for dim in in_dims), *arguments)

    return _ruling(torch, rule)


@mutant("function.vmap.info-and-in-dims")
def rules_see_everything_batched(torch: Torch) -> Changed:
    """in_dims says 0 for the arguments of a rule that have no batch."""

    def rule(real: Any, info: Any, in_dims: Any, *arguments: Any) -> Any:
        return real(info, tuple(0 if dim is None else dim for dim in in_dims), *arguments)

    return _ruling(torch, rule)


@mutant("function.vmap.out-dims")
def out_dims_is_not_heeded(torch: Torch) -> Changed:
    """What a rule returns has its batch in front, whatever out_dims says."""

    def rule(real: Any, *arguments: Any) -> Any:
        outputs, dims = real(*arguments)
        return outputs, tuple(0 for _ in dims) if isinstance(dims, tuple) else 0

    return _ruling(torch, rule)


@mutant("function.vmap.bad-return")
def rules_may_leave_out_dims_out(torch: Torch) -> Changed:
    """A rule that returns no pair is taken to have returned its output, with the batch in front."""

    def rule(real: Any, *arguments: Any) -> Any:
        made = real(*arguments)
        if isinstance(made, tuple):
            return made if len(made) == 2 else made[:2]
        return made, 0

    return _ruling(torch, rule)


# -- the transforms


@mutant("func.function.needs-setup-context.errors", "func.function.*needs-setup-context*")
def transforms_take_the_combined_form(torch: Torch) -> Changed:
    """Under a transform a Function without setup_context is its forward."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        try:
            return real(*arguments, **keywords)
        except RuntimeError as error:
            if "must override the setup_context" not in str(error):
                raise
            return cls.forward(SimpleNamespace(save_for_backward=lambda *tensors: None), *arguments, **keywords)

    return applying(torch, around)


@mutant("func.autograd-apis-inside-vmap.errors")
@contextlib.contextmanager
def transforms_take_requires_grad(torch: Torch) -> Iterator[None]:
    """requires_grad_ does nothing under a transform, where it should raise."""

    def around(real: Any, self: Any, mode: bool = True) -> Any:
        try:
            return real(self, mode)
        except RuntimeError as error:
            if "You are attempting to call Tensor.requires_grad_" not in str(error):
                raise
            return self

    kinds = [kind for kind in torch.Tensor.__subclasses__() if "requires_grad_" in vars(kind)]
    with contextlib.ExitStack() as stack:
        for kind in (*kinds, torch.Tensor):
            stack.enter_context(wrapped(kind, "requires_grad_", around))
        yield


@mutant("func.autograd-grad-inside-func-grad")
def transforms_create_the_graph(torch: Torch) -> Changed:
    """autograd.grad inside func.grad creates a graph unless it is told not to."""

    def creating(real: Any, *arguments: Any, **options: Any) -> Any:
        return real(*arguments, **{"create_graph": True, **options})

    def around(real: Any, function: Any, *options: Any, **named: Any) -> Any:
        def inner(*arguments: Any, **keywords: Any) -> Any:
            with wrapped(torch.autograd, "grad", creating):
                return function(*arguments, **keywords)

        return real(inner, *options, **named)

    return wrapped(torch.func, "grad", around)


@mutant("func.side-effect-global-leaks-wrapper")
def what_leaks_is_a_plain_tensor(torch: Torch) -> Changed:
    """What leaks out of a transform looks like the tensor that it wraps."""
    wrapper = re.compile(r"^GradTrackingTensor\(lvl=-2, value=\s*(.*)\)$", re.DOTALL)
    return wrapped(torch.Tensor, "__repr__", lambda real, self, **options: wrapper.sub(r"\1", real(self, **options)))
