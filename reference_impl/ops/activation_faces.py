"""How activations are offered: torch's functions of them take `inplace`, and some have a name for that."""

from __future__ import annotations

from inspect import Parameter, Signature

from ..graph.inplace import inplace_form
from .form import composite, elementwise


def offer(row, modules, method):
    """The public function of a row: its params, then `inplace`. What has the default `...` must be given."""
    name, write = row.name, inplace_form(row)

    def function(input, *params):
        *params, inplace = params
        return (write if inplace else row.function)(input, *params)

    defaults = {a.name: Parameter.empty if a.default is ... else a.default for a in row.params}
    parameters = {"input": Parameter.empty, **defaults, "inplace": False}
    function.__signature__ = Signature(
        [Parameter(p, Parameter.POSITIONAL_OR_KEYWORD, default=default) for p, default in parameters.items()]
    )
    function.__name__ = name
    function.__doc__ = f"{row.signature}, then inplace=False (source: torch.nn.functional.{name})."
    return composite(name, modules=modules, method=method, inplace="torch" in modules)(function)


def written(function, modules="nn.functional"):
    """A second name for inplace=True: relu_ for relu."""
    form = inplace_form(function)
    return composite(form.__name__, modules=modules, method=False)(form)


def activation(signature, kernel, partial, kind=elementwise, modules="nn.functional", method=False, **options):
    options = {"refuses": "integers complex", "public": False} | options
    return offer(kind(signature, kernel, self=partial, **options), modules, method)
