"""What reference_speed.py times: each workload in torch's own words.

`make(torch)` prepares tensors of that engine and returns the function to time; `hand()` does the same for the floor
(by_hand.py).
Both return gradients, so that the benchmark can check that all engines computed the same before it times them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import by_hand
from .by_hand import HEADS, MLP, Step, data


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


workload("500 uses of 16 elements", 0.5, hand=by_hand.fan_out(500, 16))(fan_out(500, 16))
workload("100 uses of 1e5 elements", 0.5, hand=by_hand.fan_out(100, 100_000))(fan_out(100, 100_000))


# ---------------------------------------------------------------- pointwise


def pointwise(n: int) -> Callable[[Any], Step]:
    def make(torch: Any) -> Step:
        x = leaf(torch, n)

        def step() -> Any:
            return gradients((((x * x).sin() * x + x.exp()).tanh()).sum(), x)

        return step

    return make


workload("pointwise, 1e4 elements", 0.5, hand=by_hand.pointwise(10_000))(pointwise(10_000))
workload("pointwise, 1e6 elements", 0.8, hand=by_hand.pointwise(1_000_000))(pointwise(1_000_000))


# ---------------------------------------------------------------- layers


@workload("MLP 784-256-128-10, batch 64", 1.1, hand=by_hand.mlp, against="hand")
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


@workload("matmul 512", 1.05, hand=by_hand.matmul, against="hand")
def matmul(torch: Any) -> Step:
    a, b, g = leaf(torch, 512, 512), leaf(torch, 512, 512, seed=1), torch.tensor(data(512, 512, seed=2))

    def step() -> Any:
        a.grad = b.grad = None
        (a @ b).backward(g)
        return [a.grad, b.grad]

    return step


@workload("attention (4, 8, 64, 32)", 1.3, hand=by_hand.attention, against="hand")
def attention(torch: Any) -> Step:
    q, k, v = (leaf(torch, *HEADS, seed=s) for s in range(3))
    g = torch.tensor(data(*HEADS, seed=3))

    def step() -> Any:
        q.grad = k.grad = v.grad = None
        p = torch.softmax(q @ k.transpose(-2, -1) * HEADS[-1] ** -0.5, -1)
        (p @ v).backward(g)
        return [q.grad, k.grad, v.grad]

    return step


@workload("convolution, relu, pooling", 1.4, hand=by_hand.conv, against="hand")
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
        w, x = torch.tensor(data(64, 64) / 64), torch.tensor(data(64, seed=1))

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
