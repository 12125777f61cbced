"""Operators one by one, from the vocabulary: each passes back another gradient, and each returns other values."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

from conformance.language.vocabulary import vocabulary
from conformance.mutants.mutant import Mutant, Scope, Torch, operator, register

Changed = contextlib.AbstractContextManager[None]

SPACES = ("torch", "torch.nn.functional", "torch.special", "torch.linalg", "torch.fft")
SYMBOLS = "add radd sub rsub mul rmul truediv rtruediv pow rpow matmul rmatmul neg getitem setitem"


_OTHERS = ("get_", "set_", "is_", "register_", "requires_", "retain_", "manual_", "initial_", "untyped_")
_NO_OPERATORS = """
apply_ backward broadcast_shapes can_cast cond cpu cuda data_ptr dense_dim detach detach_ device dim dtype element_size finfo
iinfo item layout map_ memory_format nelement numel numpy promote_types resolve_conj resolve_neg result_type size sparse_dim
storage_offset stride to tolist type typename vmap
"""
"""Names of the vocabulary that ask or tell a tensor something and compute nothing; and those by which the harness looks."""


def _outputs(torch: Torch, made: Any) -> list[Any]:
    several = made if isinstance(made, tuple | list) else (made,)
    return [one for one in several if isinstance(one, torch.Tensor)]


def _spoiling(torch: Torch) -> Callable[[Any], Any]:
    """Another gradient: one more where it is finite, and zero where it is not. The operators in it are the real ones."""
    isfinite, where, zeros_like, add = torch.isfinite, torch.where, torch.zeros_like, torch.add

    def other(gradient: Any) -> Any:
        if str(gradient.layout) != "torch.strided":
            return gradient * 2
        return where(isfinite(gradient), add(gradient, 1), zeros_like(gradient))

    return other


def _asked_for(name: str, arguments: tuple[Any, ...]) -> bool:
    """Whether the mutants of the operator change this call: of ``*``, which most cases have, the products with a number."""
    return name != "__mul__" or isinstance(arguments[1], int | float | complex)


def other_gradient(torch: Torch, name: str) -> Changed:
    """What the operator passes back is one more where it is finite, and zero where it is not."""
    other = _spoiling(torch)

    def spoil(gradients: tuple[Any, ...], _: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(None if gradient is None else other(gradient) for gradient in gradients)

    def around(real: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        if not _asked_for(name, arguments):
            return made
        given = {id(one) for one in arguments} if not name.endswith("_") else set()
        nodes = {id(one.grad_fn): one.grad_fn for one in _outputs(torch, made) if id(one) not in given}
        for node in nodes.values():
            if node is not None:
                node.register_hook(spoil)
        return made

    return operator(torch, name, around)


def other_at_kinks(torch: Torch, name: str, kinks: tuple[float, ...]) -> Changed:
    """The same, but only where the input lies at one of the kinks."""
    other, where = _spoiling(torch), torch.where

    def around(real: Callable[..., Any], x: Any, *arguments: Any, **keywords: Any) -> Any:
        made = real(x, *arguments, **keywords)
        if not isinstance(made, torch.Tensor) or made.grad_fn is None:
            return made
        values = x.tolist()
        here = torch.tensor([value in kinks for value in values] if isinstance(values, list) else values in kinks)

        def spoil(gradients: tuple[Any, ...], _: tuple[Any, ...]) -> tuple[Any, ...]:
            return (where(here, other(gradients[0]), gradients[0]), *gradients[1:])

        if made.shape == here.shape:
            made.grad_fn.register_hook(spoil)
        return made

    return operator(torch, name, around)


def other_values(torch: Torch, name: str) -> Changed:
    """What the operator returns is one more; False where it is True; no index but 0, for others could end the process."""

    def around(real: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        made = real(*arguments, **keywords)
        if not _asked_for(name, arguments):
            return made
        with torch.no_grad():
            for one in _outputs(torch, made):
                memory = one.data
                if memory.dtype == torch.bool:
                    memory.logical_not_()
                elif memory.is_floating_point() or memory.is_complex():
                    memory.add_(1)
                else:
                    memory.zero_()
        return made

    return operator(torch, name, around)


def other_words(torch: Torch, name: str) -> Changed:
    """An error of the operator says something else."""

    def around(real: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        try:
            return real(*arguments, **keywords)
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            raise type(error)("it does not work") from None

    return operator(torch, name, around)


_ALL = frozenset({"complex", "nan_and_zero", "sparse", "tutorials", "notebooks"})
_NUMBERS = frozenset({"value", "layout", "side-effect", "hook-order", "thread", "device"})
_OF_GRADIENTS = r"gradient|\.grad\b|\bbackwards?\b|derivative|jacobian|hessian|vjp|slope|incoming"

SCOPES = {
    "gradient": Scope(_NUMBERS, _OF_GRADIENTS, _ALL, frozenset({"subgradients"})),
    "values": Scope(_NUMBERS, f"^((?!{_OF_GRADIENTS}).)*$", _ALL),
    "words": Scope(frozenset({"error"}), "", _ALL | {"broadcasting"}),
}
_KINDS = {"gradient": other_gradient, "values": other_values, "words": other_words}


def _words() -> list[str]:
    """The operators: functions and methods that a case may call, without those that make tensors out of nothing."""
    known = vocabulary()
    functions = {full for full in known.names.values() if full.rpartition(".")[0] in SPACES} - known.creators
    names = {full.rpartition(".")[2] for full in functions} | known.attributes
    return sorted(
        name for name in names - set(_NO_OPERATORS.split()) if not name.startswith(("_", *_OTHERS)) and name.islower()
    )


KINKS = {
    **dict.fromkeys(["abs", "elu", "leaky_relu", "log", "relu", "rsqrt", "selu", "sinc", "sqrt"], (0.0,)),
    **dict.fromkeys(["acos", "asin", "atanh", "hardtanh"], (-1.0, 1.0)),
    **dict.fromkeys(["hardshrink", "softshrink"], (-0.5, 0.5)),
    **dict.fromkeys(["hardsigmoid", "hardswish"], (-3.0, 3.0)),
    "acosh": (1.0,),
    "log1p": (-1.0,),
    "relu6": (0.0, 6.0),
}
"""Where a convention decides on the gradient of an operator of one vector."""


def _register_all() -> None:
    for name, kinks in KINKS.items():
        about, word = f"{name} passes back another gradient at {kinks} alone.", name.replace("_", "-")
        claims = (f"nondiff.rule?.{word}-at-*", f"nondiff.{word}-*")
        at_kinks = partial(other_at_kinks, name=name, kinks=kinks)
        register(Mutant(f"{name}:kinks", about, claims, None, at_kinks, made=True))
    for name in [*_words(), *(f"__{symbol}__" for symbol in SYMBOLS.split())]:
        for kind, change in _KINDS.items():
            about = f"{name}: {(change.__doc__ or '').splitlines()[0]}"
            made, word = partial(change, name=name), name.strip("_")
            register(Mutant(f"{name}:{kind}", about, (), None, made, word, SCOPES[kind], made=True))


_register_all()
