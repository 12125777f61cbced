"""The simulated device, made known to torch: a user of the slot that torch keeps for accelerators from outside (PrivateUse1).

Registering changes torch for the whole process, which has an accelerator from then on.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import torch

from conformance.engines.sim import kernels
from conformance.engines.sim.clock import clock
from conformance.engines.sim.guard import DeviceGuard, return_errors
from conformance.engines.sim.memory import NAME, is_ours
from conformance.engines.sim.module import DeviceModule
from conformance.engines.sim.own_kernels import KERNELS
from conformance.engines.sim.storage import teach_storages

_LAYOUTS = ("Sparse", "SparseCsr", "Quantized", "NestedTensor")
_LOWERED = ("mm", "bmm", "addmm", "matmul", "linear", "baddbmm")
"""The operators that autocast runs in the lower precision."""


@cache
def register() -> list[torch.library.Library]:
    """Register the device, once; what is returned keeps it registered."""
    from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

    _setup_privateuseone_for_python_backend(NAME, backend_module=DeviceModule(), device_guard=DeviceGuard())
    return_errors()
    every, aten = torch.library.Library("_", "IMPL"), torch.library.Library("aten", "IMPL")
    every.fallback(kernels.run, "PrivateUse1")
    for name, kernel in KERNELS.items():
        aten.impl(name, kernel, "PrivateUse1")
    for op in _made_of_out_variants():
        aten.impl(op, partial(kernels.run, op), "PrivateUse1")
    for layout in _LAYOUTS:
        every.fallback(_lacking(layout), f"{layout}PrivateUse1")
    for lazy in ("Conjugate", "Negative"):  # a copy resolves them itself; the fallback would copy to do so, for ever
        aten.impl("_copy_from", torch.library.fallthrough_kernel, lazy)
    every.fallback(torch.library.fallthrough_kernel, "AutocastPrivateUse1")
    for name in _LOWERED:
        aten.impl(name, _lowering(name), "AutocastPrivateUse1")
    teach_storages()
    # torch's device guard for devices in Python does not pass this on.
    torch._C._accelerator_synchronizeDevice = lambda index=0: clock.wait()
    return [every, aten]


def _made_of_out_variants() -> list[Any]:
    """The operators that torch would make of their out= variant for a device that has no other kernel for them.

    A real device has: the detour through out= shows in the profiler.
    """
    registered = torch._C._dispatch_get_registrations_for_dispatch_key
    names = set(registered("CompositeExplicitAutogradNonFunctional")) & set(registered("CPU"))
    parts = (name.removeprefix("aten::").partition(".") for name in sorted(names) if name.startswith("aten::"))
    return [getattr(getattr(torch.ops.aten, name), overload or "default") for name, _, overload in parts]


def _lacking(layout: str) -> Any:
    def lacks(op: Any, *arguments: Any, **keywords: Any) -> Any:
        raise kernels.LacksError(f"{op._schema.name} of a {layout} tensor on {NAME}")

    return lacks


def _lowering(name: str) -> Any:
    operator = getattr(torch, name, None) or getattr(torch.nn.functional, name)

    def lowered(*arguments: Any, **keywords: Any) -> Any:
        lower = torch.get_autocast_dtype(NAME)
        keys = torch._C.DispatchKeySet(torch._C.DispatchKey.AutocastPrivateUse1)
        with torch._C._ExcludeDispatchKeyGuard(keys):
            return operator(
                *(a.to(lower) if is_ours(a) and a.dtype == torch.float32 else a for a in arguments), **keywords
            )

    return lowered
