"""torch.gradient: distances and coordinates of every dtype."""


def play(torch, tr, tell):
    coordinates = [torch.tensor(c) for c in ([1, 2, 4, 7], [1.0, 2.0, 4.0, 7.0], [1 + 1j, 2, 4, 5j])]
    coordinates.append(coordinates[1].double())
    for dtype in (torch.int64, torch.float32, torch.complex64):
        f = (torch.arange(4.0) ** 2).to(dtype)
        for spacing in (1, 2, 2.5, 1j, *[(c,) for c in coordinates]):
            for order in (1, 2):
                tr(lambda f=f, spacing=spacing, order=order: torch.gradient(f, spacing=spacing, edge_order=order))
    tr(lambda: torch.gradient(torch.ones(3, 4), spacing=(coordinates[0],), dim=1))
    points = torch.tensor([0.0, 1.0, 3.0, 6.0], dtype=torch.float64, requires_grad=True)
    f = torch.tensor([1.0, 4.0, 2.0, 7.0], requires_grad=True)
    for order in (1, 2):
        (slopes,) = torch.gradient(f, spacing=(points,), edge_order=order)
        tr(lambda y=slopes: torch.autograd.grad(y.pow(2).sum(), (f, points)))
