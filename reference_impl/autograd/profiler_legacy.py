"""torch.autograd.profiler_legacy: the profiler of old, whose options were fewer."""

from __future__ import annotations

from . import profiler

__all__ = ["profile"]


class profile(profiler.profile):
    """Deprecated: use torch.autograd.profiler.profile (source: torch.autograd.profiler_legacy.profile)."""

    def __init__(
        self,
        enabled: bool = True,
        *,
        use_cuda: bool = False,
        record_shapes: bool = False,
        with_flops: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_modules: bool = False,
    ) -> None:
        if use_cuda:
            profiler.missing_device("cuda")
        super().__init__(
            enabled, record_shapes=record_shapes, with_flops=with_flops, profile_memory=profile_memory,
            with_stack=with_stack, with_modules=with_modules,
        )  # fmt: skip
