"""torch.nn's modules, with torch's parameters: results, gradients, and how they are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import reference_impl as R

UNARY = """ReLU ReLU6 Tanh Sigmoid GELU SiLU Mish ELU CELU SELU GLU LeakyReLU
Hardtanh Hardsigmoid Hardswish Hardshrink Softshrink LogSigmoid Softplus Softsign Tanhshrink PReLU"""
CASES = (
    """
Linear(3, 4) | x(2, 3)
Conv1d(2, 4, 3, padding="same", padding_mode="circular") | x(1, 2, 6)
Conv2d(2, 4, 3, padding=1, padding_mode="reflect", dilation=2, groups=2) | x(1, 2, 8, 8)
Conv2d(2, 4, (3, 2), padding=(1, 0), stride=2) | x(1, 2, 6, 6)
ConvTranspose2d(2, 4, 3, stride=2, output_padding=1) | x(1, 2, 4, 4)
ConvTranspose1d(4, 2, 3, groups=2, bias=False, dilation=2) | x(1, 4, 4)
ConvTranspose3d(2, 1, 2) | x(1, 2, 2, 2, 2)
BatchNorm2d(3) | x(2, 3, 4, 4)
BatchNorm1d(3, momentum=None, bias=False) | x(5, 3)
BatchNorm1d(3, affine=False, track_running_stats=False) | x(5, 3)
InstanceNorm1d(3) | x(2, 3, 5)
InstanceNorm2d(3, affine=True, track_running_stats=True) | x(2, 3, 5, 2)
GroupNorm(2, 4) | x(2, 4, 3)
LayerNorm((4, ), bias=False) | x(2, 4)
LayerNorm([3, 4]) | x(2, 3, 4)
RMSNorm(4) | x(2, 4)
LocalResponseNorm(2) | x(1, 4, 3, 3)
Embedding(5, 3, padding_idx=-1) | i(4)
Embedding(5, 3, max_norm=1.0, scale_grad_by_freq=True) | i(4)
EmbeddingBag(5, 3, mode="sum") | i(2, 4)
EmbeddingBag(5, 3, padding_idx=0) | i(2, 4)
Bilinear(2, 3, 4) | x(5, 2), x(5, 3)
Unflatten(1, (2, 2)) | x(3, 4)
Flatten() | x(2, 3, 4)
Softmax2d() | x(1, 3, 2, 2)
ZeroPad2d(1) | x(1, 1, 2, 2)
ZeroPad2d((1, 0, 2, 1)) | x(1, 1, 2, 2)
ReflectionPad1d(1) | x(1, 1, 3)
ReplicationPad2d(1) | x(1, 1, 3, 3)
ConstantPad1d(2, 1.5) | x(1, 2, 3)
ConstantPad3d(1, 1.5) | x(1, 2, 3, 1, 1)
Upsample(scale_factor=2) | x(1, 1, 2, 2)
Upsample(size=(3, 3), mode="bilinear", align_corners=True) | x(1, 1, 2, 2)
UpsamplingNearest2d(scale_factor=2) | x(1, 1, 2, 2)
UpsamplingBilinear2d(size=(3, 3)) | x(1, 1, 2, 2)
TripletMarginWithDistanceLoss() | x(2, 3), x(2, 3), x(2, 3)
AvgPool1d(2) | x(1, 2, 4)
AdaptiveMaxPool2d(2) | x(1, 2, 4, 4)
AdaptiveMaxPool1d(2) | x(1, 2, 4)
LPPool2d(2, 2) | x(1, 2, 4, 4)
LPPool1d(2, 3, stride=2) | x(1, 2, 7)
ChannelShuffle(2) | x(1, 4, 2, 2)
RReLU() | x(3, 3)
FeatureAlphaDropout() | x(2, 3, 4)
Dropout(0.3) | x(3, 4)
MaxUnpool1d(2) | x(1, 1, 2), t.tensor([[[1, 2]]])
PReLU(2) | x(1, 2, 3)
MultiheadAttention(4, 2) | x(3, 2, 4), x(5, 2, 4), x(5, 2, 4)
MultiheadAttention(4, 2, batch_first=True, kdim=3, vdim=5) | x(2, 3, 4), x(2, 5, 3), x(2, 5, 5)
MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True, bias=False) | x(3, 4), x(5, 4), x(5, 4)
TransformerEncoderLayer(4, 2, 8, dropout=0.0) | x(3, 2, 4)
TransformerEncoderLayer(4, 2, 8, batch_first=True, norm_first=True, activation="gelu") | x(3, 2, 4)
TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2) | x(3, 2, 4)
TransformerDecoderLayer(4, 2, 8) | x(3, 2, 4), x(5, 2, 4)
Transformer(4, 2, 1, 1, 8) | x(3, 2, 4), x(5, 2, 4)
RNN(2, 3) | x(4, 2, 2)
LSTM(2, 3, num_layers=2, bidirectional=True) | x(4, 2, 2)
GRU(2, 3, dropout=0.5, num_layers=2) | x(4, 2, 2)
LSTMCell(2, 3) | x(4, 2)
RNNCell(2, 3, nonlinearity="relu") | x(4, 2)
PixelShuffle(2) | x(1, 4, 1, 1)
MaxPool2d(2, return_indices=True) | x(1, 2, 4, 4)
GELU("tanh") | x(3)
CosineSimilarity() | x(2, 3), x(2, 3)
CrossEntropyLoss(label_smoothing=0.1) | x(2, 5), i(2)
BCELoss() | x(2).sigmoid(), x(2).sigmoid()
Identity(3) | x(2)
Threshold(0.1, 20.0) | x(2, 4)
LeakyReLU(0.3) | x(2, 4)
Softmax(1) | x(2, 4)
Softmin(1) | x(2, 4)
LogSoftmax(1) | x(2, 4)
L1Loss() | x(2, 4), x(2, 4)
MSELoss() | x(2, 4), x(2, 4)
SmoothL1Loss() | x(2, 4), x(2, 4)
HuberLoss(reduction="sum", delta=0.3) | x(2, 4), x(2, 4)
PoissonNLLLoss() | x(2, 4), x(2, 4)
PairwiseDistance() | x(2, 4), x(2, 4)
KLDivLoss(reduction="batchmean", log_target=True) | x(2, 4), x(2, 4)
TripletMarginLoss(margin=2.0) | x(2, 4), x(2, 4), x(2, 4)
MaxPool1d(2) | x(1, 2, 6)
MaxPool2d(2, stride=1) | x(1, 2, 4, 4)
AvgPool2d(2) | x(1, 2, 4, 4)
AdaptiveAvgPool2d(2) | x(1, 2, 5, 4)
Unfold(2) | x(1, 2, 3, 3)
RNN(2, 3, nonlinearity="relu", bias=False) | x(4, 2, 2)
LSTM(2, 3, num_layers=2, bidirectional=True, batch_first=True) | x(2, 4, 2)
LSTMCell(2, 3, bias=False) | x(2)
""".strip().splitlines()
    + [f"{name}() | x(2, 4)" for name in UNARY.split()]
)


def leaves(found: Any) -> list[Any]:
    return [x for part in found for x in leaves(part)] if isinstance(found, tuple) else [found]


def played(t: Any, case: str) -> tuple[list[str], list[np.ndarray]]:
    """A module of a seed: how it is shown, its state; what it gives, and all gradients."""
    made, _, given = case.partition(" | ")
    t.manual_seed(3)
    module = eval(f"nn.{made}", {"nn": t.nn, "t": t})
    texts = [repr(module).replace("reference_impl", "torch"), *module.state_dict(), *dict(module.named_parameters())]
    values = [v.clone() for v in module.state_dict().values()]
    scope = {"t": t, "x": lambda *s: t.randn(s).requires_grad_(), "i": lambda *s: t.randint(0, 5, s)}
    inputs = eval(f"({given},)", scope)
    outputs = [o for o in leaves(module(*inputs)) if o is not None]
    sum((o * o.detach().cos()).sum() for o in outputs if o.is_floating_point()).backward()
    values += outputs + [p.grad for p in (*inputs, *module.parameters()) if p.is_leaf and p.grad is not None]
    return texts, [v.detach().numpy() for v in (*values, *module.state_dict().values())]


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("case", CASES)
def test_a_module_as_in_torch(case: str) -> None:
    torch = pytest.importorskip("torch")
    (texts, expected), (own_texts, found) = played(torch, case), played(R, case)
    assert own_texts == texts
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert a.shape == b.shape
        assert np.allclose(a, b, rtol=1e-4, atol=2e-6)


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
