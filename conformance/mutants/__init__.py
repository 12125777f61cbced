"""Mutants: engines with one behaviour changed, by which the cases prove that they can fail.

``areas/`` holds them, a module an area, found by itself. A new mutant is one decorated function in one of these
(``@mutant("claim.glob", ...)``), or one row: of ``areas/faces.py`` for an option, an error or the words of a public function or
attribute.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace

from conformance.mutants import areas, programs
from conformance.mutants.mutant import REGISTERED, Mutant, mutant, patched, rows


def mutants(engine: str) -> list[Mutant]:
    """Every mutant that can change the engine of that name (``reference``, ``torch-cpu``), in the order of the areas."""
    for module in pkgutil.iter_modules(areas.__path__):
        importlib.import_module(f"{areas.__name__}.{module.name}")
    also = rows(programs.ALSO)
    applying = (made for made in REGISTERED.values() if made.applies_to(engine))
    return [replace(made, also=tuple(also[made.name])) if made.name in also else made for made in applying]


__all__ = ["Mutant", "mutant", "mutants", "patched"]
