"""Layers: a few modules around torch.nn.functional."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from ... import factories
from ...random import source_of
from ...tensor import Tensor, wrap
from .. import functional as F
from ..parameter import Parameter
from .module import Module


def uniform(shape: tuple[int, ...], bound: float, dtype: Any) -> Parameter:
    d = (dtype or factories.dtypes.get_default_dtype()).np
    return Parameter(wrap(((source_of().random(shape) * 2 - 1) * bound).astype(d)))


class Linear(Module):
    """x W' + b (source: torch.nn.Linear); W of shape (out_features, in_features)."""

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        bound = 1 / math.sqrt(in_features) if in_features else 0.0
        self.weight = uniform((out_features, in_features), bound, dtype)
        self.register_parameter("bias", uniform((out_features,), bound, dtype) if bias else None)

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Conv2d(Module):
    """Cross-correlation with square or given kernels (source: torch.nn.Conv2d)."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
        groups: int = 1, bias: bool = True, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else tuple(kernel_size)
        self.kernel_size, self.stride, self.padding = size, stride, padding
        self.dilation, self.groups = dilation, groups
        self.in_channels, self.out_channels = in_channels, out_channels
        bound = 1 / math.sqrt(in_channels // groups * size[0] * size[1])
        self.weight = uniform((out_channels, in_channels // groups, *size), bound, dtype)
        self.register_parameter("bias", uniform((out_channels,), bound, dtype) if bias else None)

    def forward(self, input: Tensor) -> Tensor:
        return F.conv2d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        stride = (self.stride, self.stride) if isinstance(self.stride, int) else self.stride
        return f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={stride}"


class Embedding(Module):
    """Rows of a table by index (source: torch.nn.Embedding)."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim, self.padding_idx = num_embeddings, embedding_dim, padding_idx
        d = (dtype or factories.dtypes.get_default_dtype()).np
        self.weight = Parameter(wrap(source_of().standard_normal((num_embeddings, embedding_dim)).astype(d)))

    def forward(self, input: Tensor) -> Tensor:
        return F.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}"


class BatchNorm(Module):
    """Normalisation over the batch, with running statistics for evaluation (source: torch.nn.BatchNorm1d)."""

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True,
        track_running_stats: bool = True, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_features, self.eps, self.momentum, self.affine = num_features, eps, momentum, affine
        self.track_running_stats = track_running_stats
        self.register_parameter("weight", Parameter(factories.ones(num_features, dtype=dtype)) if affine else None)
        self.register_parameter("bias", Parameter(factories.zeros(num_features, dtype=dtype)) if affine else None)
        tracked = track_running_stats
        self.register_buffer("running_mean", factories.zeros(num_features, dtype=dtype) if tracked else None)
        self.register_buffer("running_var", factories.ones(num_features, dtype=dtype) if tracked else None)
        self.register_buffer(
            "num_batches_tracked", factories.zeros((), dtype=factories.dtypes.int64) if tracked else None
        )

    def forward(self, input: Tensor) -> Tensor:
        if self.training and self.track_running_stats:
            self.num_batches_tracked.add_(1)
        by_batch = self.training or self.running_mean is None
        return F.batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, by_batch, self.momentum, self.eps
        )

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(BatchNorm):
    """For inputs of shape (N, C) or (N, C, L)."""


class BatchNorm2d(BatchNorm):
    """For inputs of shape (N, C, H, W)."""


class LayerNorm(Module):
    """Normalisation over the last dimensions (source: torch.nn.LayerNorm)."""

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, dtype: Any = None
    ) -> None:
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps = eps
        on = elementwise_affine
        self.register_parameter("weight", Parameter(factories.ones(self.normalized_shape, dtype=dtype)) if on else None)
        self.register_parameter("bias", Parameter(factories.zeros(self.normalized_shape, dtype=dtype)) if on else None)

    def forward(self, input: Tensor) -> Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.weight is not None}"


class Dropout(Module):
    """Zero elements with probability p while training (source: torch.nn.Dropout)."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        self.p, self.inplace = p, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Flatten(Module):
    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Identity(Module):
    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        return input


# ---------------------------------------------------------------- activations and losses: a function and its options


def wrapping(name: str, function: str, *options: tuple[str, Any], inputs: int = 1) -> type[Module]:
    """A Module that calls one function of torch.nn.functional with options given when it is made."""

    def __init__(self: Module, *given: Any, **named: Any) -> None:
        Module.__init__(self)
        for (option, _), value in zip(options, (*given, *[d for _, d in options[len(given) :]]), strict=True):
            setattr(self, option, named.get(option, value))

    def forward(self: Module, *tensors: Tensor) -> Tensor:
        f = getattr(F, function) if function not in ("tanh", "sigmoid") else getattr(Tensor, function)
        return f(*tensors, **{o: getattr(self, o) for o, d in options if getattr(self, o) != d or d})

    def extra_repr(self: Module) -> str:
        shown = [(o, getattr(self, o)) for o, d in options]
        if inputs > 1:
            return ""
        return ", ".join(f"{o}={v}" for o, v in shown if not (o == "inplace" and not v))

    body = {"__init__": __init__, "forward": forward, "extra_repr": extra_repr, "__module__": __name__}
    return type(name, (Module,), body | {"__doc__": f"nn.functional.{function} (source: torch.nn.{name})."})


INPLACE = ("inplace", False)
ReLU = wrapping("ReLU", "relu", INPLACE)
Tanh = wrapping("Tanh", "tanh")
Sigmoid = wrapping("Sigmoid", "sigmoid")
GELU = wrapping("GELU", "gelu", ("approximate", "none"))
SiLU = wrapping("SiLU", "silu", INPLACE)
ELU = wrapping("ELU", "elu", ("alpha", 1.0), INPLACE)
LeakyReLU = wrapping("LeakyReLU", "leaky_relu", ("negative_slope", 0.01), INPLACE)
Softplus = wrapping("Softplus", "softplus", ("beta", 1.0), ("threshold", 20.0))
Softmax = wrapping("Softmax", "softmax", ("dim", None))
LogSoftmax = wrapping("LogSoftmax", "log_softmax", ("dim", None))
MSELoss = wrapping("MSELoss", "mse_loss", ("reduction", "mean"), inputs=2)
L1Loss = wrapping("L1Loss", "l1_loss", ("reduction", "mean"), inputs=2)
SmoothL1Loss = wrapping("SmoothL1Loss", "smooth_l1_loss", ("reduction", "mean"), ("beta", 1.0), inputs=2)
BCELoss = wrapping("BCELoss", "binary_cross_entropy", ("reduction", "mean"), inputs=2)
BCEWithLogitsLoss = wrapping("BCEWithLogitsLoss", "binary_cross_entropy_with_logits", ("reduction", "mean"), inputs=2)
CrossEntropyLoss = wrapping("CrossEntropyLoss", "cross_entropy", ("reduction", "mean"), inputs=2)
NLLLoss = wrapping("NLLLoss", "nll_loss", ("reduction", "mean"), inputs=2)


# ---------------------------------------------------------------- containers


class Sequential(Module):
    """One module after the other (source: torch.nn.Sequential)."""

    def __init__(self, *modules: Any) -> None:
        super().__init__()
        named = modules[0].items() if len(modules) == 1 and isinstance(modules[0], dict) else enumerate(modules)
        for name, m in named:
            self.add_module(str(name), m)

    def forward(self, input: Any) -> Any:
        for m in self:
            input = m(input)
        return input

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, k: Any) -> Any:
        items = list(self._modules.values())
        return Sequential(*items[k]) if isinstance(k, slice) else items[k]

    def __setitem__(self, k: int, module: Module) -> None:
        setattr(self, list(self._modules)[k], module)

    def __delitem__(self, k: Any) -> None:
        names = list(self._modules)[k]
        for name in names if isinstance(k, slice) else [names]:
            delattr(self, name)
        self.__dict__["_modules"] = OrderedDict((str(i), m) for i, m in enumerate(self._modules.values()))

    def append(self, module: Module) -> Sequential:
        self.add_module(str(len(self)), module)
        return self


class ModuleList(Module):
    """A list whose modules are registered (source: torch.nn.ModuleList)."""

    def __init__(self, modules: Any = ()) -> None:
        super().__init__()
        for m in modules:
            self.append(m)

    def append(self, module: Module) -> ModuleList:
        self.add_module(str(len(self._modules)), module)
        return self

    __iter__: Callable[..., Iterator[Module]] = Sequential.__iter__
    __len__ = Sequential.__len__

    def __getitem__(self, k: int) -> Module:
        return list(self._modules.values())[k]
