"""Expressions: what they become, where they stand, and that the vocabulary is closed."""

from __future__ import annotations

import ast
import importlib
import linecache
import traceback
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from conformance.language.expression import Scope, resolve
from conformance.language.problem import MalformedCase
from conformance.language.source import Mark
from conformance.language.vocabulary import vocabulary
from conformance.play import Recorder
from conformance.program.compile import compile_all
from conformance.tests.support import case, cases_of, file_of, judged_on, lane, program, write
from conformance.transcript import Transcript

AT = Mark(line=7, column=5, offset=4, plain=True, length=40)


def python(text: str, *variables: str) -> str:
    return ast.unparse(resolve(text, AT, Scope(Path("made_up.yaml"), {"x", "y", *variables})))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(x)", "torch.sum(x)"),
        ("torch.sum(x)", "torch.sum(x)"),
        ("F.relu(x)", "torch.nn.functional.relu(x)"),
        ("linalg.solve(x, y)", "torch.linalg.solve(x, y)"),
        ("jacobian(f, x)", "torch.autograd.functional.jacobian(f, x)"),
        ("x.view(2, -1)[..., 1:None:2]", "x.view(2, -1)[..., 1:None:2]"),
        ("x.add_(1, alpha=2)", "x.add_(1, alpha=2)"),
        ("not x is y and -x @ y ** 2 // 3 % 4 <= 1", "not x is y and -x @ y ** 2 // 3 % 4 <= 1"),
        ("(x,)", "(x,)"),
        ("[x, 'a', 1.5, 2j, None, True]", "[x, 'a', 1.5, 2j, None, True]"),
        ("zip(*x)", "zip(*x)"),
        ("range(3)", "range(3)"),
    ],
)
def test_a_name_is_a_variable_or_a_word_of_the_vocabulary(text: str, expected: str) -> None:
    assert python(text, "f") == expected


def test_a_variable_hides_a_word_of_the_vocabulary() -> None:
    assert python("sum + sum.grad", "sum") == "sum + sum.grad"
    assert python("sum(x)") == "torch.sum(x)"


def test_every_node_stands_in_the_line_at_its_own_column() -> None:
    text = "sum(x * y, 1)"
    tree = resolve(text, AT, Scope(Path("made_up.yaml"), {"x", "y"}))
    product = next(node for node in ast.walk(tree) if isinstance(node, ast.BinOp))
    assert (product.lineno, product.col_offset, product.end_col_offset) == (7, 4 + text.index("x"), 4 + text.index(","))
    quoted = resolve(text, AT._replace(plain=False), Scope(Path("made_up.yaml"), {"x", "y"}))
    assert all(node.col_offset == 4 for node in ast.walk(quoted) if isinstance(node, ast.expr))


FAILING = """
- let:
    y: x * 2
- expect: {y: [2., 4., 6.]}
- run: x + y.detach().view(5) + sum(x)
"""


def _error_of(path: Path, text: str) -> BaseException:
    (made,) = compile_all(cases_of(text, path))
    recorder = Recorder(made, lane("reference"), Transcript("reference"))
    with pytest.raises(Exception) as caught:  # noqa: PT011
        exec(made.code, recorder.namespace())
    return caught.value


def test_a_traceback_shows_the_line_of_the_yaml_and_the_caret_in_it(tmp_path: Path) -> None:
    text = file_of(case(FAILING))
    path = write(tmp_path, text)
    error = _error_of(path, text)
    frames = [
        frame for frame in traceback.TracebackException.from_exception(error).stack if frame.filename == str(path)
    ]
    line = text.splitlines()[frames[-1].lineno - 1]  # type: ignore[operator]
    assert "view(5)" in line
    assert linecache.getline(str(path), frames[-1].lineno or 0).rstrip() == line
    assert line[frames[-1].colno : frames[-1].end_colno] == "y.detach().view(5)"
    shown = "".join(traceback.format_exception(error)).splitlines()
    at = shown.index(f"    {line.strip()}")
    assert shown[at - 1] == f'  File "{path}", line {frames[-1].lineno}, in <module>'
    assert shown[at][shown[at + 1].index("^") : shown[at + 1].rindex("^") + 1] == "y.detach().view(5)"


def test_the_caret_holds_after_characters_of_several_bytes(tmp_path: Path) -> None:
    text = file_of(case("- expect: {x: [1., 2., 3.], 'é': é}\n- run: len('日本') + x.view(7)").replace(", 'é': é", ""))
    error = _error_of(write(tmp_path, text), text)
    (frame,) = [
        f for f in traceback.TracebackException.from_exception(error).stack if f.filename.endswith("topic.yaml")
    ]
    line = text.splitlines()[(frame.lineno or 0) - 1]
    assert line.encode()[frame.colno or 0 : frame.end_colno].decode() == "x.view(7)"


def test_an_errored_case_tells_the_line() -> None:
    made = program(FAILING)
    transcript, verdict = judged_on(made, "reference")
    assert transcript.crashed
    assert transcript.crashed.line == made.case.steps[-1].mark.line
    assert verdict.detail.startswith(f"line {transcript.crashed.line}: RuntimeError: ")


def test_an_error_inside_a_definition_tells_the_line_there() -> None:
    made = program("- run: f(x)\n- observe: [x]", define="f:\n  takes: [a]\n  steps:\n  - run: a.view(5)\n  returns: a")
    transcript, _ = judged_on(made, "reference")
    assert transcript.crashed
    assert made.case.yaml.splitlines()[transcript.crashed.line - made.case.mark.line].strip() == "- run: a.view(5)"


# -- the vocabulary is closed

WORDS = vocabulary()
NEVER = """
    __import__ breakpoint compile delattr eval exec exit getattr globals help input locals memoryview object open print property
    quit setattr super vars os sys io subprocess pickle builtins importlib torch load save jit hub ops classes library compile
    export package from_file utils serialization onnx multiprocessing distributed storage UntypedStorage frombuffer from_dlpack
    numpy numpy.load numpy.save numpy.fromfile numpy.memmap numpy.lib numpy.ctypeslib F nn functional
"""


@pytest.mark.parametrize("name", NEVER.split())
def test_nothing_reaches_files_network_or_code(name: str) -> None:
    with pytest.raises(MalformedCase):
        python(name)
    assert name not in WORDS.names


@pytest.mark.parametrize(
    "name", ["tofile", "dump", "dumps", "format", "format_map", "from_file", "export_chrome_trace", "ctypes"]
)
def test_no_attribute_reaches_them_either(name: str) -> None:
    assert name not in WORDS.attributes
    assert WORDS.refuses(name)


@pytest.mark.parametrize("step", ["set: {file._path: \"'elsewhere'\"}", "run: file._path", "run: TemporaryFile._made"])
def test_a_temporary_file_cannot_be_aimed_elsewhere(step: str) -> None:
    with pytest.raises(MalformedCase):
        program(f"- let: {{file: TemporaryFile()}}\n- {step}\n- observe: [x]")


def resolved(path: str, torch: Any) -> Any:
    node: Any = torch
    for part in path.split(".")[1:]:
        node = getattr(node, part)
    return node


def _words_of_torch() -> dict[str, Any]:
    torch = pytest.importorskip("torch")
    importlib.import_module("torch.masked")
    return {name: resolved(path, torch) for name, path in WORDS.names.items() if path.startswith("torch.")}


def test_every_word_is_there_in_torch_and_is_no_module() -> None:
    assert [name for name, value in _words_of_torch().items() if isinstance(value, ModuleType)] == []


def _reachable_classes() -> list[type]:
    torch = pytest.importorskip("torch")
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    objects = [x, y.grad_fn, y.grad_fn.next_functions[0][0], x.register_hook(print), torch.no_grad(), torch.Generator()]
    objects += [
        x.untyped_storage(),
        torch.float32,
        x.device,
        x.layout,
        x.shape,
        torch.finfo(torch.float32),
        torch.nn.Linear(1, 1),
    ]
    objects += [torch.amp.autocast("cpu"), torch.autograd.profiler.profile(), x.max(0), torch.linalg.svd(torch.eye(2))]
    found = [type(thing) for thing in objects]
    return [*found, *(value for value in _words_of_torch().values() if isinstance(value, type))]


def test_what_torch_objects_have_is_either_in_the_vocabulary_or_refused() -> None:
    """So a case cannot make such a name its own with set: and thereby use it on another object."""
    known = WORDS.attributes
    open_names = {
        f"{kind.__name__}.{name}"
        for kind in _reachable_classes()
        for name in dir(kind)
        if not name.startswith("_") and name not in known and not WORDS.refuses(name)
    }
    assert open_names == set()


def test_no_allowed_attribute_of_a_reachable_object_is_a_module() -> None:
    open_names = {
        f"{kind.__name__}.{name}"
        for kind in [*_reachable_classes(), FunctionType]
        for name in dir(kind)
        if isinstance(getattr(kind, name, None), ModuleType) and not name.startswith("__")
    }
    assert {name for name in open_names if not WORDS.refuses(name.split(".")[1])} == set()
