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

    # several elements in one place: only zero_, and fill_ with a number, may write those
    writes = {
        "number": lambda t: t.__setitem__(..., 1.0),
        "number to a part": lambda t: t.__setitem__((..., 0), 1.0),
        "0-dim tensor": lambda t: t.__setitem__(..., torch.tensor(1.0)),
        "fill_": lambda t: t.fill_(2),
        "fill_ with a tensor": lambda t: t.fill_(torch.tensor(2.0)),
        "zero_": lambda t: t.zero_(),
        "copy_": lambda t: t.copy_(torch.ones(())),
    }
    for shape, size in (((2,), (2, 2)), ((2, 1), (2, 3)), ((), (2, 2)), ((2, 2), (2, 2))):
        for name, write_it in writes.items():
            tr(lambda: (name, write_it(torch.ones(shape).expand(size))))

    # one of several views, written by subscripts
    for key in (..., slice(None), (), 0, None, True, torch.tensor([0])):

        def by_subscript(key=key):
            part = (torch.ones(3, requires_grad=True) * 1).split([1, 2])[1]
            part[key] = 5.0

        tr(by_subscript)

    # who made what was overwritten
    x = torch.ones(3, requires_grad=True)

    def square_of_overwritten(made):
        square = made * made
        made.detach().add_(1)
        square.sum().backward()

    for made in (torch.zeros(3).copy_(x), x.max(0, keepdim=True)[0], x.double(), x.sum(0)):
        tr(lambda made=made: square_of_overwritten(made))

    def broadcast_by_subscript():
        stacked = torch.stack([x, x])
        stacked[...] = x * 3
        return [n.name() for n, _ in stacked.grad_fn.next_functions[1][0].next_functions]

    tr(broadcast_by_subscript)
    with torch.inference_mode():
        made_there = torch.ones(2, 3)
    tr(lambda: made_there.transpose_(0, 1))  # refused, but done
    tell(made_there.shape)

    # places that are one in memory, written more than once: torch warns each time
    mask, place = torch.tensor([True, False]), torch.tensor([0])
    for write_places in (
        lambda x: x.masked_fill_(mask, 2.0),
        lambda x: x.masked_fill_(mask, torch.tensor(3.0)),
        lambda x: x.index_fill_(0, place, 4.0),
        lambda x: x.index_put_((place,), torch.tensor([5.0])),
    ):
        for _ in range(2):
            tr(lambda f=write_places: f(torch.zeros(1).expand(2)))
