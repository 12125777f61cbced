"""Dual tensors: what carries a tangent on, what drops it, and what refuses it."""


def play(torch, tr, tell):
    forward_ad = torch.autograd.forward_ad
    unpack = forward_ad.unpack_dual

    def run(f, *shape):
        """f of a dual tensor, its primal and its tangent."""
        with forward_ad.dual_level():
            x = torch.arange(1.0, 7).view(shape)
            t = torch.arange(1.0, 7).view(shape) * 2
            d = forward_ad.make_dual(x, t)
            out = f(d, x, t)
            if not isinstance(out, torch.Tensor):
                return out
            found = unpack(out)
            return found, unpack(d), unpack(d * 2), found.tangent is t

    # other shapes in place: of the tangent, too
    for f in (
        lambda d, x, t: d.t_(), lambda d, x, t: d.unsqueeze_(0), lambda d, x, t: d[:1].squeeze_(0), lambda d, x, t: x.t_(),
        lambda d, x, t: d.transpose_(0, 1), lambda d, x, t: d.as_strided_((2,), (1,)), lambda d, x, t: d.swapaxes_(0, 1),
        lambda d, x, t: d.t_().mul_(2).sin_(), lambda d, x, t: d.resize_(2), lambda d, x, t: d.resize_as_(x),
        lambda d, x, t: x.resize_(2), lambda d, x, t: d.set_(x), lambda d, x, t: x.set_(d),
        lambda d, x, t: x.clone().set_(x * 2), lambda d, x, t: (d.t_(), setattr(d, "data", x), unpack(d))[2],
    ):  # fmt: skip
        tr(lambda f=f: run(f, 2, 3))
    with torch.inference_mode():
        tr(lambda: run(lambda d, x, t: d, 6))
    tr(lambda: run(lambda d, x, t: torch.inference_mode()(lambda: (unpack(d), unpack(d * 2)))(), 6))
    tr(lambda: run(lambda d, x, t: torch.no_grad()(lambda: d * 2)(), 6))

    def into(target, value):
        def write(d, x, t):
            target(d, x)[...] = value(d, x)
            return unpack(x), unpack(d), t

        return write

    for target in (
        lambda d, x: d,
        lambda d, x: x,
        lambda d, x: d[1:3],
        lambda d, x: x[1:3],
        lambda d, x: x.view(2, 3)[0, 1:],
    ):
        for value in (lambda d, x: 5.0, lambda d, x: d[0], lambda d, x: x[0] * 2):
            tr(lambda target=target, value=value: run(into(target, value), 6))
    for f in (
        lambda d, x, t: d.add_(1), lambda d, x, t: x.mul_(d), lambda d, x, t: x.copy_(d), lambda d, x, t: d.fill_(2),
        lambda d, x, t: d.fill_(d[0]), lambda d, x, t: d.zero_(), lambda d, x, t: d[1:].zero_(), lambda d, x, t: d.floor_(),
        lambda d, x, t: d.detach(), lambda d, x, t: d.detach_(), lambda d, x, t: d.data, lambda d, x, t: d.double(),
        lambda d, x, t: d.long(), lambda d, x, t: d > 1, lambda d, x, t: d.argmax(), lambda d, x, t: d.numpy(),
        lambda d, x, t: float(d[0]), lambda d, x, t: torch.tensor(d), lambda d, x, t: torch.as_tensor(d),
        lambda d, x, t: d.new_zeros(2), lambda d, x, t: torch.stack([d, x]), lambda d, x, t: d.unbind()[1],
        lambda d, x, t: torch.mul(d, d, out=torch.empty(6)), lambda d, x, t: torch.mul(x, x, out=d),
        lambda d, x, t: d[[0, 0]], lambda d, x, t: d[d > 1], lambda d, x, t: torch.where(d > 1, d, x),
        lambda d, x, t: (setattr(d, "data", x * 3), unpack(d)), lambda d, x, t: unpack(unpack(d).primal),
        lambda d, x, t: (repr(d), repr(d * 2)), lambda d, x, t: (d.is_leaf, d._is_view(), d._base is x, d._version),
        lambda d, x, t: d.sum().backward(), lambda d, x, t: torch.autograd.grad((d * d).sum(), d),
    ):  # fmt: skip
        tr(lambda f=f: run(f, 6))

    norm, zeros, ones = torch.nn.functional.batch_norm, torch.zeros(2), torch.ones(2)
    with forward_ad.dual_level():
        x, m = (forward_ad.make_dual(torch.ones(n), torch.ones(n)) for n in ((3, 2), (2,)))
        tell(x, x[0, 0], x.sum(), x[:, :0])
        tr(lambda: norm(x, m, ones))
        tr(lambda: norm(x, zeros, m))
        tr(lambda: norm(torch.ones(3, 2), m, ones))
        tr(lambda: torch.nn.functional.instance_norm(x[..., None], m, ones, use_input_stats=False))

    # a write into a result leaves the tangent of what it was computed from alone
    for result in (lambda x: x * 1, lambda x: x + 1, lambda x: x - 2, lambda x: -(-x), lambda x: x.clone()):

        def written_later(x, result=result):
            y = result(x)
            y.mul_(3)
            return y + x * 10

        tr(lambda: torch.func.jvp(written_later, (torch.ones(2),), (torch.tensor([1.0, 2.0]),))[1])

    # nor does it change the tangent of what its own gradient saved
    def squared_in_place(x):
        y = x * 1
        view = y.view(-1)
        y.mul_(x)
        return (view**3).sum()

    tr(lambda: torch.func.jvp(torch.func.grad(squared_in_place), (torch.ones(2),), (torch.tensor([1.0, 2.0]),))[1])
    tr(lambda: torch.func.hessian(squared_in_place)(torch.tensor([1.0, 2.0])))

    class Looks(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            seen.add((fw._current_level, a.requires_grad, b.requires_grad))
            return a * 1, b * 1

        @staticmethod
        def jvp(ctx, a_t, b_t):
            return a_t, b_t

    # the inputs of gradcheck do not require grad where it looks at forward mode
    fw, seen = torch.autograd.forward_ad, set()
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    tr(
        lambda: torch.autograd.gradcheck(
            Looks.apply, (x, x.detach().clone().requires_grad_()), check_forward_ad=True, check_backward_ad=False,
            check_batched_grad=False, check_batched_forward_grad=True, check_undefined_grad=True,
        )
    )  # fmt: skip
    tell(sorted(s for s in seen if s[0] >= 0))
    tr(lambda: fw.unpack_dual((1, 2)))
    with fw.dual_level():
        tr(lambda: fw.unpack_dual((1, 2)))
        tr(lambda: torch.func.linearize(torch.sin, x.detach()))
    tr(lambda: torch.func.jacfwd(lambda x: torch.func.linearize(torch.sin, x)[0])(x.detach()))
