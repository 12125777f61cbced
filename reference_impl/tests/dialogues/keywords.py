"""Arguments by torch's names, where documentation, overloads and functions of two modules name them differently."""


def play(torch, tr, tell):
    operators(torch, tr)
    first_arguments(torch, tr)


def first_arguments(torch, tr):
    """What the functions of torch call `input`, whatever their documentation calls it."""
    x, i = torch.arange(6.0).reshape(2, 3), torch.eye(2)
    linalg = torch.linalg
    for f in (linalg.norm, linalg.matrix_norm, linalg.pinv, linalg.matrix_rank):
        tr(lambda: f(input=x))
    for f in (linalg.cond, linalg.eigvalsh, linalg.eigvals, linalg.cholesky, torch.matrix_exp, linalg.matrix_exp):
        tr(lambda: f(input=i))
    tr(lambda: (linalg.eigh(input=i).eigenvalues, linalg.eig(input=i).eigenvalues, linalg.matrix_power(input=i, n=3)))
    tr(lambda: linalg.solve_triangular(input=i, B=x, upper=True))
    tr(lambda: (torch.matmul(input=x, other=x.T), torch.searchsorted(sorted_sequence=x, input=x)))
    tr(lambda: (torch.repeat_interleave(repeats=torch.tensor([2, 1])), torch.special.multigammaln(input=x + 3, p=2)))
    tr(lambda: (x.repeat(repeats=(2, 1)), x.new_zeros(size=(2,)), x.new_ones(size=(2,)), x.clone().copy_(other=x + 1)))
    tr(lambda: x.new_zeros(2, out=x))
    for given in ({"high": 3}, {"low": 1, "high": 3}):
        tr(lambda: (torch.randint(size=(2,), **given).shape, torch.randint_like(x, **given).shape))


def operators(torch, tr):
    x, i = torch.arange(16.0).reshape(4, 4), torch.eye(4)
    for name in ("hsplit", "vsplit", "dsplit", "tensor_split"):
        y = x.reshape(2, 2, 4) if name == "dsplit" else x
        for options in ({"sections": 2}, {"indices": [1]}):
            tr(lambda: getattr(torch, name)(y, **options))
            tr(lambda: getattr(y, name)(**options))
    tr(lambda: torch.tensor_split(x, tensor_indices_or_sections=torch.tensor(2), dim=1))
    tr(lambda: (x.split(split_size=2), torch.split(x, split_size_or_sections=2)))
    tr(
        lambda: (
            torch.swapaxes(x, axis0=0, axis1=1),
            x.swapaxes(axis0=0, axis1=1),
            x.clone().swapaxes_(axis0=0, axis1=1),
        )
    )
    tr(lambda: x.clone().requires_grad_().swapaxes(0, 1).grad_fn.name())

    tr(lambda: torch.fft.fftfreq(4, d=2.0, dtype=torch.float64, device="cpu", requires_grad=True))
    tr(lambda: torch.fft.rfftfreq(4, out=torch.zeros(3)))
    tr(lambda: torch.fft.fftfreq(4, dtype=torch.int64))
    for name in (
        "chebyshev_polynomial_t",
        "hermite_polynomial_h",
        "legendre_polynomial_p",
        "shifted_chebyshev_polynomial_w",
    ):
        tr(lambda: getattr(torch.special, name)(x / 16, n=2))
        tr(lambda: getattr(torch.special, name)(x=x / 16, n=2))

    linalg = torch.linalg
    tr(lambda: torch.cholesky_solve(input=x, input2=i))
    tr(lambda: x.cholesky_solve(input2=i, upper=True))
    tr(lambda: (torch.orgqr(i, input2=torch.zeros(4)), linalg.householder_product(input=i, tau=torch.zeros(4))))
    tr(lambda: torch.ormqr(i, input2=torch.zeros(4), input3=x))
    tr(lambda: (linalg.svd(i, driver=None).S, linalg.svdvals(i, driver=None)))
    tr(lambda: linalg.svd(i, driver="gesvd"))
    tr(lambda: linalg.tensorsolve(input=i, other=x[0]))
    tr(lambda: linalg.tensorinv(input=i.reshape(2, 2, 2, 2), ind=2))
    tr(lambda: linalg.lstsq(input=i, b=x).solution)
    tr(lambda: torch.geqrf(input=i))

    for name in ("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout"):
        tr(lambda: getattr(torch, name)(x, p=0.5, train=False))
    tr(lambda: torch.nn.functional.dropout(x, p=0.5, training=False))
    tr(lambda: (torch.isin(element=1, test_elements=x), torch.isin(elements=x, test_element=1)))
    tr(lambda: (torch.result_type(scalar=1, tensor=x), torch.result_type(scalar1=1, scalar2=2.0)))
    tr(lambda: (torch.result_type(tensor=x, other=2), torch.promote_types(type1=torch.int8, type2=torch.float32)))
    parts = {"values": torch.tensor([1.0]), "size": (1, 1)}
    tr(
        lambda: torch.sparse_csr_tensor(
            crow_indices=torch.tensor([0, 1]), col_indices=torch.tensor([0]), **parts
        ).to_dense()
    )
    tr(
        lambda: torch.sparse_csc_tensor(
            ccol_indices=torch.tensor([0, 1]), row_indices=torch.tensor([0]), **parts
        ).to_dense()
    )
    tr(lambda: torch.smm(i.to_sparse(), mat2=x).to_dense())
    tr(lambda: x.is_pinned(device="cpu"))
    tr(lambda: torch.group_norm(x, 2, None, None, 1e-5, cudnn_enabled=False))
    tr(lambda: torch.batch_norm(x, None, None, None, None, training=True, momentum=0.1, eps=1e-5, cudnn_enabled=False))
