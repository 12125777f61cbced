"""torch.func's forward mode: jvp, and the linear map that a function is near a point."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from ..autograd import grad as autograd_grad
from ..batching import transform
from ..graph.dual import Level, Primals, carry, enter, hold, leave
from ..graph.modes import is_grad_enabled
from ..ops.shape import alias
from ..tensor import Tensor
from ..trees import flatten, text, unflatten
from . import fresh, of_its_own, recording, settled, wanting, without_inference, zeros_like
from .checks import only_tensors, some_tensors, with_aux
from .tracking import mark

JVP = "jvp(f, primals, tangents)"


def jvp(
    func: Callable[..., Any], primals: tuple, tangents: tuple, *, strict: bool = False, has_aux: bool = False
) -> Any:
    """(func(*primals), its derivative along tangents), by forward mode (source: torch.func.jvp)."""
    if not isinstance(primals, tuple):
        raise RuntimeError(f"{JVP}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals).")
    xs, spec = flatten(primals)
    ts, t_spec = flatten(tangents)
    if spec != t_spec:
        raise RuntimeError(
            f"{JVP}: Expected primals and tangents to have the same python structure. For example, if primals is a tuple of "
            f"3 tensors, tangents also must be. Got primals with structure {text(spec)} and tangents with structure "
            f"{text(t_spec)}"
        )
    some_tensors(xs, JVP, "primals")
    some_tensors(ts, JVP, "tangents")
    from ..autograd.forward_ad import make_dual, unpack_dual

    with transform() as running, without_inference(), inner_level(running):
        output = func(*unflatten([make_dual(of_its_own(x), t) for x, t in zip(xs, ts, strict=True)], spec))
        aux = None
        if has_aux:
            output, aux = with_aux(output, JVP)
        outs, out_spec = flatten(output)
        only_tensors(outs, JVP)
        duals = [unpack_dual(o) for o in outs]
        if strict and any(d.tangent is None for d in duals):
            raise RuntimeError(
                "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This is not allowed "
                "with strict=True."
            )
        found = settled([zeros_like(d.primal) if d.tangent is None else d.tangent for d in duals], [])
        values = settled([primal(o) for o in outs], [])
    result = unflatten(values, out_spec), unflatten(found, out_spec)
    return (*result, aux) if has_aux else result


@contextmanager
def inner_level(running: Any) -> Any:
    """A level of forward mode inside those that there are."""
    level = enter(running)
    try:
        yield
    finally:
        leave(level)


def primal(t: Tensor) -> Tensor:
    """t without its tangent."""
    with Primals() as level:
        found = alias.function(t)
        carry(found, t)
        hold(found, False, level)
    return found


def pulled_back(outs: list[Tensor], leaves: list[Tensor], running: Any) -> tuple[list[Tensor], Any]:
    """Cotangents of the outputs that want a gradient, and those of the leaves, which are linear in them."""
    seeds = [mark(wanting(zeros_like(o)), running) for o in outs]
    linked = [(o, seed) for o, seed in zip(outs, seeds, strict=True) if o.requires_grad]
    if not linked:
        return seeds, (None,) * len(leaves)
    ys, vs = zip(*linked, strict=True)
    return seeds, autograd_grad(ys, leaves, vs, create_graph=True, allow_unused=True)


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """(func(*primals), its derivative there, a function of the tangents) (source: torch.func.linearize).

    func runs once; each derivative is then the vjp of its vjp, which is linear.
    """
    if Level.opened:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    with transform() as running, recording():
        inputs = fresh(primals, running)
        leaves, spec = flatten(inputs)
        outs, out_spec = flatten(func(*inputs))
        seeds, found = pulled_back(outs, leaves, running)

    def along(*tangents: Any) -> Any:
        ts, t_spec = flatten(tangents)
        if t_spec != spec:
            raise RuntimeError(
                f"Expected the tangents {text(t_spec)} to have the same argspec as the primals {text(spec)}"
            )
        for i, (t, x) in enumerate(zip(ts, leaves, strict=True)):
            for fact in ("shape", "device", "dtype"):
                if getattr(t, fact) != getattr(x, fact):
                    raise RuntimeError(
                        f"tangent:{i} with {fact} {getattr(t, fact)} in flattened pytree doesn't match the {fact} "
                        f"{getattr(x, fact)} of the corresponding primal."
                    )
        pairs = [(g, t) for g, t in zip(found, ts, strict=True) if g is not None and g.requires_grad]
        results: Any = (None,) * len(outs)
        if pairs:
            gs, given = zip(*pairs, strict=True)
            results = autograd_grad(
                gs, seeds, given, retain_graph=True, create_graph=is_grad_enabled(), allow_unused=True
            )
        filled = [zeros_like(o) if r is None else r for r, o in zip(results, outs, strict=True)]
        return settled(unflatten(filled, out_spec), leaves)

    return settled(unflatten(outs, out_spec), leaves), along
