"""Operators of the reference held against torch, on torch's own sample inputs (OpInfo).

    python -m reference_impl.tests.against_opinfo exp linalg.svd          # these
    python -m reference_impl.tests.against_opinfo --all                   # all that OpInfo knows
    python -m reference_impl.tests.against_opinfo --all --only dtypes     # one kind of check

Checks: `values` (every sample: forward, gradient, second order, forward mode, in-place, out=), `layouts` (the same samples
with gaps in memory), `dtypes` (forward in every dtype; refused by both where torch has no kernel), `errors` (erroneous
calls and their texts), `misuse` (samples with one argument changed), `graph` (names and edges of the nodes left behind),
`saved` (what these show of what they saved), `second` (the names of the first nodes of recorded gradients), `autocast`
(results and casts inside autocast, for operands of three dtypes), `vmap` (of the operator and of its gradient), `hessian`
(torch.func.hessian).

A line an operator: ``ok``, ``WRONG``, ``unsupported`` (says so by name) or ``missing``. With ``-v``
every difference is printed with its sample. Needs torch and expecttest.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch

import reference_impl

from .autocasts import check_autocast
from .checks import TorchRefuses, check_forward, check_gradients, check_inplace, check_out
from .exchange import Wrong, described, inputs_of, named, with_own_leaves
from .graphs import check_graph, check_second
from .misuse import check_misuse, fatal, misuses
from .refusals import cast, check_error, check_foreign_dtype
from .transforms import check_hessian, check_vmap

MOST_SAMPLES = 40
DIFFERENTIABLE = (torch.float64, torch.complex128, torch.float32)
DTYPES = (
    *DIFFERENTIABLE,
    *(torch.complex64, torch.float16, torch.bfloat16),
    *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool),
)


@dataclass
class Tally:
    """What became of the samples of one operator."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    unsupported: set[str] = field(default_factory=set)

    def line(self) -> str:
        if self.wrong:
            return "WRONG"
        if self.counts["missing"]:
            return "missing"
        if not self.unsupported:
            return "ok"
        return "partly unsupported" if self.counts["ok"] else "unsupported"

    def note(self, check: Callable[[], None], where: str) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                check()
            self.counts["ok"] += 1
        except reference_impl.Unsupported as error:
            self.unsupported.add(str(error))
        except TorchRefuses:
            pass
        except Wrong as error:
            self.wrong.append(f"{where}: {error}")
        except Exception as error:
            self.wrong.append(f"{where}: {type(error).__name__}: {error}")


def operators() -> dict[str, list[Any]]:
    """OpInfo's entries by public name."""
    module = importlib.import_module("torch.testing._internal.common_methods_invocations")
    found: dict[str, list[Any]] = {}
    for op in module.op_db:
        found.setdefault(op.name, []).append(op)
    return found


def is_named(name: str, module: Any) -> bool:
    try:
        named(name, module)
    except AttributeError:
        return False
    return True


def few(samples: Any, most: int) -> Iterator[Any]:
    return itertools.islice(samples, most)


def values(op: Any, tally: Tally, layouts: bool = False) -> None:
    for dtype in DIFFERENTIABLE:
        if dtype not in op.supported_dtypes("cpu") or (layouts and dtype is not torch.float64):
            continue
        grad = dtype in op.supported_backward_dtypes("cpu")
        fine = dtype is not torch.float32
        for sample in map(with_own_leaves, few(op.sample_inputs("cpu", dtype, requires_grad=grad), MOST_SAMPLES)):
            try:
                sample = sample.noncontiguous() if layouts else sample
            except Exception:  # torch cannot lay this sample out so
                continue
            where = f"{described(sample)}" + (" with gaps" if layouts else "")
            second, forward_mode = op.supports_gradgrad and fine, op.supports_forward_ad and fine
            tally.note(partial(check_gradients, op, sample, second, forward_mode), where)
            if not layouts:
                tally.note(partial(check_inplace, op, sample), where)
                tally.note(partial(check_out, op, sample), where)


def dtypes(op: Any, tally: Tally) -> None:
    supported = op.supported_dtypes("cpu")
    model = next((d for d in (torch.float32, *DTYPES) if d in supported), None)
    for dtype in DTYPES:
        if dtype in supported:
            for sample in few(op.sample_inputs("cpu", dtype, requires_grad=False), MOST_SAMPLES // 4):
                tally.note(partial(check_forward, op, sample), described(sample))
        elif model is not None:
            for sample in few(op.sample_inputs("cpu", model, requires_grad=False), 2):
                foreign = cast(sample, dtype)
                tally.note(partial(check_foreign_dtype, op, foreign), described(foreign))


def errors(op: Any, tally: Tally) -> None:
    if op.error_inputs_func is not None:
        for wrong in op.error_inputs("cpu"):
            tally.note(partial(check_error, op, wrong), described(wrong.sample_input))


def misuse(op: Any, tally: Tally) -> None:
    supported = op.supported_dtypes("cpu")
    model = next((d for d in (torch.float32, *DTYPES) if d in supported), None)
    for sample in few(op.sample_inputs("cpu", model, requires_grad=False), 3) if model is not None else ():
        for changed in itertools.filterfalse(partial(fatal, op), misuses(sample)):
            tally.note(partial(check_misuse, op, changed), described(changed))


def graph(op: Any, tally: Tally, saved: bool = False) -> None:
    for dtype in (torch.float64, torch.complex128):
        if dtype in op.supported_backward_dtypes("cpu"):
            for sample in map(with_own_leaves, few(op.sample_inputs("cpu", dtype, requires_grad=True), MOST_SAMPLES)):
                tally.note(partial(check_graph, op, sample, saved), described(sample))


def autocast(op: Any, tally: Tally) -> None:
    lower = (torch.bfloat16, torch.float16)
    for dtype in (torch.float32, *lower):
        if dtype in op.supported_dtypes("cpu"):
            grad = dtype in op.supported_backward_dtypes("cpu")
            for sample in few(op.sample_inputs("cpu", dtype, requires_grad=grad), MOST_SAMPLES // 8):
                for to in lower:
                    tally.note(partial(check_autocast, op, sample, to), f"{described(sample)} to {to}")


def second(op: Any, tally: Tally) -> None:
    for dtype in (torch.float64, torch.complex128):
        if dtype in op.supported_backward_dtypes("cpu") and op.supports_gradgrad:
            for sample in map(
                with_own_leaves, few(op.sample_inputs("cpu", dtype, requires_grad=True), MOST_SAMPLES // 4)
            ):
                tally.note(partial(check_second, op, sample), described(sample))


def vmap(op: Any, tally: Tally) -> None:
    if torch.float64 not in op.supported_dtypes("cpu"):
        return
    differentiable = torch.float64 in op.supported_backward_dtypes("cpu")
    ways = ("all", "first") if op.inplace_variant is None else ("all", "first", "in place")
    for sample in few(op.sample_inputs("cpu", torch.float64, requires_grad=False), MOST_SAMPLES // 4):
        if any(t.layout is not torch.strided for t in inputs_of(sample)):
            continue
        for which in ways:
            for differentiated in (False, True)[: 1 + differentiable]:
                where = f"{described(sample)}{' (gradient)' if differentiated else ''}"
                tally.note(partial(check_vmap, op, sample, which, differentiated), where)


def hessian(op: Any, tally: Tally) -> None:
    if not op.supports_gradgrad or torch.float64 not in op.supported_backward_dtypes("cpu"):
        return
    for sample in few(op.sample_inputs("cpu", torch.float64, requires_grad=False), MOST_SAMPLES // 4):
        if isinstance(sample.input, torch.Tensor) and sample.input.numel() <= 32:
            tally.note(partial(check_hessian, op, sample), described(sample))


CHECKS: dict[str, Callable[[Any, Tally], None]] = {
    "values": values,
    "layouts": partial(values, layouts=True),
    "dtypes": dtypes,
    "errors": errors,
    "misuse": misuse,
    "graph": graph,
    "saved": partial(graph, saved=True),
    "second": second,
    "autocast": autocast,
    "vmap": vmap,
    "hessian": hessian,
}


def check_operator(name: str, entries: list[Any], only: list[str]) -> Tally:
    tally = Tally()
    if not any(is_named(which, reference_impl) for which in (name, f"{name}_")):  # cauchy is there in place only
        tally.counts["missing"] += 1
        return tally
    for op in entries:
        for check in only:
            CHECKS[check](op, tally)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", nargs="+", choices=list(CHECKS), default=list(CHECKS))
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    known = operators()
    totals: Counter[str] = Counter()
    for name in known if options.all else options.names:
        if name not in known:
            print(f"OpInfo has no operator {name!r}", file=sys.stderr)
            continue
        tally = check_operator(name, known[name], options.only)
        totals[tally.line()] += 1
        print(f"{tally.line():20} {name} ({tally.counts['ok']} ok, {len(tally.wrong)} wrong)", flush=True)
        for text in [*sorted(tally.unsupported), *tally.wrong[: None if options.verbose else 3]]:
            print("    ", text)
    print(", ".join(f"{count} {line}" for line, count in totals.items()))


if __name__ == "__main__":
    main()
