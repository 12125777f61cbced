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
    ("Adadelta", {"lr": 0.5, "weight_decay": 0.1}),
    ("Adamax", {"lr": 0.1, "weight_decay": 0.1}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {"lr": 0.1, "betas": (0.5, 0.8), "weight_decay": 0.1}),
    ("ASGD", {"lr": 0.1, "t0": 3, "weight_decay": 0.1}),
    ("Rprop", {"lr": 0.1}),
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


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_lbfgs(search: str | None) -> None:
    torch = pytest.importorskip("torch")

    def minimised(t: Any) -> Any:
        x = t.tensor([-1.2, 1.0, 0.3], dtype=t.float64, requires_grad=True)
        rate = 1.0 if search else 0.2
        optimizer, losses = t.optim.LBFGS([x], lr=rate, max_iter=4, history_size=3, line_search_fn=search), []

        def closure() -> Any:
            optimizer.zero_grad()
            loss = ((1 - x[:-1]) ** 2 + 10 * (x[1:] - x[:-1] ** 2) ** 2).sum()
            loss.backward()
            losses.append(loss.item())
            return loss

        for _ in range(6):
            optimizer.step(closure)
        return [*losses, *x.tolist()], optimizer

    (expected, theirs), (found, ours) = minimised(torch), minimised(R)
    assert found == pytest.approx(expected, rel=1e-6)
    own, other = (next(iter(o.state_dict()["state"].values())) for o in (ours, theirs))
    assert own.keys() == other.keys()
    assert repr(ours) == repr(theirs)


SCHEDULES = """
StepLR(o, 2, 0.5)
MultiStepLR(o, [1, 3, 3])
ExponentialLR(o, 0.9)
CosineAnnealingLR(o, 4, 0.01)
LambdaLR(o, lambda e: 0.95**e)
LambdaLR(o, [lambda e: 0.95**e, lambda e: 1 / (e + 1)])
MultiplicativeLR(o, lambda e: 0.95)
OneCycleLR(o, 0.5, total_steps=8)
OneCycleLR(o, [0.5, 0.3], epochs=4, steps_per_epoch=2, anneal_strategy="linear", three_phase=True)
LinearLR(o, total_iters=3)
ConstantLR(o)
PolynomialLR(o, 6, 2.0)
CosineAnnealingWarmRestarts(o, 2, 2)
SequentialLR(o, [s.ConstantLR(o), s.ExponentialLR(o, 0.9)], [3])
ChainedScheduler([s.ConstantLR(o), s.ExponentialLR(o, 0.9)])
ReduceLROnPlateau(o, patience=1, cooldown=1)
ReduceLROnPlateau(o, "max", threshold_mode="abs", patience=0, min_lr=[0.01, 0.05])
""".strip().splitlines()


@pytest.mark.parametrize("text", SCHEDULES)
def test_schedules(text: str) -> None:
    torch = pytest.importorskip("torch")

    def rates(t: Any) -> list[Any]:
        s, found = t.optim.lr_scheduler, []
        groups = [{"params": [t.ones(1, requires_grad=True)], "lr": lr} for lr in (0.1, 0.3)]
        o = t.optim.SGD(groups, momentum=0.9)
        schedule = eval(f"s.{text}", {"o": o, "s": s})
        for epoch in range(8):
            o.step()
            schedule.step(*([epoch % 3] if "Plateau" in text else []))
            found.append([(group["lr"], group["momentum"]) for group in o.param_groups])
            if epoch == 4 and "lambda" not in text:
                schedule.load_state_dict(schedule.state_dict())
        return [*found, schedule.get_last_lr()]

    assert rates(R) == rates(torch)


def test_hooks_of_steps_and_a_warning() -> None:
    torch = pytest.importorskip("torch")

    def told(t: Any) -> list[str]:
        lines: list[str] = []

        class Halve(t.optim.Optimizer):
            def __init__(self, params: Any) -> None:
                super().__init__(params, {"lr": 0.5})

            @t.no_grad()
            def step(self, closure: Any = None) -> None:
                lines.append(f"step {closure}")
                for p in self.param_groups[0]["params"]:
                    p.mul_(self.param_groups[0]["lr"])

        x = t.ones(1, requires_grad=True)
        o = Halve([x])
        o.register_step_pre_hook(lambda o, args, kwargs: lines.append(f"before {args} {kwargs}"))
        handle = o.register_step_post_hook(lambda o, args, kwargs: lines.append(f"after {x.item()}"))
        o.register_state_dict_post_hook(lambda o, state: lines.append(str(sorted(state))))
        o.register_load_state_dict_pre_hook(lambda o, state: lines.append("loading"))
        o.step()
        o.step(closure=None)
        handle.remove()
        o.load_state_dict(o.state_dict())
        schedule = t.optim.lr_scheduler.StepLR(o, 1)
        with pytest.warns(UserWarning, match="lr_scheduler.step") as warned:
            schedule.step()
        return [*lines, str(warned[0].message), str(o.param_groups[0]["lr"])]

    assert told(R) == told(torch)
