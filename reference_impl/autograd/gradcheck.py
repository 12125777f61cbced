"""gradcheck: analytical against numerical Jacobians (source: torch.autograd.gradcheck).

What is compared with what: differences.py. A function with complex outputs is checked as two functions, its real and its
imaginary part; in forward mode one with complex inputs likewise.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from .. import dtypes
from ..placement import strided
from ..tensor import Tensor

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


class GradcheckError(RuntimeError):
    """The Jacobians differ, or a gradient breaks one of the other rules."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """True if the gradients of func agree with central differences of step eps; the inputs should be float64.

    A mismatch raises GradcheckError, or gives False without raise_exception. masked: of a sparse input only the specified
    elements count.
    """
    require(check_forward_ad or check_backward_ad,
            "Expected at least one of check_forward_ad or check_backward_ad to be True")  # fmt: skip
    require(not check_batched_grad or check_backward_ad,
            "Setting check_batched_grad=True requires check_backward_ad to be True")  # fmt: skip
    require(not check_batched_forward_grad or check_forward_ad,
            "Setting check_batched_forward_grad=True requires check_forward_ad to be True")  # fmt: skip
    try:
        return checked(
            func, as_tuple(inputs), partial(compare, eps=eps, atol=atol, rtol=rtol, nondet_tol=nondet_tol, fast=fast_mode,
                                            dtypes_too=check_grad_dtypes, masked=bool(masked)),
            check_forward_ad, check_backward_ad, check_batched_grad, check_batched_forward_grad, check_undefined_grad,
            bool(masked),
        )  # fmt: skip
    except GradcheckError:
        if raise_exception:
            raise
        return False


def require(condition: bool, message: str) -> None:
    if not condition:
        raise AssertionError(message)


def as_tuple(x: Any) -> tuple:
    return x if isinstance(x, tuple) else tuple(x) if isinstance(x, list) else (x,)


def differentiable(outputs: Any) -> tuple[Tensor, ...]:
    return tuple(o for o in as_tuple(outputs) if o.requires_grad)


def checked(
    func: Any, inputs: tuple, against: Any, forward: bool, backward: bool, batched: bool, batched_forward: bool,
    undefined: bool, masked: bool,
) -> bool:  # fmt: skip
    from . import gradient_rules as rules

    check_inputs(inputs)
    found = func(*inputs)
    outputs = differentiable(found)
    check_outputs(outputs)
    if backward:
        if any(o.is_complex() for o in as_tuple(found)):
            where = [i for i, o in enumerate(outputs) if o.is_complex()]
            for part in ("imag", "real"):
                against(part_of_outputs(func, part), inputs, forward=False, complex_at=where, part=part)
        else:
            against(func, inputs, forward=False, outputs=found)
    if forward:
        where = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.is_complex()]
        for part in ("imag", "real") if where else ("",):
            f, xs = part_of_inputs(func, inputs, where, part) if where else (func, inputs)
            against(f, xs, forward=True, complex_at=where, part=part)
            if undefined:
                rules.undefined_tangents(f, xs)
    if batched_forward:
        rules.batched_tangents(func, inputs)
    if not backward:
        return True
    if batched:
        for i, o in enumerate(outputs):
            rules.batched_gradients(inputs, o, i)
    rules.multiplied_by_cotangent(outputs, inputs, masked)
    if undefined:
        rules.undefined_cotangents(func, outputs, inputs)
    return True


def compare(func: Any, inputs: tuple, *, fast: bool, **options: Any) -> None:
    from . import differences

    (differences.fast if fast else differences.slow)(func, inputs, **options)


def check_inputs(inputs: tuple) -> None:
    for i, x in enumerate(inputs):
        if not (isinstance(x, Tensor) and x.requires_grad):
            continue
        if x.dtype not in (dtypes.float64, dtypes.complex128):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check will "
                "likely fail if all the inputs are not of double precision floating point or complex. ",
                UserWarning,
                stacklevel=4,
            )
        if x.layout is strided and any(s == 0 and n > 1 for s, n in zip(x.stride(), x.shape, strict=True)):
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to "
                "be able to compute the numerical gradients correctly. You should call .contiguous on the input before "
                "passing it to gradcheck."
            )
    if not any(isinstance(x, Tensor) and x.requires_grad for x in inputs):
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )


def check_outputs(outputs: tuple) -> None:
    if any(o.layout is not strided for o in outputs):
        raise ValueError(
            "Sparse output is not supported at gradcheck yet. Please call to_dense(masked_grad=...) on the output of fn for "
            "gradcheck."
        )


def part_of_outputs(func: Any, part: str) -> Callable[..., tuple]:
    def of(*inputs: Any) -> tuple:
        return tuple(getattr(o, part) if o.is_complex() else o for o in as_tuple(func(*inputs)))

    return of


def part_of_inputs(func: Any, inputs: tuple, where: list[int], part: str) -> tuple[Any, tuple]:
    """func of the real (or imaginary) parts of its complex inputs, the other part held fixed."""
    from .. import complex as joined

    def of(*parts: Any) -> Any:
        args = list(parts)
        for i in where:
            other = (inputs[i].imag if part == "real" else inputs[i].real).detach()
            args[i] = joined(parts[i], other) if part == "real" else joined(other, parts[i])
        return func(*args)

    halves = [getattr(x.detach(), part).clone().requires_grad_() if i in where else x for i, x in enumerate(inputs)]
    return of, tuple(halves)


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """gradcheck of the gradient: second derivatives, with respect to inputs and cotangents."""
    require(check_fwd_over_rev or check_rev_over_rev,
            "Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True")  # fmt: skip
    require(not check_undefined_grad or check_rev_over_rev,
            "Setting check_undefined_grad=True requires check_rev_over_rev to be True")  # fmt: skip
    require(not check_batched_grad or check_rev_over_rev,
            "Setting check_batched_grad=True requires check_rev_over_rev to be True")  # fmt: skip
    xs = as_tuple(inputs)
    gs = (
        as_tuple(grad_outputs)
        if grad_outputs is not None
        else tuple(random_like(o, gen_non_contig_grad_outputs) for o in differentiable(func(*xs)))
    )
    wanted = [i for i, x in enumerate(xs) if isinstance(x, Tensor) and x.requires_grad]
    also = [i for i, g in enumerate(gs) if g.requires_grad]

    def gradients(*args: Any) -> tuple:
        from . import grad

        args_x = [x.requires_grad_() if i in wanted else x for i, x in enumerate(args[: -len(gs)])]
        outputs = differentiable(func(*args_x))
        args_g = [g.requires_grad_() if i in also else g for i, g in enumerate(args[-len(gs) :])]
        found = grad(outputs, [args_x[i] for i in wanted], args_g, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(
        gradients, xs + gs, eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception, nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad, check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad, fast_mode=fast_mode, check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev, masked=masked,
    )  # fmt: skip


def random_like(o: Tensor, non_contiguous: bool) -> Tensor:
    """Numbers in [-1, 1] that require grad."""
    from .. import rand

    if non_contiguous and o.numel() > 1:
        return (rand(*o.shape, 2, dtype=o.dtype) * 2 - 1)[..., 0].detach().requires_grad_()
    return (rand(o.shape, dtype=o.dtype) * 2 - 1).requires_grad_()


# ---------------------------------------------------------------- what used to be private


def deprecated(name: str, grad_out: float) -> None:
    warnings.warn(
        f"`{name}` was part of PyTorch's private API and not meant to be exposed. We are deprecating it and it will be "
        "removed in a future version of PyTorch. If you have a specific use for this or feature request for this to be a "
        "stable API, please file us an issue at https://github.com/pytorch/pytorch/issues/new",
        FutureWarning,
        stacklevel=3,
    )
    if grad_out != 1.0:
        raise ValueError(f"Expected grad_out to be 1.0. {name} no longer supports values of grad_out != 1.0.")


def get_numerical_jacobian(fn: Any, inputs: Any, target: Any = None, eps: float = 1e-3, grad_out: float = 1.0) -> tuple:
    """Of the first output, one Jacobian for each input, of shape (elements of the input, of the output)."""
    from .differences import numerical

    deprecated("get_numerical_jacobian", grad_out)
    xs = as_tuple(inputs)
    if any(o.is_complex() for o in as_tuple(fn(xs))):
        raise ValueError(
            "Expected output to be non-complex. get_numerical_jacobian no longer supports functions that return complex "
            "outputs."
        )
    places = [i for i, x in enumerate(as_tuple(xs if target is None else target)) if x.requires_grad]
    return tuple(numerical(lambda *a: fn(a), xs, i, eps)[0] for i in places)


def get_analytical_jacobian(inputs: Any, output: Tensor, nondet_tol: float = 0.0, grad_out: float = 1.0) -> tuple:
    """(Jacobians, whether two runs agreed, whether sizes and dtypes fit)."""
    from .differences import analytical, distance

    deprecated("get_analytical_jacobian", grad_out)
    if output.is_complex():
        raise ValueError(
            "Expected output to be non-complex. get_analytical_jacobian no longer supports functions that return complex "
            "outputs."
        )
    xs = [x for x in as_tuple(inputs) if isinstance(x, Tensor) and x.requires_grad]
    once, again = analytical(output, xs), analytical(output, xs)
    same = all(distance(a, b) <= nondet_tol for a, b in zip(once, again, strict=True))
    return tuple(once), same, True, True


def get_numerical_jacobian_wrt_specific_input(
    fn: Any, input_idx: int, inputs: tuple, outputs: Any, eps: float, input: Any = None, is_forward_ad: bool = False
) -> tuple:
    """One Jacobian for each output."""
    from .differences import numerical

    x = inputs[input_idx] if input is None else input
    if not x.requires_grad:
        raise AssertionError("Expected input to have requires_grad=True")
    return tuple(numerical(fn, inputs, input_idx, eps, forward=is_forward_ad))
