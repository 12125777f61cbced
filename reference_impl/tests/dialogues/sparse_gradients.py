"""Sparse gradients: of tables and look-ups, on their way through the graph, in .grad, hooks and optimizers."""


def play(torch, tr, tell):
    F, optim = torch.nn.functional, torch.optim
    rows = torch.tensor([2, 0, 2])
    torch.sparse_coo_tensor([[0]], [1.0])  # which warns once

    def table():
        return torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)

    w = table()

    def looked_up(table, **options):
        return F.embedding(rows, table, sparse=True, **options).pow(2).sum()

    for options in ({}, {"padding_idx": 2}, {"padding_idx": 1}, {"scale_grad_by_freq": True}):
        tr(lambda options=options: torch.autograd.grad(looked_up(w, **options), w))
    node = F.embedding(rows, w, sparse=True).grad_fn
    tell(node.name(), node._saved_sparse, node._saved_padding_idx, node._saved_indices)

    # into .grad
    looked_up(w).backward()
    first = w.grad
    tell(first, first.is_coalesced(), first.requires_grad)
    looked_up(w).backward()
    tell(w.grad, w.grad is first)
    (w * 2).sum().backward()
    tell(w.grad, w.grad is first)
    first = w.grad
    looked_up(w).backward()
    tell(w.grad, w.grad is first)
    w.grad = None
    (looked_up(w) + w.sum()).backward()
    tell(w.grad)
    w.grad = None
    looked_up(w).backward(create_graph=True)
    tell(w.grad)
    a, b = table(), table()
    looked_up(a + b).backward()
    a.grad.mul_(10)
    tell(a.grad, b.grad)

    # through operators, custom Functions and hooks
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            tell("backward", g)
            return g * 2

    for f in (lambda x: x * 2, lambda x: -x / 4, lambda x: x * torch.tensor([2.0, 3.0]), Twice.apply, torch.clone):
        w.grad = None
        looked_up(f(w)).backward()
        tell(w.grad)
    x = w * 3
    x.retain_grad()
    x.register_hook(lambda g: tell("hook", g))
    x.grad_fn.register_hook(lambda given, got: tell("node", given, got))
    w.grad, handle = None, w.register_hook(lambda g: g * 100)
    looked_up(x).backward()
    tell(x.grad, w.grad)
    handle.remove()
    (g,) = torch.autograd.grad(F.embedding(rows, w, sparse=True).pow(3).sum(), w, create_graph=True)
    tell(g)
    tr(lambda: torch.autograd.grad(g.to_dense().sum(), w))

    # bags and gather
    i, offsets = torch.tensor([0, 1, 1, 2, 0]), torch.tensor([0, 2])
    weights = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0], requires_grad=True)
    for options in ({}, {"mode": "sum"}, {"mode": "mean", "padding_idx": 1}, {"mode": "max"}):
        bags = lambda options=options: F.embedding_bag(i, w, offsets, sparse=True, **options).pow(2).sum()
        tr(lambda bags=bags: torch.autograd.grad(bags(), w))
    weighted = F.embedding_bag(i, w, offsets, sparse=True, mode="sum", per_sample_weights=weights)
    tr(lambda: torch.autograd.grad(weighted.pow(2).sum(), (w, weights)))
    columns = torch.tensor([[0, 1], [1, 1]])
    for dim in (0, 1, -1):
        taken = torch.gather(w, dim, columns, sparse_grad=True)
        tell(taken.grad_fn._saved_sparse_grad, torch.autograd.grad(taken.pow(2).sum(), w))

    # steps
    optimizers = (
        lambda p: optim.SGD(p, lr=0.1),
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
        lambda p: optim.SGD(p, lr=0.1, weight_decay=0.1),
        lambda p: optim.Adagrad(p, lr=0.1),
        lambda p: optim.Adagrad(p, lr=0.1, weight_decay=0.1),
        lambda p: optim.SparseAdam(p, lr=0.1),
        lambda p: optim.SparseAdam(p, lr=0.1, betas=(0.5, 0.6), maximize=True),
        *(optim.Adam, optim.AdamW, optim.RMSprop, optim.Adadelta, optim.Rprop),
    )
    for make in optimizers:
        p = table()
        optimizer = make([p])

        def step(p=p, optimizer=optimizer):
            optimizer.zero_grad()
            looked_up(p).backward()
            optimizer.step()
            return p, sorted((k, v) for k, v in optimizer.state[p].items() if k != "step")

        tr(step)
        tr(step)
    optimizer = optim.SparseAdam([w])
    w.grad = torch.ones(3, 2)
    tr(optimizer.step)
    w.grad = None
    looked_up(w).backward()
    optimizer.zero_grad(set_to_none=False)
    tell(w.grad)
    tr(lambda: optim.SparseAdam([torch.eye(2).to_sparse().requires_grad_()]))
    tr(lambda: optim.SparseAdam([w], lr=0.0))
    layer = torch.nn.Embedding(3, 2, sparse=True, _weight=w.detach())
    layer(rows).sum().backward()
    tell(layer, layer.weight.grad.to_dense())

    weight = torch.ones(10, 2, requires_grad=True)
    places = torch.tensor([7, 1, 3])
    for reduce in (torch.sum, torch.mean):  # the cotangent of a sum lies in one place
        weight.grad = None
        for _ in range(2):
            reduce(torch.nn.functional.embedding(places, weight, sparse=True)).backward()
        tr(lambda: (weight.grad._indices(), weight.grad._values(), weight.grad.is_coalesced()))
