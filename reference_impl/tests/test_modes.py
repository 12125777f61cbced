"""Grad modes, inference mode, anomaly detection, threads, layouts and copies: as in torch."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import reference_impl
from reference_impl.tests.twice import Log, same_on_both


def test_inference_mode() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.ones(3, requires_grad=True)
        with torch.inference_mode():
            c = torch.ones(3)
            y, v = x * 2, x[:2]
            log(y.is_inference(), y.requires_grad, v.is_inference(), v.requires_grad, c[:2]._is_view(), c[:2]._base)
            f = torch.ones(2, requires_grad=True)
            log(f.requires_grad, f.is_inference(), x.detach().is_inference(), x.data.is_inference())
            with torch.enable_grad():
                z = x * 2
                log(z.requires_grad, z.is_inference(), torch.is_grad_enabled())
            with torch.inference_mode(False):
                z = x * 2
                log(z.requires_grad, z.is_inference())
            x.mul_(2)
            log.attempt(lambda: c.mul_(2))
        for f in (
            lambda: c.mul_(2), lambda: c._version, lambda: c.requires_grad_(), lambda: v.grad_fn, lambda: c * x,
            lambda: c + x, lambda: c.detach().is_inference(), lambda: c.clone().is_inference(),
            lambda: (c * 2).is_inference(), lambda: c[:2].is_inference(), lambda: torch.zeros(3).copy_(c),
        ):  # fmt: skip
            log.attempt(f)

    same_on_both(script)


def test_modes_as_decorators() -> None:
    def script(torch: Any, log: Log) -> None:
        @torch.no_grad()
        def plain() -> bool:
            return torch.is_grad_enabled()

        @torch.no_grad
        def bare() -> bool:
            return torch.is_grad_enabled()

        @torch.no_grad()
        def generator() -> Any:
            got = yield torch.is_grad_enabled()
            log("sent", got, torch.is_grad_enabled())
            yield torch.is_grad_enabled()

        steps = generator()
        log(plain(), bare(), next(steps), torch.is_grad_enabled(), steps.send(3), torch.is_grad_enabled())

        @torch.set_grad_enabled(False)
        def switched() -> bool:
            return torch.is_grad_enabled()

        log(torch.is_grad_enabled(), switched(), torch.is_grad_enabled())
        for f in (
            lambda: torch.no_grad()(type("A", (), {})) and None, lambda: torch.set_grad_enabled(1),
            lambda: torch.autograd.grad_mode.set_multithreading_enabled(1),
        ):  # fmt: skip
            log.attempt(f)
        log(torch.no_grad(), torch.inference_mode(), torch.no_grad is torch.autograd.grad_mode.no_grad)
        seen: list[bool] = []
        with torch.no_grad():
            thread = threading.Thread(target=lambda: seen.append(torch.is_grad_enabled()))
            thread.start()
            thread.join()
        log(seen)

    same_on_both(script)


def test_anomaly_detection() -> None:
    def script(torch: Any, log: Log) -> None:
        autograd = torch.autograd
        x = torch.tensor([0.0, 2.0], requires_grad=True)

        class Fails(autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                return x.clone()

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                raise RuntimeError("Some error")

        def inside(f: Any, **options: Any) -> Any:
            with autograd.detect_anomaly(**options):
                return f()

        log.attempt(lambda: inside(lambda: Fails.apply(x).sum().backward()))
        log.attempt(lambda: inside(lambda: (x * 0).sqrt().backward(torch.zeros(2))))
        log.attempt(lambda: inside(lambda: (x * 0).sqrt().backward(torch.zeros(2)), check_nan=False))
        log.attempt(lambda: inside(lambda: x.exp().mul_(2).sum().backward()))
        y = Fails.apply(x)
        log.attempt(lambda: inside(lambda: y.sum().backward()))
        with autograd.set_detect_anomaly(True, check_nan=False):
            log(torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
            y = x * 2
            trace = "".join(y.grad_fn.metadata["traceback_"])
            log(list(y.grad_fn.metadata), "y = x * 2" in trace)
            with autograd.set_detect_anomaly(False):
                log(torch.is_anomaly_enabled())
            log(torch.is_anomaly_enabled())
        log(torch.is_anomaly_enabled())

    same_on_both(script)


def test_threads_accumulate_completely() -> None:
    for shape in ((), (3,), (100_000,)):
        w = reference_impl.ones(shape, requires_grad=True)

        def work(w: Any = w) -> None:
            for _ in range(20):
                (w * 2).sum().backward()

        threads = [threading.Thread(target=work) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert w.grad.min().item() == w.grad.max().item() == 320


def test_layout_of_gradients() -> None:
    def script(torch: Any, log: Log) -> None:
        torch.set_warn_always(False)
        for x in (torch.ones(3, 2).t(), torch.ones(1, 2).expand(3, 2), torch.ones(3, 4)[:, ::2]):
            for create_graph in (False, True):
                x = x.detach().requires_grad_()
                (x * x).sum().backward(create_graph=create_graph)
                log(x.grad.stride(), x.grad.requires_grad)
        x = torch.ones(2, 3, requires_grad=True)
        x.grad = g = torch.zeros(3, 2).t()
        log.attempt(lambda: (x * 2).sum().backward())
        log(x.grad is g, x.grad.stride(), g)
        with torch.autograd.grad_mode.enforce_grad_layout_policy(False):
            x = torch.ones(2, 3, requires_grad=True)
            x.mul(2).backward(torch.ones(3, 2).t())
            log(x.grad.stride())
        go = torch.tensor([5.0, 6.0])
        x = torch.ones(2, requires_grad=True)
        for _ in range(2):
            x.clone().backward(go)
        log(go, x.grad)
        x = torch.ones(2, requires_grad=True)
        x.grad_dtype = torch.float64
        (x * 2).sum().backward()
        log(x.grad, torch.autograd.grad((x * 2).sum(), x))

    same_on_both(script)


def test_copies_and_pickles() -> None:
    def script(torch: Any, log: Log) -> None:
        base = torch.arange(1.0, 7.0)
        pair = copy.deepcopy((base, base[::2]))
        pair[0].mul_(2)
        log(pair[1], pair[1]._is_view(), base)
        pair = pickle.loads(pickle.dumps((base, base[::2])))
        pair[0].mul_(2)
        log(pair[1])
        log(pickle.loads(pickle.dumps(torch.ones(999)[:5])).untyped_storage().nbytes())
        x = torch.ones(2, requires_grad=True)
        x.grad, x.mine = torch.ones(2), 3
        for y in (copy.deepcopy(x), pickle.loads(pickle.dumps(x)), copy.copy(x)):
            log(y, y.grad, y.mine, y is x, y.data_ptr() == x.data_ptr())
        log(copy.copy(x * 2), pickle.loads(pickle.dumps(x * 2)))
        log.attempt(lambda: copy.deepcopy(x * 2))

    same_on_both(script)
