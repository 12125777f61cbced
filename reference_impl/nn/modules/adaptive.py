"""Softmax over many classes, of which few are frequent: Grave et al., "Efficient softmax approximation for GPUs" (2016)."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from ...tensor import Tensor
from .. import functional as F
from .containers import ModuleList, Sequential
from .linear import Linear
from .module import Module

_ASMoutput = namedtuple("_ASMoutput", "output loss")


class AdaptiveLogSoftmaxWithLoss(Module):
    """The head scores the frequent classes, those below cutoffs[0], and a cluster for all classes from each cutoff to the
    next, among which a smaller layer of the tail decides (source: torch.nn.AdaptiveLogSoftmaxWithLoss)."""

    def __init__(
        self, in_features: int, n_classes: int, cutoffs: Sequence[int], div_value: float = 4.0, head_bias: bool = False,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        cutoffs = list(cutoffs)
        if not cutoffs:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        increasing = cutoffs == sorted(set(cutoffs)) and all(int(c) == c for c in cutoffs)
        if not increasing or cutoffs[0] <= 0 or cutoffs[-1] > n_classes - 1:
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is "
                "between 1 and n_classes-1"
            )
        self.in_features, self.n_classes, self.cutoffs = in_features, n_classes, [*cutoffs, n_classes]
        self.div_value, self.head_bias = div_value, head_bias
        self.shortlist_size, self.n_clusters = cutoffs[0], len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, dtype=dtype)
        self.tail = ModuleList()
        for i, (low, high) in enumerate(self.clusters()):
            width = int(in_features // div_value ** (i + 1))
            down, up = (Linear(*size, bias=False, dtype=dtype) for size in ((in_features, width), (width, high - low)))
            self.tail.append(Sequential(down, up))

    def clusters(self) -> list[tuple[int, int]]:
        return list(zip(self.cutoffs, self.cutoffs[1:], strict=False))

    def reset_parameters(self) -> None:
        for m in self.modules():
            if isinstance(m, Linear):
                m.reset_parameters()

    def forward(self, input: Tensor, target: Tensor) -> _ASMoutput:
        """The log-probabilities of the targets, and the mean of their negatives."""
        if target.ndim > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        if target.ndim == 1 and len(input) != len(target):
            raise RuntimeError("Input and target should have the same size in the batch dimension.")
        if target.ndim == 0 and input.ndim != 1:
            raise RuntimeError(f"0D target tensor expects 1D input tensors, but found inputs with size {input.shape}")
        if target.ndim == 0:
            input, target, alone = input.unsqueeze(0), target.unsqueeze(0), True
        else:
            alone = False
        low, high = target.min().item(), target.max().item()
        if low < 0 or high >= self.n_classes:
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range [{low}, {high}] were found. "
            )
        output = self.within_clusters(input, target) + self.in_head(input, target)
        output = output.squeeze(0) if alone else output
        return _ASMoutput(output, (-output).mean())

    def in_head(self, input: Tensor, target: Tensor) -> Tensor:
        """What the head gives each target, or its cluster."""
        place = target.clamp(max=self.shortlist_size)
        for low, _ in self.clusters()[1:]:
            place = place + (target >= low)
        return F.log_softmax(self.head(input), 1).gather(1, place.unsqueeze(1)).squeeze(1)

    def within_clusters(self, input: Tensor, target: Tensor) -> Tensor:
        """What the tail gives each target in its cluster: 0 for those in the head."""
        found = input.new_zeros(len(target))
        for layers, (low, high) in zip(self.tail, self.clusters(), strict=True):
            rows = ((target >= low) & (target < high)).nonzero().squeeze(1)
            if rows.numel():
                scores = F.log_softmax(layers(input.index_select(0, rows)), 1)
                own = scores.gather(1, (target[rows] - low).unsqueeze(1)).squeeze(1)
                found = found.index_copy(0, rows, own)
        return found

    def log_prob(self, input: Tensor) -> Tensor:
        """The log-probabilities of all classes, (N, n_classes)."""
        head = F.log_softmax(self.head(input), 1)
        found = input.new_empty((len(input), self.n_classes))
        found[:, : self.shortlist_size] = head[:, : self.shortlist_size]
        for i, (layers, (low, high)) in enumerate(zip(self.tail, self.clusters(), strict=True)):
            cluster = head[:, self.shortlist_size + i].unsqueeze(1)
            found[:, low:high] = F.log_softmax(layers(input), 1) + cluster
        return found

    def predict(self, input: Tensor) -> Tensor:
        """The class of the greatest probability. The tail is asked where the head prefers a cluster."""
        found = self.head(input).argmax(1)
        rows = found >= self.shortlist_size
        if rows.any():
            found[rows] = self.log_prob(input[rows]).argmax(1)
        return found
