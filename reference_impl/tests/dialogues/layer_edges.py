"""What layers and their functions take at the edges: empty times, many copies, bounds, names that were given before."""


def play(torch, tr, tell):
    nn, F = torch.nn, torch.nn.functional

    def losses(log_probs, targets, times, lengths):
        lp = log_probs.clone().requires_grad_()
        loss = F.ctc_loss(lp, targets, torch.tensor(times), torch.tensor(lengths), reduction="none")
        loss.sum().backward()
        return loss, lp.grad

    lp = torch.arange(24.0).reshape(4, 2, 3).log_softmax(2)
    labels = torch.tensor([[1, 2], [2, 2]])
    for times in ([0, 0], [4, 0], [0, 4], [4, 3]):
        for lengths in ([0, 0], [1, 0], [0, 2], [2, 2]):
            tr(lambda: losses(lp, labels, times, lengths)[0])
    tr(lambda: losses(lp[:0], labels, [0, 0], [0, 0]))
    tr(lambda: losses(lp[:, :0], labels[:0], [], []))

    theta = torch.arange(12.0).reshape(2, 2, 3)
    for size, corners in (((2, 3, 4, 5), False), ((2, 1, 2, 3), True), ((1, 1, 2, 2), False)):
        t = theta.clone().requires_grad_()

        def twice():
            grid = F.affine_grid(t, size, align_corners=corners)
            w = torch.arange(float(grid.numel())).reshape(grid.shape).requires_grad_()
            grid.backward(w.detach())
            grid.backward(w.detach())
            (r,) = torch.autograd.grad(grid, t, w, create_graph=True)
            return grid, t.grad, r, torch.autograd.grad(r.sin().sum(), w)

        tr(twice)
    tr(lambda: torch.func.jvp(lambda t: F.affine_grid(t, (2, 1, 2, 2), align_corners=False), (theta,), (theta,)))

    s = nn.Sequential(nn.Linear(1, 2), nn.Linear(2, 1))
    tell(s * 2, 3 * s, (s * 2)[2] is s[0])
    t = s
    t *= 2
    tell(t is s, len(s))
    for factor in (0, -1, 1.5, "2"):
        try:
            tell(s * factor)
        except (TypeError, ValueError) as error:
            tell(type(error).__name__, str(error).split("<")[0])

    m = nn.Module()
    m.b = nn.Buffer(torch.ones(2), persistent=False)
    tell(m.state_dict())
    m.b = nn.Buffer(torch.ones(3))
    tell(m.state_dict())
    m.b = nn.Buffer()
    tell(m.b, m.state_dict())

    class Like:
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return NotImplemented

    like = Like()
    m.register_buffer("like", like)
    tell(m.like is like, [name for name, _ in m.named_buffers()])
    tr(lambda: m.register_buffer("other", "text"))

    for size in ((2, 3), [2, 3], (2, "a"), (("a", 2), ("b", 3)), ("a", 2)):
        tr(lambda: nn.Unflatten(1, size)(torch.ones(2, 6)).shape)
    x = torch.tensor([-2.0, 0.0, 2.0])
    for lambd in (-1, 0.0, 1e39, float("nan"), float("inf")):
        tr(lambda: F.softshrink(x, lambd))
    for bounds in ((0.5, 0.1), (float("inf"), 1.0), (0.0, float("inf")), (float("nan"), 1.0), (0.0, float("nan"))):
        tr(lambda: F.rrelu(x, *bounds))
    tr(lambda: F.threshold(x.clone().expand(2, 3), 0.5, 0.5, inplace=True))
    tr(lambda: F.pixel_shuffle(torch.ones(1, 16, 3, 3), 2**40))

    for cell in (nn.RNNCell(3, 2), nn.GRUCell(3, 2), nn.LSTMCell(3, 2)):
        for name in ("weight_ih", "weight_hh"):
            changed = torch.nn.Parameter(torch.ones(5, getattr(cell, name).shape[1]))
            old = getattr(cell, name)
            setattr(cell, name, changed)
            tr(lambda: cell(torch.ones(1, 3)))
            setattr(cell, name, old)
