"""What torch refuses: dtypes without a kernel, and OpInfo's erroneous calls with their texts."""

from __future__ import annotations

import re
from typing import Any

import torch

import reference_impl

from .checks import compare_results, outcome
from .exchange import Wrong


def cast(sample: Any, dtype: torch.dtype) -> Any:
    """The sample with its floating tensors in another dtype."""

    def change(t: Any) -> Any:
        return t.detach().to(dtype) if isinstance(t, torch.Tensor) and (t.is_floating_point() or t.is_complex()) else t

    return sample.transform(change)


def check_foreign_dtype(op: Any, sample: Any) -> None:
    """A dtype that OpInfo does not list: refused by both, or the same result from both."""
    try:
        theirs, error = outcome(torch, op, sample), None
    except Exception as caught:
        theirs, error = [], caught
    if error is None:
        compare_results(op, sample, outcome(reference_impl, op, sample), theirs)
        return
    try:
        ours = outcome(reference_impl, op, sample)
    except reference_impl.Unsupported:
        return
    except Exception as caught:
        if not isinstance(caught, type(error)) and not isinstance(error, type(caught)):
            raise Wrong(f"{type(caught).__name__}: {caught}; torch: {type(error).__name__}: {error}") from None
        return
    raise Wrong(f"accepted, gives {[str(t.dtype) for t in ours]}; torch: {type(error).__name__}: {first_line(error)}")


def check_error(op: Any, wrong: Any) -> None:
    """An erroneous call raises torch's error, with its text."""
    sample = wrong.sample_input
    try:
        outcome(torch, op, sample)
    except Exception as caught:
        error = caught
    else:
        return
    try:
        outcome(reference_impl, op, sample)
    except reference_impl.Unsupported:
        raise
    except Exception as caught:
        if not isinstance(caught, type(error)):
            raise Wrong(
                f"{type(caught).__name__}: {first_line(caught)}; torch: {type(error).__name__}: {first_line(error)}"
            ) from None
        if plain(caught) != plain(error) and not re.search(wrong.error_regex, str(caught)):
            raise Wrong(f"says {first_line(caught)!r}; torch: {first_line(error)!r}") from None
        return
    raise Wrong(f"accepted; torch: {type(error).__name__}: {first_line(error)}")


def plain(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error)).strip()


def first_line(error: Exception) -> str:
    return plain(error)[:200]
