"""In which order a DataLoader takes samples: torch's order for a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..random import Generator


class Sampler:
    """Indices, in some order (source: torch.utils.data.Sampler)."""

    def __class_getitem__(cls, _: Any) -> type[Sampler]:
        return cls

    def __init__(self, data_source: Any = None) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.data_source)


class SequentialSampler(Sampler):
    """One after the other (source: torch.utils.data.SequentialSampler)."""

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))


NOT_POSITIVE = "num_samples should be a positive integer value, but got num_samples={}"


class RandomSampler(Sampler):
    """In random order (source: torch.utils.data.RandomSampler)."""

    def __init__(
        self, data_source: Any, replacement: bool = False, num_samples: int | None = None, generator: Any = None
    ) -> None:
        super().__init__(data_source)
        self.replacement, self.generator = replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement should be a boolean value, but got replacement={replacement}")
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(NOT_POSITIVE.format(self.num_samples))

    def __iter__(self) -> Iterator[int]:
        from .. import randint, randperm

        n, left = len(self.data_source), self.num_samples
        source = Generator().manual_seed(random_seed(None)) if self.generator is None else self.generator
        while left > 0:
            if self.replacement:
                drawn = randint(high=n, low=0, size=(min(left, 32),), generator=source)
            else:
                drawn = randperm(n, generator=source)[:left]
            yield from drawn.tolist()
            left -= drawn.numel()

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """Some indices, in random order (source: torch.utils.data.SubsetRandomSampler)."""

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        from .. import randperm

        yield from (self.indices[i] for i in randperm(len(self.indices), generator=self.generator).tolist())

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """By weights (source: torch.utils.data.WeightedRandomSampler)."""

    def __init__(self, weights: Any, num_samples: int, replacement: bool = True, generator: Any = None) -> None:
        from .. import as_tensor, float64

        if not isinstance(num_samples, int) or isinstance(num_samples, bool) or num_samples <= 0:
            raise ValueError(NOT_POSITIVE.format(num_samples))
        if not isinstance(replacement, bool):
            raise ValueError(f"replacement should be a boolean value, but got replacement={replacement}")
        self.weights, self.num_samples = as_tensor(weights, dtype=float64), num_samples
        if self.weights.ndim != 1:
            raise ValueError(
                f"weights should be a 1d sequence but given weights have shape {tuple(self.weights.shape)}"
            )
        self.replacement, self.generator = replacement, generator

    def __iter__(self) -> Iterator[int]:
        from .. import multinomial

        return iter(multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator).tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """Lists of indices (source: torch.utils.data.BatchSampler)."""

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        batch: list[int] = []
        for index in self.sampler:
            batch.append(index)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole + bool(rest and not self.drop_last)


def random_seed(generator: Any) -> int:
    """A seed drawn as torch draws one: 64 bits of the generator."""
    from .. import empty, int64

    return empty((), dtype=int64).random_(generator=generator).item()
