"""Real torch on a device, as an engine: ``torch-cpu``, ``torch-cuda``, ``torch-<any device that torch knows>``."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial
from typing import Any

import numpy as np

from conformance.engines.engine import Absent, Engine, Switch
from conformance.engines.placing import OnDevice
from conformance.language.model import NEEDS

_SWITCHES = {
    "the gradient layout policy": ("_is_grad_layout_enforcement_enabled", "_set_grad_layout_enforcement_enabled"),
    "multithreading of backward": ("_is_multithreading_enabled", "_set_multithreading_enabled"),
    "view replay": ("_is_view_replay_enabled", "_set_view_replay_enabled"),
    "the warning of a leaf's other stream": (
        "_warn_on_accumulate_grad_stream_mismatch",
        "_set_warn_on_accumulate_grad_stream_mismatch",
    ),
    "the replacing of streams in a capture": ("_override_stale_capture_stream", "_set_override_stale_capture_stream"),
}
"""The names under torch._C by which state is read and written; not every version has all."""


@cache
def torch_on(device: str) -> Engine | Absent:
    """Torch on ``device``, or why that cannot be had here."""
    name = f"torch-{device}"
    if reason := no_torch():
        return Absent(name, reason)
    torch = importlib.import_module("torch")
    if reason := _absence(torch, device):
        return Absent(name, reason)
    _load_what_loads_late()
    elsewhere = device != "cpu"
    return Engine(
        name=name,
        torch=OnDevice(torch, device) if elsewhere else torch,
        device=str(torch.empty(0, device=device).device),
        version=".".join(torch.__version__.split(".")[:2]),
        offers=frozenset(NEEDS) - {"processes", "fresh_process"} - _needs_not_met(torch, device),
        to_numpy=_to_numpy,
        synchronize=_synchronize(torch, device),
        without_device=_without(device),
        switches=_switches(torch._C),
        playing=partial(_playing, torch, device) if elsewhere else contextlib.nullcontext,
    )


def no_torch() -> str | None:
    """Why torch cannot be imported."""
    if importlib.util.find_spec("torch") is None:
        return "torch is not installed"
    try:
        importlib.import_module("torch")
    except (ImportError, OSError) as error:
        return f"torch cannot be imported ({str(error).splitlines()[0]})"
    return None


def _load_what_loads_late() -> None:
    """Import what torch imports at the first derivative in forward mode, with warnings that no case may be blamed for."""
    with warnings.catch_warnings(), contextlib.suppress(ImportError):
        warnings.simplefilter("ignore")
        importlib.import_module("torch._decomp.decompositions_for_jvp")


def _absence(torch: Any, device: str) -> str | None:
    """Why ``device`` cannot be used; judged by asking, and by running one kernel, never by an exception's type."""
    try:
        torch.device(device)
    except RuntimeError as error:
        return f"torch knows no device {device!r} ({str(error).splitlines()[0]})"
    if device == "cuda" and torch.version.cuda is None and torch.version.hip is None:
        return "this build of torch has no CUDA"
    if device != "cpu":
        try:
            module = torch.get_device_module(device)
            if not module.is_available() or module.device_count() == 0:
                return f"no {device} device is visible"
        except Exception as error:
            return f"torch has no backend for {device!r} ({str(error).splitlines()[0]})"
    try:
        (torch.ones(1, device=device) + 1).cpu()
    except Exception as error:
        return f"the device does not run a kernel ({str(error).splitlines()[0]})"
    return None


def _needs_not_met(torch: Any, device: str) -> set[str]:
    """Of the needs that speak of devices, those that ``device`` does not meet."""
    lacks = {"no_cuda"} if torch.cuda.is_available() else set()
    if device == "cpu":
        return lacks | {"accelerator", "streams", "cuda"}
    if device != "cuda":
        lacks |= {"cuda"}
    try:
        several = torch.Stream(device=device) != torch.accelerator.current_stream(device)
    except Exception:
        several = False
    return lacks | {"cpu"} | (set() if several else {"streams"})


def _switches(inside: Any) -> dict[str, Switch]:
    return {
        name: (getattr(inside, read), getattr(inside, write))
        for name, (read, write) in _SWITCHES.items()
        if hasattr(inside, read) and hasattr(inside, write)
    }


def _synchronize(torch: Any, device: str) -> Callable[[], None] | None:
    return getattr(torch.get_device_module(device), "synchronize", None) if device != "cpu" else None


@contextlib.contextmanager
def _playing(torch: Any, device: str) -> Iterator[None]:
    """Judge in full precision, print tensors without the name of the device, and leave its random state as it was."""
    module = torch.get_device_module(device)
    with ExitStack() as played:
        for backend in (torch.backends.cuda.matmul, torch.backends.cudnn):
            _meanwhile(played, backend, "allow_tf32", False)
        # Of a tensor on the device that torch takes for the default one it prints no device.
        _meanwhile(played, torch._C, "_get_default_device", lambda: device)
        if hasattr(module, "get_rng_state"):
            played.callback(module.set_rng_state, module.get_rng_state())
        yield


def _meanwhile(stack: ExitStack, owner: Any, name: str, value: Any) -> None:
    stack.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, value)


def _without(device: str) -> Callable[[str], str]:
    """From a text that names kinds of tensors (``torch.cuda.FloatTensor``, ``npuFloatType``) to that of the CPU."""
    kinds = re.compile(rf"\btorch\.{device}\.(\w+)Tensor\b|\b{device}([A-Z]\w+)Type\b")
    return lambda text: kinds.sub(lambda found: f"torch.{found[1] or found[2]}Tensor", text)


def _to_numpy(tensor: Any) -> np.ndarray:
    import torch

    with torch.no_grad():
        dense = tensor.to_dense() if tensor.layout != torch.strided else tensor
        dense = dense.cpu().resolve_conj().resolve_neg()
        if dense.dtype == torch.bfloat16:
            dense = dense.float()
        elif dense.dtype == torch.complex32:
            dense = dense.to(torch.complex64)
        return np.array(dense.numpy())
