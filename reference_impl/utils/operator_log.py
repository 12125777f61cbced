"""debug=True of a checkpoint: the operators of forward and of recomputation, with their stacks, in the error."""

from __future__ import annotations

import traceback
from typing import Any

from ..graph.anomaly import OURS
from ..graph.watching import Watching, described, kind_of
from ..tensor import Tensor
from ..trees import leaves
from .recomputation import CheckpointError

RULE = "-" * 78
WAVE = "~" * 78


class Log:
    """The operators that ran, as torch writes them: $1: f32[2] = torch._ops.aten.exp.default($0)."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.lines: list[str] = []
        self.stacks: list[list[str]] = []
        self.names: dict[int, int] = {}
        self.kept: list[Any] = []  # so that no id is used twice

    def note(self, op: Any, args: tuple, result: Any) -> None:
        given = ", ".join(described(a, self.names) for a in args)
        outputs = [t for t in leaves(result) if isinstance(t, Tensor)]
        left = ", ".join(f"{described(t, self.names)}: {kind_of(t)}" for t in outputs)
        self.lines.append(f"{left} = torch._ops.{op}({given})")
        self.stacks.append(
            [
                f"{f.filename}:{f.lineno}:{f.name}\n"
                for f in reversed(traceback.extract_stack())
                if not f.filename.startswith(OURS)
            ]
        )
        self.kept += [*leaves(args), *outputs]

    def with_stacks(self) -> str:
        count = len(self.lines)
        return "".join(
            f"{line}   ({i + 1} of {count} in {self.label})\n\n{''.join(stack)}\n\n"
            for i, (line, stack) in enumerate(zip(self.lines, self.stacks, strict=True))
        )


def headed(title: str) -> str:
    return f"+{WAVE}+\n|{title:<78}|\n+{RULE}+\n"


def logs() -> tuple[Any, Any]:
    """A context_fn, and a function that turns a CheckpointError into one with both logs."""
    forward, again = Log("original"), Log("recompute")

    def explained(_: CheckpointError) -> CheckpointError:
        text = (
            " \nAn error happened while unpacking tensors; dumping logs of latest computation\nbecause you passed "
            "`debug=True` to `torch.utils.checkpoint.checkpoint()`.\nScroll all the way down for guidance on how to navigate "
            "these logs.\n\n"
            + headed("        1. Stack traces of the operators that ran in the original forward")
            + f"\n{forward.with_stacks()}\n"
            + headed("        2. Stack traces of the operators that ran during recomputation")
            + f"\n{again.with_stacks()}\n"
            + headed("       3. Log of operators in the original forward and recomputation")
            + "(Scroll up to correlate stack traces with each operation listed below. This\n helps identify their source in "
            "the code.)\n\nOperations executed during the original forward:\n\n"
            + "\n".join(forward.lines)
            + "\n\nOperations executed during recomputation:\n\n"
            + "\n".join(again.lines)
            + f"\n\n+{RULE}+\n ERROR: Detected non-determinism while running activation checkpointing\n\n You are seeing this "
            "error because you passed `debug=True` to checkpoint and\n tensors to be saved during the original forward and "
            "differ between those saved\n during recomputation. This can happen if different operators were ran in the\n "
            "original forward and in the recomputation.\n"
        )
        return CheckpointError(text)

    return lambda: (Watching(forward.note), Watching(again.note)), explained
