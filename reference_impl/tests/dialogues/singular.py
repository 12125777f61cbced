"""Matrices that have no inverse or factor: what the functions that report it return, and its derivative."""


def play(torch, tr, tell):
    """Finite neighbours in a batch are what they are."""
    linalg = torch.linalg
    rank_one = torch.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=torch.float64)
    empty_row = torch.tensor([[0.0, 0.0, 0.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    indefinite = torch.tensor([[4.0, 2.0, 0.0], [2.0, 0.0, 1.0], [0.0, 1.0, 3.0]])
    batch = torch.stack([rank_one, torch.eye(2, dtype=torch.float64), rank_one * 0])
    for f, *operands in (
        (linalg.inv_ex, rank_one),
        (linalg.inv_ex, rank_one * 1j),
        (linalg.inv_ex, empty_row),
        (linalg.inv_ex, empty_row.T),
        (linalg.inv_ex, batch),
        (linalg.solve_ex, rank_one, rank_one + 1),
        (linalg.solve_ex, batch, rank_one[0]),
        (linalg.solve_ex, batch, rank_one),
        (linalg.solve_ex, batch, rank_one[0].expand(3, 2)),
        (linalg.cholesky_ex, indefinite),
        (lambda A: linalg.cholesky_ex(A, upper=True), indefinite),
        (linalg.cholesky_ex, torch.stack([indefinite, torch.eye(3)])),
    ):
        leaves = [x.clone().requires_grad_() for x in operands]
        result, info = f(*leaves)
        tell(result.detach(), info, result.stride())
        tr(lambda leaves=leaves, result=result: torch.autograd.grad(result.sum().abs(), leaves))
    for numbers in ([[0.0]], [[2.0]], [[[2.0]], [[0.0]]]):  # matrices of one element
        A = torch.tensor(numbers, requires_grad=True)
        for recorded in (False, True):
            (g,) = torch.autograd.grad(linalg.det(A).sum(), A, create_graph=recorded)
            tell(g.detach(), g.requires_grad)
    least_squares(torch, tell)


def least_squares(torch, tell):
    """Of deficient and full rank, by every driver; the solution is a part of what LAPACK wrote over the right side."""
    tall = torch.tensor([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]], dtype=torch.float64)
    full = tall + torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    right = torch.tensor([[1.0, 0.0], [2.0, 1.0], [4.0, 1.0]], dtype=torch.float64)
    for driver in (None, "gelsy", "gelsd", "gelss", "gels"):
        systems = [(full, right), (full, right[:, 0]), (torch.stack([full, full + 1]), torch.stack([right, right]))]
        if driver != "gels":  # which is for full rank
            systems += [
                (tall, right),
                (tall.T, right[:2]),
                (tall * 0, right),
                (torch.stack([tall, full]), right.expand(2, 3, 2)),
            ]
        for A, B in systems:
            found = torch.linalg.lstsq(A, B, driver=driver)
            tell(*found, [x.stride() for x in found])
