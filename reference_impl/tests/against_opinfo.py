"""Operators of the reference held against torch, on torch's own sample inputs (OpInfo).

    python -m reference_impl.tests.against_opinfo exp linalg.svd          # these
    python -m reference_impl.tests.against_opinfo --all                   # all that OpInfo knows

For every sample and dtype: forward, gradient, second order, in-place form, forward mode. A line an operator: ``ok``, ``WRONG``
(values, shapes, dtypes or an error that torch does not raise), ``unsupported`` (says so by name) or ``missing``. With ``-v``
every difference is printed with its sample. Needs torch and expecttest.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch

import reference_impl

MOST_SAMPLES = 40
_RTOL = {
    torch.float64: 1e-6,
    torch.complex128: 1e-6,
    torch.float32: 1e-3,
    torch.complex64: 1e-3,
    torch.bfloat16: 2e-2,
    torch.float16: 4e-3,
}
_ATOL = {
    torch.float64: 1e-7,
    torch.complex128: 1e-7,
    torch.float32: 1e-4,
    torch.complex64: 1e-4,
    torch.bfloat16: 2e-2,
    torch.float16: 4e-3,
}


@dataclass
class Tally:
    """What became of the samples of one operator."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    unsupported: set[str] = field(default_factory=set)

    def line(self) -> str:
        if self.wrong:
            return "WRONG"
        if self.counts["missing"]:
            return "missing"
        return (
            "unsupported"
            if self.unsupported and not self.counts["ok"]
            else "ok"
            if not self.unsupported
            else "partly unsupported"
        )


class Wrong(Exception):
    """A difference between the engines, in words."""


def to_reference(value: Any, leaves: list[Any] | None = None) -> Any:
    """torch arguments as the reference's: tensors copied with dtype, strides and requires_grad."""
    if isinstance(value, torch.Tensor):
        return _tensor(value, leaves)
    if isinstance(value, torch.dtype):
        return getattr(reference_impl, str(value).removeprefix("torch."))
    if isinstance(value, torch.device | torch.layout | torch.memory_format):
        return getattr(reference_impl, str(value).removeprefix("torch."), str(value))
    if isinstance(value, torch.Size):
        return tuple(value)
    if isinstance(value, tuple | list):
        return type(value)(to_reference(item, leaves) for item in value)
    if isinstance(value, dict):
        return {key: to_reference(item, leaves) for key, item in value.items()}
    return value


def _tensor(value: torch.Tensor, leaves: list[Any] | None) -> Any:
    plain = value.detach().resolve_conj().resolve_neg()
    half = plain.dtype in (torch.bfloat16, torch.float16)
    array = (plain.float() if half else plain).numpy().copy()
    made = reference_impl.tensor(array, dtype=to_reference(value.dtype)) if half else reference_impl.from_numpy(array)
    if value.requires_grad:
        made.requires_grad_()
        if leaves is not None:
            leaves.append(made)
    return made


def flat(value: Any) -> list[Any]:
    """The tensors in a result, in order."""
    if isinstance(value, torch.Tensor | reference_impl.Tensor):
        return [value]
    if isinstance(value, tuple | list):
        return [tensor for item in value for tensor in flat(item)]
    return []


def _numpy(value: Any) -> np.ndarray:
    if isinstance(value, torch.Tensor):
        plain = value.detach().resolve_conj().resolve_neg()
        return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy(force=True)
    array = np.asarray(value.detach().numpy())
    return array if array.dtype.kind in "biufc" else array.astype(np.float32)


def compare(what: str, ours: list[Any], theirs: list[Any]) -> None:
    if len(ours) != len(theirs):
        raise Wrong(f"{what}: {len(ours)} tensors, torch gives {len(theirs)}")
    for index, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if (a is None) != (b is None):
            raise Wrong(
                f"{what} {index}: {'None' if a is None else 'a tensor'}, torch gives {'None' if b is None else 'a tensor'}"
            )
        if a is None:
            continue
        if str(a.dtype) != str(b.dtype):
            raise Wrong(f"{what} {index}: dtype {a.dtype}, torch gives {b.dtype}")
        if tuple(a.shape) != tuple(b.shape):
            raise Wrong(f"{what} {index}: shape {tuple(a.shape)}, torch gives {tuple(b.shape)}")
        x, y = _numpy(a), _numpy(b)
        rtol, atol = _RTOL.get(b.dtype, 0.0), _ATOL.get(b.dtype, 0.0)
        with np.errstate(all="ignore"):
            close = np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=True)
        if not close.all():
            raise Wrong(f"{what} {index}: values {x[~close].ravel()[:4]}, torch gives {y[~close].ravel()[:4]}")


def resolve(name: str, module: Any) -> Callable[..., Any]:
    """``linalg.svd`` or ``nn.functional.relu`` or ``exp`` in a torch-shaped module; a method where there is no function."""
    node = module
    for part in name.split("."):
        node = getattr(node, part) if hasattr(node, part) else getattr(module.Tensor, part)
    return node  # type: ignore[no-any-return]


def check_sample(name: str, sample: Any, tally: Tally, gradgrad: bool, forward_ad: bool) -> None:
    ours_op, theirs_op = resolve(name, reference_impl), resolve(name, torch)
    leaves: list[Any] = []
    theirs_leaves = [t for t in flat_arguments(sample) if t.requires_grad]
    arguments = [to_reference(a, leaves) for a in (sample.input, *sample.args)]
    keywords = to_reference(sample.kwargs, leaves)
    torch.manual_seed(0)
    theirs = flat(theirs_op(sample.input, *sample.args, **sample.kwargs))
    ours = flat(ours_op(*arguments, **keywords))
    compare("output", ours, theirs)
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if b.requires_grad]
    for a, b in zip(ours, theirs, strict=True):
        if bool(a.requires_grad) != b.requires_grad:
            raise Wrong(f"requires_grad {a.requires_grad}, torch gives {b.requires_grad}")
    if not pairs or not theirs_leaves:
        return
    rng = np.random.default_rng(0)
    cotangents = [_like(b, rng) for _, b in pairs]
    ours_g = reference_impl.autograd.grad(
        [a for a, _ in pairs], leaves, [to_reference(c) for c in cotangents], create_graph=gradgrad, allow_unused=True
    )
    theirs_g = torch.autograd.grad(
        [b for _, b in pairs], theirs_leaves, cotangents, create_graph=gradgrad, allow_unused=True
    )
    compare("gradient", list(ours_g), list(theirs_g))
    if gradgrad:
        second = [(a, b) for a, b in zip(ours_g, theirs_g, strict=True) if b is not None and b.requires_grad]
        if second:
            cotangents = [_like(b, rng) for _, b in second]
            # where torch has one node for several gradients, one that is constant still requires grad
            linked = [(a, to_reference(c)) for (a, _), c in zip(second, cotangents, strict=True) if a.requires_grad]
            ours_h = [None] * len(leaves)
            if linked:
                ours_h = reference_impl.autograd.grad(
                    [a for a, _ in linked], leaves, [c for _, c in linked], allow_unused=True
                )
            theirs_h = torch.autograd.grad([b for _, b in second], theirs_leaves, cotangents, allow_unused=True)
            ours_h = [_zero(h, leaf) for h, leaf in zip(ours_h, leaves, strict=True)]
            theirs_h = [_zero(h, leaf) for h, leaf in zip(theirs_h, theirs_leaves, strict=True)]
            compare("second order", ours_h, theirs_h)
    if forward_ad and not hasattr(reference_impl.autograd, "forward_ad"):
        tally.unsupported.add("forward mode")
    elif forward_ad:
        check_forward_mode(name, sample, rng)


def _zero(value: Any, leaf: Any) -> Any:
    """Second-order gradients that are None and zero mean the same."""
    return leaf.detach() * 0 if value is None else value


def check_forward_mode(name: str, sample: Any, rng: np.random.Generator) -> None:
    tangents: list[torch.Tensor] = []

    def dual(module: Any, value: Any, counter: list[int]) -> Any:
        if isinstance(value, torch.Tensor):
            primal = value.detach()
            wanted = value.requires_grad
            if wanted and len(tangents) <= counter[0]:
                tangents.append(_like(primal, rng))
            made = primal if module is torch else to_reference(primal)
            if wanted:
                tangent = tangents[counter[0]]
                counter[0] += 1
                return module.autograd.forward_ad.make_dual(made, tangent if module is torch else to_reference(tangent))
            return made
        if isinstance(value, tuple | list):
            return (
                type(value)(dual(module, item, counter) for item in value)
                if not isinstance(value, torch.Size)
                else tuple(value)
            )
        if isinstance(value, dict):
            return {key: dual(module, item, counter) for key, item in value.items()}
        return value if module is torch else to_reference(value)

    results = []
    for module in (torch, reference_impl):
        counter = [0]
        with module.autograd.forward_ad.dual_level():
            arguments = [dual(module, a, counter) for a in (sample.input, *sample.args)]
            keywords = dual(module, sample.kwargs, counter)
            torch.manual_seed(0)
            out = flat(resolve(name, module)(*arguments, **keywords))
            results.append([module.autograd.forward_ad.unpack_dual(t).tangent for t in out])
    filled = [[_tangent_or_none(t) for t in side] for side in results]
    compare("tangent", filled[1], filled[0])


def _tangent_or_none(value: Any) -> Any:
    return None if value is None or not np.any(_numpy(value) != 0) else value


def _like(tensor: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    values = rng.standard_normal(tuple(tensor.shape))
    made = values + 1j * rng.standard_normal(tuple(tensor.shape)) if tensor.is_complex() else values
    return torch.tensor(made, dtype=tensor.dtype)


def flat_arguments(sample: Any) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []

    def walk(value: Any) -> None:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, tuple | list):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            for item in value.values():
                walk(item)

    walk([sample.input, *sample.args, sample.kwargs])
    return found


def check_inplace(name: str, sample: Any) -> None:
    method = name.rpartition(".")[2] + "_"
    if (
        not hasattr(torch.Tensor, method)
        or not hasattr(reference_impl.Tensor, method)
        or not isinstance(sample.input, torch.Tensor)
    ):
        return
    x = sample.input.detach().clone().requires_grad_(sample.input.requires_grad)
    theirs = x.clone()
    try:
        out = getattr(theirs, method)(*sample.args, **sample.kwargs)
        grad = torch.autograd.grad(out, x, torch.ones_like(out)) if out.requires_grad and x.requires_grad else (None,)
    except (RuntimeError, TypeError, NotImplementedError):
        return
    leaves: list[Any] = []
    y = to_reference(x, leaves)
    mine = y.clone()
    ours_out = getattr(mine, method)(*to_reference(list(sample.args)), **to_reference(sample.kwargs))
    compare("in-place", [ours_out], [out])
    if grad[0] is not None:
        compare(
            "in-place gradient",
            list(reference_impl.autograd.grad(ours_out, y, to_reference(torch.ones_like(out)))),
            list(grad),
        )


def operators() -> dict[str, list[Any]]:
    """OpInfo's entries by public name."""
    module = importlib.import_module("torch.testing._internal.common_methods_invocations")
    found: dict[str, list[Any]] = {}
    for op in module.op_db:
        found.setdefault(op.name, []).append(op)
    return found


def samples(op: Any) -> Iterator[tuple[torch.dtype, Any]]:
    for dtype in (torch.float64, torch.complex128, torch.float32):
        if dtype in op.supported_dtypes("cpu"):
            grad = dtype in op.supported_backward_dtypes("cpu")
            for number, sample in enumerate(op.sample_inputs("cpu", dtype, requires_grad=grad)):
                if number >= MOST_SAMPLES:
                    break
                yield dtype, sample
    for dtype in (torch.int64, torch.bool, torch.bfloat16, torch.float16):
        if dtype in op.supported_dtypes("cpu"):
            for number, sample in enumerate(op.sample_inputs("cpu", dtype, requires_grad=False)):
                if number >= MOST_SAMPLES // 4:
                    break
                yield dtype, sample


def check_operator(name: str, entries: list[Any]) -> Tally:
    tally = Tally()
    try:
        resolve(name, reference_impl)
    except AttributeError:
        tally.counts["missing"] += 1
        return tally
    for op in entries:
        for dtype, sample in samples(op):
            second = op.supports_gradgrad and dtype in (torch.float64, torch.complex128)
            forward = op.supports_forward_ad and dtype in (torch.float64, torch.complex128)
            _one(partial(check_sample, name, tally=tally, gradgrad=second, forward_ad=forward), sample, dtype, tally)
            _one(partial(check_inplace, name), sample, dtype, tally)
    return tally


def _one(check: Callable[[Any], None], sample: Any, dtype: torch.dtype, tally: Tally) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check(sample)
        tally.counts["ok"] += 1
    except reference_impl.Unsupported as error:
        tally.unsupported.add(str(error))
    except Wrong as error:
        tally.wrong.append(f"{dtype}: {error}\n      {_describe(sample)}")
    except Exception as error:
        tally.wrong.append(f"{dtype}: {type(error).__name__}: {error}\n      {_describe(sample)}")


def _describe(sample: Any) -> str:
    def shown(value: Any) -> str:
        if isinstance(value, torch.Tensor):
            return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
        if isinstance(value, tuple | list):
            return f"[{', '.join(map(shown, value))}]"
        return repr(value)

    return ", ".join(
        [shown(a) for a in (sample.input, *sample.args)] + [f"{k}={shown(v)}" for k, v in sample.kwargs.items()]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    known = operators()
    names = list(known) if options.all else options.names
    totals: Counter[str] = Counter()
    for name in names:
        if name not in known:
            print(f"OpInfo has no operator {name!r}", file=sys.stderr)
            continue
        tally = check_operator(name, known[name])
        totals[tally.line()] += 1
        print(f"{tally.line():20} {name} ({tally.counts['ok']} ok, {len(tally.wrong)} wrong)", flush=True)
        for text in [*sorted(tally.unsupported), *tally.wrong[: None if options.verbose else 3]]:
            print("    ", text)
    print(", ".join(f"{count} {line}" for line, count in totals.items()))


if __name__ == "__main__":
    main()
