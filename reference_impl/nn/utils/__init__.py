"""torch.nn.utils: what acts on many parameters at once."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

from ...autograd.grad_mode import no_grad
from ...missing import missing
from ...tensor import Tensor
from . import rnn  # noqa: F401

LATER = {
    "weight_norm": "norm_hooks", "remove_weight_norm": "norm_hooks", "spectral_norm": "spectral",
    "remove_spectral_norm": "spectral", "skip_init": "init", "fuse_conv_bn_eval": "fusion",
    "fuse_conv_bn_weights": "fusion", "fuse_linear_bn_eval": "fusion", "fuse_linear_bn_weights": "fusion",
    "convert_conv2d_weight_memory_format": "memory_format", "convert_conv3d_weight_memory_format": "memory_format",
}  # fmt: skip
MODULES = ("fusion", "init", "memory_format", "parametrize", "parametrizations", "prune", "stateless")


def __getattr__(name: str) -> Any:
    """What is made of modules loads when first asked for."""
    if name in MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name in LATER:
        return getattr(importlib.import_module(f".{LATER[name]}", __name__), name)
    raise missing("nn.utils", name)


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All parameters as one vector, with its history (source: torch.nn.utils.parameters_to_vector)."""
    from ... import cat

    return cat([p.view(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Parts of the vector become the data of the parameters."""
    start = 0
    for p in parameters:
        p.data = vec[start : start + p.numel()].view_as(p).data
        start += p.numel()


@no_grad()
def get_total_norm(
    tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: Any = None
) -> Tensor:
    """The norm of all tensors together (source: torch.nn.utils.get_total_norm)."""
    from ... import stack, zeros
    from ...linalg import vector_norm

    given = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    if not given:
        return zeros(())
    total = vector_norm(stack([vector_norm(t, norm_type) for t in given]), norm_type)
    if error_if_nonfinite and not bool(total.isfinite()):
        raise RuntimeError(
            f"The total norm of order {float(norm_type)} for gradients from `parameters` is non-finite, so it cannot be "
            "clipped. To disable this error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`"
        )
    return total


@no_grad()
def clip_grads_with_norm_(parameters: Any, max_norm: float, total_norm: Tensor, foreach: Any = None) -> None:
    """Scale the gradients in place by max_norm / total_norm, if that is less than 1."""
    factor = (max_norm / (total_norm + 1e-6)).clamp(max=1.0)
    for p in [parameters] if isinstance(parameters, Tensor) else parameters:
        if p.grad is not None:
            p.grad.mul_(factor)


def clip_grad_norm_(
    parameters: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: Any = None
) -> Tensor:
    """Scale the gradients in place so that together their norm is at most max_norm; return that norm as it was."""
    ps = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    total = get_total_norm([p.grad for p in ps if p.grad is not None], norm_type, error_if_nonfinite)
    clip_grads_with_norm_(ps, max_norm, total)
    return total


@no_grad()
def clip_grad_value_(parameters: Any, clip_value: float, foreach: Any = None) -> None:
    """Clamp the gradients in place to [-clip_value, clip_value]."""
    for p in [parameters] if isinstance(parameters, Tensor) else parameters:
        if p.grad is not None:
            p.grad.copy_(p.grad.clamp(-clip_value, clip_value))
