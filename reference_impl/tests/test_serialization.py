"""torch.save and torch.load: either side reads what the other wrote."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from typing import Any

import pytest

import reference_impl as R

DTYPES = ["float32", "float64", "float16", "bfloat16", "complex64", "complex128", "int64", "uint8", "bool"]


def through(writer: Any, reader: Any, make: Any, **options: Any) -> Any:
    buffer = io.BytesIO()
    writer.save(make(writer), buffer)
    buffer.seek(0)
    return reader.load(buffer, **options)


@pytest.fixture(params=["ours", "ours to torch", "torch to ours"])
def pair(request: Any) -> Any:
    if request.param == "ours":
        return R, R
    torch = pytest.importorskip("torch")
    return (R, torch) if request.param == "ours to torch" else (torch, R)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype(pair: Any, dtype: str) -> None:
    writer, reader = pair
    found = through(writer, reader, lambda t: t.tensor([[1, 0, 2], [3, 1, 0]], dtype=getattr(t, dtype)).t())
    assert found.dtype is getattr(reader, dtype)
    assert found.stride() == (1, 3)
    assert type(found) is reader.Tensor
    assert found.tolist() == R.tensor([[1, 3], [0, 1], [2, 0]], dtype=getattr(R, dtype)).tolist()


def test_memory_is_shared_again(pair: Any) -> None:
    writer, reader = pair

    def make(t: Any) -> Any:
        whole = t.arange(1.0, 7.0)
        return [whole, whole[1::2], {"scalar": t.tensor(2.0, requires_grad=True), "empty": t.ones(0, 3)}]

    whole, part, rest = through(writer, reader, make)
    part.mul_(10)
    assert whole.tolist() == [1, 20, 3, 40, 5, 60]
    assert not part._is_view()
    assert rest["scalar"].requires_grad
    assert rest["scalar"].item() == 2
    assert rest["empty"].shape == (0, 3)


def test_modules_and_what_python_has(pair: Any) -> None:
    writer, reader = pair

    def make(t: Any) -> Any:
        layer = t.nn.Linear(2, 1)
        return {
            "state": layer.state_dict(),
            "weight": layer.weight,
            "size": t.Size([1, 2]),
            "dtype": t.float64,
            "n": (1, "a"),
        }

    found = through(writer, reader, make)
    assert isinstance(found["state"], OrderedDict)
    assert list(found["state"]) == ["weight", "bias"]
    assert type(found["weight"]) is reader.nn.Parameter
    assert found["weight"].requires_grad
    assert found["size"] == (1, 2)
    assert found["dtype"] is reader.float64
    assert found["n"] == (1, "a")
    layer = reader.nn.Linear(2, 1)
    layer.load_state_dict(found["state"])
    assert layer.weight.tolist() == found["weight"].tolist()


def facts(t: Any) -> dict[str, Any]:
    """What weights_only lets pass beside tensors and Python's literals."""
    return {
        "device": t.device("cpu"), "indexed": t.device("cpu", 0), "layout": t.sparse_coo, "size": t.Size([2]),
        "complex": 2j, "bytes": b"a", "set": {1, 2}, "array": bytearray(b"x"),
    }  # fmt: skip


REFUSED = {"range": range(3), "slice": slice(1), "frozenset": frozenset([1]), "ellipsis": ...}


def test_facts_and_other_literals(pair: Any) -> None:
    writer, reader = pair
    assert through(writer, reader, facts) == facts(reader)
    assert through(writer, reader, lambda _: REFUSED, weights_only=False) == REFUSED
    for value in REFUSED.values():
        with pytest.raises(pickle.UnpicklingError):
            through(writer, reader, lambda _, x=value: x)


def test_what_has_a_history_loads_as_a_leaf(pair: Any) -> None:
    writer, reader = pair
    found = through(writer, reader, lambda t: t.tensor([1.0, 2.0], requires_grad=True) * 3)
    assert found.is_leaf
    assert found.requires_grad
    assert found.grad is None
    assert found.tolist() == [3, 6]


class Own:
    pass


def test_weights_only_refuses_other_classes() -> None:
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        through(R, R, lambda t: Own())
    assert isinstance(through(R, R, lambda t: Own(), weights_only=False), Own)
    assert isinstance(through(R, R, lambda t: t.nn.Linear(2, 1), weights_only=False), R.nn.Linear)


def test_files(tmp_path: Any) -> None:
    R.save(R.ones(2), tmp_path / "t.pt")
    assert R.load(str(tmp_path / "t.pt")).tolist() == [1, 1]
