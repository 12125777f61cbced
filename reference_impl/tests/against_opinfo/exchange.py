"""Between torch and the reference: samples carried over, results compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CellType, FunctionType
from typing import Any

import numpy as np
import torch

import reference_impl
from reference_impl.tensor import storage_of, wrap

RTOL = {
    torch.float64: 1e-6,
    torch.complex128: 1e-6,
    torch.float32: 1e-3,
    torch.complex64: 1e-3,
    torch.bfloat16: 2e-2,
    torch.float16: 4e-3,
}
ATOL = {
    torch.float64: 1e-7,
    torch.complex128: 1e-7,
    torch.float32: 1e-4,
    torch.complex64: 1e-4,
    torch.bfloat16: 2e-2,
    torch.float16: 4e-3,
}


DRAWN = "normal randn randn_like rand_like randint randint_like multinomial bernoulli cauchy exponential geometric"
# torch's own kernels are this far from the exact value, as a part of the largest number in it
SLACK = {"special.bessel_j0": 1e-5, "special.bessel_y1": 1e-5}
UNSET = "empty empty_like new_empty empty_strided new_empty_strided empty_permuted"
NUMBERS_DIFFER = frozenset(f"{DRAWN} log_normal uniform nn.functional.rrelu {UNSET}".split())


UNWRITTEN = frozenset(["fft.ihfft2", "fft.ihfftn"])  # torch leaves part of their out= as it was


class Wrong(Exception):
    """A difference between the engines, in words."""


# -- torch's values as the reference's


Memories = dict[tuple[int, torch.dtype], tuple[np.ndarray, torch.UntypedStorage, list[Any]]]  # and who lies in it


def to_reference(value: Any, leaves: list[Any] | None = None, memories: Memories | None = None) -> Any:
    """torch arguments as the reference's: tensors copied with dtype, strides and requires_grad; what shares memory within
    one call shares its copy."""
    memories = {} if memories is None else memories
    if isinstance(value, torch.Tensor):
        return tensor_to_reference(value, leaves, memories)
    if isinstance(value, torch.dtype | torch.layout | torch.memory_format):
        return getattr(reference_impl, str(value).removeprefix("torch."))
    if isinstance(value, torch.device):
        return str(value)
    if isinstance(value, torch.nn.Module):
        return getattr(reference_impl.nn, type(value).__name__)()
    if isinstance(value, torch.Size):
        return tuple(value)
    if isinstance(value, tuple | list):
        return type(value)(to_reference(item, leaves, memories) for item in value)
    if isinstance(value, dict):
        return {key: to_reference(item, leaves, memories) for key, item in value.items()}
    return value


def tensor_to_reference(value: torch.Tensor, leaves: list[Any] | None, memories: Memories) -> Any:
    if value.is_meta or value.ndim > 64:
        raise reference_impl.Unsupported("tensors without memory, or of more than 64 dimensions")
    plain = value.detach().resolve_conj().resolve_neg()
    flat, neighbours = memory_of(plain, memories)
    strides = tuple(s * plain.itemsize for s in plain.stride())
    start = plain.storage_offset() * plain.itemsize if plain.numel() else 0
    made = wrap(np.ndarray(tuple(plain.shape), flat.dtype, flat, start, strides)[()])
    if neighbours:
        made._storage = storage_of(neighbours[0])
    neighbours.append(made)
    if value.requires_grad:
        made.requires_grad_()
        if leaves is not None:
            leaves.append(made)
    return made


def memory_of(plain: torch.Tensor, memories: Memories) -> tuple[np.ndarray, list[Any]]:
    """A copy of all the memory that a tensor lies in, and the tensors that were made there."""
    if not plain.numel():
        return np.empty(1, to_numpy(plain).dtype), []
    storage = plain.untyped_storage()
    place = (storage.data_ptr(), plain.dtype)
    if place not in memories:
        copy = to_numpy(plain.as_strided((storage.nbytes() // plain.itemsize,), (1,), 0)).copy()
        memories[place] = copy, storage, []  # kept, so that no other memory gets its address
    return memories[place][0], memories[place][2]


def to_numpy(plain: torch.Tensor) -> np.ndarray:
    if plain.dtype is not torch.bfloat16:
        return plain.numpy()
    import ml_dtypes

    return plain.view(torch.uint16).numpy().view(ml_dtypes.bfloat16)


def tensors_in(value: Any) -> Iterator[Any]:
    """The tensors of either engine in nested values, in order."""
    if isinstance(value, torch.Tensor | reference_impl.Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        yield from tensors_in(list(value.values()))


def inputs_of(sample: Any) -> list[torch.Tensor]:
    return list(tensors_in([sample.input, *sample.args, sample.kwargs]))


def with_own_leaves(sample: Any) -> Any:
    """A sample may bring a view of a leaf, taken where nothing was recorded: no gradient would arrive there."""

    def own(t: Any) -> Any:
        borrowed = isinstance(t, torch.Tensor) and t.requires_grad and t.is_leaf and t._is_view()
        return t.detach().requires_grad_() if borrowed else t

    return sample.transform(own)


def like(tensor: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Random numbers in a tensor's shape and dtype."""
    values = rng.standard_normal(tuple(tensor.shape))
    made = values + 1j * rng.standard_normal(tuple(tensor.shape)) if tensor.is_complex() else values
    return torch.tensor(made, dtype=tensor.dtype)


# -- the same in words, and by name


def described(sample: Any) -> str:
    def shown(value: Any) -> str:
        if isinstance(value, torch.Tensor):
            return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
        if isinstance(value, tuple | list):
            return f"[{', '.join(map(shown, value))}]"
        return repr(value)

    words = [shown(a) for a in (sample.input, *sample.args)]
    return ", ".join(words + [f"{k}={shown(v)}" for k, v in sample.kwargs.items()])


def resolve(op: Any, module: Any) -> Callable[..., Any]:
    """What an OpInfo entry calls, in a torch-shaped module; a method where there is no function."""
    return rebound(op.op, module) if of_the_tests(op.op) else named(op.name, module)


def of_the_tests(f: Any) -> bool:
    return isinstance(f, FunctionType) and f.__module__.startswith("torch.testing")


def rebound(f: Any, module: Any) -> Callable[..., Any]:
    """A function around torch, such as OpInfo's lambdas, with another module in torch's place."""
    if not of_the_tests(f):
        return f  # type: ignore[no-any-return]

    def seeded(op: Any, *args: Any, **kwargs: Any) -> Any:
        module.manual_seed(42)
        return op(*args, **kwargs)

    scope = {**f.__globals__, "torch": module, "F": module.nn.functional, "wrapper_set_seed": seeded}
    cells = f.__closure__ and tuple(CellType(rebound(c.cell_contents, module)) for c in f.__closure__)
    made = FunctionType(f.__code__, scope, f.__name__, f.__defaults__, cells)
    made.__kwdefaults__ = f.__kwdefaults__
    return made


def same_numbers(op: Any, sample: Any) -> bool:
    """Whether torch's numbers are to be met: not where they are drawn, or whatever was in memory."""
    if op.has_nondeterministic_output or op.name in NUMBERS_DIFFER:
        return False
    if op.name == "nn.functional.multi_head_attention_forward":
        return not (sample.args[9] and sample.kwargs.get("training", True))
    return not ("dropout" in op.name and sample.kwargs.get("training", True)) and not sample.kwargs.get("dropout_p")


def named(name: str, module: Any) -> Callable[..., Any]:
    """``linalg.svd`` or ``nn.functional.relu`` or ``exp``."""
    node = module
    for part in name.split("."):
        node = getattr(node, part) if hasattr(node, part) else getattr(module.Tensor, part)
    return node  # type: ignore[no-any-return]


# -- comparison


def numbers(value: Any) -> np.ndarray:
    if isinstance(value, torch.Tensor):
        plain = value.detach().resolve_conj().resolve_neg()
        return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy(force=True)
    array = np.asarray(value.detach().numpy())
    return array if array.dtype.kind in "biufc" else array.astype(np.float32)


@dataclass(frozen=True)
class Closeness:
    """How near numbers of a dtype must be: nearer than the coarsest input allows they cannot be."""

    inputs: tuple[torch.dtype, ...] = ()
    slack: float = 0.0

    def __call__(self, x: np.ndarray, y: np.ndarray, dtype: torch.dtype) -> np.ndarray:
        if dtype not in RTOL:
            return np.equal(x, y)
        known = [d for d in (dtype, *self.inputs) if d in RTOL]
        rtol, atol = max(RTOL[d] for d in known), max(ATOL[d] for d in known)
        with np.errstate(all="ignore"):
            atol += self.slack * np.abs(y[np.isfinite(y)]).max(initial=0) if self.slack else 0
            return np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=True)


def closeness(op: Any, sample: Any) -> Closeness:
    return Closeness(tuple({t.dtype for t in inputs_of(sample)}), SLACK.get(op.name, 0.0))


def compare(what: str, ours: list[Any], theirs: list[Any], values: bool = True, close: Closeness = Closeness()) -> None:
    """Number, dtypes, shapes and values of tensors (None where torch has None)."""
    if len(ours) != len(theirs):
        raise Wrong(f"{what}: {len(ours)} tensors, torch gives {len(theirs)}")
    for index, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if (a is None) != (b is None):
            have, want = ("None" if t is None else "a tensor" for t in (a, b))
            raise Wrong(f"{what} {index}: {have}, torch gives {want}")
        if a is None:
            continue
        if str(a.dtype) != str(b.dtype):
            raise Wrong(f"{what} {index}: dtype {a.dtype}, torch gives {b.dtype}")
        if tuple(a.shape) != tuple(b.shape):
            raise Wrong(f"{what} {index}: shape {tuple(a.shape)}, torch gives {tuple(b.shape)}")
        if values:
            x, y = numbers(a), numbers(b)
            near = close(x, y, b.dtype)
            if not near.all():
                raise Wrong(f"{what} {index}: values {x[~near].ravel()[:4]}, torch gives {y[~near].ravel()[:4]}")
