"""The short-time Fourier transform and its inverse, as torch composes them.

HOWTO. Functions on Tensors: frames are a view (of strides), their sum is its adjoint; the rest is fft and a window.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..tensor import Tensor, wrap
from ..warn import once
from .complex_ import view_as_complex, view_as_real
from .form import composite, view
from .padding import pad as pad_image
from .rearranging import constant_pad_nd
from .shape import slice_, squeeze, transpose, unsqueeze, view_
from .strides import unfold, unfold_adjoint
from .transforms import fft, ifft, irfft, rfft

WINDOWLESS = (
    "A window was not provided. A rectangular window will be applied,which is known to cause spectral leakage. Other windows "
    "such as torch.hann_window or torch.hamming_window are recommended to reduce spectral leakage."
)
WINDOWLESS_BACK = (
    "A window was not provided. A rectangular window will be applied.Please provide the same window used by stft to make the "
    "inversion lossless."
)
ADVICE = (
    "To suppress this warning and use a rectangular window, explicitly set `window=torch.ones(n_fft, device=<device>)`."
)
SHORT = (
    "The length of signal is shorter than the length parameter. Result is being padded with zeros in the tail. Please check "
    "your center and hop_length settings."
)
REAL_PAIRS = (
    "stft with return_complex=False is deprecated. In a future pytorch release, stft will return complex tensors for all "
    "inputs, and return_complex=False will raise an error.\nNote: you can still call torch.view_as_real on the complex output "
    "to recover the old return format."
)


def whole_window(window: Tensor | None, win_length: int | None, hop: int | None, n_fft: int, like: Tensor) -> Any:
    """The hop, and the window, ones where none is given, padded on both sides to n_fft."""
    length = n_fft if win_length is None else win_length
    if not 0 < length <= n_fft:
        raise RuntimeError(f"stft: expected 0 < win_length <= n_fft, but got win_length={length}")
    if window is None:
        window = wrap(np.ones(length, like._array.real.dtype))
    elif window.ndim != 1 or window.shape[0] != length:
        raise RuntimeError(
            f"stft: expected a 1D window tensor of size equal to win_length={length}, but got window with size "
            f"{list(window.shape)}"
        )
    left = (n_fft - length) // 2
    if length < n_fft:
        window = constant_pad_nd(window, (left, n_fft - length - left))
    return n_fft // 4 if hop is None else hop, window


in_frames = view(
    "unfold(self, dimension, width, step, size, stride)",
    lambda x, dimension, width, step, size, stride: unfold.kernel(x, dimension, width, step),
    self=lambda g, self_shape, dimension, width, step: unfold_adjoint(g, self_shape, dimension, width, step),
    keeps="size stride",
    saved_as={"dimension": "", "width": "", "step": ""},
    shows={"storage_offset": lambda: None},
    public=False,
    grad_fn="AsStridedBackward0",
)


def padded(x: Tensor, side: int, mode: str) -> Tensor:
    """Signals of shape (L) or (B, L), longer at both ends."""
    rank = x.ndim
    x = pad_image(view_(x, (1,) * (3 - rank) + tuple(x.shape)), (side, side), mode)
    return view_(x, x.shape[-rank:])


def framed(x: Tensor, n_fft: int, hop: int) -> Tensor:
    """Signals of shape (B, L) in overlapping frames: (B, T, n_fft)."""
    batch_step, step = x.stride(0), x.stride(1)
    size = (x.shape[0], (x.shape[1] - n_fft) // hop + 1, n_fft)
    return in_frames(x, 1, n_fft, hop, size, (batch_step, hop * step, step))


def overlap_added(frames: Tensor, window: Tensor, hop: int) -> tuple[Tensor, Tensor]:
    """What frames of shape (B, T, n_fft) add up to, each weighted by the window, and what the squared weights add up to."""
    batch, count, n_fft = frames.shape
    total = n_fft + hop * (count - 1)
    y = unfold_adjoint(frames * view_(window, (1, 1, n_fft)), (batch, total), 1, n_fft, hop)
    squares = (window**2).expand(1, count, n_fft)
    return y, unfold_adjoint(squares, (1, total), 1, n_fft, hop)


@composite()
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Tensor:
    """The spectrum of each frame of a signal (source: torch.stft). input: (L) or (B, L)."""
    if input.ndim not in (1, 2):
        raise RuntimeError(f"stft: expected a 1D or 2D tensor, but got {input.ndim}D tensor")
    is_complex = input.dtype.is_complex or (window is not None and window.dtype.is_complex)
    if return_complex is None and not is_complex:
        raise RuntimeError(
            "stft requires the return_complex parameter be given for real inputs, and will further require that "
            "return_complex=True in a future PyTorch release."
        )
    if not input.dtype.is_floating_point and not input.dtype.is_complex:
        raise RuntimeError("stft: expected a tensor of floating point or complex values")
    if window is None:
        once(WINDOWLESS + ADVICE)
    single, x = input.ndim == 1, padded(input, n_fft // 2, pad_mode) if center else input
    x = unsqueeze(x, 0) if single else x
    if not 0 < n_fft <= x.shape[-1]:
        raise RuntimeError(f"stft: expected 0 < n_fft < {x.shape[-1]}, but got n_fft={n_fft}")
    weighted = window is not None or win_length not in (None, n_fft)
    hop, window = whole_window(window, win_length, hop_length, n_fft, input)
    if hop <= 0:
        raise RuntimeError(f"stft: expected hop_length > 0, but got hop_length={hop}")
    frames = framed(x, n_fft, hop)
    frames = frames * window if weighted else frames
    norm = "ortho" if normalized else None
    half = not is_complex if onesided is None else onesided
    if half and is_complex:
        raise RuntimeError("Cannot have onesided output if window or input is complex")
    found = (rfft if half else fft)(frames, norm=norm).transpose_(1, 2)
    found = found.squeeze_(0) if single else found
    if return_complex or return_complex is None:
        return found
    once(REAL_PAIRS)
    return view_as_real(found)


def unfit(x: Tensor, n_fft: int, hop: int, length: int, window: Tensor | None, half: bool) -> str:
    """Why these are no spectra of frames of n_fft places, a hop apart, if they are not. x: (..., N, T)."""
    if not x.numel():
        return "input tensor cannot be empty."
    if x.ndim not in (2, 3):
        return f"expected a tensor with 3 or 4 dimensions, but got {x.ndim + 1}"
    if x.shape[-2] != (n_fft // 2 + 1 if half else n_fft):
        count = "n_fft / 2 + 1 when onesided=True" if half else "n_fft when onesided=False"
        return f"expected the frequency dimension (3rd to the last) of the input tensor to match {count}, but got {x.shape[-2]}"
    if not 0 < hop <= length:
        return "expected 0 < hop_length <= win_length"
    if not 0 < length <= n_fft:
        return "expected 0 < win_length <= n_fft"
    if window is not None and tuple(window.shape) != (length,):
        return "Invalid window shape. window has to be 1D and length of `win_length`"
    return ""


def described(input: Tensor, **options: Any) -> str:
    """A call as torch's errors show it."""
    shown = [f"istft(CPU{input.dtype.legacy}Type{list(input.shape)}"]
    for name, value in options.items():
        if isinstance(value, Tensor):
            shown.append(f"{name}=torch.{value.dtype.legacy}Tensor{{{list(value.shape)}}}")
        else:
            shown.append(f"{name}={value if value is None else int(value)}")
    return ", ".join(shown) + ")"


@composite()
def istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    """The signal of which these are the spectra (source: torch.istft). input: (N, T) or (B, N, T), complex."""
    if not input.dtype.is_complex:
        raise RuntimeError(
            "istft requires a complex-valued input tensor matching the output from stft with return_complex=True."
        )
    if window is None:
        once(WINDOWLESS_BACK + ADVICE)
    hop, frame = n_fft // 4 if hop_length is None else hop_length, n_fft if win_length is None else win_length
    half = n_fft != input.shape[-2] if onesided is None else onesided
    call = partial(
        described, input, n_fft=n_fft, hop_length=hop, win_length=frame, window=window, center=center,
        normalized=normalized, onesided=onesided, length=length, return_complex=return_complex,
    )  # fmt: skip
    if why := unfit(input, n_fft, hop, frame, window, half):
        raise RuntimeError(f"{call()} : {why}")
    hop, window = whole_window(window, win_length, hop_length, n_fft, input)
    single = input.ndim == 2
    x = view_as_real(input)
    x = view_as_complex(transpose(unsqueeze(x, 0) if single else x, 1, 2))
    norm = "ortho" if normalized else None
    if return_complex:
        if half:
            raise RuntimeError("Cannot have onesided output if window or input is complex")
        frames = ifft(x, norm=norm)
    else:
        frames = irfft(x if half else slice_(x, (..., slice(0, n_fft // 2 + 1))), n_fft, norm=norm)
    y, envelope = overlap_added(frames, window, hop)
    total = y.shape[1]
    start = n_fft // 2 if center else 0
    end = start + length if length is not None else -(n_fft // 2) if center else total
    kept = (slice(None), slice(start, min(end, total)))
    y, envelope = slice_(y, kept), slice_(envelope, kept)
    if envelope.numel() and float(np.abs(envelope._array).min()) < 1e-11:
        raise RuntimeError(f"{call()} window overlap add min: 1 [ CPUBoolType{{}} ]")
    y = squeeze(y / envelope, 0) if single else y / envelope
    if end <= total:
        return y
    once(SHORT)
    return constant_pad_nd(y, (0, end - total))
