"""What a convolution refuses, in the order in which torch looks at it.

HOWTO. Arguments as of the row `convolution`: arrays, and `where` with stride, padding, dilation, groups.
"""

from __future__ import annotations

import numpy as np

from ..dtypes import from_numpy, same


def check(x, w, bias, where, transposed, output_padding):
    if not transposed:
        check_bias(x, bias)
    elif min(output_padding) < 0 <= min(where.padding):
        raise RuntimeError("negative output_padding is not supported")
    check_sizes(x, w, where)
    check_channels(x, w, bias, where, transposed)
    if transposed:
        check_output_padding(where, output_padding)
    else:
        check_kernel(x, w, where)
    check_positive(x, w, where)
    if transposed and x.dtype.kind in "iu" and x.dtype != np.int64:
        raise NotImplementedError(f"\"slow_conv_transpose\" not implemented for '{from_numpy(x.dtype).cpp}'")
    check_dtype(x, w, "weight")
    if transposed:
        check_dtype(x, bias, "bias")


def check_bias(x, bias):
    if bias is not None:
        same("Input type ({0.cpp}) and bias type ({1.cpp}) should be the same", x, bias)


def check_dtype(x, other, what):
    """In the words of the kernel that torch has for the dtype of x."""
    kind, text = from_numpy(x.dtype).legacy, "expected scalar type {0.legacy} but found {1.legacy}"
    if kind == "Float":
        text = f"Input type (torch.FloatTensor) and {what} type (torch.{{1.legacy}}Tensor) should be the same or input should "
        text += f"be a MKLDNN tensor and {what} is a dense tensor"
    elif kind.startswith("Complex"):
        text = f"Input type (CPU{kind}Type) and {what} type (torch.{{1.legacy}}Tensor) should be the same"
    if other is not None:
        same(text, x, other)


def check_sizes(x, w, where):
    if min(where.padding) < 0:
        raise RuntimeError("negative padding is not supported")
    if min(where.stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if where.groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if w.ndim != x.ndim:
        raise RuntimeError(
            "weight should have at least three dimensions"
            if w.ndim < 3
            else f"Expected {w.ndim}-dimensional input for {w.ndim}-dimensional weight{list(w.shape)}, but got {x.ndim}-"
            f"dimensional input of size {list(x.shape)} instead"
        )
    if w.shape[0] < where.groups:
        raise RuntimeError(
            f"Given groups={where.groups}, expected weight to be at least {where.groups} at dimension 0, but got weight of "
            f"size {list(w.shape)} instead"
        )


def check_channels(x, w, bias, where, transposed):
    channels = w.shape[0] if transposed else w.shape[1] * where.groups
    if x.shape[1] != channels:
        raise RuntimeError(
            f"Given {'transposed=1, ' if transposed else f'groups={where.groups}, '}weight of size {list(w.shape)}, "
            f"expected input{list(x.shape)} to have {channels} channels, but got {x.shape[1]} channels instead"
        )
    outputs = w.shape[1] * where.groups if transposed else w.shape[0]
    if bias is not None and bias.shape != (outputs,):
        raise RuntimeError(
            f"Given weight of size {list(w.shape)}, expected bias to be 1-dimensional with {outputs} elements, but got "
            f"bias of size {list(bias.shape)} instead"
        )


def check_kernel(x, w, where):
    """That it fits into the padded input."""
    have = [n + 2 * p for n, p in zip(x.shape[2:], where.padding, strict=True)]
    need = [d * (k - 1) + 1 for k, d in zip(w.shape[2:], where.dilation, strict=True)]
    if any(h < k for h, k in zip(have, need, strict=True)):
        size = [" x ".join(map(str, s)) for s in (have, need)]
        raise RuntimeError(
            f"Calculated padded input size per channel: ({size[0]}). Kernel size: ({size[1]}). Kernel size can't be "
            "greater than actual input size"
        )


def check_positive(x, w, where):
    if 0 in x.shape[2:] and 0 not in x.shape[:2]:
        size = [*x.shape[:2], 1, x.shape[2]] if x.ndim == 3 else list(x.shape)  # torch looks at rows as at images
        raise RuntimeError(f"Only zero batch or zero channel inputs are supported, but got input shape: {size}")
    if 0 in w.shape[2:]:
        names = (("depth",) if x.ndim == 5 else ()) + ("height", "width")
        sizes = w.shape[2:] if x.ndim > 3 else (1, *w.shape[2:])
        shown = " ".join(f"kernel_{a}: {k}" for a, k in zip(names, sizes, strict=True))
        raise RuntimeError(f"kernel size should be greater than zero, but got {shown}")
    if min(where.dilation) <= 0:
        raise RuntimeError("dilation should be greater than zero")


def check_output_padding(where, output_padding):
    if any(o >= max(s, d) for o, s, d in zip(output_padding, where.stride, where.dilation, strict=True)):
        raise RuntimeError(
            "output padding must be smaller than either stride or dilation, but got output_padding_height: "
            f"{output_padding[0]} output_padding_width: {output_padding[-1]} stride_height: {where.stride[0]} "
            f"stride_width: {where.stride[-1]} dilation_height: {where.dilation[0]} dilation_width: {where.dilation[-1]}"
        )


def check_transposed(have, wanted):
    if min(wanted[2:]) < 1:
        have, wanted = (" x ".join(map(str, ((1,) if len(s) == 3 else ()) + tuple(s[2:]))) for s in (have, wanted))
        raise RuntimeError(
            f"Given input size per channel: ({have}). Calculated output size per channel: ({wanted}). Output size is too small"
        )
