"""The workloads in numpy, derivatives and all, without a tape: the floor for anything that computes with numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Step = Callable[[], Any]
MLP = ((256, 784), (256,), (128, 256), (128,), (10, 128), (10,))
HEADS = (4, 8, 64, 32)


def data(*shape: int, seed: int = 0, dtype: Any = np.float32) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.2, 0.9, shape).astype(dtype)


def fan_out(count: int, n: int) -> Callable[[], Step]:
    def make() -> Step:
        x, a, one = data(n), data(n, seed=1), np.broadcast_to(np.float32(1), n)

        def step() -> Any:
            total = x * a
            for _ in range(count - 1):
                total = total + x * a
            total.sum()
            gx, ga = one * a, one * x
            for _ in range(count - 1):
                gx += one * a
                ga += one * x
            return [gx, ga]

        return step

    return make


def pointwise(n: int) -> Callable[[], Step]:
    def make() -> Step:
        x = data(n)

        def step() -> Any:
            u = x * x
            s, e = np.sin(u), np.exp(x)
            t = np.tanh(s * x + e)
            t.sum()
            g = 1 - t * t
            return [g * x * np.cos(u) * x * 2 + g * s + g * e]

        return step

    return make


def mlp() -> Step:
    w1, b1, w2, b2, w3, b3 = (data(*s, seed=i) / 20 for i, s in enumerate(MLP))
    x, target = data(64, 784, seed=8), data(64, 10, seed=9)

    def step() -> Any:
        h1 = np.maximum(x.dot(w1.T) + b1, 0)
        h2 = np.maximum(h1.dot(w2.T) + b2, 0)
        d = h2.dot(w3.T) + b3 - target
        (d * d).mean()
        g3 = d * np.float32(2 / d.size)
        g2 = g3.dot(w3) * (h2 > 0)
        g1 = g2.dot(w2) * (h1 > 0)
        return [g1.T.dot(x), g1.sum(0), g2.T.dot(h1), g2.sum(0), g3.T.dot(h2), g3.sum(0)]

    return step


def matmul() -> Step:
    a, b, g = data(512, 512), data(512, 512, seed=1), data(512, 512, seed=2)

    def step() -> Any:
        a.dot(b)
        return [g.dot(b.T), a.T.dot(g)]

    return step


def attention() -> Step:
    q, k, v, g = (data(*HEADS, seed=s) for s in range(4))
    scale = np.float32(HEADS[-1] ** -0.5)

    def step() -> Any:
        s = np.matmul(q, k.swapaxes(-2, -1)) * scale
        e = np.exp(s - s.max(-1, keepdims=True))
        p = e / e.sum(-1, keepdims=True)
        np.matmul(p, v)
        gp = np.matmul(g, v.swapaxes(-2, -1))
        gs = p * (gp - (gp * p).sum(-1, keepdims=True)) * scale
        return [np.matmul(gs, k), np.matmul(gs.swapaxes(-2, -1), q), np.matmul(p.swapaxes(-2, -1), g)]

    return step


def conv() -> Step:
    x, w, b = data(8, 8, 32, 32), data(16, 8, 3, 3, seed=1) - 0.5, data(16, seed=2)
    wide = np.zeros((8, 8, 34, 34), np.float32)

    def step() -> Any:
        wide[:, :, 1:-1, 1:-1] = x
        windows = np.lib.stride_tricks.sliding_window_view(wide, (3, 3), (2, 3))
        columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(8 * 32 * 32, 72)
        flat = w.reshape(16, 72)
        y = np.maximum(columns.dot(flat.T) + b, 0)
        tiles = y.reshape(8, 16, 2, 16, 2, 16)
        pooled = tiles.max((2, 4))
        pooled.sum()
        first = (tiles == pooled[:, :, None, :, None]) & (tiles > 0)
        g = first.astype(np.float32).reshape(-1, 16)
        gw, gb = g.T.dot(columns).reshape(w.shape), g.sum(0)
        spread = g.dot(flat).reshape(8, 32, 32, 8, 3, 3)
        back = np.zeros_like(wide)
        for i in range(3):
            for j in range(3):
                back[:, :, i : i + 32, j : j + 32] += spread[..., i, j].transpose(0, 3, 1, 2)
        return [back[:, :, 1:-1, 1:-1], gw, gb]

    return step
