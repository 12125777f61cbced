"""The standalone scripts: every case of the suite runs as one, on torch, without this package."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.language.data import GENERATORS
from conformance.play import why_not
from conformance.program.compile import Program
from conformance.program.names import RESERVED
from conformance.program.script import script
from conformance.run import load
from conformance.tests.support import case, cases_of, file_of, judged_on, lane, program, run_script, script_notices

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def programs() -> list[Program]:
    """The cases of the suite that apply to torch on the CPU."""
    return [made for made in load().programs if why_not(made, lane("torch-cpu")) is None]


def test_every_case_of_the_suite_runs_as_its_script(programs: list[Program]) -> None:
    assert programs
    failures = []
    for made in programs:
        if "fresh_process" in made.case.needs:
            continue
        try:
            run_script(made.case)
        except Exception as error:
            failures.append(f"{made.case.id}: {type(error).__name__}: {error}")
    assert failures == []


SEVERAL = "import runpy, sys\nfor path in sys.argv[1:]:\n    runpy.run_path(path, run_name='__main__')\n"


def test_drawn_cases_run_as_real_scripts(programs: list[Program], tmp_path: Path) -> None:
    draw = random.Random(len(programs))
    chosen = draw.sample([made for made in programs if "fresh_process" not in made.case.needs], min(20, len(programs)))
    paths = []
    for number, made in enumerate(chosen):
        path = tmp_path / f"case{number}.py"
        path.write_text(script(made.case), encoding="utf-8")
        paths.append(str(path))
    for command in ([paths[0]], [paths[1]], [paths[2]], ["-c", SEVERAL, *paths[3:]]):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={"OMP_NUM_THREADS": "1"},
        )
        assert done.returncode == 0, done.stderr


def test_a_script_is_plain_torch(programs: list[Program]) -> None:
    for made in programs[:50]:
        text = script(made.case)
        assert "conformance" not in text.split('"""', 2)[2], made.case.id
        assert text.startswith(f'"""{made.case.id}\n\n{made.case.says}\nSource: {made.case.source}\n"""\n')
        assert "import torch" in text


def test_a_script_fails_with_what_was_expected_and_got() -> None:
    (made,) = cases_of(file_of(case("- backward: sum(x * x)\n- expect: {x.grad: [2., 4., 7.]}")))
    with pytest.raises(AssertionError, match=r"Mismatched elements: 1 / 3"):
        run_script(made)


INPUTS = [
    ("x: {leaf: {randn: [20, 20]}}", "x.shape: [20, 20]", "x.is_leaf: true"),
    ("x: {leaf: {complex_randn: [20, 20]}, dtype: complex128}", "x.dtype: torch.complex128", "x.requires_grad: true"),
    ("x: {const: [[1, 2], [3, 4]], layout: transposed}", "x: {strides: [1, 2]}", "x.t(): [[1, 3], [2, 4]]"),
    ("x: {leaf: {ramp: [2, 3, 2, 2]}, layout: channels_last}", "x: {strides: [12, 1, 6, 3]}", "x.is_leaf: true"),
    ("x: {leaf: [1., 2., 3.], layout: sliced}", "x: {strides: [2]}", "x * 1: [1., 2., 3.]"),
    ("x: {leaf: [nan, inf, -inf]}", "x: [nan, inf, -inf]", "x.dtype: torch.float32"),
    ("x: {const: ['1+2j', 3]}", "x: ['1+2j', 3]", "x.dtype: torch.complex64"),
    ("x: {const: 1.5, dtype: bfloat16}", "x: 1.5", "x.dtype: torch.bfloat16"),
    ("x: {const: [], dtype: float64}", "x: []", "x.dtype: torch.float64"),
    ("x: {const: [true, false]}", "x: [true, false]", "x.dtype: torch.bool"),
    ("x: 3", "x: 3", "x + 1: 4"),
    ("x: '1+2j'", "x: '1+2j'", "x.imag: 2."),
    ("x: null", "x: null", "x is None: true"),
]


@pytest.mark.parametrize(("given", "first", "second"), INPUTS)
def test_inputs_are_the_same_in_a_script_as_on_an_engine(given: str, first: str, second: str) -> None:
    made = program(f"- expect:\n    {first}\n    {second}", given)
    _, verdict = judged_on(made)
    assert verdict.findings == []
    run_script(made.case)


def test_a_large_input_has_the_values_that_the_engines_get() -> None:
    for generator in GENERATORS:
        made = program("- observe: [x]", f"x: {{const: {{{generator}: [17, 17]}}}}")
        transcript, _ = judged_on(made)
        values = transcript.probes[0][0].values  # type: ignore[union-attr]
        total = f"'{values.sum():.6f}'" if values.dtype.kind == "c" else f"{values.sum():.6f}"
        literal = program(
            f"- expect: {{x.sum(): {{within: [{total}, 0.01]}}}}", f"x: {{const: {{{generator}: [17, 17]}}}}"
        )
        run_script(literal.case)


def test_helpers_of_scripts_are_reserved_names() -> None:
    """Whatever name a script's own head binds or uses cannot be a case's."""
    import ast
    import builtins

    from conformance.language.vocabulary import vocabulary
    from conformance.program.helpers import PRELUDE

    tree = ast.parse(PRELUDE.read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and hasattr(builtins, node.id)}
    imported = {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names
    }
    assert (defined | used | imported) - RESERVED - vocabulary().helpers.keys() == set()


@pytest.mark.parametrize("name", ["seen", "log", "kind", "want", "got", "input", "max", "_unused"[1:]])
def test_ordinary_names_are_free(name: str) -> None:
    made = program(
        f"- let: {{{name}: x * 2}}\n- expect: {{{name}: [2., 4., 6.], 'x.max(0)': {{tuple: [3., 2]}}, calls: []}}"
    )
    assert judged_on(made)[1].findings == []
    assert not script_notices(made.case)
