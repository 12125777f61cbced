"""Recurrent cells and layers, as torch composes them of linear maps and gates.

HOWTO. A cell is a function of (what the input gives, the state, the weights of the state); a layer runs it over time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import Unsupported
from ..tensor import Tensor
from .activation import relu
from .affine import linear_
from .exponential import sigmoid, tanh
from .form import composite
from .joining import cat, flip, stack, unbind
from .shape import transpose
from .stacking import chunk

State = Any  # a tensor; of an LSTM the pair (h, c)


# -- one step: x is the input's part already multiplied


def simple(act: Callable[..., Tensor]) -> Callable[..., State]:
    return lambda x, h, w, b: act(x + linear_(h, w, b))


def gated(x: Tensor, h: Tensor, w: Tensor, b: Tensor | None) -> Tensor:
    xr, xz, xn = chunk(x, 3, 1)
    hr, hz, hn = chunk(linear_(h, w, b), 3, 1)
    r, z = sigmoid(xr + hr), sigmoid(xz + hz)
    n = tanh(xn + r * hn)
    return (h - n) * z + n


def long_short(x: Tensor, state: State, w: Tensor, b: Tensor | None) -> State:
    h, c = state
    i, f, g, o = chunk(x + linear_(h, w, b), 4, 1)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


STEPS = {"rnn_tanh": simple(tanh), "rnn_relu": simple(relu), "gru": gated, "lstm": long_short}


def publish_cell(name: str) -> Any:
    step = STEPS[name]

    def cell(input: Tensor, hx: State, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None) -> State:
        return step(linear_(input, w_ih, b_ih), tuple(hx) if name == "lstm" else hx, w_hh, b_hh)

    cell.__name__ = f"{name}_cell"
    cell.__doc__ = f"One step of {name} (source: torch.nn.{name.partition('_')[0].upper()}Cell)."
    return composite(cell.__name__, method=False)(cell)


rnn_tanh_cell, rnn_relu_cell, gru_cell, lstm_cell = map(publish_cell, STEPS)


# -- over time, layer over layer


def over_time(step: Callable[..., State], x: Tensor, state: State, weights: list[Any], back: bool) -> Any:
    """The outputs (time, batch, features), and the last state."""
    w_ih, w_hh, b_ih, b_hh = weights
    x = linear_(flip(x, (0,)) if back else x, w_ih, b_ih)
    outputs = []
    for now in unbind(x, 0):
        state = step(now, state, w_hh, b_hh)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    found = stack(outputs, 0)
    return flip(found, (0,)) if back else found, state


def publish_layers(name: str) -> Any:
    step, pair = STEPS[name], name == "lstm"

    def layers(
        input: Tensor,
        hx: State,
        params: Any,
        has_biases: bool,
        num_layers: int,
        dropout: float,
        train: bool,
        bidirectional: bool,
        batch_first: bool = False,
    ) -> Any:
        if isinstance(params, bool):
            raise Unsupported(f"{name}: packed sequences")
        x = transpose(input, 0, 1) if batch_first else input
        sides, each = 1 + bidirectional, 4 if has_biases else 2
        if pair and params[0].shape[0] != 4 * hx[0].shape[-1]:
            raise Unsupported("lstm: proj_size")
        states = list(zip(*map(unbind, hx), strict=True)) if pair else list(unbind(hx))
        last = []
        for layer in range(num_layers):
            outputs = []
            for side in range(sides):
                k = layer * sides + side
                weights = [*params[k * each : (k + 1) * each], *[None] * (4 - each)]
                out, state = over_time(step, x, states[k], weights, side == 1)
                outputs.append(out)
                last.append(state)
            x = outputs[0] if sides == 1 else cat(outputs, 2)
            if dropout and train and layer < num_layers - 1:
                from .dropout import dropout as drop

                x = drop(x, dropout, True)
        x = transpose(x, 0, 1) if batch_first else x
        return (x, *(stack(part, 0) for part in zip(*last, strict=True))) if pair else (x, stack(last, 0))

    layers.__name__ = name
    layers.__doc__ = f"Layers of {name} over a sequence (source: torch.nn.{name.partition('_')[0].upper()})."
    return composite(name, method=False)(layers)


rnn_tanh, rnn_relu, gru, lstm = map(publish_layers, STEPS)
