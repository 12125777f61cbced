"""The workloads for HIPS autograd, the tape on numpy that others are held against: a column where it is installed.

    pip install 'autograd-conformance[hips]'

It has no convolution, and takes the rows of a jacobian one by one only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as np
from autograd import grad, hessian, jacobian, make_vjp

from .by_hand import HEADS, MLP, Step, data


def gradients(loss: Callable[..., Any], *xs: Any) -> Step:
    step = grad(loss, tuple(range(len(xs))))
    return lambda: list(step(*xs))


def scalar_chain() -> Step:
    def chain(x: Any, a: Any, b: Any) -> Any:
        for _ in range(250):
            x = np.sin(x * a) * 0.5 + b
        return x

    return gradients(chain, *(data(seed=s, dtype=np.float64) for s in range(3)))


def small(*shapes: tuple[int, ...]) -> Callable[[], Step]:
    def chain(x: Any, a: Any, b: Any) -> Any:
        for _ in range(50):
            x = np.tanh(np.sin(x * a) + b)
        return np.sum(x)

    return lambda: gradients(chain, *(data(*shape, seed=s) for s, shape in enumerate(shapes)))


def fan_out(count: int, n: int) -> Callable[[], Step]:
    def uses(x: Any, a: Any) -> Any:
        total = x * a
        for _ in range(count - 1):
            total = total + x * a
        return np.sum(total)

    return lambda: gradients(uses, data(n), data(n, seed=1))


def pointwise(n: int) -> Callable[[], Step]:
    return lambda: gradients(lambda x: np.sum(np.tanh(np.sin(x * x) * x + np.exp(x))), data(n))


def mlp() -> Step:
    x, target = data(64, 784, seed=8), data(64, 10, seed=9)

    def loss(w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any) -> Any:
        h = np.maximum(np.dot(x, w1.T) + b1, 0)
        h = np.maximum(np.dot(h, w2.T) + b2, 0)
        d = np.dot(h, w3.T) + b3 - target
        return np.mean(d * d)

    return gradients(loss, *(data(*s, seed=i) / 20 for i, s in enumerate(MLP)))


def matmul() -> Step:
    a, b, g = (data(512, 512, seed=s) for s in range(3))
    return lambda: list(make_vjp(lambda pair: np.dot(*pair))((a, b))[0](g))


def attention() -> Step:
    q, k, v, g = (data(*HEADS, seed=s) for s in range(4))

    def heads(qkv: Any) -> Any:
        q, k, v = qkv
        s = np.matmul(q, np.swapaxes(k, -2, -1)) * np.float32(HEADS[-1] ** -0.5)
        e = np.exp(s - np.max(s, -1, keepdims=True))
        return np.matmul(e / np.sum(e, -1, keepdims=True), v)

    return lambda: list(make_vjp(heads)((q, k, v))[0](g))


def double_backward() -> Step:
    x = data(32, 32, seed=8)
    ps = tuple(data(*s, seed=i) / 4 for i, s in enumerate(((64, 32), (64,), (1, 64), (1,))))

    def loss(ps: Any) -> Any:
        y = np.dot(np.tanh(np.dot(x, ps[0].T) + ps[1]), ps[2].T) + ps[3]
        return np.mean(y * y)

    step = grad(lambda ps: sum(np.sum(g * g) for g in grad(loss)(ps)))
    return lambda: list(step(ps))


def jacobian_by_rows() -> Step:
    w, x = data(64, 64) / 64, data(64, seed=1)
    step = jacobian(lambda v: np.tanh(np.dot(w, v)))
    return lambda: [step(x)]


def rosenbrock() -> Step:
    def f(v: Any) -> Any:
        a, b = v[:-1], v[1:]
        return np.sum(100 * (b - a * a) ** 2 + (1 - a) ** 2)

    step, x = hessian(f), data(32)
    return lambda: [step(x)]


WORKLOADS: dict[str, Callable[[], Step]] = {
    "1,000 scalar operators": scalar_chain,
    "200 operators on 4 elements": small((4,), (4,), (4,)),
    "the same, broadcasting": small((2, 2), (2,), (2, 1)),
    "500 uses of 16 elements": fan_out(500, 16),
    "100 uses of 1e5 elements": fan_out(100, 100_000),
    "pointwise, 1e4 elements": pointwise(10_000),
    "pointwise, 1e6 elements": pointwise(1_000_000),
    "MLP 784-256-128-10, batch 64": mlp,
    "matmul 512": matmul,
    "attention (4, 8, 64, 32)": attention,
    "double backward of an MLP": double_backward,
    "jacobian 64 x 64, row by row": jacobian_by_rows,
    "hessian of 32 variables": rosenbrock,
}
