"""repr(tensor), character for character as torch prints it, and torch.set_printoptions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import dtypes
from ..graph.dual import tangent_of
from ..graph.modes import DUAL, mode
from ..graph.node import Node
from ..tensor import history


@dataclass
class Options:
    """What set_printoptions sets."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


OPTIONS = Options()
PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}


def set_printoptions(
    precision: int | None = None, threshold: float | None = None, edgeitems: int | None = None,
    linewidth: int | None = None, profile: str | None = None, sci_mode: bool | None = None,
) -> None:  # fmt: skip
    """How tensors are printed from now on; sci_mode=None lets the numbers decide (source: torch.set_printoptions)."""
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    for name, value in (PROFILES.get(profile or "", {}) | {n: v for n, v in given.items() if v is not None}).items():
        setattr(OPTIONS, name, value)
    OPTIONS.sci_mode = sci_mode


class Formatter:
    """How one number of a tensor is written; looks at all of them first."""

    def __init__(self, values: np.ndarray) -> None:
        self.floating = values.dtype.kind == "f"
        self.int_mode, self.sci, self.width = True, False, 1
        if not self.floating:
            self.width = max((len(str(v)) for v in values.ravel().tolist()), default=1)
            return
        finite = np.abs(values[np.isfinite(values) & (values != 0)].astype(np.float64))
        if not finite.size:
            return  # as torch, which then aligns nothing
        low, high = finite.min(), finite.max()
        self.int_mode = bool(np.all(finite == np.ceil(finite)))
        self.sci = bool(high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4)
        if OPTIONS.sci_mode is not None:
            self.sci = OPTIONS.sci_mode
        nonzero = values[np.isfinite(values) & (values != 0)].tolist()
        self.width = max([1, *(len(self(v)) for v in nonzero)])

    def __call__(self, value: Any) -> str:
        if (self.floating and not math.isfinite(value)) or not self.floating:
            s = str(value)
        elif self.sci:
            s = f"{value:.{OPTIONS.precision}e}"
        elif self.int_mode:
            s = f"{value:.0f}."
        else:
            s = f"{value:.{OPTIONS.precision}f}"
        return s.rjust(self.width)


def scalar_text(value: Any, formats: list[Formatter]) -> str:
    if len(formats) == 1:
        return formats[0](value)
    real, imag = formats[0](value.real), formats[1](value.imag).lstrip()
    return real + (imag if imag.startswith("-") else "+" + imag) + "j"


def array_text(a: Any, indent: int, formats: list[Formatter], shorten: bool) -> str:
    if not a.ndim:
        return scalar_text(a.item(), formats)
    edge = OPTIONS.edgeitems
    if a.ndim == 1:
        width = sum(f.width for f in formats) + (1 if len(formats) == 2 else 0) + 2
        line = max(1, (OPTIONS.linewidth - indent) // width)
        if shorten and not edge:
            items = ["..."]
        elif shorten and len(a) > 2 * edge:
            items = (
                [scalar_text(v, formats) for v in a[:edge].tolist()]
                + [" ..."]
                + [scalar_text(v, formats) for v in a[-edge:].tolist()]
            )
        else:
            items = [scalar_text(v, formats) for v in a.tolist()]
        lines = [", ".join(items[i : i + line]) for i in range(0, len(items), line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    shorten_here = shorten and len(a) > 2 * edge
    shown = [*a[:edge], *a[len(a) - edge :]] if shorten_here else a
    parts = [array_text(x, indent + 1, formats, shorten) for x in shown]
    if shorten_here:
        parts.insert(edge, "...")
    return "[" + ("," + "\n" * (a.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def ends(a: np.ndarray) -> np.ndarray:
    """The values that are shown."""
    edge = OPTIONS.edgeitems
    for axis in range(a.ndim):
        if a.shape[axis] > 2 * edge:
            a = np.concatenate([a.take(range(edge), axis), a.take(range(-edge, 0), axis)], axis)
    return a


def formatters(shown: np.ndarray) -> list[Formatter]:
    if shown.dtype.kind == "c":
        return [Formatter(shown.real), Formatter(shown.imag)]
    return [Formatter(shown.astype(np.float32) if shown.dtype.kind == "V" else shown)]


@np.errstate(all="ignore")
def text(t: Any, name: str = "") -> str:
    name = name or (f"{type(t).__name__}(" if t._overridden else "tensor(")
    a = np.asarray(t._array)
    shorten = a.size > OPTIONS.threshold
    shown = ends(a) if shorten else a
    suffixes = []
    if not a.size:
        body = "[]"
        if a.ndim != 1:
            suffixes.append(f"size={tuple(a.shape)}")
        if t.dtype is not dtypes.get_default_dtype():
            suffixes.append(f"dtype={t.dtype!r}")
    else:
        body = array_text(a, len(name), formatters(shown), shorten)
        if not OPTIONS.edgeitems:
            suffixes.append(f"size={tuple(a.shape)}")
        usual = (dtypes.get_default_dtype(), dtypes.int64, dtypes.bool_, dtypes.COMPLEX_OF[dtypes.get_default_dtype()])
        if t.dtype not in usual:
            suffixes.append(f"dtype={t.dtype!r}")
    return finish(body, suffixes + history_of(t), name)


def history_of(t: Any) -> list[str]:
    """What is told of its place in the graph."""
    try:
        edge = history(t)
        maker = edge.source()[0].name().rpartition("::")[2] if isinstance(edge, Node) else None
    except RuntimeError:  # its base was written, and forbids it a history
        maker = "Invalid"
    told = [f"grad_fn=<{maker}>"] if maker is not None else ["requires_grad=True"] if t.requires_grad else []
    tangent = tangent_of(t) if mode() & DUAL else None
    return told if tangent is None else [*told, f"tangent={tangent}"]


def finish(body: str, suffixes: list[str], name: str, new_line: bool = False) -> str:
    """The suffixes, each on the last line while it is short enough (torch's count of its length); new_line: the first not."""
    parts = [name + body]
    last = len(parts[0]) - parts[0].rfind("\n") + 1
    for suffix in suffixes:
        if new_line or last + len(suffix) + 2 > OPTIONS.linewidth:
            parts.append(",\n" + " " * len(name) + suffix)
            last, new_line = len(name) + len(suffix), False
        else:
            parts.append(", " + suffix)
            last += len(suffix) + 2
    return "".join(parts) + ")"
