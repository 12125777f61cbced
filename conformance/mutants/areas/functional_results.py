"""The six functions of torch.autograd.functional one by one: each returns other values, shapes, structures, dtypes, histories."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from conformance.mutants.mutant import Mutant, Torch, mutant, register, wrapped

Changed = contextlib.AbstractContextManager[None]

MATRICES = ("jacobian", "hessian")
"""The functions that return a derivative alone."""

PRODUCTS = ("vjp", "jvp", "vhp", "hvp")
"""The functions that return a pair: the value of the function, and a product."""


def _each(torch: Torch, value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, torch.Tensor):
        return change(value)
    return type(value)(_each(torch, one, change) for one in value) if isinstance(value, tuple | list) else value


def _rebuilt(torch: Torch, name: str, change: Callable[[Any], Any], whole: bool = False) -> Changed:
    """The derivative that the function returns is ``change(it)``; ``whole``: so is the function's value, if there is one."""

    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        if name in MATRICES:
            return change(made)
        return change(made[0]) if whole else made[0], change(made[1])

    return wrapped(torch.autograd.functional, name, around)


def changed(torch: Torch, name: str, change: Callable[[Any], Any]) -> Changed:
    """Every tensor in the derivative that the function returns is ``change(it)``."""
    return _rebuilt(torch, name, lambda made: _each(torch, made, change))


def _scaled(torch: Torch, name: str) -> Changed:
    """It returns twice the derivative."""
    return changed(torch, name, lambda tensor: tensor * 2)


def _flattened(torch: Torch, name: str) -> Changed:
    """What it returns has one dimension."""
    return changed(torch, name, lambda tensor: tensor.reshape(-1))


def _reversed(torch: Torch, name: str) -> Changed:
    """A tuple that it returns is in reverse order."""

    def backwards(made: Any) -> Any:
        return type(made)(map(backwards, made[::-1])) if isinstance(made, tuple | list) else made

    return _rebuilt(torch, name, backwards)


def _unwrapped(torch: Torch, name: str) -> Changed:
    """In place of a tuple of one it returns what is in it."""

    def alone(made: Any) -> Any:
        if not isinstance(made, tuple):
            return made
        return alone(made[0]) if len(made) == 1 else tuple(map(alone, made))

    return _rebuilt(torch, name, alone, whole=True)


def _recorded(torch: Torch, name: str) -> Changed:
    """What it returns requires grad, with create_graph=True or without."""
    return changed(torch, name, lambda tensor: tensor if tensor.requires_grad else tensor.detach().requires_grad_())


def _cast(torch: Torch, name: str) -> Changed:
    """What it returns is of the other floating dtype: float32 for float64, float64 for float32."""
    return changed(torch, name, lambda tensor: tensor.float() if tensor.dtype == torch.float64 else tensor.double())


def _refused_zeros(torch: Torch, name: str) -> Changed:
    """It raises where a derivative is zero."""

    def refused(tensor: Any) -> Any:
        if not bool((tensor != 0).any()):
            raise RuntimeError("the derivative is zero")
        return tensor

    return changed(torch, name, refused)


def _always_strict(torch: Torch, name: str) -> Changed:
    """With strict=True it always raises."""

    def around(real: Any, *arguments: Any, strict: bool = False, **keywords: Any) -> Any:
        if strict:
            raise RuntimeError("that is not strict enough")
        return real(*arguments, **keywords)

    return wrapped(torch.autograd.functional, name, around)


def _alone(torch: Torch, name: str) -> Changed:
    """It returns the product without the value of the function."""
    return wrapped(torch.autograd.functional, name, lambda real, *given, **options: real(*given, **options)[1])


_VALUES = ("value", "*values", "*default-one", "v.omitted*", "equals-*", "single-element-any-rank", "*-matches-*")
_KINDS: dict[str, tuple[Callable[..., Changed], tuple[str, ...]]] = {
    "scaled": (_scaled, _VALUES),
    "flat": (_flattened, ("structure.tensor*", "vectorize.documented-shape-example")),
    "reversed": (_reversed, ("structure.tuple*", "*tuple-structure")),
    "unwrapped": (_unwrapped, ("structure.one-tuple*",)),
    "recorded": (_recorded, ("create-graph.default-detached", "create-graph.linear-not-requiring-grad")),
    "cast": (_cast, ("dtype*",)),
    "zeros": (_refused_zeros, ("*zeros",)),
    "strict": (_always_strict, ("strict.dependent-ok",)),
    "alone": (_alone, ("return.pair",)),
}
"""How a function is changed, and the ends of the ids of the claims that are about it."""

_OF_ALL = ("func.equivalents.*", "functional.*.equals-*", "functional.common.lambda-captures-constants")
"""What the values of each function are compared with."""


def _register_all() -> None:
    for name in (*MATRICES, *PRODUCTS):
        for kind, (change, ends) in _KINDS.items():
            if kind == "alone" and name in MATRICES:
                continue
            about = f"functional.{name}: {(change.__doc__ or '').splitlines()[0]}"
            claims = tuple(f"functional.{name}.{end}" for end in ends) + (_OF_ALL if kind == "scaled" else ())
            register(Mutant(f"functional.{name}:{kind}", about, claims, None, partial(change, name=name), made=True))


_register_all()


# -- what they do with their inputs


@contextlib.contextmanager
def _all(torch: Torch, around: Callable[..., Any]) -> Iterator[None]:
    """All six functions go through ``around(the real one, function, inputs, ...)``."""
    with contextlib.ExitStack() as stack:
        for name in (*MATRICES, *PRODUCTS):
            stack.enter_context(wrapped(torch.autograd.functional, name, around))
        yield


def _tensors(torch: Torch, inputs: Any) -> list[Any]:
    several = inputs if isinstance(inputs, tuple) else (inputs,)
    return [one for one in several if isinstance(one, torch.Tensor)]


@mutant("functional.common.inputs-need-no-requires-grad")
def functional_wants_inputs_with_grad(torch: Torch) -> Changed:
    """The functions refuse an input that does not require grad."""

    def around(real: Any, function: Any, inputs: Any, *given: Any, **options: Any) -> Any:
        if not all(one.requires_grad for one in _tensors(torch, inputs)):
            raise RuntimeError("an input does not require grad")
        return real(function, inputs, *given, **options)

    return _all(torch, around)


@mutant("functional.common.inputs-left-unchanged")
def functional_leaves_inputs_with_grad(torch: Torch) -> Changed:
    """The inputs of the functions require grad afterwards."""

    def around(real: Any, function: Any, inputs: Any, *given: Any, **options: Any) -> Any:
        made = real(function, inputs, *given, **options)
        for one in _tensors(torch, inputs):
            one.requires_grad_()
        return made

    return _all(torch, around)


@mutant("functional.common.function-gets-fresh-tensors")
def functional_hands_over_the_inputs(torch: Torch) -> Changed:
    """The function is called with the very tensors that are the inputs."""

    def around(real: Any, function: Any, inputs: Any, *given: Any, **options: Any) -> Any:
        own = inputs if isinstance(inputs, tuple) else (inputs,)
        return real(lambda *fresh: function(*own), inputs, *given, **options)

    return _all(torch, around)


@mutant("functional.common.no-grad-accumulation")
def functional_accumulates(torch: Torch) -> Changed:
    """The functions leave a gradient in .grad of inputs that require grad."""

    def around(real: Any, function: Any, inputs: Any, *given: Any, **options: Any) -> Any:
        made = real(function, inputs, *given, **options)
        for one in _tensors(torch, inputs):
            if one.requires_grad and one.is_leaf:
                one.grad = torch.ones_like(one.detach())
        return made

    return _all(torch, around)


@mutant("functional.common.works-under-no-grad")
def functional_needs_grad_mode(torch: Torch) -> Changed:
    """The functions raise while grad mode is off."""

    def around(real: Any, *given: Any, **options: Any) -> Any:
        if not torch.is_grad_enabled():
            raise RuntimeError("grad mode is off")
        return real(*given, **options)

    return _all(torch, around)
