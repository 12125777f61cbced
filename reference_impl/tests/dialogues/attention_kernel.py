"""Attention in one node: when it is, what it shows, its gradients, and that it is differentiated once and only backward."""


def play(torch, tr, tell):
    F, nn = torch.nn.functional, torch.nn
    attend = F.scaled_dot_product_attention

    def leaf(*shape, start=0.0):
        n = torch.Size(shape).numel()
        return torch.sin(torch.arange(n, dtype=torch.float64) * 1.7 + start).reshape(shape).requires_grad_()

    q, k, v = leaf(2, 2, 3, 4), leaf(2, 2, 5, 4, start=1), leaf(2, 2, 5, 4, start=2)
    hidden = torch.ones(3, 5, dtype=torch.bool)
    hidden[0, 1] = False

    def shown(y):
        node = y.grad_fn
        names = [n for n in dir(node) if n.startswith("_saved_")]
        return node.name(), [(n, getattr(node, n)) for n in names if node.name().startswith("Scaled")]

    # one node, or torch's composition
    for f in (
        lambda: attend(q, k, v),
        lambda: attend(q, k, v, is_causal=True, scale=0.3),
        lambda: attend(q, k, v, hidden),
        lambda: attend(q, k, v, leaf(2, 1, 3, 5).detach()),
        lambda: attend(q, k, v, leaf(1, 5).detach()),
        lambda: attend(q, k, v, leaf(2, 3, 5).detach()),
        lambda: attend(q, k, v, leaf(3, 5)),
        lambda: attend(q[0], k[0], v[0]),
        lambda: attend(q[:1], k, v),
        lambda: attend(q[:1].expand(2, 2, 3, 4), k, v),
        lambda: attend(q, k, leaf(2, 2, 5, 6)),
        lambda: attend(q.transpose(2, 3).contiguous().transpose(2, 3), k, v),
        lambda: attend(leaf(2, 4, 3, 4), k, v, enable_gqa=True),
        lambda: attend(*(leaf(2, n, 2, 4).transpose(1, 2) for n in (3, 5, 5))),
    ):
        tr(lambda: (shown(f()), f(), f().stride()))
        tr(
            lambda: [
                (g, g.stride())
                for g in torch.autograd.grad((f() ** 2).sum(), (k, v), allow_unused=True)
                if g is not None
            ]
        )
    tr(lambda: torch.autograd.grad((attend(q, k, v, hidden, scale=2.0) ** 2).sum(), q))

    # no further derivative
    (g,) = torch.autograd.grad(attend(q, k, v).sum(), q, create_graph=True)
    tell(g.requires_grad, g)
    tr(lambda: torch.autograd.grad(g.sum(), q))
    tr(lambda: torch.func.jvp(lambda q: attend(q, k, v), (q,), (q,)))

    # queries and keys of no numbers attend to everything alike
    for value in (4, 0):
        tr(lambda n=value: F.scaled_dot_product_attention(leaf(2, 3, 0), leaf(2, 6, 0), leaf(2, 6, n)).detach())

    # layers that attend without returning weights; dropped weights are returned as they were used
    torch.manual_seed(0)
    layer, x = nn.MultiheadAttention(4, 2, batch_first=True), leaf(2, 3, 4).float().detach().requires_grad_()
    names = lambda node: [] if node is None else [node.name(), *(names(n) for n, _ in node.next_functions)]
    tr(lambda: names(layer(x, x, x, need_weights=False)[0].grad_fn))
    tr(lambda: names(layer(x, 2 * x, x, need_weights=False)[0].grad_fn))
    layer = nn.MultiheadAttention(4, 2, dropout=0.999999, bias=False)
    tr(lambda: layer(x, x, x)[1])

    # linear maps of what does not lie in order
    w, b = leaf(2, 4), leaf(2)
    for x in (leaf(3, 2, 4).transpose(0, 1), leaf(2, 3, 8)[..., :4], leaf(4, 3, 4)[::2], leaf(2, 2, 4)):
        tr(lambda: (names(F.linear(x, w, b).grad_fn), names(F.linear(x, w).grad_fn)))
