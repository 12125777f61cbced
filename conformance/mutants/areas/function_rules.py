"""What Function.apply and its context refuse, hand over and leave to the user: arguments, missing methods, errors, tangents."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from conformance.mutants.areas.functions import applying
from conformance.mutants.mutant import Torch, mutant, patched, patched_all

Changed = contextlib.AbstractContextManager[None]


@contextlib.contextmanager
def method(cls: Any, torch: Torch, name: str, around: Callable[..., Any]) -> Iterator[None]:
    """The static method of a Function goes through ``around(the user's own, ...)``; one that the user left out stays out."""
    own = getattr(cls, name)
    if own is getattr(torch.autograd.Function, name):
        yield
        return

    @functools.wraps(own)
    def called(*arguments: Any, **keywords: Any) -> Any:
        return around(own, *arguments, **keywords)

    with patched(cls, name, staticmethod(called)):
        yield


def through(torch: Torch, name: str, around: Callable[..., Any]) -> Changed:
    """The user's own method goes through ``around(it, ...)`` in every apply."""

    def applied(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        if keywords:  # torch binds them by the names in the function's own code
            return real(*arguments, **keywords)
        with method(cls, torch, name, around):
            return real(*arguments)

    return applying(torch, applied)


def is_separate(cls: Any, torch: Torch) -> bool:
    return cls.setup_context is not torch.autograd.Function.setup_context


def parameters(cls: Any, torch: Torch) -> list[inspect.Parameter]:
    """What forward takes beside ctx."""
    return list(inspect.signature(cls.forward).parameters.values())[0 if is_separate(cls, torch) else 1 :]


# -- errors


@mutant("function.*", "function-ctx.*", "func.function.*", kind="error")
def apply_has_other_words(torch: Torch) -> Changed:
    """Errors that leave apply say something else."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        try:
            return real(*arguments, **keywords)
        except (RuntimeError, TypeError, AttributeError) as error:
            raise type(error)("it does not work") from None

    return applying(torch, around)


def _hiding(torch: Torch, name: str) -> Changed:
    """An error that the user's method raises leaves apply as another one."""

    def hidden(own: Any, *arguments: Any, **keywords: Any) -> Any:
        try:
            return own(*arguments, **keywords)
        except Exception as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is None:  # the call itself was wrong
                raise
            raise RuntimeError(f"{name} failed") from error

    return through(torch, name, hidden)


@mutant("function.forward.error-propagates")
def errors_of_forward_are_hidden(torch: Torch) -> Changed:
    """An error of forward leaves apply as a RuntimeError of another text."""
    return _hiding(torch, "forward")


@mutant("function.setup-context.exception-propagates")
def errors_of_setup_context_are_hidden(torch: Torch) -> Changed:
    """An error of setup_context leaves apply as a RuntimeError of another text."""
    return _hiding(torch, "setup_context")


# -- methods that the user left out


def _owner(torch: Torch, name: str) -> Any:
    """The class that has the default of a method."""
    return next(kind for kind in torch.autograd.Function.__mro__ if name in vars(kind))


@mutant("function.forward.missing")
def forward_is_the_identity_by_default(torch: Torch) -> Changed:
    """A Function without forward returns a copy of its first argument."""
    return patched(_owner(torch, "forward"), "forward", staticmethod(lambda ctx, x, *others: x.clone()))


@mutant("function.backward.missing")
def backward_is_the_identity_by_default(torch: Torch) -> Changed:
    """A Function without backward passes its cotangents on."""
    both, owner = staticmethod(lambda ctx, *cotangents: cotangents), _owner(torch, "backward")
    return patched_all((owner, "backward", both), (owner, "vjp", both))


@mutant("function.jvp.missing", "func.function.jvp-needed-for-func-jvp")
def jvp_is_the_identity_by_default(torch: Torch) -> Changed:
    """A Function without jvp passes its tangents on."""
    return patched(_owner(torch, "jvp"), "jvp", staticmethod(lambda ctx, *tangents: tangents))


@mutant("function.*.missing", "function.*not-implemented")
def what_is_missing_raises_another_error(torch: Torch) -> Changed:
    """The methods that the user left out raise a LookupError."""
    return patched(torch.autograd.function, "NotImplementedError", LookupError)


@mutant("function.nested-io-function.extended-not-implemented")
def extended_methods_return_nothing(torch: Torch) -> Changed:
    """NestedIOFunction's own forward_extended and backward_extended return None."""
    kind = torch.autograd.function.NestedIOFunction
    return patched_all(*((kind, f"{name}_extended", lambda self, *_: None) for name in ("forward", "backward")))


@mutant("function.nested-io-function.*")
def nested_io_functions_work(torch: Torch) -> Changed:
    """Calling a NestedIOFunction, and its apply, call forward_extended."""
    kind = torch.autograd.function.NestedIOFunction
    return patched_all(
        (kind, "__call__", lambda self, *given: self.forward_extended(*given)),
        (kind, "apply", classmethod(lambda cls, *given: cls.forward_extended(cls, *given))),
    )


# -- the context


@mutant("function.forward.separate-missing-setup-context")
def setup_context_may_be_left_out(torch: Torch) -> Changed:
    """A forward that has no parameter for ctx gets none, with or without setup_context."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        taken = inspect.signature(cls.forward).parameters
        if is_separate(cls, torch) or len(taken) != len(arguments) or keywords:
            return real(*arguments, **keywords)
        with patched(cls, "setup_context", staticmethod(lambda ctx, inputs, output: None)):
            return real(*arguments)

    return applying(torch, around)


@mutant("function.setup-context.forward-with-ctx-too")
def forward_may_take_a_context_beside_setup_context(torch: Torch) -> Changed:
    """A forward with a parameter too many gets None for ctx where setup_context is defined."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        required = [one for one in inspect.signature(cls.forward).parameters.values() if one.default is one.empty]
        if not is_separate(cls, torch) or len(required) != len(arguments) + 1 or keywords:
            return real(*arguments, **keywords)
        with patched(cls, "forward", staticmethod(functools.partial(cls.forward, None))):
            return real(*arguments)

    return applying(torch, around)


@mutant("function-ctx.saved-tensors.read-only")
def saved_tensors_can_be_assigned(torch: Torch) -> Changed:
    """Assigning to ctx.saved_tensors is not refused."""
    kind = torch.autograd.function.BackwardCFunction
    return patched(kind, "saved_tensors", property(_attribute(kind, "saved_tensors").__get__, lambda self, value: None))


def _attribute(kind: type, name: str) -> Any:
    return next(vars(one)[name] for one in kind.__mro__ if name in vars(one))


@mutant("function-ctx.mark-dirty.unmarked-goes-unnoticed")
def writes_to_data_count_in_forward(torch: Torch) -> Changed:
    """A forward that changed the values of an input through .data raises its version, marked or not."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        tracked = [one for one in arguments if isinstance(one, torch.Tensor) and one.requires_grad]
        before = [(one, one._version, _values(one)) for one in tracked]
        made = real(*arguments, **keywords)
        for one, version, values in before:
            if one._version == version and _values(one) != values:
                torch.autograd.graph.increment_version(one)
        return made

    return applying(torch, around)


def _values(tensor: Any) -> Any:
    with contextlib.suppress(Exception):  # a tensor of a transform has none
        return tensor.detach().tolist()
    return None


# -- keyword arguments


@mutant("function.apply.unknown-keyword")
def unknown_keywords_are_dropped(torch: Torch) -> Changed:
    """apply drops the keywords that forward has no parameter for."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        known = {one.name for one in parameters(cls, torch)}
        return real(*arguments, **{name: value for name, value in keywords.items() if name in known})

    return applying(torch, around)


@mutant("function.apply.duplicate-argument")
def the_keyword_beats_the_position(torch: Torch) -> Changed:
    """An argument that is passed twice has the value that the keyword gives."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        names = [one.name for one in parameters(cls, torch)]
        given = [keywords.pop(name, value) for name, value in zip(names, arguments, strict=False)]
        return real(*given, *arguments[len(given) :], **keywords)

    return applying(torch, around)


@mutant("function.apply.var-keyword-forward", "function.apply.keyword-only*")
def every_keyword_arrives(torch: Torch) -> Changed:
    """apply hands collected and keyword-only arguments to forward."""

    def around(real: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        taken = parameters(cls, torch)
        if not any(one.kind in (one.KEYWORD_ONLY, one.VAR_KEYWORD) for one in taken):
            return real(*arguments, **keywords)
        own = cls.forward
        with patched(cls, "forward", staticmethod(lambda *positional: own(*positional, **keywords))):
            return real(*arguments)

    return applying(torch, around)
