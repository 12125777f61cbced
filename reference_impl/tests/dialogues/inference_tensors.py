"""Tensors made in inference mode: what may be done with them inside and outside; Parameters and Variables of them."""

import contextlib
import copy


def play(torch, tr, tell):
    x = torch.ones(2, requires_grad=True)
    P, V, F = torch.nn.Parameter, torch.autograd.Variable, torch.nn.functional

    def told(t):
        return t, t.is_inference(), t.requires_grad, t.is_leaf, t._is_view()

    with torch.inference_mode():
        a = torch.ones(2)
        for f in (
            lambda: a * 2, lambda: x * 2, lambda: x.view(2), lambda: x.detach(), lambda: a.add_(1), lambda: a.view(2).mul_(2),
            lambda: P(a), lambda: P(a, False), lambda: P(x), lambda: V(a), lambda: V(a, requires_grad=True),
            lambda: torch.nn.Buffer(a), lambda: torch.inference_mode(False)(lambda: x * 2)(),
            lambda: torch.enable_grad()(lambda: x * 2)(), lambda: torch.tensor([1.0]).requires_grad_(),
        ):  # fmt: skip
            tr(lambda f=f: told(f()))
        tr(lambda: x.add_(1))
        tr(lambda: (x * 2).sum().backward())
        tr(lambda: a._version)
    y = torch.ones(2, requires_grad=True)
    for f in (
        lambda: a * 2, lambda: a + y, lambda: a * y, lambda: y * a, lambda: y / a, lambda: a / y, lambda: y.pow(a),
        lambda: torch.sin(a), lambda: a.clone().add_(1), lambda: a.view(2), lambda: a.detach(), lambda: a.data,
        lambda: torch.stack([a, y]), lambda: torch.where(y > 0, y, a), lambda: y.max(a), lambda: torch.dot(y, a),
        lambda: y.masked_fill(a > 0, 0.0), lambda: y[a.long() - 4], lambda: F.linear(a, y.view(1, 2)),
        lambda: F.linear(y.view(1, 2), torch.ones(2, 2), a), lambda: a.double(), lambda: a.to(torch.float32),
        lambda: a.contiguous(), lambda: torch.ones_like(a), lambda: torch.tensor(a), lambda: torch.as_tensor(a),
        lambda: copy.deepcopy(a), lambda: P(a), lambda: P(a, requires_grad=False), lambda: torch.nn.Buffer(a),
        lambda: V(a), lambda: V(a, requires_grad=True), lambda: torch.ones(2).mul_(a), lambda: y.detach().copy_(a),
    ):  # fmt: skip
        tr(lambda f=f: told(f()))
    for f in (
        lambda: a.add_(1), lambda: a.view(2).add_(1), lambda: a.requires_grad_(), lambda: a._version, lambda: y.backward(a),
        lambda: (y * 2).backward(a), lambda: setattr(y, "grad", a), lambda: torch.is_inference(a), lambda: a.tolist(),
    ):  # fmt: skip
        tr(f)
    # what is cut from one outside has a version of its own, and may be written
    for make in (contextlib.nullcontext, torch.inference_mode):
        for cut in (
            lambda i: i.detach(), lambda i: i.data, lambda i: i.view(2).detach(), lambda i: i.detach().detach(), V,
            lambda i: P(i, requires_grad=False), lambda i: i.detach()[:1], lambda i: i.unbind()[0],
        ):  # fmt: skip
            with torch.inference_mode():
                i = torch.ones(2) * 2
            with make():
                d = cut(i)
            for f in (lambda d=d: d._version, lambda d=d: d.add_(1), lambda d=d: d._version, lambda d=d: y * d):
                tr(f)
            tr(torch.inference_mode()(lambda d=d: d.add_(1)))
            tr(lambda d=d: told(d) + (d._version,))
            tr(lambda i=i: (i, i._version))
    for f in (
        lambda: P(torch.ones(2).long()), lambda: P(3), lambda: P([1.0]), lambda: P(torch.ones(2), requires_grad=1),
        lambda: P(None).shape, lambda: V([1.0]), lambda: V(torch.ones(2).long(), requires_grad=True), lambda: V().shape,
        lambda: (P(y * 2).grad_fn, P(y * 2).is_leaf, P(torch.ones(4)[1:3])._is_view()),
    ):  # fmt: skip
        tr(f)
    with torch.inference_mode():
        view = x.view(2)
    tr(lambda: view.unbind()[0].add_(1))
