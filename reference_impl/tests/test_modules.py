"""torch.nn's modules, with torch's parameters: results, gradients, and how they are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import reference_impl as R

UNARY = """ReLU ReLU6 Tanh Sigmoid GELU SiLU Mish ELU CELU SELU GLU LeakyReLU Hardtanh Hardsigmoid Hardswish Hardshrink
Softshrink LogSigmoid Softplus Softsign Tanhshrink PReLU""".split()  # noqa: SIM905
CASES: list[tuple[str, tuple, dict[str, Any], list[tuple[int, ...]]]] = [
    *[(name, (), {}, [(2, 4)]) for name in UNARY],
    *[(name, (1,), {}, [(2, 4)]) for name in ("Softmax", "Softmin", "LogSoftmax")],
    ("Threshold", (0.1, 20.0), {}, [(2, 4)]),
    ("LeakyReLU", (0.3,), {}, [(2, 4)]),
    *[(name, (), {}, [(2, 4), (2, 4)]) for name in ("L1Loss", "MSELoss", "SmoothL1Loss", "HuberLoss")],
    *[(name, (), {}, [(2, 4), (2, 4)]) for name in ("PoissonNLLLoss", "CosineSimilarity", "PairwiseDistance")],
    ("HuberLoss", (), {"reduction": "sum", "delta": 0.3}, [(2, 4), (2, 4)]),
    ("KLDivLoss", (), {"reduction": "batchmean", "log_target": True}, [(2, 4), (2, 4)]),
    ("TripletMarginLoss", (), {"margin": 2.0}, [(2, 4), (2, 4), (2, 4)]),
    ("MaxPool1d", (2,), {}, [(1, 2, 6)]),
    ("MaxPool2d", (2,), {"stride": 1}, [(1, 2, 4, 4)]),
    ("AvgPool2d", (2,), {}, [(1, 2, 4, 4)]),
    ("AdaptiveAvgPool2d", (2,), {}, [(1, 2, 5, 4)]),
    ("PixelShuffle", (2,), {}, [(1, 4, 2, 2)]),
    ("Unfold", (2,), {}, [(1, 2, 3, 3)]),
    ("Linear", (3, 2), {}, [(4, 3)]),
    ("Bilinear", (3, 2, 4), {}, [(5, 3), (5, 2)]),
    ("Conv1d", (2, 3, 3), {"padding": 1}, [(1, 2, 5)]),
    ("Conv2d", (2, 4, 3), {"groups": 2, "stride": 2, "bias": False}, [(1, 2, 5, 5)]),
    ("Conv3d", (1, 2, 2), {"dilation": 2}, [(1, 1, 4, 4, 4)]),
    ("BatchNorm1d", (3,), {}, [(4, 3)]),
    ("BatchNorm3d", (2,), {}, [(2, 2, 2, 2, 2)]),
    ("GroupNorm", (2, 4), {}, [(2, 4, 3)]),
    ("LayerNorm", (4,), {}, [(2, 4)]),
    ("RNN", (2, 3), {"nonlinearity": "relu", "bias": False}, [(4, 2, 2)]),
    ("LSTM", (2, 3), {"num_layers": 2, "bidirectional": True, "batch_first": True}, [(2, 4, 2)]),
    ("GRU", (2, 3), {}, [(4, 2)]),
    ("GRUCell", (2, 3), {}, [(4, 2)]),
    ("LSTMCell", (2, 3), {"bias": False}, [(2,)]),
    ("RNNCell", (2, 3), {"nonlinearity": "relu"}, [(4, 2)]),
]


def leaves(found: Any) -> list[Any]:
    return [x for part in found for x in leaves(part)] if isinstance(found, tuple) else [found]


@pytest.mark.parametrize(("name", "args", "options", "shapes"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_a_module_as_in_torch(name: str, args: tuple, options: dict[str, Any], shapes: list[tuple[int, ...]]) -> None:
    torch = pytest.importorskip("torch")
    theirs = getattr(torch.nn, name)(*args, **options).double()
    ours = getattr(R.nn, name)(*args, **options).double()
    ours.load_state_dict(
        {n: R.tensor(t.tolist(), dtype=getattr(R, str(t.dtype)[6:])) for n, t in theirs.state_dict().items()}
    )
    rng = np.random.default_rng(5)
    arrays = [rng.uniform(0.2, 2.0, shape) * rng.choice([-1.0, 1.0], shape) for shape in shapes]
    results = []
    for engine, module in ((torch, theirs), (R, ours)):
        inputs = [engine.tensor(a.tolist(), dtype=engine.float64, requires_grad=True) for a in arrays]
        outputs = leaves(module(*inputs))
        sum((o * o.detach().cos()).sum() for o in outputs).backward()
        state = list(module.state_dict().values())
        results.append([t.detach().numpy() for t in (*outputs, *state)] + [
            t.grad.numpy() for t in (*inputs, *module.parameters()) if t.grad is not None
        ])  # fmt: skip
    assert len(results[0]) == len(results[1])
    for a, b in zip(*results, strict=True):
        assert a.shape == b.shape
        assert np.allclose(a, b, rtol=1e-6, atol=1e-9)
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]
    shown = (repr(theirs).replace(", bias=True", ""), repr(ours).replace(", bias=True", ""))
    assert shown[0] == shown[1] or "Norm" in name


@pytest.mark.parametrize(
    ("name", "args"),
    [("NLLLoss", ()), ("CrossEntropyLoss", ([1.0, 2.0, 0.5],)), ("MultiMarginLoss", ())],
)
def test_losses_of_classes(name: str, args: tuple) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for engine in (torch, R):
        x = engine.tensor([[0.5, -1.0, 2.0], [1.0, 0.3, -0.2]], requires_grad=True)
        getattr(engine.nn, name)(*[engine.tensor(a) for a in args])(x, engine.tensor([2, 0])).backward()
        found.append(x.grad.tolist())
    assert np.allclose(*found, atol=1e-6)


def test_containers() -> None:
    torch = pytest.importorskip("torch")
    shown = []
    for engine in (torch, R):
        nn = engine.nn
        modules = nn.ModuleDict({"a": nn.Tanh()})
        modules["b"] = nn.Linear(2, 1)
        parameters = nn.ParameterList([nn.Parameter(engine.ones(2)), engine.zeros(1)])
        named = nn.ParameterDict({"w": engine.ones(2)})
        several = nn.ModuleList([nn.Tanh(), nn.ReLU()])
        several.extend([modules])
        several[1] = nn.Sigmoid()
        del several[0]
        shown.append(
            [
                list(modules), "a" in modules, [n for n, _ in modules.named_parameters()], repr(modules), len(parameters),
                [n for n, _ in parameters.named_parameters()], named["w"].tolist(), list(named.keys()), repr(several),
                [type(m).__name__ for m in several], repr(nn.Sequential(nn.Tanh(), nn.ReLU())[1:]),
            ]
        )  # fmt: skip
    assert shown[0] == shown[1]
