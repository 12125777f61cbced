"""The helpers that cases may call, for an engine: the same text that a standalone script carries, with the engine as torch."""

from __future__ import annotations

import ast
import collections
import contextlib
import copy
import gc
import importlib
import io
import pickle
import threading
import weakref
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import numpy

from conformance.language.vocabulary import vocabulary

PRELUDE = Path(__file__).with_name("script_prelude.py")
THREAD = "CaseThread"
_MODULES: dict[str, Any] = {
    "collections": collections,
    "contextlib": contextlib,
    "copy": copy,
    "gc": gc,
    "io": io,
    "numpy": numpy,
    "pickle": pickle,
    "threading": threading,
    "weakref": weakref,
}
HIDDEN = {"gradcheck_module": "torch.autograd.gradcheck"}
"""Modules that a function of the same name hides, by the names under which cases find them."""


@cache
def _code() -> CodeType:
    wanted = {*vocabulary().helpers, THREAD}
    tree = ast.parse(PRELUDE.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in wanted]
    return compile(tree, str(PRELUDE), "exec")


def namespace(torch: Any) -> dict[str, Any]:
    """Globals in which a compiled case finds ``torch``, the modules that its vocabulary names, and the helpers."""
    made: dict[str, Any] = {"torch": torch, "Any": Any, **_MODULES}
    made |= {name: _hidden(torch, path) for name, path in HIDDEN.items()}
    exec(_code(), made)
    return made


def _hidden(torch: Any, path: str) -> Any:
    """The module of an engine that a function hides; where the engine has none, something that lacks every name."""
    try:
        return importlib.import_module(path.replace("torch", torch.__name__, 1))
    except ImportError:
        return object()
