"""The strides of what is read at places, flipped, sorted or cast, of operands that do not lie in rows."""


def play(torch, tr, tell):
    x = torch.arange(24.0).reshape(2, 3, 4)
    i, j, mask = torch.tensor([1, 0]), torch.tensor([[0], [1]]), torch.tensor([True, False, True])
    for laid in (
        x,
        x.permute(2, 0, 1).contiguous().permute(1, 2, 0),
        x.transpose(1, 2).contiguous().transpose(1, 2),
        x[:1].expand(2, 3, 4),
        x[:, :1].expand(2, 3, 4),
        x[..., :1].expand(2, 3, 4),
        torch.stack([x, x], -1)[..., 0],
    ):
        for read in (
            lambda x: x[i],
            lambda x: x[:, i],
            lambda x: x[..., j],
            lambda x: x[:, i, i],
            lambda x: x[i, :, i],
            lambda x: x[:, mask],
            lambda x: x.flip(0),
            lambda x: x.flip(1, 2),
            lambda x: x.sort(1)[0],
            lambda x: x.sort(-1)[1],
            lambda x: x.to(torch.float64),
            lambda x: x.half(),
            lambda x: x.long(),
        ):
            tell(read(laid), read(laid).stride())
        leaf = laid.clone().requires_grad_()
        for mean in (leaf.mean(1), leaf.mean((0, 2)), leaf.mean(-1, keepdim=True)):
            (g,) = torch.autograd.grad(mean.sum(), leaf)
            tell(g.is_contiguous(), g.add_(1))
    tell(x[:, i].view(-1), x[:1].expand(2, 3, 4).double().view(-1))
    for sparse in (x[0] > 4, x > 4, x[0, 0] > 1):
        tell(sparse.nonzero().stride(), [places.stride() for places in sparse.nonzero(as_tuple=True)])
