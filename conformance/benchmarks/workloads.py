"""What reference_speed.py times: each workload in torch's own words, and by hand in numpy without a tape.

`make(torch)` prepares tensors of that engine and returns the function to time; `hand()` does the same for the floor.
Both return gradients, so that the benchmark can check that all engines computed the same before it times them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Step = Callable[[], Any]


@dataclass(frozen=True)
class Workload:
    """`limit` is the ratio to keep: to torch, or to the floor where `against` says hand."""

    name: str
    make: Callable[[Any], Step]
    limit: float
    hand: Callable[[], Step] | None = None
    against: str = "torch"
    tolerance: float = 1e-3


WORKLOADS: list[Workload] = []


def workload(name: str, limit: float, **options: Any) -> Callable[[Callable[[Any], Step]], Callable[[Any], Step]]:
    def add(make: Callable[[Any], Step]) -> Callable[[Any], Step]:
        WORKLOADS.append(Workload(name, make, limit, **options))
        return make

    return add


def data(*shape: int, seed: int = 0, dtype: Any = np.float32) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.2, 0.9, shape).astype(dtype)


def leaf(torch: Any, *shape: int, seed: int = 0, dtype: Any = np.float32) -> Any:
    return torch.tensor(data(*shape, seed=seed, dtype=dtype)).requires_grad_()


def gradients(loss: Any, *leaves: Any) -> list[Any]:
    for x in leaves:
        x.grad = None
    loss.backward()
    return [x.grad for x in leaves]


# ---------------------------------------------------------------- many small operators


@workload("1,000 scalar operators", 0.35)
def scalar_chain(torch: Any) -> Step:
    x, a, b = (leaf(torch, seed=s, dtype=np.float64) for s in range(3))

    def step() -> Any:
        y = x
        for _ in range(250):
            y = (y * a).sin() * 0.5 + b
        return gradients(y, x, a, b)

    return step


@workload("200 operators on 4 elements", 0.55)
def small_same(torch: Any) -> Step:
    x, a, b = (leaf(torch, 4, seed=s) for s in range(3))

    def step() -> Any:
        y = x
        for _ in range(50):
            y = ((y * a).sin() + b).tanh()
        return gradients(y.sum(), x, a, b)

    return step


@workload("the same, broadcasting", 0.7)
def small_broadcast(torch: Any) -> Step:
    x, a, b = leaf(torch, 2, 2), leaf(torch, 2, seed=1), leaf(torch, 2, 1, seed=2)

    def step() -> Any:
        y = x
        for _ in range(50):
            y = ((y * a).sin() + b).tanh()
        return gradients(y.sum(), x, a, b)

    return step


def fan_out(count: int, n: int) -> Callable[[Any], Step]:
    def make(torch: Any) -> Step:
        x, a = leaf(torch, n), leaf(torch, n, seed=1)

        def step() -> Any:
            total = x * a
            for _ in range(count - 1):
                total = total + x * a
            return gradients(total.sum(), x, a)

        return step

    return make


def fan_out_by_hand(count: int, n: int) -> Callable[[], Step]:
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


workload("500 uses of 16 elements", 0.5, hand=fan_out_by_hand(500, 16))(fan_out(500, 16))
workload("100 uses of 1e5 elements", 0.5, hand=fan_out_by_hand(100, 100_000))(fan_out(100, 100_000))


# ---------------------------------------------------------------- pointwise


def pointwise(n: int) -> Callable[[Any], Step]:
    def make(torch: Any) -> Step:
        x = leaf(torch, n)

        def step() -> Any:
            return gradients((((x * x).sin() * x + x.exp()).tanh()).sum(), x)

        return step

    return make


def pointwise_by_hand(n: int) -> Callable[[], Step]:
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


workload("pointwise, 1e4 elements", 0.5, hand=pointwise_by_hand(10_000))(pointwise(10_000))
workload("pointwise, 1e6 elements", 0.8, hand=pointwise_by_hand(1_000_000))(pointwise(1_000_000))


# ---------------------------------------------------------------- layers

MLP = ((256, 784), (256,), (128, 256), (128,), (10, 128), (10,))


def mlp_by_hand() -> Step:
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


@workload("MLP 784-256-128-10, batch 64", 1.1, hand=mlp_by_hand, against="hand")
def mlp(torch: Any) -> Step:
    F = torch.nn.functional
    ps = [torch.tensor(data(*s, seed=i) / 20).requires_grad_() for i, s in enumerate(MLP)]
    x, target = torch.tensor(data(64, 784, seed=8)), torch.tensor(data(64, 10, seed=9))

    def step() -> Any:
        h = F.relu(F.linear(x, ps[0], ps[1]))
        h = F.relu(F.linear(h, ps[2], ps[3]))
        d = F.linear(h, ps[4], ps[5]) - target
        return gradients((d * d).mean(), *ps)

    return step


def matmul_by_hand() -> Step:
    a, b, g = data(512, 512), data(512, 512, seed=1), data(512, 512, seed=2)

    def step() -> Any:
        a.dot(b)
        return [g.dot(b.T), a.T.dot(g)]

    return step


@workload("matmul 512", 1.05, hand=matmul_by_hand, against="hand")
def matmul(torch: Any) -> Step:
    a, b, g = leaf(torch, 512, 512), leaf(torch, 512, 512, seed=1), torch.tensor(data(512, 512, seed=2))

    def step() -> Any:
        a.grad = b.grad = None
        (a @ b).backward(g)
        return [a.grad, b.grad]

    return step


HEADS = (4, 8, 64, 32)


def attention_by_hand() -> Step:
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


@workload("attention (4, 8, 64, 32)", 1.3, hand=attention_by_hand, against="hand")
def attention(torch: Any) -> Step:
    q, k, v = (leaf(torch, *HEADS, seed=s) for s in range(3))
    g = torch.tensor(data(*HEADS, seed=3))

    def step() -> Any:
        q.grad = k.grad = v.grad = None
        p = torch.softmax(q @ k.transpose(-2, -1) * HEADS[-1] ** -0.5, -1)
        (p @ v).backward(g)
        return [q.grad, k.grad, v.grad]

    return step


def conv_by_hand() -> Step:
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


@workload("convolution, relu, pooling", 1.4, hand=conv_by_hand, against="hand")
def conv(torch: Any) -> Step:
    F = torch.nn.functional
    x, b = leaf(torch, 8, 8, 32, 32), leaf(torch, 16, seed=2)
    w = torch.tensor(data(16, 8, 3, 3, seed=1) - np.float32(0.5)).requires_grad_()

    def step() -> Any:
        return gradients(F.max_pool2d(F.relu(F.conv2d(x, w, b, padding=1)), 2).sum(), x, w, b)

    return step


# ---------------------------------------------------------------- higher order


@workload("double backward of an MLP", 0.8)
def double_backward(torch: Any) -> Step:
    F = torch.nn.functional
    ps = [torch.tensor(data(*s, seed=i) / 4).requires_grad_() for i, s in enumerate(((64, 32), (64,), (1, 64), (1,)))]
    x = torch.tensor(data(32, 32, seed=8))

    def step() -> Any:
        y = F.linear(torch.tanh(F.linear(x, ps[0], ps[1])), ps[2], ps[3])
        gs = torch.autograd.grad((y * y).mean(), ps, create_graph=True)
        return gradients(sum((g * g).sum() for g in gs), *ps)

    return step


def jacobian(vectorize: bool) -> Callable[[Any], Step]:
    def make(torch: Any) -> Step:
        w, x = torch.tensor(data(64, 64)), torch.tensor(data(64, seed=1))

        def step() -> Any:
            return [torch.autograd.functional.jacobian(lambda v: torch.tanh(w @ v), x, vectorize=vectorize)]

        return step

    return make


workload("jacobian 64 x 64, row by row", 0.4)(jacobian(False))
workload("jacobian 64 x 64, vectorized", 0.15)(jacobian(True))


@workload("hessian of 32 variables", 0.4)
def hessian(torch: Any) -> Step:
    x = torch.tensor(data(32))

    def rosenbrock(v: Any) -> Any:
        a, b = v[:-1], v[1:]
        return (100 * (b - a * a) ** 2 + (1 - a) ** 2).sum()

    return lambda: [torch.autograd.functional.hessian(rosenbrock, x)]
