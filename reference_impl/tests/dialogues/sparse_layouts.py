"""Sparse layouts beside each other: conversions and their gradients, copies; and sparse operators under hooks and modes."""

import copy


def play(torch, tr, tell):
    torch.eye(2).to_sparse_csr(), torch.eye(2).to_sparse_csc()  # which warn once
    graph = torch.autograd.graph
    a = torch.tensor([[1.0, 0.0, 4.0], [2.0, 3.0, 0.0]], requires_grad=True)
    layouts = torch.sparse_coo, torch.sparse_csr, torch.sparse_csc

    # conversions: from each to each, back to memory, transposed
    for layout in layouts:
        s = a.to_sparse(layout=layout)
        tell(s, s.t(), s.to_dense(), s.to_dense(masked_grad=False))
        g = torch.arange(1.0, 7.0).reshape(2, 3)
        for f in (
            *(lambda s, layout=layout: s.to_sparse(layout=layout) for layout in layouts),
            *(lambda s: s.to_sparse_csr(), lambda s: s.to_sparse_csc(), lambda s: s.to_dense(), lambda s: s * 2),
            *(lambda s: s.to_dense(masked_grad=False), lambda s: s.t().t(), lambda s: s.clone(), lambda s: -s),
            *(lambda s: s + s, lambda s: s * s, lambda s: s.abs(), lambda s: s.t().to_dense().t()),
        ):
            try:
                y = f(s)
            except RuntimeError as error:
                tell(error)
                continue
            tell(y)
            tr(lambda y=y, g=g: torch.autograd.grad(y, a, g, retain_graph=True))
            if y.layout is not torch.strided:
                tr(lambda y=y, g=g: torch.autograd.grad(y, a, g.to_sparse(layout=y.layout), retain_graph=True))
        for f in (
            lambda s: s @ g.t(),
            lambda s: g.t() @ s,
            lambda s: s.values() ** 2,
            lambda s: s.sum(),
            lambda s: s[0],
        ):
            y = f(s)
            tell(y)
            tr(lambda y=y: torch.autograd.grad(y, a, torch.ones_like(y.detach().to_dense()), retain_graph=True))
        for name in ("indices", "crow_indices", "col_indices", "ccol_indices", "row_indices"):
            tr(getattr(s, name))

    leaf = a.detach().to_sparse().requires_grad_()
    tell(copy.deepcopy(leaf), copy.copy(leaf).is_leaf)
    tr(lambda: copy.deepcopy(a.to_sparse()))

    # hooks and modes
    w, rows = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), torch.tensor([1, 1])
    s = torch.tensor([[1.0, 0.0], [2.0, 3.0]]).to_sparse().requires_grad_()
    with graph.saved_tensors_hooks(lambda t: t.clone(), lambda t: t * 10):
        y = torch.sparse.mm(s, w * 1), torch.nn.functional.embedding(rows, w, sparse=True) ** 2
    tr(lambda: torch.autograd.grad(y[0].sum(), s))
    tr(lambda: torch.autograd.grad(y[1].sum(), w))
    with torch.autograd.detect_anomaly(check_nan=True):
        tr(lambda: torch.autograd.grad(torch.nn.functional.embedding(rows, w * 2, sparse=True).sum(), w))
    with torch.inference_mode():
        tell((s.detach() * 2).is_inference())
    with torch.no_grad():
        tell((s * 2).requires_grad, s.coalesce().values().requires_grad)
    loss = torch.sparse.mm(s, w).sum()
    loss.backward()
    tr(loss.backward)
    x = w.clone()
    y = (s * 2) @ x
    x.mul_(3)
    tr(lambda: str(y.sum().backward()))
    s.grad = None
    handle = s.register_hook(lambda g: g * 2)
    torch.sparse.sum(s * 3).backward()
    tell(s.grad)
    handle.remove()
    s.register_post_accumulate_grad_hook(lambda t: tell("stored", t.grad))
    torch.sparse.sum(s * 3).backward()
    z = s * 2
    z.retain_grad()
    torch.sparse.sum(z).backward()
    tell(z.grad)
    (g,) = torch.autograd.grad(torch.sparse.sum(s * s * s), s, create_graph=True)
    tr(lambda: torch.autograd.grad(torch.sparse.sum(g), s))
