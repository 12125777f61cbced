"""Selective checkpoints: the operators that a policy is asked about, and what it makes of them."""

import functools
import importlib


def play(torch, tr, tell):
    C = importlib.import_module(torch.__name__ + ".utils.checkpoint")
    x = torch.tensor([[1.0, -2.0, 3.0], [0.5, 1.0, -1.0], [2.0, 0.0, 1.0]], requires_grad=True)

    def asked(f):
        """The operators of f, and its gradient."""
        seen = []

        def policy(ctx, op, *args, **kwargs):
            seen.append(
                (str(op), ctx.is_recompute, type(ctx.op_output).__name__ != "tuple" and ctx.op_output.requires_grad)
            )
            return C.CheckpointPolicy.PREFER_SAVE

        contexts = functools.partial(C.create_selective_checkpoint_contexts, policy)
        x.grad = None
        y = C.checkpoint(f, x, use_reentrant=False, context_fn=contexts)
        y.sum().backward()
        return seen, x.grad

    tr(lambda: asked(lambda x: (torch.sigmoid(torch.matmul(torch.matmul(x, x), x)) * x + 1 - x / 2 - 2).sum()))
    tr(lambda: asked(lambda x: torch.cat([x[0], x[:, 1], x.t()[1]]).mean(0)))
    tr(
        lambda: asked(
            lambda x: x.view(9).view(3, 3).transpose(0, 1).unsqueeze(0).expand(2, 3, 3).sum(1).relu().exp().pow(2.0)
        )
    )
    tr(lambda: asked(lambda x: torch.where(x > 0, x, x * 2).max(0)[0]))
    tr(lambda: asked(lambda x: x.softmax(-1).log_softmax(-1) @ x[0]))

    def saving(ops):
        contexts = functools.partial(C.create_selective_checkpoint_contexts, ops)

        def f(x):
            return torch.sigmoid(torch.matmul(torch.matmul(x, x), x)) * x

        x.grad = None
        y = C.checkpoint(f, x, use_reentrant=False, context_fn=contexts)
        y.sum().backward(retain_graph=True)
        tell(x.grad)
        y.sum().backward()

    mm = torch.ops.aten.mm
    tr(lambda: saving([mm.default]))
    tr(lambda: saving([torch.ops.aten.sigmoid.default, torch.ops.aten.mul.Tensor]))
    tr(lambda: saving([]))
    tr(lambda: saving([mm]))
    tr(
        lambda: (
            str(mm.default),
            repr(mm.default),
            mm,
            repr(mm),
            mm.default.name(),
            mm.default is mm.default,
            mm.default.__name__,
        )
    )
    tr(lambda: (mm.default(x, x), mm(x, x), mm.default.overloadpacket is mm, torch.ops.aten.add.Tensor(x, 1)))
    tr(lambda: sorted(p.name for p in C.CheckpointPolicy))

    def drifting(f, **options):
        y = C.checkpoint(f, x, use_reentrant=False, **options)
        y.sum().backward()

    def changing(first, again):
        runs = []

        def f(x):
            runs.append(1)
            return first(x) if len(runs) == 1 else again(x)

        return f

    def policy(ctx, op, *args, **kwargs):
        return C.CheckpointPolicy.MUST_SAVE

    contexts = functools.partial(C.create_selective_checkpoint_contexts, policy)
    tr(lambda: drifting(changing(lambda x: x.exp().sin(), lambda x: x.cos().sin()), context_fn=contexts))
    tr(lambda: drifting(changing(lambda x: x.exp().sin(), lambda x: x.exp().exp().sin()), context_fn=contexts))
    tr(lambda: C.detach_variable((x, 3, x.detach())))
    tr(lambda: C.detach_variable([x]))
    tr(lambda: C.check_backward_validity([x.detach()]))
    tr(lambda: C.get_device_states(x))
    with C.GraphExecGroup():
        tr(lambda: C.GraphExecGroup().__enter__() and None)

    # which overload an operator is
    def named(f):
        seen = []

        def policy(ctx, op, *args, **kwargs):
            seen.append(str(op))
            return C.CheckpointPolicy.PREFER_RECOMPUTE

        C.checkpoint(
            f, x, use_reentrant=False, context_fn=functools.partial(C.create_selective_checkpoint_contexts, policy)
        )
        return seen

    F = torch.nn.functional
    for f in (
        torch.var_mean, torch.std_mean, torch.var, torch.std, torch.median, torch.squeeze, torch.square, torch.unbind,
        torch.linalg.svd, torch.linalg.det, torch.linalg.slogdet, torch.fft.fft, torch.Tensor.double,
        lambda x: torch.var_mean(x, 0), lambda x: torch.std(x, 0), lambda x: x.median(0), lambda x: x.squeeze(0),
        lambda x: x.split(1), lambda x: torch.frexp(x.detach()), lambda x: x.maximum(x), lambda x: torch.atan2(x, x),
        lambda x: x // 2, lambda x: 1 - x, lambda x: x**2, lambda x: x**x, lambda x: 2**x, lambda x: x.lerp(x, 0.5),
        lambda x: x.lerp(x, x), lambda x: x.masked_fill(x > 1, 0), lambda x: x.masked_fill(x > 1, x[0, 0]),
        lambda x: F.max_pool2d(x[None], 2), lambda x: F.avg_pool2d(x[None], 2), lambda x: F.smooth_l1_loss(x, x),
        lambda x: F.nll_loss(x, x[0].long() % 3), lambda x: F.interpolate(x[None, None], scale_factor=2), F.normalize,
    ):  # fmt: skip
        tr(lambda f=f: named(f))
