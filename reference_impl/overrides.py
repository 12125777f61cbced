"""__torch_function__: operators on classes of the user's (source: torch.overrides; note "Extending PyTorch").

Note [Classes of the user's]
Operators ask no tensor for its class. A subclass of Tensor that a user makes gets an `_array` that refuses an operator by
`Overridden`, a kind of NoArray, which says who computes instead: the class's __torch_function__. A function that chooses
between operators is refused likewise when it looks at such a tensor. What the user looks at, or calls, goes there at once. So
what is asked depends on who asks, and that is told from the caller's frame; but only such a class pays for it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any

from .batching.calls import rebuilt
from .errors import PACKAGE, Unsupported, is_ours
from .methods import BINARY
from .missing import getter
from .ops.registry import METHODS, published
from .tensor import NoArray, Tensor

__getattr__ = getter("overrides")
TABLES, ARGUMENTS, OPERATOR = f"{PACKAGE}.ops.", f"{PACKAGE}.compiler.runtime", f"<{PACKAGE} row "
PLAIN = """__array_priority__ __annotations__ __class__ __class_getitem__ __delattr__ __dict__ __dir__ __doc__ __getattribute__
    __hash__ __init__ __init_subclass__ __module__ __new__ __reduce__ __reduce_ex__ __setattr__ __sizeof__ __subclasshook__
    __torch_function__ __weakref__"""
_off: ContextVar[bool] = ContextVar("off", default=False)


class Overridden(NoArray, Unsupported):
    """A tensor of a user's class was met where an operator computes."""

    def operator(self, row: Any, args: tuple) -> Any:
        frame = sys._getframe(2)
        while "ROW" in frame.f_globals or frame.f_globals.get("__name__") == f"{PACKAGE}.compiler":
            frame = frame.f_back
        if (frame.f_globals.get("__name__") or "").startswith(TABLES):
            raise self  # the function that chose this row is what was called
        return by_class(row, args)

    def composite(self, f: Any, name: str, args: list, kwargs: dict[str, Any]) -> Any:
        parameters = inspect.signature(f).parameters
        positional = tuple(args)
        if all(p.kind is not p.VAR_POSITIONAL for p in parameters.values()):
            positional, _ = as_given([(n, p.default, False) for n, p in parameters.items()][: len(args)], positional)
        named = {n: x for n, x in kwargs.items() if n not in parameters or x is not parameters[n].default}
        return dispatch(published(f, f.names.name, f.names.out), positional, named)

    def in_place(self, name: str, t: Tensor, args: tuple, kwargs: dict[str, Any]) -> Tensor:
        return dispatch(getattr(Tensor, name), (t, *args), kwargs)


def by_class(row: Any, args: tuple) -> Any:
    """A row's operator on arguments of which one overrides it."""
    given = [(a.name, a.default, a.keyword_only) for a in row.args]
    whole, _ = METHODS.get(row.name, (row, None))
    whole = whole if isinstance(whole, type(row)) and row in whole.overloads.values() else row
    return dispatch(whole.offered, *as_given(given, args))


def as_given(parameters: list[tuple[str, Any, bool]], args: tuple) -> tuple[tuple, dict[str, Any]]:
    """A call's arguments without those that have their default values. parameters: name, default, only by keyword."""
    pairs = list(zip(parameters, args, strict=True))
    named = {name: x for (name, default, keyword), x in pairs if keyword and x is not default}
    positional = [(x, default) for (_, default, keyword), x in pairs if not keyword]
    while positional and positional[-1][0] is positional[-1][1]:
        positional.pop()
    return tuple(x for x, _ in positional), named


# ---------------------------------------------------------------- classes


class DisableTorchFunctionSubclass:
    """A context in which tensors of a user's class are computed with as plain ones."""

    def __enter__(self) -> None:
        self.token = _off.set(True)

    def __exit__(self, *_: object) -> None:
        _off.reset(self.token)


def disabled(func: Callable[..., Any], types: Any, args: tuple = (), kwargs: dict[str, Any] | None = None) -> Any:
    """The __torch_function__ of a class that has none of its own, and wants no results of its kind."""
    with DisableTorchFunctionSubclass():
        return func(*args, **(kwargs or {}))


disabled.plain = True


def default(cls: type, func: Callable[..., Any], types: Any, args: tuple, kwargs: dict[str, Any] | None) -> Any:
    """Tensor.__torch_function__: compute as ever, and make results tensors of the class."""
    if not all(issubclass(cls, t) for t in types):
        return NotImplemented
    result = disabled(func, types, args, kwargs)
    return result if getattr(func, "__self__", None) is vars(Tensor)["grad"] else converted(result, cls)


def converted(x: Any, cls: type) -> Any:
    if isinstance(x, Tensor):
        return x if cls is Tensor or isinstance(x, cls) else as_subclass(x, cls)
    if isinstance(x, tuple | list):
        items = [converted(y, cls) for y in x]
        return rebuilt(x, items)
    return x


def as_subclass(t: Tensor, cls: type) -> Tensor:
    """The same tensor as one of another class (source: torch.Tensor.as_subclass)."""
    from .ops.shape import alias

    if not (isinstance(cls, type) and issubclass(cls, Tensor)):
        raise TypeError(
            "Creating a Tensor subclass from a class that does not inherit from Tensor is not possible. Make sure your class "
            "inherits from Tensor."
        )
    with DisableTorchFunctionSubclass():
        made = alias.function(t)
    made.__class__ = cls
    return made


def prepare(cls: type) -> None:
    """Let a new class of the user's be met by Overridden."""
    if getattr(cls.__torch_function__, "plain", False):
        return
    cls._overridden, cls._of_class = True, lambda t, other: converted(other, type(t))
    if not defined(cls, "__getattribute__"):
        cls.__getattribute__ = attribute_of
    for name, what in list(vars(Tensor).items()):
        if name.startswith("__") and name not in PLAIN.split() and what is not None and not defined(cls, name):
            setattr(cls, name, special_method(name))


def defined(cls: type, name: str) -> bool:
    return any(name in vars(k) for k in cls.__mro__ if k is not Tensor and k is not object)


def attribute_of(t: Tensor, name: str) -> Any:
    """A look at a fact or a method; or, an operator's, at the array."""
    if _off.get() or (name[0] == "_" and name != "_array"):
        return object.__getattribute__(t, name)
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__") == ARGUMENTS:  # asks for others
        frame = frame.f_back
    asker, text = frame.f_globals.get("__name__") or "", frame.f_code.co_filename
    what = next((vars(k)[name] for k in type(t).__mro__ if name in vars(k)), None)
    overridable = what is not None and vars(Tensor).get(name) is what and name != "as_subclass"
    # a compiled operator ("row mul") is refused, not its derivatives ("row mul.vjp"), nor formulas, which have no name
    refused = "." not in text if text.startswith(OPERATOR) else asker.startswith(TABLES)
    if refused and (overridable or name == "_array"):
        raise Overridden(f"{frame.f_code.co_name}: a tensor of the class {type(t).__name__}")
    if not overridable or not asker or is_ours(asker):
        return object.__getattribute__(t, name)
    if isinstance(what, property):
        return dispatch(what.__get__, (t,), {})
    return partial(call_method, t, name)


def call_method(t: Tensor, name: str, *args: Any, **kwargs: Any) -> Any:
    return dispatch(getattr(Tensor, name), (t, *args), kwargs)


def special_method(name: str) -> Callable[..., Any]:
    if name == "__iter__":
        return lambda self: iter(call_method(self, "unbind"))

    def special(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        if _off.get():
            return getattr(Tensor, name)(self, *args, **kwargs)
        if name in BINARY:
            return asked(getattr(Tensor, name), (self, *args), kwargs)
        return dispatch(getattr(Tensor, name), (self, *args), kwargs)

    special.__name__ = name
    return special


# ---------------------------------------------------------------- calls


def overriding(relevant: Iterable[Any]) -> list[Any]:
    """The first argument of each class that overrides, subclasses before their bases."""
    found: list[Any] = []
    for x in relevant:
        kind = type(x)
        own = getattr(kind, "_overridden", False) if issubclass(kind, Tensor) else hasattr(kind, "__torch_function__")
        if own and kind not in [type(y) for y in found]:
            place = next((i for i, y in enumerate(found) if issubclass(kind, type(y))), len(found))
            found.insert(place, x)
    return found


def relevant_in(args: Iterable[Any]) -> list[Any]:
    return [y for x in args for y in (x if isinstance(x, tuple | list) else (x,))]


def asked(func: Callable[..., Any], args: tuple, kwargs: dict[str, Any], relevant: Iterable[Any] | None = None) -> Any:
    """What the first class that implements the function makes of it, or NotImplemented."""
    found = overriding(relevant_in((*args, *kwargs.values())) if relevant is None else relevant)
    types = tuple(type(x) for x in found)
    for x in found:
        result = type(x).__torch_function__(func, types, args, kwargs)
        if result is not NotImplemented:
            return result
    return NotImplemented


def dispatch(
    func: Callable[..., Any], args: tuple, kwargs: dict[str, Any], relevant: Iterable[Any] | None = None
) -> Any:
    result = asked(func, args, kwargs, relevant)
    if result is NotImplemented:
        kinds = overriding(relevant_in((*args, *kwargs.values())) if relevant is None else relevant)
        listed = "".join(f"  - tensor subclass {type(x)}\n" for x in kinds)
        raise TypeError(
            f"Multiple dispatch failed for '{called(func)}'; all __torch_function__ handlers returned NotImplemented:\n\n"
            f"{listed}\nFor more information, try re-running with TORCH_LOGS=not_implemented"
        )
    return result


def called(func: Callable[..., Any]) -> str:
    """The name that torch gives a function."""
    name = func.__name__
    return f"torch.Tensor.{name}" if getattr(Tensor, name, None) is func else f"torch.{name}"


# ---------------------------------------------------------------- for functions of the user's


def has_torch_function(relevant_args: Iterable[Any]) -> bool:
    """Whether one of them overrides functions (source: torch.overrides.has_torch_function)."""
    return not _off.get() and bool(overriding(relevant_args))


def has_torch_function_unary(arg: Any) -> bool:
    return has_torch_function((arg,))


def has_torch_function_variadic(*args: Any) -> bool:
    return has_torch_function(args)


def handle_torch_function(
    public_api: Callable[..., Any], relevant_args: Iterable[Any], *args: Any, **kwargs: Any
) -> Any:
    """Call the function as the class of an argument overrides it (source: torch.overrides.handle_torch_function)."""
    return dispatch(public_api, args, kwargs, relevant_args)


def wrap_torch_function(dispatcher: Callable[..., Iterable[Any]]) -> Callable[..., Any]:
    """A decorator that lets a function be overridden. dispatcher: of the function's arguments, those to look at."""

    def inner(func: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(func)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            relevant = dispatcher(*args, **kwargs)
            if has_torch_function(relevant):
                return handle_torch_function(wrapped, relevant, *args, **kwargs)
            return func(*args, **kwargs)

        return wrapped

    return inner


def is_tensor_like(inp: Any) -> bool:
    """Whether it is a Tensor, or of a class with a __torch_function__ (source: torch.overrides.is_tensor_like)."""
    return isinstance(inp, Tensor) or hasattr(type(inp), "__torch_function__")


def is_tensor_method_or_property(func: Callable[..., Any]) -> bool:
    """Whether a function handed to __torch_function__ is a method or a property of Tensor."""
    name = getattr(func, "__name__", "")
    return name == "__get__" or getattr(Tensor, name, None) is func
