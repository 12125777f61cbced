"""Optimizers: ten steps as torch takes them, from state dicts too."""

from __future__ import annotations

from typing import Any

import pytest

import reference_impl as R

WAYS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.2}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True}),
    ("Adam", {"lr": 0.1, "betas": (0.5, 0.8), "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True, "maximize": True}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3}),
    ("RMSprop", {"lr": 0.1, "alpha": 0.5, "weight_decay": 0.1}),
    ("RMSprop", {"lr": 0.1, "alpha": 0.5, "centered": True, "momentum": 0.7}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.3, "weight_decay": 0.1}),
]


def trained(torch: Any, name: str, options: dict[str, Any], complex_: bool) -> Any:
    start = [[1.0, -2.0, 3.0], [0.5, 1.5, -1.0]]
    w = torch.tensor(start, dtype=torch.complex128 if complex_ else torch.float64, requires_grad=True)
    made = getattr(torch.optim, name)
    optimizer = made([w], **options)
    for i in range(10):
        optimizer.zero_grad()
        ((w * (i + 1)).abs() ** 2 + w.abs().sin()).sum().backward()
        optimizer.step()
        if i == 5:
            state = optimizer.state_dict()
            optimizer = made([w], lr=7.0)
            optimizer.load_state_dict(state)
    return w.tolist(), optimizer


@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
@pytest.mark.parametrize(("name", "options"), WAYS)
def test_ten_steps(name: str, options: dict[str, Any], complex_: bool) -> None:
    torch = pytest.importorskip("torch")
    (expected, theirs), (found, ours) = (trained(t, name, options, complex_) for t in (torch, R))
    assert [v for row in found for v in row] == pytest.approx([v for row in expected for v in row], rel=1e-9)
    assert repr(ours) == repr(theirs)
    assert ours.state_dict()["param_groups"] == theirs.state_dict()["param_groups"]
    assert list(ours.state_dict()["state"]) == list(theirs.state_dict()["state"])
    assert [sorted(s) for s in ours.state_dict()["state"].values()] == [
        sorted(s) for s in theirs.state_dict()["state"].values()
    ]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"lr": -1}),
        ("SGD", {"nesterov": True}),
        ("SGD", {"momentum": -1}),
        ("Adam", {"betas": (1.0, 0.9)}),
        ("Adam", {"eps": -1}),
        ("RMSprop", {"alpha": -1}),
        ("Adagrad", {"lr_decay": -1}),
    ],
)
def test_words_of_refusal(name: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")

    def refused(torch: Any) -> str:
        with pytest.raises(ValueError) as error:  # noqa: PT011
            getattr(torch.optim, name)([torch.ones(1)], **options)
        return str(error.value)

    assert refused(R) == refused(torch)
