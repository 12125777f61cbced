"""What is written down holds nothing of the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.portable import portable
from conformance.results import ResultsWriter
from conformance.tests.support import judged_on, lane, program


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('File "/home/me/venv/lib/site-packages/click/core.py", line 7', 'File ".../core.py", line 7'),
        ("\n/opt/build.2026/Python/./Include/x.h:73:call", "\n.../x.h:73:call"),
        ("(at /pytorch/torch/a.cpp:12.)", "(at .../a.cpp:12.)"),
        ("see https://pytorch.org/docs/stable/x.html", "see https://pytorch.org/docs/stable/x.html"),
        ("No such file: '/tmp/tmpe90mht03'", "No such file: '.../tmp...'"),
        ("<Add object at 0x7fc66c6e7a00>", "<Add object at 0x...>"),
        ("cases/hooks/order.yaml, x / y / z, and/or, N/A", "cases/hooks/order.yaml, x / y / z, and/or, N/A"),
    ],
)
def test_folders_and_addresses_are_left_out(text: str, written: str) -> None:
    assert portable({"a": [text, 1.5, None], "b": (text,)}) == {"a": [written, 1.5, None], "b": [written]}


ANOMALY = """
- with: autograd.detect_anomaly()
  do:
  - backward: sum(sqrt(x * 0) * 0)
    raises: {RuntimeError: returned nan values}
    warns: {UserWarning: Traceback of forward call}
"""
"""In this mode the texts of warnings quote the traceback of the forward call: the paths of the case and of the harness."""


def test_results_hold_no_folder(tmp_path: Path) -> None:
    here = str(Path(__file__).parents[2])
    _, verdict = judged_on(program(ANOMALY), "reference")
    assert here in str(verdict.seen)
    with ResultsWriter(tmp_path / "results.jsonl", [lane("reference").present]) as writer:
        writer.verdict(verdict)
    text = (tmp_path / "results.jsonl").read_text(encoding="utf-8")
    assert "Traceback of forward call" in text
    assert here not in text
