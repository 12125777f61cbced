"""What stands above a standalone script: the imports and those helpers that it calls."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from typing import NamedTuple

from conformance.language.data import GENERATORS
from conformance.program.helpers import HIDDEN, PRELUDE

_MODULES = (
    "collections",
    "contextlib",
    "copy",
    "gc",
    "io",
    "pickle",
    "re",
    "threading",
    "warnings",
    "weakref",
    "numpy",
)
_SUBMODULES = (
    *("torch.autograd.forward_ad", "torch.autograd.functional", "torch.autograd.graph", "torch.utils.checkpoint"),
    *("torch.nn.functional", "torch.func", "torch.masked", "torch.nested", "torch.fft", "torch.autograd.profiler"),
    *(
        "torch.autograd.profiler_legacy",
        "torch.library",
        "torch.overrides",
        "torch.utils._python_dispatch",
        "torch.multiprocessing",
    ),
)
_WORD = re.compile(r"\w+")


class _Helper(NamedTuple):
    text: str
    words: frozenset[str]


@cache
def _helpers() -> dict[str, _Helper]:
    """The helpers by name: those of script_prelude.py, then the generators under the names that scripts give them."""
    tree = ast.parse(PRELUDE.read_text(encoding="utf-8"))
    texts = {n.name: ast.unparse(_bare(n)) for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    texts |= {drawing(name): _drawing_text(name) for name in GENERATORS}
    return {name: _Helper(text, frozenset(_WORD.findall(text))) for name, text in texts.items()}


def drawing(generator: str) -> str:
    """The name under which a script defines a generator."""
    return f"draw_{generator}"


def _drawing_text(generator: str) -> str:
    (function,) = ast.parse(inspect.getsource(GENERATORS[generator])).body
    assert isinstance(function, ast.FunctionDef)
    function.name = drawing(generator)
    return re.sub(r"\bnp\.", "numpy.", ast.unparse(_bare(function)))


def _bare(definition: ast.FunctionDef | ast.ClassDef) -> ast.FunctionDef | ast.ClassDef:
    """The function or class without annotations: a script is read by people, once."""
    for function in ast.walk(definition):
        if isinstance(function, ast.FunctionDef):
            function.returns = None
            arguments = function.args
            for argument in [*arguments.args, *filter(None, [arguments.vararg, arguments.kwarg])]:
                argument.annotation = None
    return definition


def prelude(body: str) -> str:
    """Imports, the helpers that ``body`` calls with the helpers that they call, and the log of calls if it is used."""
    helpers = _helpers()
    words, wanted = set(_WORD.findall(body)), set[str]()
    while found := (words & helpers.keys()) - wanted:
        wanted |= found
        words = words.union(*(helpers[name].words for name in found))
    text = "\n\n\n".join(helper.text for name, helper in helpers.items() if name in wanted)
    everything = text + body
    imports = [
        f"import {name}" for name in _MODULES if f"{name}." in everything and re.search(rf"\b{name}\.", everything)
    ]
    imports += ["import torch", *(f"import {name}" for name in _SUBMODULES if name in everything)]
    hidden = {name: path for name, path in HIDDEN.items() if name in words}
    imports += ["import sys", *(f'{name} = sys.modules["{path}"]' for name, path in hidden.items())] if hidden else []
    parts = ["\n".join(imports), text, "calls = []" if "calls" in words else ""]
    return "\n\n".join(filter(None, parts))
