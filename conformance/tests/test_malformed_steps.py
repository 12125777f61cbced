"""Wrong steps: one clear message with the place in the file; nothing of them is carried out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.tests.refusing import SUM, assert_refused, check
from conformance.tests.support import case, file_of, write

STEPS: dict[str, tuple[str, str]] = {
    # the steps of a case (its first step is line 10 of the file), and what the message must say
    "unknown verb": ("- bakward: sum(x)", "unknown verb 'bakward'; did you mean 'backward'?"),
    "unknown name": (
        "- backward: summ(x)",
        "'summ' is neither a variable of this case nor in the vocabulary; did you mean 'sum'?",
    ),
    "unknown name in a module": ("- run: F.rellu(x)", "'F.rellu' is not in the vocabulary; did you mean 'F.relu'?"),
    "unknown attribute": (
        "- run: x.bakward()",
        "the attribute 'bakward' is not in the vocabulary; did you mean 'backward'?",
    ),
    "duplicate key": (
        "- backward: sum(x)\n  backward: sum(x)",
        "the key 'backward' stands twice; the first is in line 9",
    ),
    "split by a comma": ("- let: {y: where(x > 0, x, 0)}", "the comma split the expression: quote it"),
    "key without a value": ("- let:\n    y:", "has no value; write null if that is meant"),
    "item without a value": ("- observe:\n  -", "an item without a value"),
    "two verbs": ("- backward: sum(x)\n  run: x + 1", "a step has exactly one verb; this one has backward, run"),
    "no verb": ("- raises: {RuntimeError: no}", "a step has exactly one verb; this one has none"),
    "do beside a verb that has none": ("- run: x + 1\n  do:\n  - run: x", "do: cannot stand beside run:"),
    "else beside a verb that has none": (
        "- with: no_grad()\n  do: [{run: x}]\n  else: [{run: x}]",
        "else: cannot stand beside with:",
    ),
    "with without do": ("- with: no_grad()", "with: needs do: with the steps it governs"),
    "unknown key of a verb": (
        "- backward: {of: sum(x), retain: true}",
        "unknown key 'retain'; did you mean 'retain_graph'?",
    ),
    "unknown matcher": ("- expect: {x.grad: {dtyp: float64}}", "unknown key 'dtyp'; did you mean 'dtype'?"),
    "two matchers": ("- expect: {x: {dtype: float32, shape: [3]}}", "more than 1"),
    "unknown dtype of a matcher": ("- expect: {x.grad: {dtype: float31}}", "float31"),
    "unknown need of raises": ("- run: x\n  raises: {RuntimeError: a, ValueError: b}", "more than 1"),
    "calls of what is not defined": ("- expect: {calls: [f]}", "the case defines no 'f' to be called"),
    "calls with a number under each": ("- expect: {calls: [{f: {each: 1}}]}", 'is not of type "array"'),
    "raises nothing": ("- run: x\n  raises: {}", "less than 1"),
    "import": ('- run: __import__("os")', "names with two leading underscores are not accepted"),
    "torch.load": ("- run: 'torch.load(\"x\")'", "'load' is not in the vocabulary"),
    "torch.hub": ("- run: torch.hub.load('x')", "'hub' is not in the vocabulary"),
    "the module itself": ("- run: repr(torch)", "'torch' is not in the vocabulary"),
    "getattr": ("- run: getattr(x, 'grad')", "'getattr' is neither a variable of this case nor in the vocabulary"),
    "eval": ("- run: eval('1')", "'eval' is neither a variable"),
    "open": ("- run: open('x')", "'open' is neither a variable"),
    "dunder attribute": ("- run: x.__class__", "'__class__': names with two leading underscores are not accepted"),
    "dunder attribute of a call": (
        "- run: x.detach().__class__",
        "names with two leading underscores are not accepted",
    ),
    "dunder keyword": ("- run: dict(__class__=x)", "names with two leading underscores are not accepted"),
    "dunder in full-width letters": ("- run: x.__ｃlass__", "names with two leading underscores are not accepted"),
    "function internals": ("- run: sum.f_globals", "the attribute 'f_globals' is not in the vocabulary"),
    "string format": ("- run: \"'{0.__class__}'.format(x)\"", "the attribute 'format' is not in the vocabulary"),
    "own attribute that reaches a file": (
        "- set:\n    x.tofile: 1",
        "the attribute 'tofile' is not in the vocabulary, and may not be added",
    ),
    "own attribute that formats": (
        "- set:\n    x.format: 1",
        "the attribute 'format' is not in the vocabulary, and may not be added",
    ),
    "own attribute in a definition's step": (
        "- set:\n    x.from_file: 1",
        "the attribute 'from_file' is not in the vocabulary, and may not",
    ),
    "own attribute of a frame": (
        "- set:\n    x.gi_frame: 1",
        "the attribute 'gi_frame' is not in the vocabulary, and may not be added",
    ),
    "own attribute that is a module": (
        "- set:\n    x.os: 1",
        "the attribute 'os' is not in the vocabulary, and may not be added",
    ),
    "own dunder": ("- set:\n    x.__class__: 1", "names with two leading underscores are not accepted"),
    "augmented dunder": (
        '- augment:\n    x.__dict__: {"+=": 1}',
        "names with two leading underscores are not accepted",
    ),
    "deleted dunder": ("- del: [x.__class__]", "names with two leading underscores are not accepted"),
    "lambda": ('- run: "(lambda: 1)()"', "a lambda is not part of the language; write a function under define:"),
    "comprehension": ('- run: "[y for y in x]"', "a comprehension is not part of the language"),
    "generator expression": ('- run: "list(y for y in x)"', "a comprehension is not part of the language"),
    "walrus": ('- run: "(y := x)"', "bind the name with let:"),
    "f-string": ("- run: \"f'{x}'\"", "an f-string is not part of the language"),
    "conditional": ('- run: "1 if x else 2"', "a conditional is not part of the language"),
    "dict display": ("- run: \"{'a': 1}\"", "use dict(key=value)"),
    "bytes": ("- run: \"b'a'\"", "bytes are not part of the language"),
    "await": ("- run: await x", "await is not part of the language"),
    "two statements": ('- run: "x; x"', "is not an expression"),
    "assignment": ("- run: y = x", "is not an expression"),
    "open bracket": ("- run: sum(x", "is not an expression: '(' was never closed"),
    "empty expression": ("- run: ''", "shorter than 1"),
    "null byte": ('- run: "x\\0"', "a null character is not accepted"),
    "is with a number": ("- run: x.grad is 1", 'Did you mean "=="?'),
    "nested parentheses": (f'- run: "{"(" * 300}x{")" * 300}"', "is not an expression"),
    "nested signs": (f'- run: "{"-" * 5000}1"', "is not an expression"),
    "long sum": (f"- run: {' + '.join(['x'] * 3000)}", "nested"),
    "tag": ("- run: !!python/object/apply:os.system [ls]", "is not accepted; a case holds plain data only"),
    "anchor": ("- run: &a x", "anchors and aliases are not accepted"),
    "alias": ("- run: *a", "anchors and aliases are not accepted"),
    "merge key": ("- {<<: {run: x}}", "unknown verb '<<'"),
    "key that is a list": ("- {[a]: x}", "a key must be a string"),
    "ragged tensor": ("- let: {y: [[1., 2.], [3.]]}", "the literal is ragged"),
    "ragged expectation": ("- expect: {x.grad: [[1., 2.], [3.]]}", "the literal is ragged"),
    "truth values among numbers": ("- expect: {x.grad: [1., true]}", "truth values and numbers are mixed"),
    "a tensor of strings": ("- let: {y: [a, b]}", "only numbers may stand in a list"),
    "deep tensor": (f"- let: {{y: {'[' * 70}1.{']' * 70}}}", "nested too deeply"),
    "deep YAML": (f"- let: {{y: {'[' * 200}1.{']' * 200}}}", "nested deeper than 100 levels"),
    "long number": (f"- let: {{y: {'9' * 5000}}}", "a number of 5000 digits is too long"),
    "number beyond 64 bits": ("- expect: {x.grad: 99999999999999999999999999}", "is not data of one kind"),
    "regular expression": ('- run: x\n  raises: {RuntimeError: {matches: "("}}', "is no regular expression"),
    "regular expression of a warning": ('- run: x\n  warns: {UserWarning: {matches: "["}}', "is no regular expression"),
    "regular expression in a drift": (
        '- run: x\n  raises:\n    drift: {documented: null, torch: {RuntimeError: {matches: "*"}}}',
        "is no regular expression",
    ),
    "regular expression of a matcher": (
        '- expect: {x.grad: {raises: {RuntimeError: {matches: "("}}}}',
        "is no regular expression",
    ),
    "repeat a half": ("- repeat: 2.5\n  do: [{run: x}]", "2.5"),
    "repeat 2.0": ("- repeat: 2.0\n  do: [{run: x}]", "needs a whole number"),
    "repeat backwards": ("- repeat: -1\n  do: [{run: x}]", "minimum"),
    "assign to a name": ("- set: {y: 1}", "is neither a variable of this case nor in the vocabulary"),
    "assign to a call": ("- set: {x.sum(): 1}", "is neither an attribute nor an item"),
    "delete a call": ("- del: [x.sum()]", "is neither a variable nor an attribute nor an item"),
    "a name that is no identifier": ("- let: {2y: x}", "2y"),
    "a name with an underscore before it": ("- let: {_y: x}", "_y"),
    "a keyword as a name": ("- let: {lambda: x}", "'lambda' is a word of Python's; take another name"),
    "None as a name": ("- let: {None: x}", "'None' is a word of Python's"),
    "torch as a name": ("- let: {torch: x}", "'torch' has a meaning of its own"),
    "calls as a name": ("- let: {calls: x}", "'calls' has a meaning of its own"),
    "a helper's name": ("- with: {expect: no_grad()}\n  do: [{run: x}]", "'expect' has a meaning of its own"),
    "a loop's name": ("- repeat: {over: range(2), as: class}\n  do: [{run: x}]", "'class' is a word of Python's"),
    "matcher inside a tuple": (
        "- expect: {x: {tuple: [{same_object_as: x}]}}",
        "same_object_as: cannot stand inside tuple:",
    ),
    "gradcheck without a point": ("- gradcheck: {of: sin, at: []}", "less than 1"),
    "steps that are no mapping": ("- 3", 'is not of type "object"'),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_wrong_step_is_refused_where_it_stands(name: str, tmp_path: Path) -> None:
    steps, fragment = STEPS[name]
    text = file_of(case(f"{steps}\n{SUM}" if steps.startswith("-") else steps))
    path = write(tmp_path, text)
    first = text.splitlines().index("  steps:") + 2
    result = check(path)
    assert_refused(result, path, fragment)
    found = re.search(r"yaml:(\d+):\d+: ", result.stderr)
    assert found
    assert first - 1 <= int(found[1]) <= first + steps.count("\n")
    assert not (tmp_path / "x").exists()
