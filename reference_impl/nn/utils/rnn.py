"""Sequences of several lengths: padded to one, or packed without padding (source: torch.nn.utils.rnn).

What is packed lies by time: first of every sequence the first element, then the second of those that have one.
`batch_sizes` counts them; the sequences are in order of their length, `sorted_indices` says which is where.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

from ...dtypes import float16, float32, float64, int8, int16, int32, int64, uint8
from ...tensor import Tensor

UNSORTED = (
    "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to "
    "pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability."
)


class PackedSequence_(NamedTuple):
    """The four tensors."""

    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(PackedSequence_):
    """What pack_sequence and pack_padded_sequence make, and recurrent layers take."""

    def __new__(
        cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> PackedSequence:
        if batch_sizes is None:
            if not (isinstance(data, list | tuple) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Itself, if the data is as wanted."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else self._replace(data=data)

    def cpu(self) -> PackedSequence:
        return self

    def cuda(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """There is no CUDA: raises Unsupported."""
        return self._replace(data=self.data.cuda(*args, **kwargs))

    @property
    def is_cuda(self) -> bool:
        return False

    def is_pinned(self) -> bool:
        return self.data.is_pinned()


for _name, _dtype in {
    "double": float64, "float": float32, "half": float16, "long": int64, "int": int32, "short": int16, "char": int8,
    "byte": uint8,
}.items():  # fmt: skip
    setattr(PackedSequence, _name, lambda self, _dtype=_dtype: self.to(_dtype))


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """Where each index stands in a permutation."""
    return None if permutation is None else permutation.argsort()


def places(batch_sizes: list[int], batch: int) -> Tensor:
    """Where the elements of packed sequences are in the padded ones, laid out by time."""
    from ...factories.from_data import tensor

    return tensor([t * batch + k for t, n in enumerate(batch_sizes) for k in range(n)], dtype=int64)


def check_lengths(lengths: list[int], batch: int) -> None:
    if len(lengths) != batch:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(lengths)} (batch_size={batch})"
        )
    if min(lengths) <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    if any(a < b for a, b in pairwise(lengths)):
        raise RuntimeError(UNSORTED)


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Sequences of shape (time, batch, *), or (batch, time, *), without what is beyond their lengths."""
    from ...factories.from_data import tensor

    lengths, order = (lengths if isinstance(lengths, Tensor) else tensor(list(lengths))).to(int64), None
    if not enforce_sorted:
        lengths, order = lengths.sort(descending=True)
        input = input.index_select(0 if batch_first else 1, order)
    x = input.transpose(0, 1) if batch_first else input
    if not x.numel():
        raise RuntimeError("Cannot pack empty tensors.")
    each, batch = lengths.tolist(), x.shape[1]
    check_lengths(each, batch)
    sizes = [sum(n > t for n in each) for t in range(each[0])]
    data = x.reshape(-1, *x.shape[2:]).index_select(0, places(sizes, batch))
    return PackedSequence(data, tensor(sizes, dtype=int64), order)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """The sequences padded to the longest, or to total_length, and their lengths."""
    from ...factories.from_data import tensor

    sizes = sequence.batch_sizes.tolist()
    time, batch, data = len(sizes) if total_length is None else total_length, sizes[0], sequence.data
    if time < len(sizes):
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {len(sizes)}"
        )
    padding = data.new_full((time * batch, *data.shape[1:]), padding_value)
    x = padding.index_copy(0, places(sizes, batch), data).reshape(time, batch, *data.shape[1:])
    lengths = tensor([sum(n > k for n in sizes) for k in range(batch)], dtype=int64)
    x = x.transpose(0, 1) if batch_first else x
    order = sequence.unsorted_indices
    if order is None:
        return x, lengths
    return x.index_select(0 if batch_first else 1, order), lengths[order]


def pad_sequence(
    sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Sequences of shape (time, *) padded to the longest, and stacked."""
    from ... import stack
    from .. import functional as F

    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    each = list(sequences)
    if not each:
        raise RuntimeError("received an empty list of sequences")
    longest = max(x.shape[0] for x in each)

    def padded(x: Tensor) -> Tensor:
        missing = longest - x.shape[0]
        sides = (0, missing) if padding_side == "right" else (missing, 0)
        return F.pad(x, (0, 0) * (x.ndim - 1) + sides, value=padding_value)

    return stack([padded(x) for x in each], 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences of a padded tensor, each of its length."""
    from ... import arange

    by_batch = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    steps = arange(by_batch.shape[1])
    return [x[steps < n] for x, n in zip(by_batch, lengths, strict=True)]


def pack_sequence(sequences: list[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Sequences of shape (time, *) packed."""
    lengths = [x.shape[0] for x in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences that were packed."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
