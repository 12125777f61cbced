"""torch.testing.assert_close: equal up to the tolerance of a dtype, or an error that says where not."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import dtypes
from .missing import getter
from .tensor import Tensor, wrap

__getattr__ = getter("testing")

# dtype -> rtol, atol
TOLERANCES = {
    dtypes.float16: (1e-3, 1e-5), dtypes.bfloat16: (1.6e-2, 1e-5), dtypes.float32: (1.3e-6, 1e-5),
    dtypes.float64: (1e-7, 1e-7), dtypes.complex64: (1.3e-6, 1e-5), dtypes.complex128: (1e-7, 1e-7),
}  # fmt: skip


def assert_close(
    actual: Any, expected: Any, *, allow_subclasses: bool = True, rtol: float | None = None, atol: float | None = None,
    equal_nan: bool = False, check_device: bool = True, check_dtype: bool = True, check_layout: bool = True,
    check_stride: bool = False, msg: str | Callable[[str], str] | None = None,
) -> None:  # fmt: skip
    """Raise AssertionError unless |actual - expected| <= atol + rtol |expected| everywhere (source: torch.testing)."""
    if (rtol is None) != (atol is None):
        raise ValueError(
            "Both 'rtol' and 'atol' must be either specified or omitted, but got no "
            + ("rtol." if rtol is None else "atol.")
        )
    try:
        compare(actual, expected, (), rtol, atol, equal_nan, check_dtype, check_stride)
    except AssertionError as error:
        text = str(error)
        raise AssertionError(text if msg is None else msg(text) if callable(msg) else msg) from None


def compare(a: Any, b: Any, where: tuple, rtol: Any, atol: Any, equal_nan: bool, dtype: bool, stride: bool) -> None:
    options = (rtol, atol, equal_nan, dtype, stride)
    place = f"\n\nThe failure occurred for item {''.join(f'[{k!r}]' for k in where)}" if where else ""
    for kind in (Mapping, Sequence):
        if isinstance(a, kind) and isinstance(b, kind) and not isinstance(a, str):
            if kind is Mapping and a.keys() != b.keys():
                raise AssertionError(
                    "The keys of the mappings do not match:\n"
                    f"Missing keys in the actual mapping: {sorted(b.keys() - a.keys())}\n"
                    f"Additional keys in the actual mapping: {sorted(a.keys() - b.keys())}{place}"
                )
            if len(a) != len(b):
                raise AssertionError(f"The length of the sequences mismatch: {len(a)} != {len(b)}{place}")
            for k in a if kind is Mapping else range(len(a)):
                compare(a[k], b[k], (*where, k), *options)
            return
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        a, b = wrap(a), wrap(b)
    numbers = isinstance(a, int | float | complex) and isinstance(b, int | float | complex)
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        for name in ("shape", *(["dtype"] if dtype else ())):
            if getattr(a, name) != getattr(b, name):
                raise AssertionError(
                    f"The values for attribute '{name}' do not match: {getattr(a, name)} != {getattr(b, name)}.{place}"
                )
        if stride and a.stride() != b.stride():
            raise AssertionError(
                f"The values for attribute 'stride()' do not match: {a.stride()} != {b.stride()}.{place}"
            )
        found = (TOLERANCES.get(x.dtype, (0.0, 0.0)) for x in (a, b))
        usual = [max(pair) for pair in zip(*found, strict=True)]
        x, y = (np.asarray(t.detach().cpu().resolve_conj()._array) for t in (a, b))
    elif numbers:
        kinds = [np.asarray(v).dtype.kind for v in (a, b)]
        usual = [1e-7, 1e-7] if set(kinds) & {"f", "c"} else [0.0, 0.0]
        x, y = np.asarray(a), np.asarray(b)
    elif a is None and b is None:
        return
    else:
        raise TypeError(f"No comparison pair was able to handle inputs of type {type(a)} and {type(b)}.")
    rtol, atol = (u if given is None else given for u, given in zip(usual, (rtol, atol), strict=True))
    text = difference(x, y, rtol, atol, equal_nan)
    if text:
        raise AssertionError(text + place)


def difference(x: np.ndarray, y: np.ndarray, rtol: float, atol: float, equal_nan: bool) -> str:
    """What is wrong, or nothing."""
    if x.dtype.kind == "V":
        x, y = x.astype(np.float32), y.astype(np.float32)
    with np.errstate(all="ignore"):
        off = np.abs(np.subtract(x, y, dtype=np.result_type(x, y, np.int64) if x.dtype.kind in "biu" else None))
        close = (x == y) | (off <= atol + rtol * np.abs(y)) & np.isfinite(y)
        if equal_nan:
            close |= np.isnan(x) & np.isnan(y)
        if np.all(close):
            return ""
        relative = off / np.abs(y.astype(np.float32) if y.dtype.kind in "biu" else y)
    word = "close" if rtol or atol else "equal"
    limits = [f" (up to {t} allowed)" if rtol or atol else "" for t in (atol, rtol)]
    if not x.ndim:
        return (
            f"Scalars are not {word}!\n\nExpected {y.item()} but got {x.item()}.\nAbsolute difference: {off.item()}"
            f"{limits[0]}\nRelative difference: {relative.item()}{limits[1]}"
        )
    wrong, lines = int(np.count_nonzero(~close)), []
    for name, values, limit in (("absolute", off, limits[0]), ("relative", relative, limits[1])):
        worst = np.where(close, -math.inf if values.dtype.kind == "f" else -1, values)
        at = tuple(int(k) for k in np.unravel_index(np.argmax(worst), worst.shape))
        lines.append(f"Greatest {name} difference: {values[at].item()} at index {at}{limit}")
    share = f"{wrong} / {x.size} ({wrong / x.size:.1%})"
    return "\n".join([f"Tensor-likes are not {word}!\n", f"Mismatched elements: {share}", *lines])


def assert_allclose(
    actual: Any, expected: Any, rtol: Any = None, atol: Any = None, equal_nan: bool = True, msg: Any = ""
) -> None:
    """Deprecated in favour of assert_close (source: torch.testing.assert_allclose)."""
    assert_close(actual, expected, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=False, msg=msg or None)
