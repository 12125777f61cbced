"""Operands without elements: torch asks less of them, and gradients pass them by."""


def play(torch, tr, tell):
    def gradients(f, *shapes):
        xs = [torch.ones(shape).requires_grad_() for shape in shapes]
        y = f(*xs)
        g = torch.arange(float(y.numel())).reshape(y.shape)
        return y, torch.autograd.grad(y, xs, g)

    # a vector without elements is a row of no columns; its gradient leaves that row to the next
    tr(lambda: gradients(torch.block_diag, (0,), (1, 1), (2,)))
    tr(lambda: gradients(torch.block_diag, (2, 1), (0,), (0, 2), (1, 1)))
    tr(lambda: gradients(lambda x: torch.cat([x], 1), (0,)))
    tr(lambda: gradients(lambda x, y: torch.cat([x, y], 1), (0,), (2, 1)))

    # an index without elements fits everywhere
    nowhere = torch.zeros(0, 3, dtype=torch.int64)
    tr(lambda: gradients(lambda x: torch.gather(x, 0, nowhere), (3, 1)))
    tr(lambda: torch.ones(2, 1, 3).scatter(-1, nowhere, torch.ones(0, 3)))
    tr(lambda: torch.ones(2, 1, 3).scatter_add(0, nowhere, torch.ones(1, 1)))
    tr(lambda: torch.ones(0, 3).scatter(0, nowhere[:, 0], 2.0, reduce="add"))
    tr(lambda: torch.zeros(2, 3, 0)[[1, 2]].shape)
    tr(lambda: torch.zeros(2, 0)[torch.tensor([3])].shape)
    tr(lambda: torch.zeros(2, 0)[torch.tensor([1]), torch.tensor([3])].shape)
    tr(lambda: torch.zeros(0, 2)[torch.tensor([1])].shape)

    # no dimension is out of range
    tr(lambda: torch.cummax(torch.zeros(0), 1))
    tr(lambda: torch.cummin(torch.zeros(2, 0), 5).values.shape)
    tr(lambda: torch.cholesky(torch.zeros(2, 0)))
    tr(lambda: torch.linalg.cholesky(torch.zeros(2, 0)))

    empty = torch.zeros(2, 0, requires_grad=True)
    tr(lambda: torch.trapezoid(empty, dx=3.0))
    tr(lambda: torch.trapezoid(empty, torch.zeros(0)))
    tr(lambda: torch.trapezoid(empty, dim=0))
    F = torch.nn.functional
    tr(lambda: F.linear(torch.ones(3), torch.ones(3), torch.tensor(1.0)))
    tr(lambda: F.linear(torch.ones(0), torch.ones(0), torch.tensor(1.0)))
    tr(lambda: F.linear(torch.ones(2, 3), torch.ones(3), torch.tensor(1.0)))
    tr(lambda: F.adaptive_avg_pool1d(torch.zeros(2, 0), 1))
    tr(lambda: F.adaptive_avg_pool1d(torch.zeros(2, 0), 2))
