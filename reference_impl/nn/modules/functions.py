"""Modules that are a function of torch.nn.functional with options given when they are made: activations, losses, pooling.

HOWTO. A line of TABLE is a module: its name and options as torch's, the function if it is not the name in small letters,
and after | what repr shows where that is not every option: the names of the options (* where only the value is shown), or
nothing.
"""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any

from ...ops.dropout import check as check_probability
from ...ops.losses import one_reduction
from .. import functional as F
from .bases import base_of
from .module import Module

TABLE = """
ReLU(inplace=False) relu |
ReLU6(inplace=False) relu6 |
Tanh() tanh
Sigmoid() sigmoid
GELU(approximate='none')
SiLU(inplace=False) silu |
Mish(inplace=False) mish |
ELU(alpha=1.0, inplace=False) elu | alpha
CELU(alpha=1.0, inplace=False) celu | alpha
SELU(inplace=False) selu |
GLU(dim=-1)
LeakyReLU(negative_slope=0.01, inplace=False) leaky_relu | negative_slope
Hardtanh(min_val=-1.0, max_val=1.0, inplace=False) hardtanh | min_val max_val
Hardsigmoid(inplace=False) hardsigmoid |
Hardswish(inplace=False) hardswish |
Hardshrink(lambd=0.5) hardshrink | *
Softshrink(lambd=0.5) softshrink | *
LogSigmoid() logsigmoid
Softplus(beta=1.0, threshold=20.0)
Softsign()
Tanhshrink()
RReLU(lower=0.125, upper=0.3333333333333333, inplace=False) rrelu | lower upper
Threshold(threshold, value, inplace=False) threshold | threshold value
Softmax(dim=None)
Softmin(dim=None)
LogSoftmax(dim=None) log_softmax
L1Loss(size_average=None, reduce=None, reduction='mean') l1_loss |
MSELoss(size_average=None, reduce=None, reduction='mean') mse_loss |
SmoothL1Loss(size_average=None, reduce=None, reduction='mean', beta=1.0) smooth_l1_loss |
HuberLoss(reduction='mean', delta=1.0) huber_loss |
BCELoss(weight=None, size_average=None, reduce=None, reduction='mean') binary_cross_entropy |
BCEWithLogitsLoss(weight=None, size_average=None, reduce=None, reduction='mean', pos_weight=None) \
binary_cross_entropy_with_logits |
NLLLoss(weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean') nll_loss |
CrossEntropyLoss(weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean', label_smoothing=0.0) \
cross_entropy |
CTCLoss(blank=0, reduction='mean', zero_infinity=False) ctc_loss |
KLDivLoss(size_average=None, reduce=None, reduction='mean', log_target=False) kl_div |
PoissonNLLLoss(log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction='mean') poisson_nll_loss |
GaussianNLLLoss(*, full=False, eps=1e-06, reduction='mean') gaussian_nll_loss |
HingeEmbeddingLoss(margin=1.0, size_average=None, reduce=None, reduction='mean') hinge_embedding_loss |
MarginRankingLoss(margin=0.0, size_average=None, reduce=None, reduction='mean') margin_ranking_loss |
MultiLabelMarginLoss(size_average=None, reduce=None, reduction='mean') multilabel_margin_loss |
MultiMarginLoss(p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction='mean') multi_margin_loss |
MultiLabelSoftMarginLoss(weight=None, size_average=None, reduce=None, reduction='mean') multilabel_soft_margin_loss |
SoftMarginLoss(size_average=None, reduce=None, reduction='mean') soft_margin_loss |
CosineEmbeddingLoss(margin=0.0, size_average=None, reduce=None, reduction='mean') cosine_embedding_loss |
TripletMarginLoss(margin=1.0, p=2.0, eps=1e-06, swap=False, size_average=None, reduce=None, reduction='mean') \
triplet_margin_loss |
CosineSimilarity(dim=1, eps=1e-08) cosine_similarity |
PairwiseDistance(p=2.0, eps=1e-06, keepdim=False) pairwise_distance |
MaxPool1d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False) max_pool1d \
| kernel_size stride padding dilation ceil_mode
MaxPool2d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False) max_pool2d \
| kernel_size stride padding dilation ceil_mode
MaxPool3d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False) max_pool3d \
| kernel_size stride padding dilation ceil_mode
AvgPool1d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True) avg_pool1d \
| kernel_size stride padding
AvgPool2d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None) avg_pool2d \
| kernel_size stride padding
AvgPool3d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None) avg_pool3d \
| kernel_size stride padding
AdaptiveAvgPool1d(output_size) adaptive_avg_pool1d
AdaptiveAvgPool2d(output_size) adaptive_avg_pool2d
AdaptiveAvgPool3d(output_size) adaptive_avg_pool3d
AdaptiveMaxPool1d(output_size, return_indices=False) adaptive_max_pool1d | output_size
AdaptiveMaxPool2d(output_size, return_indices=False) adaptive_max_pool2d | output_size
AdaptiveMaxPool3d(output_size, return_indices=False) adaptive_max_pool3d | output_size
LPPool1d(norm_type, kernel_size, stride=None, ceil_mode=False) lp_pool1d
LPPool2d(norm_type, kernel_size, stride=None, ceil_mode=False) lp_pool2d
LPPool3d(norm_type, kernel_size, stride=None, ceil_mode=False) lp_pool3d
MaxUnpool1d(kernel_size, stride=None, padding=0) max_unpool1d
MaxUnpool2d(kernel_size, stride=None, padding=0) max_unpool2d
MaxUnpool3d(kernel_size, stride=None, padding=0) max_unpool3d
Dropout1d(p=0.5, inplace=False) dropout1d
Dropout2d(p=0.5, inplace=False) dropout2d
Dropout3d(p=0.5, inplace=False) dropout3d
AlphaDropout(p=0.5, inplace=False) alpha_dropout
FeatureAlphaDropout(p=0.5, inplace=False) feature_alpha_dropout
LocalResponseNorm(size, alpha=0.0001, beta=0.75, k=1.0) local_response_norm | *size alpha beta k
ChannelShuffle(groups) channel_shuffle
PixelShuffle(upscale_factor) pixel_shuffle
PixelUnshuffle(downscale_factor) pixel_unshuffle
Unfold(kernel_size, dilation=1, padding=0, stride=1)
Fold(output_size, kernel_size, dilation=1, padding=0, stride=1)
"""
LINE = re.compile(r"(\w+)\((.*)\)\s*(\w*)\s*(\|)?(.*)")
INPUTS = {  # what forward takes, where it is not `input`, or for losses `input, target`
    "CTCLoss": "log_probs, targets, input_lengths, target_lengths",
    "PoissonNLLLoss": "log_input, target",
    "GaussianNLLLoss": "input, target, var",
    "MarginRankingLoss": "input1, input2, target",
    "CosineEmbeddingLoss": "input1, input2, target",
    "TripletMarginLoss": "anchor, positive, negative",
    "CosineSimilarity": "x1, x2",
    "PairwiseDistance": "x1, x2",
}
SINGLE = ("AvgPool1d", "MaxUnpool1d")  # which keep their numbers as tuples
TENSORS = ("weight", "pos_weight")  # options that are buffers


def parse(options: str) -> inspect.Signature:
    found = ast.parse(f"def f({options}): pass").body[0].args  # type: ignore[attr-defined]
    names = [(a.arg, inspect.Parameter.POSITIONAL_OR_KEYWORD) for a in found.args]
    defaults = [inspect.Parameter.empty] * (len(names) - len(found.defaults))
    defaults += [ast.literal_eval(d) for d in (*found.defaults, *found.kw_defaults)]
    names += [(a.arg, inspect.Parameter.KEYWORD_ONLY) for a in found.kwonlyargs]
    return inspect.Signature(
        [inspect.Parameter(n, kind, default=d) for (n, kind), d in zip(names, defaults, strict=True)]
    )


def forward_of(name: str, run: Any) -> Any:
    """forward with the names that torch gives to its tensors; Python then checks a call, and names what is wrong."""
    takes = gives = INPUTS.get(name, "input, target" if name.endswith("Loss") else "input")
    if name.startswith("MaxUnpool"):
        takes, gives = "input, indices, output_size=None", "input, indices, output_size=output_size"
    made: dict[str, Any] = {"run": run}
    exec(f"def forward(self, {takes}): return run(self, {gives})", made)
    made["forward"].__qualname__ = f"{name}.forward"
    return made["forward"]


def check_margin(options: dict[str, Any]) -> None:
    if options["margin"] <= 0:
        raise ValueError(f"TripletMarginLoss: expected margin to be greater than 0, got {options['margin']} instead")


def check_multi(options: dict[str, Any]) -> None:
    if options["p"] not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    weight = options["weight"]
    if weight is not None and weight.ndim != 1:
        raise ValueError(f"MultiMarginLoss: expected weight to be None or 1D tensor, got {weight.ndim}D instead")


CHECKS = {"TripletMarginLoss": check_margin, "MultiMarginLoss": check_multi}


def made(line: str) -> type[Module]:
    """The class of a line of the table."""
    match = LINE.fullmatch(line)
    assert match is not None, line
    name, options, function, bar, shown = match.groups()
    function, signature = function or name.lower(), parse(options)
    words = [w.strip("*") for w in shown.split() if w != "*"] or (
        [] if bar and "*" not in shown else [*signature.parameters]
    )

    def __init__(self: Module, *args: Any, **kwargs: Any) -> None:
        Module.__init__(self)
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        if "Dropout" in name:
            check_probability(given["p"])
        if name in CHECKS:
            CHECKS[name](given)
        if "size_average" in given:
            given["reduction"] = one_reduction(given.pop("size_average"), given.pop("reduce"), given["reduction"])
        for option, value in given.items():
            if option in TENSORS:
                self.register_buffer(option, value)
            else:
                setattr(self, option, value)
        if "stride" in given and self.stride is None and not name.startswith("LP"):
            self.stride = self.kernel_size
        for option in ("kernel_size", "stride", "padding") if name in SINGLE else ():
            number = getattr(self, option)
            setattr(self, option, (number,) if isinstance(number, int) else number)

    def run(self: Module, *tensors: Any, **named: Any) -> Any:
        defaults = {n: p.default for n, p in signature.parameters.items() if n not in ("size_average", "reduce")}
        given = {n: getattr(self, n) for n, d in defaults.items() if getattr(self, n) is not d}
        if "Dropout" in name or name == "RReLU":
            given["training"] = self.training
        return getattr(F, function)(*tensors, **given, **named)

    def extra_repr(self: Module) -> str:
        values = [(w, getattr(self, w)) for w in words]
        bare = words if "* " in f"{shown} " else [w[1:] for w in shown.split() if w[0] == "*"]
        parts = [str(v) if w in bare else f"{w}={v!r}" for w, v in values]
        if "inplace" not in words and getattr(self, "inplace", False):
            parts.append("inplace=True")
        return ", ".join(parts)

    forward = forward_of(name, run)
    doc = f"nn.functional.{function} (source: torch.nn.{name})."
    body = {"__init__": __init__, "forward": forward, "extra_repr": extra_repr, "__module__": __name__, "__doc__": doc}
    return type(name, (base_of(name, signature.parameters),), body)


MODULES = {m.__name__: m for m in map(made, filter(None, TABLE.replace("\\\n", "").split("\n")))}
globals().update(MODULES)
__all__ = list(MODULES)
