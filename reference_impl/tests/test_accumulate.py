"""What backward and grad leave behind: whose buffers they are, and how they are laid out."""

from __future__ import annotations

from typing import Any

import reference_impl as T
from reference_impl.tests.twice import Log, same_on_both


def test_two_leaves_never_share_a_gradient() -> None:
    x, y = T.ones(4, requires_grad=True), T.ones(4, requires_grad=True)
    (x + y).sin().sum().backward()
    assert x.grad.data_ptr() != y.grad.data_ptr()


def test_the_cotangent_of_the_user_is_copied() -> None:
    x, g = T.ones(4, requires_grad=True), T.ones(4)
    (x + 0).backward(g)
    assert x.grad.data_ptr() != g.data_ptr()


def test_what_backward_and_grad_leave_behind() -> None:
    def script(torch: Any, log: Log) -> None:
        for data in (2.0, [1.0, 2.0]):
            x = torch.tensor(data, requires_grad=True)
            (x**3).sum().backward(create_graph=True)
            before = x.grad
            (x**3).sum().backward()  # adds to the tensor that is there, which keeps its history
            log(x.grad is before, x.grad.detach(), x.grad.requires_grad)
            v, y = torch.ones_like(x), x * x
            log([torch.autograd.grad(out, to, v)[0] is v for out, to in ((y, y), (y + 1, y), (y * 1, y), (x, x))])

    same_on_both(script)


def test_memory_formats() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.arange(24.0).view(2, 3, 2, 2)
        y = x.contiguous(memory_format=torch.channels_last)
        for t in (x, y, y.contiguous(), torch.ones(3, 2).t(), torch.ones(3, 2).t().contiguous(), torch.tensor(1.0)):
            formats = torch.contiguous_format, torch.channels_last, torch.channels_last_3d
            log(t.stride(), [t.is_contiguous(memory_format=f) for f in formats])
        log(y, y.contiguous(memory_format=torch.channels_last) is y)
        for t in (x, y):
            log.attempt(lambda t=t: t.contiguous(memory_format=torch.preserve_format).stride())

    same_on_both(script)


def test_a_hundred_thousand_nodes_neither_recurse_nor_leak() -> None:
    x = y = T.tensor(1.0, requires_grad=True)
    for _ in range(100_000):
        y = y * 1.0
    y.backward()
    del y
    assert x.grad.item() == 1


def test_many_cotangents_of_one_node_leave_the_users_as_it_was() -> None:
    x = T.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    total = y + y
    for _ in range(5):
        total = total + y
    seed, passed = T.tensor([1.0, 10.0]), []
    y.register_hook(lambda g: passed.append(g))
    for times in (1, 2):
        total.backward(seed, retain_graph=True)
        assert seed.tolist() == [1.0, 10.0]
        assert passed[-1].tolist() == [7.0, 70.0]
        assert x.grad.tolist() == [7.0 * times, 70.0 * times]
    assert passed[0].tolist() == [7.0, 70.0]
