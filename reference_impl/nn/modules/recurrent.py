"""Recurrent layers and cells (source: torch.nn.RNN, LSTM, GRU). What they compute: ops/recurrent.py."""

from __future__ import annotations

import math
import numbers
import warnings
from typing import Any

from ... import factories
from ...ops import recurrent
from ...tensor import Tensor
from .. import init
from ..utils.rnn import PackedSequence
from .linear import empty
from .module import Module

GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}


def reset_parameters(self: Any) -> None:
    bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
    for p in self.parameters():
        init.uniform_(p, -bound, bound)


class RNNBase(Module):
    """Layers that run over a sequence of shape (L, N, input_size), or (N, L, input_size), or (L, input_size), or packed."""

    mode = ""
    reset_parameters = reset_parameters

    def __init__(
        self, mode: str, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
        dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_options(input_size, hidden_size, num_layers, bias, batch_first, dropout, proj_size)
        self.mode, self.input_size, self.hidden_size, self.num_layers = mode, input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        self._names: list[list[str]] = []
        wide, shown = GATES[mode.partition("_")[0]] * hidden_size, proj_size or hidden_size
        for layer in range(num_layers):
            for side in ("", "_reverse")[: 1 + bidirectional]:
                features = input_size if not layer else shown * (1 + bidirectional)
                shapes = {"weight_ih": (wide, features), "weight_hh": (wide, shown)}
                shapes |= {"bias_ih": (wide,), "bias_hh": (wide,)} if bias else {}
                shapes |= {"weight_hr": (proj_size, hidden_size)} if proj_size else {}
                self._names.append([f"{name}_l{layer}{side}" for name in shapes])
                for name, shape in zip(self._names[-1], shapes.values(), strict=True):
                    self.register_parameter(name, empty(*shape, dtype=dtype))
        self.reset_parameters()

    @property
    def all_weights(self) -> list[list[Any]]:
        """The parameters of each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._names]

    def flatten_parameters(self) -> None:
        """Nothing to do: only a GPU gains by it."""

    def forward(self, input: Any, hx: Any = None) -> Any:
        packed = isinstance(input, PackedSequence)
        x, sizes, order, back = input if packed else (input, None, None, None)
        if not packed and x.ndim not in (2, 3):
            raise ValueError(f"{self._get_name()}: Expected input to be 2D or 3D, got {x.ndim}D {self.noun}instead")
        single = not packed and x.ndim == 2
        if single:
            x = x.unsqueeze(0 if self.batch_first else 1)
        batch = int(sizes[0]) if packed else x.shape[0 if self.batch_first else 1]
        state = self.state(hx, x, batch, packed, single)
        self.check_state(x, state, batch, packed)
        state = reordered(state, order)
        run, weights = getattr(recurrent, self.mode.lower()), [w for ws in self.all_weights for w in ws]
        how = (self.bias, self.num_layers, self.dropout, self.training, self.bidirectional)
        if packed:
            out, *found = run(x, sizes, state, weights, *how)
            out = PackedSequence(out, sizes, order, back)
        else:
            out, *found = run(x, state, weights, *how, self.batch_first)
        if single:
            out, found = out.squeeze(0 if self.batch_first else 1), [h.squeeze(1) for h in found]
        return out, reordered(tuple(found) if self.pair else found[0], back)

    pair, noun = False, "tensor "

    def shapes(self, batch: int) -> list[tuple[int, ...]]:
        """Those of the state."""
        return [(self.num_layers * (1 + self.bidirectional), batch, self.hidden_size)]

    def state(self, hx: Any, x: Tensor, batch: int, packed: bool, single: bool) -> Any:
        """The state to begin with: given, or zero."""
        if hx is None:
            zeros = tuple(factories.zeros(shape, dtype=x.dtype) for shape in self.shapes(batch))
            return zeros if self.pair else zeros[0]
        parts = tuple(hx) if self.pair else (hx,)
        if not packed and any(h.ndim != 3 - single for h in parts):
            kind, n = ("unbatched 2-D", 2) if single else ("batched 3-D", 3)
            got = ", ".join(f"{h.ndim}-D" for h in parts)
            raise RuntimeError(
                f"For {kind} input, hx and cx should also be {n}-D but got ({got}) tensors"
                if self.pair
                else f"For {kind} input, hx should also be {n}-D but got {got} tensor"
            )
        parts = tuple(h.unsqueeze(1) for h in parts) if single else parts
        return parts if self.pair else parts[0]

    def check_state(self, x: Tensor, state: Any, batch: int, packed: bool) -> None:
        weight, rank = self.all_weights[0][0], 2 if packed else 3
        if x.dtype != weight.dtype:
            raise ValueError(
                f"RNN input dtype ({x.dtype}) does not match weight dtype ({weight.dtype}). Convert input: input.to("
                f"{weight.dtype}), or convert model: model.to({x.dtype})"
            )
        if x.ndim != rank:
            raise RuntimeError(f"input must have {rank} dimensions, got {x.ndim}")
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {x.shape[-1]}"
            )
        for i, (h, wanted) in enumerate(zip(state if self.pair else (state,), self.shapes(batch), strict=True)):
            if h.shape != wanted:
                what = f"hidden[{i}]" if self.pair else "hidden"
                raise RuntimeError(f"Expected {what} size {wanted}, got {list(h.shape)}")

    def extra_repr(self) -> str:
        usual = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0,
                 "bidirectional": False}  # fmt: skip
        shown = [f"{n}={getattr(self, n)}" for n, d in usual.items() if getattr(self, n) != d]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *shown])


def check_options(input_size: Any, hidden_size: Any, num_layers: int, bias: Any, batch_first: Any, dropout: Any,
                  proj_size: int) -> None:  # fmt: skip
    if isinstance(dropout, bool) or not isinstance(dropout, numbers.Number) or not 0 <= dropout <= 1:  # type: ignore[operator]
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
        )
    if dropout and num_layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater "
            f"than 1, but got dropout={dropout} and num_layers={num_layers}",
            stacklevel=4,
        )
    kinds = {"bias": (bias, bool), "batch_first": (batch_first, bool), "input_size": (input_size, int),
             "hidden_size": (hidden_size, int)}  # fmt: skip
    for name, (value, kind) in kinds.items():
        if not isinstance(value, kind):
            raise TypeError(f"{name} should be of type {kind.__name__}, got: {type(value).__name__}")
    for name, size in (("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers)):
        if size <= 0:
            raise ValueError(f"{name} must be greater than zero")
    if proj_size < 0:
        raise ValueError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")


def reordered(state: Any, order: Tensor | None) -> Any:
    """The states of a batch in another order."""
    if order is None:
        return state
    return tuple(h.index_select(1, order) for h in state) if isinstance(state, tuple) else state.index_select(1, order)


def no_projection(options: dict[str, Any]) -> None:
    if "proj_size" in options:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


class RNN(RNNBase):
    """h' = tanh(W x + U h + b), or relu (source: torch.nn.RNN)."""

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh",
                 *options: Any, **named: Any) -> None:  # fmt: skip
        no_projection(named)
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        self.__dict__["nonlinearity"] = nonlinearity
        super().__init__(f"RNN_{nonlinearity.upper()}", input_size, hidden_size, num_layers, *options, **named)


class LSTM(RNNBase):
    """Long short-term memory: the state is a pair (h, c), h projected to proj_size if that is given
    (source: torch.nn.LSTM)."""

    pair, noun = True, ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__("LSTM", *args, **options)

    def shapes(self, batch: int) -> list[tuple[int, ...]]:
        [(layers, _, hidden)] = super().shapes(batch)
        return [(layers, batch, self.proj_size or hidden), (layers, batch, hidden)]


class GRU(RNNBase):
    """Gated recurrent units (source: torch.nn.GRU)."""

    noun = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        no_projection(options)
        super().__init__("GRU", *args, **options)


class Cell(Module):
    """One step, on inputs of shape (N, input_size) or (input_size,)."""

    mode = ""
    reset_parameters = reset_parameters

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        wide = GATES[self.mode.partition("_")[0].upper()] * hidden_size
        self.weight_ih = empty(wide, input_size, dtype=dtype)
        self.weight_hh = empty(wide, hidden_size, dtype=dtype)
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, empty(wide, dtype=dtype) if bias else None)
        self.reset_parameters()

    def check_ranks(self, input: Tensor, hx: Any, pair: bool) -> None:
        states = {f"hx[{i}]": h for i, h in enumerate(hx)} if pair and hx is not None else {"hidden": hx}
        for what, x in {"input": input, **states}.items():
            if x is not None and x.ndim not in (1, 2):
                raise ValueError(f"{type(self).__name__}: Expected {what} to be 1D or 2D, got {x.ndim}D instead")

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        pair, single = self.mode == "lstm", input.ndim == 1
        self.check_ranks(input, hx, pair)
        if hx is None:
            start = factories.zeros(*input.shape[:-1], self.hidden_size, dtype=input.dtype)
            hx = (start, start) if pair else start
        if single:
            input, hx = input.unsqueeze(0), tuple(h.unsqueeze(0) for h in hx) if pair else hx.unsqueeze(0)
        step = getattr(recurrent, self.mode + "_cell")
        found = step(input, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        if single:
            return tuple(h.squeeze(0) for h in found) if pair else found.squeeze(0)
        return found

    def extra_repr(self) -> str:
        shown = "" if self.bias_ih is not None else ", bias=False"
        shown += ", nonlinearity=relu" if self.mode == "rnn_relu" else ""
        return f"{self.input_size}, {self.hidden_size}{shown}"


class RNNCell(Cell):
    """One step of an RNN (source: torch.nn.RNNCell)."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", **place: Any
    ) -> None:
        self.__dict__["mode"], self.__dict__["nonlinearity"] = f"rnn_{nonlinearity}", nonlinearity
        super().__init__(input_size, hidden_size, bias, **place)


class LSTMCell(Cell):
    """One step of an LSTM (source: torch.nn.LSTMCell)."""

    mode = "lstm"


class GRUCell(Cell):
    """One step of a GRU (source: torch.nn.GRUCell)."""

    mode = "gru"
