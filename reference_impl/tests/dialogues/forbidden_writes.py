"""Writes to views that were made where nothing was recorded, or by what makes several views."""


def play(torch, tr, tell):
    learned = torch.ones(2, requires_grad=True)

    def base(recorded):
        x = torch.zeros(2, requires_grad=recorded)
        return x.clone() if recorded else x

    def write(t):
        t.mul_(learned[0])

    makers = (lambda x: x.view(2), lambda x: x.unbind()[0], lambda x: x[:1])
    for recorded in (False, True):
        for make in makers:
            for mode in (torch.no_grad, torch.inference_mode, torch.enable_grad):
                for written in range(3):  # the base, the view, or a view of the view
                    x = base(recorded)
                    with mode():
                        v = make(x)
                    u = v.view(-1)
                    tr(lambda x=x, v=v, u=u, written=written: write((x, v, u)[written]))
                    for t in (x, v, u):
                        tr(lambda t=t: t)
                        tr(lambda t=t: t.grad_fn)
                    tr(lambda v=v: v * 2)

    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            v = torch.zeros(2).view(2)
        tr(lambda v=v: v.requires_grad_().view(2).div_(2))

    class Add(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b, *others):
            a.add_(b)
            ctx.mark_dirty(a)
            return (a, *others) if others else a

        @staticmethod
        def backward(ctx, *gs):
            return gs[0], gs[0], *gs[1:]

    for others in ((), (1,), (learned * 2,)):
        for make in (lambda x: x, lambda x: x.view(2), lambda x: x.detach().view(2)):
            tr(lambda others=others, make=make: Add.apply(make(base(True)), learned, *others))
            tr(lambda others=others, make=make: Add.apply(make(base(True)).detach(), learned.detach(), *others))
