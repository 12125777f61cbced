"""What linear systems, norms and integrals refuse, and what they give where there is nothing to compute."""


def play(torch, tr, tell):
    linalg, ones, eye = torch.linalg, torch.ones, torch.eye
    pivots = torch.tensor([1, 2, 3], dtype=torch.int32)
    for call in (
        lambda: linalg.solve_triangular(eye(3), ones(4, 1), upper=True),
        lambda: linalg.solve_triangular(eye(3), ones(4, 1), upper=False, left=False),
        lambda: linalg.solve_triangular(eye(3), ones(3, 1).double(), upper=True),
        lambda: torch.triangular_solve(ones(5, 1).double(), eye(5)),
        lambda: torch.triangular_solve(ones(6, 1), eye(5)),
        lambda: torch.triangular_solve(ones(5), eye(5)),
        lambda: torch.triangular_solve(ones(5, 1), ones(5)),
        lambda: torch.triangular_solve(ones(5, 1), ones(5, 4)),
        lambda: torch.triangular_solve(ones(2, 5, 1), ones(3, 5, 5)),
        lambda: torch.triangular_solve(ones(2, 3, 1), eye(3)),
        lambda: torch.cholesky_solve(ones(3, 2).double(), eye(3)),
        lambda: torch.cholesky_solve(ones(4, 2), eye(3)),
        lambda: torch.cholesky_solve(ones(3, 2), ones(3, 4)),
        lambda: torch.cholesky_solve(ones(3), eye(3)),
        lambda: torch.cholesky_solve(ones(0, 0).double(), ones(0, 0)),
        lambda: linalg.lu_solve(eye(3).double(), pivots, ones(3, 4)),
        lambda: linalg.lu_solve(eye(3), pivots.long(), ones(3, 4)),
        lambda: linalg.lu_solve(eye(3), pivots, ones(4, 4)),
        lambda: linalg.lu_solve(eye(3).expand(2, 3, 3), pivots, ones(3, 4)),
        lambda: linalg.solve(eye(3), ones(3).double()),
        lambda: linalg.lstsq(ones(4, 2), ones(4, 3), driver="none"),
        lambda: linalg.lstsq(ones(4, 2), ones(4, 3), driver=3),
        lambda: linalg.lstsq(ones(2, 3), ones(2, 2, 3)),
        lambda: linalg.lstsq(ones(3, 2).double(), ones(3, 3)),
        lambda: linalg.lstsq(ones(3, 2), ones(4, 3)),
        lambda: linalg.lstsq(ones(3, 2), ones(4)),
        lambda: linalg.pinv(eye(3), rtol=torch.tensor([0.5, 2.0])),
        lambda: linalg.pinv(ones(5, 6), hermitian=True),
        lambda: linalg.matrix_rank(ones(5, 6), hermitian=True),
        lambda: linalg.matrix_rank(torch.tensor([[1.0, 7], [0, 2]]), hermitian=True),
        lambda: linalg.multi_dot([ones(1, 2)]),
        lambda: [linalg.cond(ones(shape)) for shape in ((5, 0), (0, 0), (2, 0, 5))],
        lambda: linalg.vecdot(ones(3).double(), ones(3)),
        # norms
        lambda: linalg.norm(torch.tensor(1.0), 2),
        lambda: linalg.norm(ones(2, 2, 2), 2),
        lambda: linalg.norm(ones(2, 2, 2)),
        lambda: linalg.matrix_norm(ones(2, 2, 2), dim=(0, 1, 2)),
        lambda: torch.norm(ones(2, 2, 2), "nuc"),
        lambda: torch.norm(ones(2, 2), "nuc"),
        lambda: torch.norm(ones(2, 2), "none"),
        lambda: torch.dist(ones(3), ones(3).long()),
        lambda: torch.dist(ones(3).long(), ones(3)),
        lambda: torch.dist(ones(3), ones(3).bool()),
        lambda: torch.dist(ones(3).long(), ones(3).long()),
        lambda: torch.dist(ones(3), ones(3), "2"),
        # integrals
        lambda: torch.trapezoid(ones(2, 0), ones(2, 3)),
        lambda: torch.trapezoid(ones(0), ones(6)),
        lambda: torch.trapezoid(ones(2, 2, 3), torch.arange(6.0).view(2, 3) ** 2, dim=1),
        lambda: torch.cumulative_trapezoid(ones(2, 2, 3), torch.arange(6.0).view(2, 3) ** 2, dim=1),
        lambda: torch.trapezoid(ones(3), ones(2, 3)),
        lambda: torch.trapezoid(ones(2, 3), ones(2)),
        # dropout, shifts, memory
        lambda: torch.nn.functional.dropout(2.5, 0.5, False),
        lambda: torch.nn.functional.feature_alpha_dropout(torch.tensor(1.0), 0.0, True),
        lambda: torch.nn.functional.feature_alpha_dropout(torch.tensor(1.0), 0.5, True),
        lambda: torch.fft.fftshift(torch.arange(6.0).view(2, 3), dim=(1, 1)),
        lambda: torch.fft.fftshift(torch.tensor(1.0)),
        lambda: torch.fft.fftshift(torch.tensor(1.0), dim=0),
        lambda: torch.fft.ifftshift(ones(3), dim=[]),
        lambda: linalg.matrix_rank(ones(3)),
        lambda: torch.count_nonzero(torch.tensor(1.0), dim=7),
        lambda: torch.count_nonzero(torch.tensor(1.0), dim=0),
        lambda: torch.count_nonzero(eye(3), dim=1),
        lambda: torch.as_strided_scatter(torch.tensor(1.0), torch.tensor(2.0), (), ()),
    ):
        tr(call)

    x, A = ones(2, 3, 1, requires_grad=True), eye(3).requires_grad_()
    solution, copied = torch.triangular_solve(x, A)
    tr(lambda: torch.autograd.grad(solution.sum() + 2 * copied.sum(), (x, A)))
