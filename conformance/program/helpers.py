"""The helpers that cases may call, for an engine: the same text that a standalone script carries, with the engine as torch."""

from __future__ import annotations

import ast
import collections
import copy
import gc
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
_MODULES: dict[str, Any] = {"collections": collections, "copy": copy, "gc": gc, "numpy": numpy, "weakref": weakref}


@cache
def _code() -> CodeType:
    wanted = {*vocabulary().helpers, THREAD}
    tree = ast.parse(PRELUDE.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in wanted]
    return compile(tree, str(PRELUDE), "exec")


def namespace(torch: Any) -> dict[str, Any]:
    """Globals in which a compiled case finds ``torch``, the modules that its vocabulary names, and the helpers."""
    made: dict[str, Any] = {"torch": torch, "Any": Any, "io": io, "pickle": pickle, "threading": threading, **_MODULES}
    exec(_code(), made)
    return made
