"""What backward and grad leave behind: whose buffers they are, and how they are laid out."""

from __future__ import annotations

from typing import Any

import pytest

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


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + x,  # one node that passes its cotangent on twice
        lambda x: (x + 0) + x,
        lambda x: (x + 0).t() + x.t(),
        lambda x: T.stack([x, x, x]).sum(0),
        lambda x: T.cat([x, x]) + T.cat([x.t(), x]),
        lambda x: (x.t() + x.t()).t() + x.view(2, 2) + x[:2],
        lambda x: T.nn.functional.linear(x, x, x[0]) + T.nn.functional.linear(x.t(), x),
    ],
)
def test_adding_up_writes_into_no_memory_but_its_own(function: Any) -> None:
    x = T.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    y = function(x)
    g = T.arange(1.0 * y.numel()).view(y.shape) + 1
    kept, expected = g.clone(), T.zeros(2, 2)
    y.backward(g, retain_graph=True)
    for row in range(y.shape[0]):
        part = T.zeros_like(g)
        part[row] = g[row]
        expected += T.autograd.grad(y, x, part, retain_graph=True)[0]
    assert T.equal(g, kept)
    assert T.equal(x.grad, expected)
    x.grad.zero_()
    assert T.equal(g, kept)


def test_out_belongs_to_functions() -> None:
    x, out = T.tensor([1.0, 2.0]), T.zeros(2)
    assert T.mul(x, 3, out=out) is out
    assert out.tolist() == [3.0, 6.0]
    with pytest.raises(TypeError, match="unexpected keyword argument 'out'"):
        x.mul(3, out=out)


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
