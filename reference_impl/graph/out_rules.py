"""Which functions take `out=`, and in which dtypes; what the others say.

Note [The dtype of out]
Pointwise operators, reductions and what else torch computes by its TensorIterator may be asked for in any dtype of the same
or a higher category (bool, integers, floats, complex). Sums and products are computed in the dtype of `out`. The others write
in the dtype that they compute in, and no other.
"""

from __future__ import annotations

from typing import Any

from .. import dtypes

# rows that take none
WITHOUT_OUT = frozenset({
    "binomial", "channel_shuffle", "clone", "constant_pad_nd", "convolution", "count_nonzero", "diag_embed", "dist", "glu",
    "index_put", "isclose", "isfinite", "isinf", "isnan", "isreal", "masked_scatter", "native_dropout", "pixel_shuffle",
    "pixel_unshuffle", "poisson", "put", "relu", "rsub", "trace", "unsafe_split", "unsafe_split_with_sizes",
})  # fmt: skip

# what casts, beside pointwise rows
SUMMED = frozenset({"cumprod", "cumsum", "nansum", "prod", "sum"})
REDUCTIONS = "all any cumprod cumsum logsumexp mean nanmean nansum prod std sum var"
SPECIAL = frozenset({  # under their names in torch.special
    "exp2", "expit", "expm1", "gammainc", "gammaincc", "gammaln", "log1p", "multigammaln", "ndtr", "psi",
})  # fmt: skip
POINTWISE = "addr angle bernoulli diff div float_power kron normalize outer polygamma"
JOINING = "cat column_stack concat concatenate dstack hstack stack vstack"
MATRICES = "cholesky cholesky_inverse cholesky_solve geqrf lu linalg_cond linalg_eig linalg_eigvals"
MATRICES += (
    " linalg_householder_product linalg_lstsq linalg_matrix_rank linalg_pinv linalg_tensorinv linalg_tensorsolve"
)
FOURIER = " ".join(f"{way}{kind}fft{rank}" for way in ("", "i") for kind in ("", "h", "r") for rank in ("", "2", "n"))
CASTING = SPECIAL | frozenset(f"{REDUCTIONS} {POINTWISE} {JOINING} factory {MATRICES} {FOURIER}".split())

# what the others say, where it is not REFUSAL
REFUSAL = "Expected out tensor to have dtype {have.cpp}, but got {want.cpp} instead"
WORDS = {
    "expected scalar_type {have.legacy} but found {want.legacy}": "cummax cummin logcumsumexp",
    "Found dtype {want.legacy} but expected {have.legacy}": "abs bitwise_not ceil clamp clamp_max clamp_min conj_physical "
    "floor frac gelu hardshrink neg round sgn sign softplus softshrink trunc",
    "{name}(): self and result must have the same scalar type": "index_select masked_select",
    "result dtype {want.legacy} does not match input dtype {have.legacy}": "dot vdot",
    "Expected out type to be {have.legacy} but got {want.legacy}": "where",
    "{name}: Expected out tensor to have scalar type {have.legacy} but got scalar type{want.legacy}": "nonzero",
    "quantile() out tensor must be same dtype as the input tensor": "nanquantile quantile",
    "torch.histogram: input tensor and hist tensor should have the same dtype, but got input {have.cpp} and hist "
    "{want.cpp}": "histc",
    "torch.searchsorted(): output tensor's dtype is wrong, it can only be Int(int32) or Long(int64) depending on whether "
    "out_int32 flag is True, but we got output tensor's dtype {want.legacy} and out_int32 flag is {narrow}": "bucketize "
    "searchsorted",
    "take(): self and out expected to have the same dtype, but got self.dtype = {have.legacy} and out.dtype = "
    "{want.legacy}": "take",
    "Expected object of scalar type {have.legacy} but got scalar type {want.legacy} for argument 'out'": "complex polar",
    "Expected the dtype for input and out to match, but got {have.legacy} for input's dtype and {want.legacy} for out's "
    "dtype.": "amax amin",
    "{name} is not yet implemented for tensors with different dtypes.": "heaviside",
    "{name}: dtype of out: {want.legacy} should be same as input: {have.legacy}": "nan_to_num",
    "{name} does not support non-boolean outputs.": "isneginf isposinf signbit",
    "the output given to {name} has dtype {want.legacy} but the operation's result requires dtype {have.legacy}": "float_power",
}
BOUNDS = frozenset({"clamp", "clamp_max", "clamp_min"})  # these only where the bounds are numbers
REFUSALS = {name: words for words, names in WORDS.items() for name in names.split()}


def summed_in(out: Any, dtype: Any) -> Any:
    """The dtype in which a sum is computed that goes into `out`."""
    want = getattr(out, "dtype", dtype)
    if (have := dtypes.wanted(dtype, want)) is not want:
        raise RuntimeError(REFUSAL.format(have=have, want=want))
    return want


def check_dtype(want: dtypes.dtype, have: dtypes.dtype, name: str, pointwise: bool) -> None:
    """Whether a result of dtype `have` may be written in dtype `want`. See Note [The dtype of out]."""
    if want is have:
        return
    if name in REFUSALS or (not pointwise and name not in CASTING):
        raise RuntimeError(
            REFUSALS.get(name, REFUSAL).format(name=name, have=have, want=want, narrow=have is dtypes.int32)
        )
    if name in ("all", "any") and want is not dtypes.uint8:
        raise RuntimeError(f"{name} only supports bool tensor for result, got: {want.legacy}")
    if name in FOURIER.split() and want.category != have.category:
        kind = "floating point" if have.is_floating_point else "complex"
        name = name.replace("ifft2", "fftn").replace("ifftn", "fftn") if name[:4] == "ifft" else name.replace("2", "n")
        raise RuntimeError(f"{name} expects a {kind} output tensor, but got {want.legacy}")
    if have.category > want.category and name in JOINING.split():
        raise TypeError(f"torch.cat(): input types can't be cast to the desired output type {want.legacy}")
    if have.category > want.category:
        raise RuntimeError(
            f"result type {dtypes.LEGACY[have]} can't be cast to the desired output type {dtypes.LEGACY[want]}"
        )
