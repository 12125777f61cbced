"""Tables whose rows are looked up. Their gradients are dense here: sparse=True is refused."""

from __future__ import annotations

from typing import Any

from ...tensor import Tensor
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .linear import empty
from .module import Module


def place_of_padding(padding_idx: int | None, rows: int, name: str) -> int | None:
    """padding_idx from the front, checked. name: how the error starts."""
    if padding_idx is None:
        return None
    if not -rows <= padding_idx < rows:
        raise AssertionError(f"{name} must be within num_embeddings")
    return padding_idx % rows


class _Table(Module):
    """What Embedding and EmbeddingBag share."""

    def make(self, rows: int, width: int, padding_idx: int | None, weight: Tensor | None, dtype: Any) -> None:
        self.num_embeddings, self.embedding_dim = rows, width
        name = "Padding_idx" if isinstance(self, Embedding) else "padding_idx"
        self.padding_idx = place_of_padding(padding_idx, rows, name)
        if weight is not None:
            if list(weight.shape) != [rows, width]:
                raise AssertionError("Shape of weight does not match num_embeddings and embedding_dim")
            self.weight = weight if isinstance(weight, Parameter) else Parameter(weight)
        else:
            self.weight = empty(rows, width, dtype=dtype)
            self.reset_parameters()

    @classmethod
    def from_pretrained(cls, embeddings: Tensor, freeze: bool = True, **options: Any) -> Any:
        """A layer around a table that there is (source: torch.nn.Embedding.from_pretrained)."""
        if embeddings.ndim != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        kept = Parameter(embeddings, requires_grad=not freeze)
        return cls(*embeddings.shape, _weight=kept, **options)  # type: ignore[arg-type]

    def reset_parameters(self) -> None:
        init.normal_(self.weight)
        if self.padding_idx is not None:
            init.zeros_(self.weight[self.padding_idx])

    def extra_repr(self) -> str:
        options = {"max_norm": None, "norm_type": 2, "scale_grad_by_freq": False}
        shown = [f"{n}={getattr(self, n)}" for n, usual in options.items() if getattr(self, n) != usual]
        return ", ".join([f"{self.num_embeddings}, {self.embedding_dim}", *shown])


class Embedding(_Table):
    """Rows of a table by index (source: torch.nn.Embedding)."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False, _weight: Tensor | None = None,
        _freeze: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.sparse = sparse
        self.make(num_embeddings, embedding_dim, padding_idx, _weight, dtype)
        if _freeze:
            self.weight.requires_grad_(False)

    def forward(self, input: Tensor) -> Tensor:
        return F.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )

    def extra_repr(self) -> str:
        start, *rest = super().extra_repr().split(", max_norm")
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        sparse = ", sparse=True" if self.sparse else ""
        return start + padding + "".join(f", max_norm{r}" for r in rest) + sparse


class EmbeddingBag(_Table):
    """Sums, means or maxima of rows (source: torch.nn.EmbeddingBag)."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, max_norm: float | None = None, norm_type: float = 2.0,
        scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, _weight: Tensor | None = None,
        include_last_offset: bool = False, padding_idx: int | None = None, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.mode, self.sparse, self.include_last_offset = mode, sparse, include_last_offset
        self.make(num_embeddings, embedding_dim, padding_idx, _weight, dtype)

    def forward(self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None) -> Tensor:
        return F.embedding_bag(
            input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.mode, self.sparse,
            per_sample_weights, self.include_last_offset, self.padding_idx,
        )  # fmt: skip

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx!r}"
        return f"{super().extra_repr()}, mode={self.mode!r}{padding}"
