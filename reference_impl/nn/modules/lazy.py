"""Modules that learn from their first input how large they are (source: torch.nn.modules.lazy)."""

from __future__ import annotations

from typing import Any

from ...tensor import Tensor
from ..parameter import UninitializedBuffer, UninitializedParameter, is_lazy
from .batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from .conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .linear import Linear
from .module import Module


class LazyModuleMixin:
    """The first call initializes the parameters, and the module becomes one of `cls_to_become`. Subclasses define
    initialize_parameters, which takes what forward takes, for parameters that are UninitializedParameter at first."""

    cls_to_become: type[Module] | None = None

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._initialize_hook = self.register_forward_pre_hook(self._infer_parameters, with_kwargs=True)

    def _infer_parameters(self: Any, module: Module, args: tuple, kwargs: dict[str, Any]) -> None:
        self.initialize_parameters(*args, **kwargs)
        if self.has_uninitialized_params():
            raise RuntimeError(f"module {self._get_name()} has not been fully initialized")
        self._initialize_hook.remove()
        del self._initialize_hook
        if self.cls_to_become is not None:
            self.__class__ = self.cls_to_become

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self: Any) -> bool:
        return any(map(is_lazy, (*self._parameters.values(), *self._buffers.values())))

    def _load_from_state_dict(self: Any, state_dict: Any, prefix: str, *rest: Any) -> None:
        """What is loaded says how large a parameter is."""
        for name, own in self._kept().items():
            given = state_dict.get(prefix + name)
            if is_lazy(own) and isinstance(given, Tensor) and not is_lazy(given):
                own.materialize(given.shape)
        super()._load_from_state_dict(state_dict, prefix, *rest)  # type: ignore[misc]


class _LazyLayer(LazyModuleMixin):
    """What the layers of torch.nn share: the first input gives one attribute."""

    inferred = ""

    def infer(self, input: Tensor) -> int:
        raise NotImplementedError

    def shape_of(self, name: str) -> tuple[int, ...]:
        """The shape of a parameter or buffer, once the attribute is known."""
        raise NotImplementedError

    def make_lazy(self: Any, but: str = "") -> None:
        for kept, kind in ((self._parameters, UninitializedParameter), (self._buffers, UninitializedBuffer)):
            for name, t in kept.items():
                if t is not None and name != but:
                    kept[name] = kind(dtype=t.dtype)

    def reset_parameters(self: Any) -> None:
        if getattr(self, self.inferred) and not self.has_uninitialized_params():
            super().reset_parameters()  # type: ignore[misc]

    def initialize_parameters(self: Any, input: Tensor, *_: Any) -> None:
        if self.has_uninitialized_params():
            setattr(self, self.inferred, self.infer(input))
            for name, t in (*self._parameters.items(), *self._buffers.items()):
                if is_lazy(t):
                    t.materialize(self.shape_of(name))
            self.reset_parameters()


class LazyLinear(_LazyLayer, Linear):
    """A Linear that infers in_features (source: torch.nn.LazyLinear)."""

    cls_to_become, inferred = Linear, "in_features"

    def __init__(self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(0, 0, bias, dtype=dtype)
        self.out_features = out_features
        self.make_lazy()

    def infer(self, input: Tensor) -> int:
        return input.shape[-1]

    def initialize_parameters(self, input: Tensor) -> None:
        super().initialize_parameters(input)
        self.in_features = self.infer(input)  # which a state that was loaded does not say

    def shape_of(self, name: str) -> tuple[int, ...]:
        return (self.out_features, self.in_features)[: 2 if name == "weight" else 1]


class _LazyConv(_LazyLayer):
    """A convolution that infers in_channels. The other arguments are those of the convolution that it becomes."""

    inferred = "in_channels"

    def __init__(self: Any, out_channels: int, kernel_size: Any, *options: Any, **named: Any) -> None:
        super().__init__(0, 0, kernel_size, *options, **named)
        self.out_channels = out_channels
        self.make_lazy()

    def infer(self: Any, input: Tensor) -> int:
        alone, batch = self.dims + 1, self.dims + 2
        if input.ndim not in (alone, batch):
            raise RuntimeError(
                f"Expected {alone}D (unbatched) or {batch}D (batched) input to {type(self).__name__}, but got input of size: "
                f"{input.shape}"
            )
        channels = input.shape[-alone]
        if channels % self.groups:
            raise ValueError("in_channels must be divisible by groups")
        return channels

    def shape_of(self: Any, name: str) -> tuple[int, ...]:
        return self.shape_of_weight() if name == "weight" else (self.out_channels,)


class LazyConv1d(_LazyConv, Conv1d):
    """Source: torch.nn.LazyConv1d."""

    cls_to_become = Conv1d


class LazyConv2d(_LazyConv, Conv2d):
    """Source: torch.nn.LazyConv2d."""

    cls_to_become = Conv2d


class LazyConv3d(_LazyConv, Conv3d):
    """Source: torch.nn.LazyConv3d."""

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyConv, ConvTranspose1d):
    """Source: torch.nn.LazyConvTranspose1d."""

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConv, ConvTranspose2d):
    """Source: torch.nn.LazyConvTranspose2d."""

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConv, ConvTranspose3d):
    """Source: torch.nn.LazyConvTranspose3d."""

    cls_to_become = ConvTranspose3d


class _LazyNorm(_LazyLayer):
    """A normalisation that infers num_features."""

    inferred = "num_features"

    def __init__(
        self, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True, track_running_stats: bool = True,
        device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(0, eps, momentum, affine, track_running_stats, dtype=dtype, bias=bias)
        self.make_lazy(but="num_batches_tracked")

    def infer(self, input: Tensor) -> int:
        return input.shape[1]

    def shape_of(self: Any, name: str) -> tuple[int, ...]:
        return (self.num_features,)


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    """Source: torch.nn.LazyBatchNorm1d."""

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    """Source: torch.nn.LazyBatchNorm2d."""

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    """Source: torch.nn.LazyBatchNorm3d."""

    cls_to_become = BatchNorm3d


class LazyInstanceNorm1d(_LazyNorm, InstanceNorm1d):
    """Source: torch.nn.LazyInstanceNorm1d."""

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyNorm, InstanceNorm2d):
    """Source: torch.nn.LazyInstanceNorm2d."""

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyNorm, InstanceNorm3d):
    """Source: torch.nn.LazyInstanceNorm3d."""

    cls_to_become = InstanceNorm3d
