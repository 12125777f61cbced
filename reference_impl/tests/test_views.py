"""Views, in-place operations, versions: the reference says and does what torch says and does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import reference_impl
from reference_impl.ops.windows import Window, cut_kernel, paste_kernel
from reference_impl.tests.twice import Log, same_on_both


def test_views_made_under_no_grad() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
        with torch.no_grad():
            v = x[:2]
        log(v.requires_grad, v.grad_fn, v.is_leaf, v._is_view(), v)
        (v * 2).sum().backward()
        log(v.grad, x.grad)
        z = torch.ones(3)
        w = z[:2]
        z.requires_grad_()
        log(w.requires_grad, w.is_leaf)
        y = x * 2
        with torch.no_grad():
            a = y[:2]
        log.attempt(lambda: a.mul_(2))
        y.mul_(2)
        log.attempt(lambda: a.grad_fn)
        log.attempt(lambda: a.is_leaf)
        log.attempt(lambda: a * 2)

    same_on_both(script)


def test_views_of_functions_with_several_outputs() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.ones(3, requires_grad=True)
        y = x * 2
        a = y.unbind()[0]
        log.attempt(lambda: a.mul_(2))
        with torch.no_grad():
            y.zero_()
        log.attempt(lambda: a.grad_fn)
        b, _ = (x.view(3, 1) * 2).expand(3, 2).clone().chunk(2)
        log.attempt(lambda: b.add_(1))

    same_on_both(script)


def test_in_place_on_views_and_bases() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.arange(12.0, requires_grad=True)
        y = x * 1
        m = y.view(3, 4)
        t = m.t()
        t[1].mul_(3)
        log(y.grad_fn, m.grad_fn, t.grad_fn, m._base is y, t._base is y, y._version, t._version)
        (t * torch.arange(12.0).view(4, 3)).sum().backward()
        log(x.grad)
        x.grad = None
        y = x * 1
        w = y[:2].view(2, 1)
        y.mul_(2)
        log(w.grad_fn, w.grad_fn.next_functions)
        (w * 3 * w).sum().backward()
        log(x.grad)
        z = torch.zeros(2, 4)
        v = z[0]
        v.add_(x[:4])
        log(v.grad_fn, z.grad_fn, z.grad_fn.next_functions)
        (z * z).sum().backward()
        log(x.grad)

    same_on_both(script)


def test_second_derivative_through_writes() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.tensor([0.5, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
        y = x * 1
        y[0] = x[1] * x[0]
        y[1:].mul_(x[:2])
        (g,) = torch.autograd.grad((y**3).sum(), x, create_graph=True)
        log(g)
        (h,) = torch.autograd.grad((g * g).sum(), x)
        log(h)

    same_on_both(script)


def test_complex_and_real_views_of_each_other() -> None:
    def script(torch: Any, log: Log) -> None:
        z = torch.tensor([1 + 2j, 3.0 + 1j], requires_grad=True)
        w = z * 1
        torch.view_as_real(w).mul_(2)
        (w.abs() ** 2).sum().backward()
        log(w.grad_fn, z.grad)
        z.grad = None
        w = z * 1
        w.real.mul_(2)
        (w.abs() ** 2).sum().backward()
        log(z.grad)
        x = torch.tensor([[1.0, 2], [3.0, 4.0]], requires_grad=True)
        w = x * 1
        torch.view_as_complex(w).mul_(2j)
        w.pow(2).sum().backward()
        log(x.grad)

    same_on_both(script)


def test_what_may_not_be_written() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.ones(2, requires_grad=True)
        y = x * 1
        for f in (
            lambda: x.add_(1), lambda: x[:1].add_(1), lambda: x.zero_(), lambda: x.__setitem__(0, 1.0),
            lambda: torch.ones(3).add_(torch.ones(2, 3)), lambda: torch.ones(3).add_(torch.ones(2)),
            lambda: torch.ones(3).copy_(torch.ones(2, 3)), lambda: torch.tensor(1.0).copy_(torch.ones(0)),
            lambda: torch.ones(3, dtype=torch.int64).add_(1.5), lambda: torch.ones(3, dtype=torch.int64).div_(2),
            lambda: torch.ones(3).mul_(1j), lambda: torch.zeros(2, dtype=torch.int64).add_(x),
            lambda: y.__setitem__(slice(0, 1), torch.ones(3)),
            lambda: torch.ones(1).expand(3).mul_(2), lambda: torch.ones(1).expand(3).fill_(2),
            lambda: torch.arange(6.0).requires_grad_().detach()[1:].sin_(),
        ):  # fmt: skip
            log.attempt(f)
        t = torch.arange(6.0)
        for f in (lambda: t[1:].add_(t[:-1]), lambda: t[1:].copy_(t[:-1]), lambda: t[:3].add_(t[:3])):
            log.attempt(f)

    same_on_both(script)


def test_versions_and_what_they_catch() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.ones(3)
        v, d = x[:2], x.detach()
        v.add_(1)
        d.mul_(2)
        log(x._version, v._version, d._version, x.data._version, x.clone()._version)
        x.data.add_(1)
        x[0], x[torch.tensor([1])] = 3.0, 2.0
        log(x._version)
        w = torch.ones(2, requires_grad=True)
        for change in ("y.mul_(y)", "y.exp_().add_(1)", "y[0] = 2.", "y.detach().zero_()", "y[:1].mul_(1)"):
            y = w * 1
            z = y * y if "exp" not in change else y
            exec(change)
            log.attempt(lambda z=z: z.sum().backward())
        y = w * 1
        c = (y**2).sum()
        y.data.mul_(3)
        c.backward()
        log(w.grad)

    same_on_both(script)


def test_data_and_requires_grad() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
        y = x * 1
        for f in (
            lambda: setattr(x, "data", 3), lambda: setattr(x, "data", torch.arange(3)),
            lambda: setattr(y, "requires_grad", True), lambda: setattr(y, "requires_grad", False),
            lambda: setattr(x, "requires_grad", 1), lambda: x.requires_grad_(1), lambda: torch.arange(3).requires_grad_(),
            lambda: setattr(torch.arange(3), "requires_grad", True), lambda: y.requires_grad_(False),
            lambda: setattr(x, "is_leaf", 1), lambda: setattr(x, "grad", torch.ones(2)),
            lambda: setattr(x, "grad", torch.ones(3, dtype=torch.float64)), lambda: setattr(x, "grad", 1.0),
            lambda: setattr(x, "grad", x), lambda: y.grad, lambda: y.grad_dtype, lambda: setattr(x, "grad_dtype", 3),
            lambda: y[:1].detach_(), lambda: y.detach_().is_leaf, lambda: x.volatile,
        ):  # fmt: skip
            log.attempt(f)
        x.data = torch.ones(2, 2)
        log(x, x._version)

    same_on_both(script)


def test_cut_and_paste_are_adjoint() -> None:
    rng = np.random.default_rng(0)
    for w in (
        Window((3, 4), (4, 1), (4, 3), (1, 4), 0),
        Window((3, 4), (1, 3), (2, 2), (6, 1), 1),
        Window((5,), (1,), (3, 3), (1, 1), 0),
        Window((2,), (4,), (2, 2), (4, 1), 0),
    ):
        x, y = rng.normal(size=w.shape), rng.normal(size=w.size)
        assert np.isclose((cut_kernel(x, w) * y).sum(), (x * paste_kernel(y, w)).sum())


def test_ordinary_views_leave_nothing_behind() -> None:
    x = reference_impl.ones(4, requires_grad=True)
    y = x * 1
    for i in range(4):
        y[i] = y[i] * 2
    assert sum(ref() is not None for ref in y._storage.views) == 0


@pytest.mark.parametrize(
    "make", [lambda x: x.unsqueeze(0), lambda x: x.expand([1] * 65), lambda x: reference_impl.ones([1] * 65)]
)
def test_more_dimensions_than_numpy_has_are_unsupported(make: Any) -> None:
    with pytest.raises(reference_impl.Unsupported, match="more than 64 dimensions"):
        make(reference_impl.ones([1] * 64))
