"""Every operator by its public names. A table is found by being a module of this package; see form.py, "Names"."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from ..missing import missing
from . import __name__ as package
from . import __path__ as folder
from .form import Names, Row

# module ("torch", "linalg" ...) -> name -> a row, or a function that chooses between rows
MODULES: dict[str, dict[str, Any]] = {}
METHODS: dict[str, tuple[Any, bool | str]] = {}  # name -> the same, and whether it is a property
INPLACE: dict[str, Any] = {}


def tables() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(folder):
        yield importlib.import_module(f"{package}.{found.name}")


@cache
def published(f: Callable[..., Any], name: str, out: bool, method: bool = False) -> Callable[..., Any]:
    """A composite as users call it. Its method takes no out=, and neither do rows and composites that call it."""
    from ..compiler.faces import composite_face

    return composite_face(f, name, out, 0 if method else 1)


def enter(names: Row | Names, what: Any, table: str) -> None:
    for module in names.modules.split():
        for name in (names.name, *names.aliases):
            short = name.removeprefix(module.rpartition(".")[2] + "_")
            there = MODULES.setdefault(module, {}).setdefault(short, what)
            if there is not what and isinstance(what, Row) == isinstance(there, Row):
                raise TypeError(f"{table}: {module}.{short} is there already")
    if names.method:
        for name in (names.name, *names.aliases):
            METHODS.setdefault(name, (what, names.method))
    for name in names.dunder.split():
        METHODS.setdefault(name, (what, True))


def collect() -> None:
    kinds = (Row, FunctionType)
    members = {id(v): (v, t.__name__) for t in tables() for v in vars(t).values() if isinstance(v, kinds)}
    rows = [(v, t) for v, t in members.values() if isinstance(v, Row)]
    overloads = {id(o) for r, _ in rows for o in r.overloads.values()}
    for f, table in members.values():
        if isinstance(getattr(f, "names", None), Names):
            enter(f.names, f, table)  # first: a composite hides rows of its name
            if f.names.inplace:
                INPLACE.update((f"{name}_", f) for name in (f.names.name, *f.names.aliases))
    for row, table in rows:
        if id(row) in overloads:
            continue
        if row.public:
            enter(row, row, table)
        if row.inplace:
            for name in (row.name, *row.aliases):
                INPLACE.setdefault(name + "_", row)
            if row.dunder:
                INPLACE["__i" + row.dunder.split()[0][2:]] = row


collect()


# torch has these in-place forms as functions too, torch.exp_(x)
TRIGONOMETRY = (
    "acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh cos cosh sin sinh tan tanh"
)
POWERS = "exp exp2 expm1 log log10 log1p log2 logit ldexp reciprocal rsqrt sigmoid sqrt square xlogy erf erfc i0 sinc"
PIECES = (
    "abs celu ceil clamp clamp_max clamp_min clip fix floor frac gcd lcm nan_to_num neg negative relu round threshold"
)
WRITES = "addmv conj_physical deg2rad rad2deg fill index_put trunc zero"
WRITTEN = frozenset(f"{name}_" for name in f"{TRIGONOMETRY} {POWERS} {PIECES} {WRITES}".split())


def function(name: str, module: str = "torch") -> Callable[..., Any] | None:
    """torch.<name> or torch.<module>.<name>, compiled, or None."""
    found = MODULES.get(module, {}).get(name)
    if found is None and module == "torch" and name in WRITTEN:
        from ..graph.inplace import inplace_form

        return inplace_form(INPLACE[name])
    if isinstance(found, Row):
        return found.offered
    return found and published(found, found.names.name, found.names.out)


def method(name: str) -> Callable[..., Any]:
    """What Tensor.<name> calls, compiled."""
    found, how = METHODS[name]
    if isinstance(found, Row):
        return found.function
    if how == "property" or name.startswith("__"):
        return found
    return published(found, found.names.name, False, True)


def keep(found: Any, name: str, namespace: dict[str, Any]) -> Any:
    """Let an operator stay in a module under a name, where pickle looks for it."""
    if isinstance(found, FunctionType):
        found.__module__, found.__qualname__ = namespace["__name__"], name
    namespace[name] = found
    return found


def attributes(module: str) -> Callable[[str], Any]:
    """The `__getattr__` of a module that offers the operators of `module`; what it finds stays there."""
    namespace = vars(sys.modules[f"{package.removesuffix('.ops')}.{module}"])

    def look(name: str) -> Any:
        found = function(name, module)
        if found is None:
            raise missing(module, name)
        return keep(found, name, namespace)

    return look
