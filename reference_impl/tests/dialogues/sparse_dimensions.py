"""Dimensions and sizes that operators of sparse tensors are given: sums that keep them, what lies outside, what does not fit."""


def play(torch, tr, tell):
    torch.sparse.check_sparse_tensor_invariants.disable()
    C = torch.sparse_coo_tensor
    s = C(torch.tensor([[0, 1, 1], [2, 0, 2]]), torch.tensor([3.0, 4.0, 5.0]), (2, 3))
    twice = C(torch.tensor([[0, 0], [1, 1]]), torch.tensor([1.0, 2.0]), (2, 3))
    rows = C(torch.tensor([[0, 0, 1]]), torch.arange(6.0).reshape(3, 2), (2, 2))
    blocks = C(torch.tensor([[0, 0, 1], [1, 1, 0]]), torch.arange(12.0).reshape(3, 2, 2), (2, 2, 2, 2))
    for t in (s, twice, rows, blocks):
        for dim in (0, 1, 2, -1, 5, (0, 1), (0, 0), (1, 2), (0, 2), ()):
            for keepdim in (False, True):
                tr(lambda t=t, d=dim, k=keepdim: t.sum(d, keepdim=k))
            tr(lambda t=t, d=dim: torch.sparse.sum(t, d))
            tr(lambda t=t, d=dim: (t.sum(d, dtype=torch.float64).dtype, t.int().sum(d).dtype))
        for dim in (0, 5, -5):
            tr(lambda t=t, d=dim: torch.sparse.softmax(t, d).to_dense())
        tr(lambda t=t: t.to_sparse(1))
        tr(lambda t=t: t.to_sparse(3))

    for dims in ((0, 0), (0,), (5, 0), (-1, 0), (0, 1, 2)):
        tr(lambda d=dims: s.permute(d))
    for index in ([0, 1], [-1], [2], [-3], [[0]], [0.0]):
        tr(lambda i=index: s.index_select(0, torch.tensor(i)))
    for other in (C((4, 4)), C((2,)), torch.ones(2, 3), C((4, 3))):
        tr(lambda x=other: torch.cat([s, x]))
    tr(lambda: torch.cat([s, C((2, 4))], 1))
    tr(lambda: torch.cat([rows, C((2, 2))]))

    tr(lambda: torch.addmm(torch.ones(2, 2), s, s.t()))
    tr(lambda: torch.addmm(torch.ones(2, 2), rows, torch.ones(2, 2)))
    tr(lambda: rows @ torch.ones(2, 2))
    tr(lambda: torch.mv(rows, torch.ones(2)))
    for exponent in (2, 0, 1j):
        tr(lambda e=exponent: torch.pow(s, e))
    tr(lambda: s.new_empty((2, 3)))
    tr(lambda: twice.sparse_mask(twice))
    point = C(torch.zeros(0, 2, dtype=torch.int64), torch.tensor([1.0, 2.0]), ())
    tr(lambda: point.transpose(0, 0))

    x = s.clone().requires_grad_()
    for f in (lambda: x.sum(0), lambda: x.sum((0, 1), keepdim=True), lambda: torch.sparse.sum(x, ())):

        def gradient(f=f):
            x.grad = None
            y = f()
            (y.to_dense() if y.is_sparse else y).sum().backward()
            return x.grad

        tr(gradient)
