"""Verbs that differentiate, and the one that checks a derivative numerically."""

from __future__ import annotations

import ast

from conformance.language.model import Placed, Step
from conformance.language.source import Map, Seq
from conformance.program.emission import Emission
from conformance.program.quote import quote_expression, stand
from conformance.program.verb import EXPRESSION, VALUE, Verb, options

_FLAG = {"type": ["boolean", "null"]}
_ROOTS = {"if": {"type": "array"}, "then": {"type": "array", "items": EXPRESSION}, "else": EXPRESSION}


def _keywords(call: ast.expr, arguments: Map, names: tuple[str, ...], to: Emission) -> None:
    assert isinstance(call, ast.Call)
    for name in names:
        if name in arguments:
            mark = arguments.values_at[name]
            value = to.value(Placed(arguments[name], mark))
            call.keywords.append(stand(ast.keyword(name, value), mark))


def _each(items: object, placed: Placed, to: Emission) -> ast.expr:
    assert isinstance(items, Seq)
    values = [to.value(Placed(item, at)) for item, at in zip(items, items.items_at, strict=True)]
    return stand(ast.List(values, ast.Load()), placed.mark)  # type: ignore[no-any-return]


class Backward(Verb):
    """Run the backward pass from one root, or from several at once (a list is `torch.autograd.backward`).

    `gradient:` is a tensor (a list of numbers), an expression, null, or `{each: [...]}` for several roots.

    ```yaml
    - backward: sum(x * x)
    - backward: {of: y, gradient: [1., 10.], retain_graph: true}
    - backward: {of: [y, z], gradient: {each: [[1., 1.], null]}, inputs: [x]}
    ```
    """

    key = "backward"
    schema = {
        "if": {"type": "string"},
        "then": EXPRESSION,
        "else": options(
            {"of": _ROOTS},
            {
                "gradient": VALUE,
                "retain_graph": _FLAG,
                "create_graph": _FLAG,
                "inputs": {"if": {"type": "array"}, "then": {"type": "array", "items": EXPRESSION}, "else": EXPRESSION},
            },
        ),
    }

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        argument, mark = step.argument
        if isinstance(argument, str):
            call = quote_expression("ROOT.backward()", mark, ROOT=to.expression(argument, mark))
            return [stand(ast.Expr(call), mark)]
        roots = Placed(argument["of"], argument.values_at["of"])
        several = isinstance(roots.value, Seq)
        if several:
            to.scope.used.add("torch.autograd.backward")
            call = quote_expression("torch.autograd.backward(ROOTS)", step.mark, ROOTS=_each(roots.value, roots, to))
        else:
            call = quote_expression("ROOT.backward()", step.mark, ROOT=to.expression(*roots))
        assert isinstance(call, ast.Call)
        if "gradient" in argument:
            at = argument.values_at["gradient"]
            value = to.value(Placed(argument["gradient"], at))
            call.keywords.append(stand(ast.keyword("grad_tensors" if several else "gradient", value), at))
        _keywords(call, argument, ("retain_graph", "create_graph"), to)
        if "inputs" in argument:
            inputs = Placed(argument["inputs"], argument.values_at["inputs"])
            made = _each(inputs.value, inputs, to) if isinstance(inputs.value, Seq) else to.expression(*inputs)
            call.keywords.append(stand(ast.keyword("inputs", made), inputs.mark))
        return [stand(ast.Expr(call), step.mark)]


_TOLERANCES = {name: {"type": "number"} for name in ("eps", "atol", "rtol", "nondet_tol")}
_SWITCHES = (
    *("check_undefined_grad", "check_grad_dtypes", "check_batched_grad", "check_batched_forward_grad"),
    *("check_forward_ad", "check_backward_ad", "fast_mode", "masked", "raise_exception"),
)


class Gradcheck(Verb):
    """Compare analytical with numerical derivatives of a function at a point; it must return true.

    `twice: true` checks second derivatives (gradgradcheck). The other keys are gradcheck's own.

    ```yaml
    - gradcheck: {of: Square.apply, at: [x]}
    - gradcheck: {of: Wrong.apply, at: [x]}
      raises: {GradcheckError: "Jacobian mismatch"}
    ```
    """

    key = "gradcheck"
    schema = options(
        {"of": EXPRESSION, "at": {"type": "array", "items": VALUE, "minItems": 1}},
        {"twice": {"type": "boolean"}, **_TOLERANCES, **{name: {"type": "boolean"} for name in _SWITCHES}},
    )

    def emit(self, step: Step, to: Emission) -> list[ast.stmt]:
        argument, mark = step.argument
        name = "gradgradcheck" if argument.get("twice") else "gradcheck"
        to.scope.used.add(f"torch.autograd.{name}")
        at = Placed(argument["at"], argument.values_at["at"])
        call = quote_expression(
            f"torch.autograd.{name}(FUNCTION, INPUTS)",
            step.mark,
            FUNCTION=to.expression(argument["of"], argument.values_at["of"]),
            INPUTS=to.tuple_of([Placed(i, m) for i, m in zip(at.value, at.value.items_at, strict=True)], at.mark),
        )
        _keywords(call, argument, (*_TOLERANCES, *_SWITCHES), to)
        if step.raises:
            return [stand(ast.Expr(call), mark)]
        return to.look_at(call, Placed(f"{name}({argument['of']})", step.mark), Placed(True, step.mark))
