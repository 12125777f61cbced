"""What the tests of wrong input share."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner, Result

from conformance.cli import main

SUM = "- backward: sum(x)\n- expect: {x.grad: [1., 1., 1.]}"


def check(path: Path | str) -> Result:
    return CliRunner().invoke(main, ["check", str(path)])


def assert_refused(result: Result, path: Path, fragment: str, line: int | None = None) -> None:
    """Exit code 2; one line with the place and the fragment; the number of problems; nothing on stdout, no traceback."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    first, *rest = result.stderr.splitlines()
    assert rest == ["1 problem"], result.stderr
    assert fragment in first
    assert len(first) < 600, first
    place = re.escape(str(path)) + (r":(\d+):(\d+): " if line else r"(:\d+:\d+)?: ")
    found = re.match(place, first)
    assert found, first
    if line:
        assert int(found[1]) == line, first
