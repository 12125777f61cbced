"""Sparse tensors in the graph: made, converted, computed with, printed; and what is refused."""


def play(torch, tr, tell):
    sparse = torch.sparse
    torch.eye(2).to_sparse_csr(), torch.sparse_coo_tensor([[0]], [1.0])  # which warn once
    a, d = torch.tensor([[1.0, 0.0], [2.0, 3.0]]), torch.tensor([[1.0, 2.0], [3.0, 5.0]])
    v = torch.tensor([[1.0, 10.0], [100.0, 1000.0]])

    def made(*args, **options):
        return torch.sparse_coo_tensor(*args, check_invariants=False, **options)

    # made
    tell(a.to_sparse(), a.to_sparse(1), made((2, 3)), made([[0, 2]], [1.0, 2.0]), made([[0, 1]], [[1], [2]], (3, 1)))
    tell(
        made([[0, 0]], [1.0, 2.0], dtype=torch.float64),
        made([[1], [0]], [True]),
        made([[0]], [1.0], requires_grad=True),
    )
    for wrong in (([[0, -1]], [1.0, 2.0]), ([[0, 3]], [1.0, 2.0], (4, 1)), ([[0, 1]], [1.0]), ([[0, 1]], 5.0)):
        tr(lambda wrong=wrong: made(*wrong))
    tr(lambda: made([[0]], [1], requires_grad=True))
    tr(lambda: torch.sparse_coo_tensor([[0, 3]], [1.0, 2.0], (2,), check_invariants=True))
    u = made([[0, 1, 0], [1, 0, 1]], [1.0, 2.0, 3.0], (2, 2))
    tell(u, u.coalesce(), u.is_coalesced(), u.coalesce().is_coalesced(), u.to_dense(), u._nnz(), u.t().is_coalesced())
    tell(u.layout, u.is_sparse, u.sparse_dim(), u.dense_dim(), u.shape, u.dtype, u.numel(), u.is_contiguous(), len(u))
    tr(u.indices)
    tr(u.values)
    tr(u.numpy)
    tell(a.is_sparse, a.layout, a.sparse_dim(), a.dense_dim(), a.to_dense() is a)
    for name in ("coalesce", "indices", "values", "is_coalesced"):
        tr(getattr(a, name))

    # computed with: what comes out, and the gradients of strided and of sparse cotangents
    functions = (
        *(
            lambda s, d: s * 2,
            lambda s, d: 2 * s,
            lambda s, d: s / 4,
            lambda s, d: -s,
            lambda s, d: s + s,
            lambda s, d: s - s,
        ),
        *(lambda s, d: s * s, lambda s, d: s * d, lambda s, d: d * s, lambda s, d: d + s, lambda s, d: s + d),
        *(lambda s, d: d - s, lambda s, d: s**2, lambda s, d: s.abs(), lambda s, d: s.sin(), lambda s, d: s.cos()),
        *(lambda s, d: s / d, lambda s, d: s.exp(), lambda s, d: s.clone(), lambda s, d: s.t(), lambda s, d: s.mT),
        *(lambda s, d: s.sum(), lambda s, d: s.sum(0), lambda s, d: sparse.sum(s), lambda s, d: sparse.sum(s, 0)),
        *(lambda s, d: sparse.sum(s, (0, 1)), lambda s, d: s.to_dense(), lambda s, d: s.to_dense(masked_grad=False)),
        *(lambda s, d: s @ d, lambda s, d: d @ s, lambda s, d: s @ s, lambda s, d: torch.mv(s, d[0])),
        *(
            lambda s, d: sparse.mm(s, d),
            lambda s, d: torch.addmm(d, s, d, beta=2, alpha=3),
        ),
        *(lambda s, d: sparse.addmm(d, s, d, beta=2, alpha=3), lambda s, d: sparse.softmax(s, 1)),
        *(lambda s, d: sparse.log_softmax(s, 0), lambda s, d: s[0], lambda s, d: s[1, 0], lambda s, d: s.unsqueeze(0)),
        *(lambda s, d: s.coalesce().values() ** 2, lambda s, d: d.to_sparse(), lambda s, d: d.to_sparse(1)),
        *(
            lambda s, d: d.sparse_mask(a.to_sparse()),
            lambda s, d: torch.cat([s, s]),
        ),
        *(
            lambda s, d: s.detach().relu(),
            lambda s, d: torch.smm(s, d),
            lambda s, d: torch.hspmm(s, d),
        ),
        *(lambda s, d: s.index_select(0, torch.tensor([1, 0])), lambda s, d: s.isnan(), lambda s, d: s.norm().detach()),
        *(
            lambda s, d: torch.bmm(s.unsqueeze(0), d.unsqueeze(0)),
            lambda s, d: s.expand(2, 2, 2),
        ),
    )

    def computed(f, sparse_cotangent):
        s, x = a.to_sparse().requires_grad_(), d.clone().requires_grad_()
        y = f(s, x)
        if not y.requires_grad:
            return y
        g = torch.arange(1.0, y.numel() + 1).reshape(y.shape)
        y.backward(g.to_sparse() if sparse_cotangent else g)
        return y, s.grad, x.grad

    for f in functions:
        try:
            tell(computed(f, False))
        except RuntimeError as error:
            tell(type(error).__name__, str(error).partition(" with arguments from")[0])
    for f in functions[:3]:
        tr(lambda f=f: computed(f, True))
    tr(lambda: computed(lambda s, d: sparse.sum(s, 0), True))
    tr(lambda: computed(True))
    tr(lambda: computed(lambda s, d: sparse.softmax(s, 1), True))

    # values, twice, in place
    w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    s = made([[0, 1, 0], [1, 0, 1]], w**2, (2, 2))
    tell(s, s._values().requires_grad, s.coalesce().values())
    tr(lambda: torch.autograd.grad(s.to_dense(), w, v, retain_graph=True))
    (g,) = torch.autograd.grad(s.to_dense(), w, v, create_graph=True)
    tr(lambda: torch.autograd.grad(g.sum(), w))
    t = a.to_sparse()
    tell(t.mul_(2), t._values(), t.add_(t), t.div_(4), t.sub_(t), t.copy_(a.to_sparse()), t.zero_())
    x = d.clone()
    tell(x.add_(a.to_sparse()), x.sub_(a.to_sparse(), alpha=2))
    leaf = a.to_sparse().requires_grad_()
    tr(lambda: leaf.mul_(2))
    tell(torch.zeros_like(leaf), leaf.detach(), leaf.detach().requires_grad)
    y = (leaf * 3).mul_(2)
    tr(lambda: torch.autograd.grad(sparse.sum(y), leaf))
    other = (a * 5).to_sparse().requires_grad_()
    y = (leaf * 3).mul_(other)
    tr(lambda: torch.autograd.grad(sparse.sum(y), (leaf, other)))
    values = leaf.detach().values()
    tell(values._is_view(), values._base.is_sparse)

    # checked
    double = a.double().to_sparse().requires_grad_()
    both = double, d.double().requires_grad_()
    check = sparse.as_sparse_gradcheck(torch.autograd.gradcheck)
    tr(lambda: torch.autograd.gradcheck(lambda s: s.to_dense(masked_grad=False), (double,)))
    tr(lambda: torch.autograd.gradcheck(lambda s: s.to_dense(masked_grad=False), (double,), fast_mode=True))
    for masked in (True, False):
        tr(lambda masked=masked: str(torch.autograd.gradcheck(sparse.mm, both, masked=masked, raise_exception=False)))
        tr(lambda masked=masked: check(sparse.mm, both, masked=masked))
    tr(lambda: torch.autograd.gradcheck(lambda s: s * 2, (double,)))
    tr(lambda: check(lambda s: s * 2, (double,)))

    # compressed rows
    c = a.to_sparse_csr()
    tell(c, c.layout, c.is_sparse_csr, c.crow_indices(), c.col_indices(), c.values(), c.to_dense(), c.sin(), c @ d)
    tell(torch.sparse_csr_tensor([0, 1, 2], [1, 0], [5.0, 6.0]))
    torch.sparse_csc_tensor([0, 1], [0], [1.0])  # which warns once
    tell(torch.sparse_csc_tensor([0, 1, 3], [0, 0, 1], [1.0, 2.0, 3.0], (5, 2), dtype=torch.float64))
    c = torch.sparse_csr_tensor([0, 1, 3], [0, 0, 1], w)
    tell(c, torch.sparse_csc_tensor([0, 1, 3], [0, 0, 1], w.detach(), requires_grad=True))
    tr(lambda: torch.autograd.grad(c.to_dense(), w, v))
    for layout in (torch.sparse_coo, torch.sparse_csr):
        tell(torch.zeros(2, 3, layout=layout), torch.zeros_like(a, layout=layout))
    tr(lambda: torch.ones(2, 3, layout=torch.sparse_coo))
    tell(torch.zeros_like(a.to_sparse(), layout=torch.strided))
    tr(lambda: c.cos())
    tr(lambda: c.indices())
    c = a.to_sparse_csr().requires_grad_()
    (c @ d).backward(v)
    tell(c.grad)

    # written in place, a tensor keeps its dtype
    dtypes = (torch.uint8, torch.int16, torch.float32, torch.float64, torch.bool)
    for have in dtypes:
        for given in dtypes:
            for name in ("add_", "sub_", "mul_", "sub"):
                x, y = (torch.tensor([[0, 1], [2, 0]], dtype=d).to_sparse() for d in (have, given))
                tr(lambda x=x, y=y, name=name: (name, getattr(x, name)(y).to_dense()))
