"""Recurrent cells and layers, as torch composes them of linear maps and gates.

HOWTO. A cell is a function of (what the input gives, the state, the weights of the state); a layer runs it over time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensor import Tensor
from .activation import relu
from .affine import linear_
from .dropout import dropout as drop
from .exponential import sigmoid, tanh
from .form import composite
from .joining import cat, stack, unbind
from .rearranging import flip
from .shape import transpose
from .stacking import split, unsafe_chunk

State = Any  # a tensor; of an LSTM the pair (h, c)


# -- one step: x is the input's part already multiplied


def simple(act: Callable[..., Tensor]) -> Callable[..., State]:
    return lambda x, h, w, b: act(linear_(h, w, b) + x)


def gated(x: Tensor, h: Tensor, w: Tensor, b: Tensor | None) -> Tensor:
    hr, hz, hn = unsafe_chunk(linear_(h, w, b), 3, 1)
    xr, xz, xn = unsafe_chunk(x, 3, 1)
    r, z = sigmoid(hr + xr), sigmoid(hz + xz)
    n = tanh(xn + hn * r)
    return (h - n) * z + n


def long_short(x: Tensor, state: State, w: Tensor, b: Tensor | None, projection: Tensor | None = None) -> State:
    h, c = state
    i, f, g, o = unsafe_chunk(linear_(h, w, b) + x, 4, 1)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h = sigmoid(o) * tanh(c)
    return h if projection is None else linear_(h, projection), c


STEPS = {"rnn_tanh": simple(tanh), "rnn_relu": simple(relu), "gru": gated, "lstm": long_short}


def check_cell(input: Tensor, states: tuple, w_ih: Tensor, w_hh: Tensor) -> None:
    if input.shape[1] != w_ih.shape[1]:
        raise RuntimeError(f"input has inconsistent input_size: got {input.shape[1]} expected {w_ih.shape[1]}")
    for i, h in enumerate(states):
        if input.shape[0] != h.shape[0]:
            raise RuntimeError(f"Input batch size {input.shape[0]} doesn't match hidden{i} batch size {h.shape[0]}")
        if h.shape[1] != w_hh.shape[1]:
            raise RuntimeError(f"hidden{i} has inconsistent hidden_size: got {h.shape[1]}, expected {w_hh.shape[1]}")


GATES = {"rnn_tanh": 1, "rnn_relu": 1, "gru": 3, "lstm": 4}


def check_gates(gates: int, w_ih: Tensor, w_hh: Tensor) -> None:
    want = gates * w_hh.shape[1]
    for name, w in (("weight_ih", w_ih), ("weight_hh", w_hh)):
        if w.shape[0] != want:
            raise RuntimeError(f"{name} first dim must be {gates} * hidden_size = {want}, but got {w.shape[0]}")


def publish_cell(name: str) -> Any:
    step = STEPS[name]

    def cell(input: Tensor, hx: State, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None) -> State:
        state = tuple(hx) if name == "lstm" else hx
        check_cell(input, state if name == "lstm" else (state,), w_ih, w_hh)
        check_gates(GATES[name], w_ih, w_hh)
        return step(linear_(input, w_ih, b_ih), state, w_hh, b_hh)

    cell.__name__ = f"{name}_cell"
    cell.__doc__ = f"One step of {name} (source: torch.nn.{name.partition('_')[0].upper()}Cell)."
    return composite(cell.__name__, method=False)(cell)


rnn_tanh_cell, rnn_relu_cell, gru_cell, lstm_cell = map(publish_cell, STEPS)


# -- over time, layer over layer


def output_of(state: State) -> Tensor:
    return state[0] if isinstance(state, tuple) else state


def over_time(step: Callable[..., State], x: Tensor, state: State, weights: list[Any], back: bool) -> Any:
    """The outputs (time, batch, features), and the last state."""
    w_ih, w_hh, b_ih, b_hh, *projection = weights
    if not x.shape[0]:
        raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
    x = linear_(flip(x, (0,)) if back else x, w_ih, b_ih)
    outputs = []
    for now in unbind(x, 0):
        state = step(now, state, w_hh, b_hh, *projection)
        outputs.append(output_of(state))
    found = stack(outputs, 0)
    return flip(found, (0,)) if back else found, state


def on_parts(f: Callable[..., Tensor], *states: State) -> State:
    """A function of tensors on states, which may be pairs of them."""
    return tuple(map(f, *states)) if isinstance(states[0], tuple) else f(*states)


def over_packed(
    step: Callable[..., State], x: Tensor, sizes: list[int], state: State, weights: list[Any], back: bool
) -> Any:
    """over_time for packed sequences, sizes[t] of them at time t. Forward, the states of those that end are set aside;
    backward, those that are longest begin, and the others join them."""
    w_ih, w_hh, b_ih, b_hh, *projection = weights
    times, outputs, ended = split(linear_(x, w_ih, b_ih), sizes, 0), [], []
    first, state = state, on_parts(lambda s: s[: sizes[-1 if back else 0]], state)
    for now in reversed(times) if back else times:
        n, have = now.shape[0], output_of(state).shape[0]
        if n > have:
            state = on_parts(lambda s, new, n=n, have=have: cat([s, new[have:n]]), state, first)
        elif n < have:
            ended.append(on_parts(lambda s, n=n: s[n:], state))
            state = on_parts(lambda s, n=n: s[:n], state)
        state = step(now, state, w_hh, b_hh, *projection)
        outputs.append(output_of(state))
    if ended:
        state = on_parts(lambda *parts: cat(parts), state, *reversed(ended))
    return cat(outputs[::-1] if back else outputs, 0), state


def publish_layers(name: str) -> Any:
    step, pair = STEPS[name], name == "lstm"

    def layers(input: Tensor, hx: State, params: Any, has_biases: bool, num_layers: int, dropout: float, train: bool,
               bidirectional: bool, batch_first: bool = False) -> Any:  # fmt: skip
        how = (has_biases, num_layers, dropout, train, bidirectional)
        if isinstance(has_biases, list | tuple):  # packed: the second argument is batch_sizes, the others follow
            sizes = hx.tolist()
            return stacked(lambda x, *rest: over_packed(step, x, sizes, *rest), input, params, *how, batch_first)
        x = transpose(input, 0, 1) if batch_first else input
        x, *states = stacked(lambda x, *rest: over_time(step, x, *rest), x, hx, params, *how)
        return transpose(x, 0, 1) if batch_first else x, *states

    def stacked(run: Any, x: Tensor, hx: State, params: Any, has_biases: bool, num_layers: int, dropout: float,
                train: bool, bidirectional: bool) -> Any:  # fmt: skip
        sides, each = 1 + bidirectional, 4 if has_biases else 2
        projected = pair and hx[0].shape[-1] != hx[1].shape[-1]
        states = list(zip(*map(unbind, hx), strict=True)) if pair else list(unbind(hx))
        last = []
        for layer in range(num_layers):
            outputs = []
            for side in range(sides):
                k = layer * sides + side
                own = params[k * (each + projected) : (k + 1) * (each + projected)]
                weights = [*own[:each], *[None] * (4 - each), *own[each:]]
                out, state = run(x, states[k], weights, side == 1)
                outputs.append(out)
                last.append(state)
            x = outputs[0] if sides == 1 else cat(outputs, -1)
            if dropout and train and layer < num_layers - 1:
                x = drop(x, dropout, True)
        return (x, *(stack(part, 0) for part in zip(*last, strict=True))) if pair else (x, stack(last, 0))

    layers.__name__ = name
    layers.__doc__ = f"Layers of {name} over a sequence (source: torch.nn.{name.partition('_')[0].upper()})."
    return composite(name, method=False)(layers)


rnn_tanh, rnn_relu, gru, lstm = map(publish_layers, STEPS)
