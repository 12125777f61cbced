"""What torch.func refuses, in torch's words."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from ..trees import flatten


def chosen(args: tuple, argnums: Any) -> list[int]:
    """The positions of the arguments to differentiate."""
    if isinstance(argnums, tuple):
        if not argnums:
            raise RuntimeError("argnums must be non-empty")
    elif not isinstance(argnums, int):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    places = argnums if isinstance(argnums, tuple) else (argnums,)
    for k in places:
        if not isinstance(k, int):
            raise RuntimeError(f"argnum must be int, got: {type(k)}")
        if not -len(args) <= k < len(args):
            raise RuntimeError(f"Got argnum={k}, but only {len(args)} positional inputs")
    places = tuple(k % len(args) for k in places)
    if len(set(places)) != len(places):
        raise RuntimeError(f"argnums elements must be unique, got {places}")
    return list(places)


def differentiable(x: Any) -> Tensor:
    """x, which a transform differentiates with respect to."""
    if not isinstance(x, Tensor):
        raise ValueError(f"Thing passed to transform API must be Tensor, got {type(x)}")
    if x.dtype.np.kind not in "fcV":
        raise RuntimeError("only Tensors of floating point dtype can require gradients")
    return x


def with_aux(output: Any, api: str) -> tuple[Any, Any]:
    """(output, aux) of a function that was said to have aux."""
    if not (isinstance(output, tuple) and len(output) == 2):
        raise RuntimeError(f"{api}: output of function f should be a tuple: (output, aux) if has_aux is True")
    for x in flatten(output[1])[0]:
        if not isinstance(x, Tensor):
            raise RuntimeError(f"Expected tensors, got unsupported type {type(x)}")
    return output


def only_tensors(outs: list[Any], api: str) -> None:
    if not outs or (len(outs) == 1 and outs[0] is None):
        raise RuntimeError(f"{api}: Expected f to be a function that has non-empty output (got output = {outs})")
    for o in outs:
        if not isinstance(o, Tensor):
            raise RuntimeError(f"{api}: expected f(*primals) to return only tensors, got unsupported type {type(o)}")


def some_tensors(given: list[Any], api: str, name: str) -> None:
    if not given:
        raise RuntimeError(f"{api}: Expected {name} to contain at least one Tensor.")
    for x in given:
        if not isinstance(x, Tensor):
            raise RuntimeError(f"{api}: Expected {name} to only contain Tensors, got {type(x)}")


def scalar(output: Any) -> None:
    """What grad differentiates."""
    api = "grad_and_value(f)(*args): Expected f(*args) to return"
    if not isinstance(output, Tensor):
        raise RuntimeError(f"{api} a Tensor, got {type(output)}")
    if output.dim():
        raise RuntimeError(
            f"{api} a scalar Tensor, got tensor with {output.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs "
            "instead?"
        )


def real_only(tree: Any, api: str, what: str) -> None:
    """Jacobians are of real functions of real variables."""
    for i, x in enumerate(flatten(tree)[0]):
        if isinstance(x, Tensor) and x.is_complex():
            raise RuntimeError(
                f"{api}: Expected all {what} to be real but received complex tensor at flattened input idx: {i}"
            )
