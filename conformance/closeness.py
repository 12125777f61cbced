"""When are two observations the same? Tolerances by dtype, and differences in words.

``differs`` compares an observation with a literal of a case; ``disagree`` compares what two engines showed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.language.data import array, is_data, kind
from conformance.transcript import (
    CallSeen,
    ErrorSeen,
    ObjectSeen,
    PlainSeen,
    Seen,
    SequenceSeen,
    TensorSeen,
    without_addresses,
)

TOLERANCES: dict[str, dict[str, tuple[float, float]]] = {
    #           the CPU           other devices
    "float64": {"cpu": (1e-7, 1e-7), "other": (1e-7, 1e-7)},
    "complex128": {"cpu": (1e-7, 1e-7), "other": (1e-7, 1e-7)},
    "float32": {"cpu": (1.3e-6, 1e-5), "other": (1e-5, 1e-5)},
    "complex64": {"cpu": (1.3e-6, 1e-5), "other": (1e-5, 1e-5)},
    "float16": {"cpu": (1e-3, 1e-5), "other": (2e-3, 1e-5)},
    "complex32": {"cpu": (1e-3, 1e-5), "other": (2e-3, 1e-5)},
    "bfloat16": {"cpu": (1.6e-2, 1e-5), "other": (1.6e-2, 1e-5)},
}
"""(relative, absolute) by dtype and device; other dtypes must be equal.

Those of the CPU are torch.testing.assert_close's. Another device sums in another order and has its own approximations of
functions: there float32 may be off by some 80 units in the last place, and halves by two. A simulation computes as the CPU.
"""

_PYTHON_TOLERANCE = (1e-6, 1e-8)


def collapse(text: str) -> str:
    """``text`` with every run of white space made one space."""
    return " ".join(text.split())


def differs(seen: Seen, literal: Any) -> str | None:
    """None where ``seen`` is what the literal says, else the difference in words.

    A literal fixes value, shape and kind (bool, int, float, complex). A list matches a tensor, a list or a torch.Size, not
    a tuple. A string matches a string, and an object (a dtype, a device, a node) by its text.
    """
    if isinstance(seen, ErrorSeen):
        return f"looking at it raised {seen}"
    if literal is None:
        return None if isinstance(seen, PlainSeen) and seen.value is None else f"expected null, got {seen}"
    if isinstance(literal, str) and not is_data(literal):
        return _text_differs(seen, literal)
    if isinstance(seen, SequenceSeen) and isinstance(literal, list):
        return _sequence_differs(seen, literal)
    if not is_data(literal):
        return f"expected {literal!r}, got {seen}"
    values = _values(seen)
    if values is None:
        return f"expected {literal}, got {seen}"
    return arrays_differ(values, array(literal), tolerance(seen))


def _text_differs(seen: Seen, literal: str) -> str | None:
    if isinstance(seen, PlainSeen) and isinstance(seen.value, str):
        got = without_addresses(seen.value)
    elif isinstance(seen, ObjectSeen):
        got = seen.text
    else:
        return f"expected the text {literal!r}, got {seen}"
    return None if got == without_addresses(literal) else f"expected the text {literal!r}, got {got!r}"


def _sequence_differs(seen: SequenceSeen, literal: list[Any]) -> str | None:
    if seen.kind not in ("list", "Size"):
        return f"expected a list or a tensor, got a {seen.kind}: declare {{tuple: [...]}}"
    if len(seen.items) != len(literal):
        return f"expected {len(literal)} items, got {len(seen.items)}: {seen}"
    for index, (item, want) in enumerate(zip(seen.items, literal, strict=True)):
        if difference := differs(item, want):
            return f"item {index}: {difference}"
    return None


def _values(seen: Seen) -> np.ndarray | None:
    if isinstance(seen, TensorSeen):
        return seen.values
    if isinstance(seen, PlainSeen) and isinstance(seen.value, bool | int | float | complex):
        made = np.array(seen.value)
        return None if made.dtype == object else made
    return None


def tolerance(seen: Seen) -> tuple[float, float]:
    """The (relative, absolute) tolerance that belongs to an observation."""
    if isinstance(seen, TensorSeen):
        by_device = TOLERANCES.get(seen.dtype.removeprefix("torch."), {})
        device = seen.device.partition(":")[0]
        return by_device.get("cpu" if device in ("cpu", "sim") else "other", (0.0, 0.0))
    return _PYTHON_TOLERANCE if isinstance(seen, PlainSeen) and isinstance(seen.value, float | complex) else (0.0, 0.0)


def arrays_differ(got: np.ndarray, want: np.ndarray, within: tuple[float, float]) -> str | None:
    """Shape, kind and values of two arrays. nan equals nan, an infinity only itself."""
    if got.shape != want.shape:
        return f"expected shape {list(want.shape)}, got {list(got.shape)}"
    if want.size and kind(got) != kind(want):
        return f"expected {kind(want)} values, got {kind(got)}: {got.tolist()}"
    return values_differ(got, want, within)


def values_differ(got: np.ndarray, want: np.ndarray, within: tuple[float, float]) -> str | None:
    """In words, how far values are from those wanted, of the same shape and kind; None where they are close enough."""
    if not want.size:
        return None
    if kind(want) in ("bool", "int"):
        return f"expected {_shown(want)}, got {_shown(got)}" if (got != want).any() else None
    relative, absolute = within
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(got, want, rtol=relative, atol=absolute, equal_nan=True)
        if not wrong.any():
            return None
        gap = np.abs(np.asarray(got - want))
        gap = np.where(wrong, np.where(np.isnan(gap), np.inf, gap), -1.0)
    at = np.unravel_index(int(np.argmax(gap)), gap.shape)
    place = f" at {[int(i) for i in at]}" if at else ""
    return (
        f"expected {_shown(want)}, got {_shown(got)}: largest difference {gap[at]:.3g}{place}, "
        f"{int(wrong.sum())} of {want.size} outside rtol {relative:g}, atol {absolute:g}"
    )


def _shown(values: np.ndarray) -> str:
    return np.array2string(values, separator=", ", threshold=20, precision=7).replace("\n", " ")


def disagree(one: Seen, other: Seen, devices: tuple[str, str], values: bool = True) -> str | None:
    """None where two engines showed the same, else the difference.

    Compares what kind of thing it is, and of tensors shape, dtype, strides, layout, requires_grad and device (each
    engine on its own one of ``devices``); with ``values`` also numbers, texts, and classes of errors.
    """
    if type(one) is not type(other):
        return f"{_kind_of(one)} against {_kind_of(other)}"
    if isinstance(one, TensorSeen) and isinstance(other, TensorSeen):
        return _tensors_disagree(one, other, devices, values)
    if isinstance(one, SequenceSeen | CallSeen) and isinstance(other, SequenceSeen | CallSeen):
        return _sequences_disagree(one, other, devices, values)
    if not values:
        return None
    if isinstance(one, PlainSeen) and isinstance(other, PlainSeen):
        return _plain_disagree(one.value, other.value)
    if isinstance(one, ErrorSeen) and isinstance(other, ErrorSeen):
        same = one.classes[0] == other.classes[0]
        return None if same else f"{one.classes[0]} against {other.classes[0]}"
    texts = [str(seen).replace(device, "DEVICE") for seen, device in zip((one, other), devices, strict=True)]
    return None if texts[0] == texts[1] else f"{one} against {other}"


def _kind_of(seen: Seen) -> str:
    return f"{type(seen).__name__.removesuffix('Seen').lower()} {seen}"


def _tensors_disagree(one: TensorSeen, other: TensorSeen, devices: tuple[str, str], values: bool) -> str | None:
    if one.values.shape != other.values.shape:
        return f"shape {list(one.values.shape)} against {list(other.values.shape)}"
    for name in ("dtype", "layout", "requires_grad"):
        a, b = getattr(one, name), getattr(other, name)
        if a != b:
            return f"{name} {a} against {b}"
    if _steps(one) != _steps(other):
        return f"strides {one.strides} against {other.strides}"
    if (one.device == devices[0]) != (other.device == devices[1]):
        return f"device {one.device} of an engine on {devices[0]}, {other.device} of one on {devices[1]}"
    within = max(tolerance(one), tolerance(other))
    return arrays_differ(one.values, other.values, within) if values else None


def _steps(seen: TensorSeen) -> list[int] | None:
    """The strides by which one gets from element to element: those of dimensions that have a second one."""
    if seen.strides is None or seen.values.size == 0:
        return None
    return [stride for stride, size in zip(seen.strides, seen.values.shape, strict=True) if size > 1]


def _sequences_disagree(
    one: SequenceSeen | CallSeen, other: SequenceSeen | CallSeen, devices: tuple[str, str], values: bool
) -> str | None:
    a, b = (s.items if isinstance(s, SequenceSeen) else s.seen for s in (one, other))
    names = [s.kind if isinstance(s, SequenceSeen) else s.name for s in (one, other)]
    if names[0] != names[1]:
        return f"{names[0]} against {names[1]}"
    if len(a) != len(b):
        return f"{len(a)} items against {len(b)}"
    for index, (x, y) in enumerate(zip(a, b, strict=True)):
        if difference := disagree(x, y, devices, values):
            return f"item {index}: {difference}"
    return None


def _plain_disagree(one: Any, other: Any) -> str | None:
    if isinstance(one, str) and isinstance(other, str):
        one, other = without_addresses(one), without_addresses(other)
    if type(one) is type(other) and isinstance(one, float | complex):
        return arrays_differ(np.array(one), np.array(other), _PYTHON_TOLERANCE)
    return None if type(one) is type(other) and one == other else f"{one!r} against {other!r}"
