"""Recurrent layers and cells (source: torch.nn.RNN, LSTM, GRU). What they compute: ops/recurrent.py."""

from __future__ import annotations

import math
from typing import Any

from ... import factories
from ...errors import Unsupported
from ...ops import recurrent
from ...tensor import Tensor
from .. import init
from .linear import empty
from .module import Module

GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}


def reset_parameters(self: Any) -> None:
    bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
    for p in self.parameters():
        init.uniform_(p, -bound, bound)


class Recurrent(Module):
    """Layers that run over a sequence of shape (L, N, input_size), or (N, L, input_size), or (L, input_size)."""

    mode = ""
    reset_parameters = reset_parameters

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
        dropout: float = 0.0, bidirectional: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.input_size, self.hidden_size, self.num_layers, self.bias = input_size, hidden_size, num_layers, bias
        self.batch_first, self.dropout, self.bidirectional = batch_first, dropout, bidirectional
        wide = GATES[self.mode.partition("_")[0].upper()] * hidden_size
        for layer in range(num_layers):
            for side in ("", "_reverse")[: 1 + bidirectional]:
                features = input_size if not layer else hidden_size * (1 + bidirectional)
                shapes = {"weight_ih": (wide, features), "weight_hh": (wide, hidden_size)}
                shapes |= {"bias_ih": (wide,), "bias_hh": (wide,)} if bias else {}
                for name, shape in shapes.items():
                    self.register_parameter(f"{name}_l{layer}{side}", empty(*shape, dtype=dtype))
        self.reset_parameters()

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        pair, single = self.mode == "lstm", input.ndim == 2
        if single:
            input = input.unsqueeze(1 if not self.batch_first else 0)
        count = self.num_layers * (1 + self.bidirectional)
        batch = input.shape[0 if self.batch_first else 1]
        if hx is None:
            start = factories.zeros(count, batch, self.hidden_size, dtype=input.dtype)
            hx = (start, start) if pair else start
        elif single:
            hx = tuple(h.unsqueeze(1) for h in hx) if pair else hx.unsqueeze(1)
        run = getattr(recurrent, self.mode)
        out, *states = run(
            input, hx, list(self.parameters()), self.bias, self.num_layers, self.dropout, self.training, self.bidirectional,
            self.batch_first,
        )  # fmt: skip
        if single:
            out, states = out.squeeze(0 if self.batch_first else 1), [h.squeeze(1) for h in states]
        return out, tuple(states) if pair else states[0]

    def extra_repr(self) -> str:
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
        shown = [f"{n}={getattr(self, n)}" for n, d in usual.items() if getattr(self, n) != d]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *shown])


class RNN(Recurrent):
    """h' = tanh(W x + U h + b), or relu (source: torch.nn.RNN)."""

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh", bias: bool = True,
                 batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, **place: Any) -> None:  # fmt: skip
        self.__dict__["mode"], self.__dict__["nonlinearity"] = f"rnn_{nonlinearity}", nonlinearity
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, **place)


class LSTM(Recurrent):
    """Long short-term memory: the state is a pair (h, c) (source: torch.nn.LSTM)."""

    mode = "lstm"

    def __init__(self, *args: Any, proj_size: int = 0, **options: Any) -> None:
        if proj_size:
            raise Unsupported("nn.LSTM: proj_size")
        super().__init__(*args, **options)


class GRU(Recurrent):
    """Gated recurrent units (source: torch.nn.GRU)."""

    mode = "gru"


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

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        pair, single = self.mode == "lstm", input.ndim == 1
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
