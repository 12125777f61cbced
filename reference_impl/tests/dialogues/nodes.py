"""The nodes that operators leave behind: their names, and what leads to what."""


def play(torch, tr, tell):
    def tree(y):
        """The graph behind y: names, and in brackets where their edges lead."""

        def walk(node):
            if node is None:
                return "None"
            below = ", ".join(walk(n) + f".{k}" * (k > 0) for n, k in node.next_functions)
            return node.name().removeprefix("torch::autograd::") + f"({below})" * bool(below)

        return walk(y.grad_fn)

    def leaf(*shape):
        return torch.linspace(0.1, 1, max(1, torch.Size(shape).numel())).reshape(shape).requires_grad_()

    const = lambda *shape: leaf(*shape).detach()

    # products: a batch is folded into one matrix where torch folds it
    for x, y in (
        ((2, 3, 4), (4, 5)),
        ((2, 3, 4), (4,)),
        ((2, 3, 4), (2, 4, 5)),
        ((1, 3, 4), (2, 4, 5)),
        ((2, 2, 3, 4), (4, 5)),
        ((2, 2, 3, 4), (2, 1, 4, 5)),
        ((3, 4), (2, 4, 5)),
        ((4,), (2, 4, 5)),
        ((4,), (4, 5)),
    ):
        tr(lambda: tree(leaf(*x) @ leaf(*y)))
        tr(lambda: tree(const(*x) @ leaf(*y)))
        tr(lambda: tree(leaf(*x) @ const(*y)))
        tr(lambda: tree(leaf(*x).transpose(0, -1) @ leaf(*y).transpose(0, -1)))
    tr(lambda: tree(leaf(2, 3, 4).transpose(1, 2) @ const(3, 5)))
    tr(lambda: (leaf(2, 3, 4) @ leaf(2, 3, 4)).shape)
    tr(lambda: (leaf(2, 3, 4) @ leaf(3, 4, 2)).shape)
    tr(lambda: (leaf(2, 3, 4) @ leaf(3, 2)).shape)
    tr(lambda: tree(torch.nn.functional.scaled_dot_product_attention(leaf(2, 3, 4), leaf(2, 5, 4), leaf(2, 5, 4))))
    tr(lambda: tree(leaf(3, 4).t().reshape(2, 2, 3)))
    tr(lambda: tree(leaf(3, 4).t().reshape(12)))

    # images: one node for all dimensions
    F, image = torch.nn.functional, leaf(1, 2, 4, 4)
    tr(lambda: tree(F.pad(image, (1, 2, 1, 1), "reflect")))
    tr(lambda: tree(F.pad(image, (0, 0, 1, 1), "replicate")))
    for mode in ("nearest", "nearest-exact", "bilinear", "bicubic"):
        tr(lambda mode=mode: tree(F.interpolate(image, scale_factor=1.5, mode=mode)))
    tr(lambda: tree(F.interpolate(image.bfloat16(), scale_factor=1.5, mode="bilinear")))
    tr(lambda: F.interpolate(image.half(), scale_factor=1.5, mode="bicubic"))
    tr(lambda: tree(image.sum_to_size(1, 2, 4, 4)))

    # distances, and what is divided by a length that is clamped where autograd does not see it
    x, y = leaf(2, 3), const(2, 3).flip(0).requires_grad_()
    for distance in (torch.dist, F.cosine_similarity):
        tr(lambda: tree(distance(x, y)))
    tr(lambda: tree(torch.outer(leaf(3), leaf(2))))
    tr(lambda: tree(torch.dist(x, y, 3)))
    tr(lambda: torch.autograd.grad(torch.dist(x, y, 1.5), (x, y)))
    tr(lambda: tree(F.gaussian_nll_loss(x, y, leaf(2, 3))))
    tr(lambda: tree(F.margin_ranking_loss(x, y, const(2, 3), 0.5)))
    tr(lambda: tree(F.linear(leaf(3), leaf(4, 3))))
    tr(lambda: tree(F.rms_norm(x, (3,))))
    tr(lambda: tree(x.repeat_interleave(2, 1)))
    tr(lambda: x.repeat_interleave(2, 1).is_contiguous())
    short = torch.tensor([1e-6, 2e-6], requires_grad=True)
    tr(lambda: torch.autograd.grad(F.cosine_similarity(short, const(2), 0, 1e-3), short))

    # a vector on the right is no matrix
    tr(lambda: tree(torch.linalg.solve(leaf(2, 2), leaf(2))))
    tr(lambda: tree(torch.linalg.solve(leaf(2, 2), const(2))))
    tr(lambda: tree(torch.linalg.solve(leaf(2, 2), leaf(2, 3))))

    # some have another node, or no derivative, in place
    inner = lambda: leaf(2, 3) * 0.9
    for f in (
        lambda: inner().asinh_(),
        lambda: torch.arctanh_(inner()),
        lambda: (inner() + 1).acosh_(),
        lambda: inner().conj_physical_(),
        lambda: (inner() * 1j).conj_physical_().imag,
        lambda: inner().polygamma_(1),
        lambda: inner().fill_(2.0),
        lambda: inner().fill_(torch.tensor(2.0)),
        lambda: torch.fill(inner(), 2.0),
        lambda: torch.fill(inner(), torch.tensor(2.0)),
    ):
        tr(lambda: tree(f()))
        tr(lambda: torch.autograd.grad(f().sum(), leaf(2, 3), allow_unused=True))
    dual = torch.autograd.forward_ad
    with dual.dual_level():
        tr(lambda: dual.make_dual(const(2), torch.ones(2)).asinh_())

    # what a node shows of what it saved
    x = leaf(3, 4)
    for y in (
        x[1:],
        x[:-1],
        x[:, ::2],
        x[:, 1:3],
        x.narrow(1, 2, 1),
        x.sum(),
        x.sum(0),
        x.mean(),
        x.mean(1),
        x.unsqueeze(1),
    ):
        node = y.grad_fn
        tr(lambda: [(name, getattr(node, name)) for name in dir(node) if name.startswith("_saved_")])
    tr(lambda: [name for name in dir(torch.linalg.qr(x)[0].grad_fn) if name.startswith("_saved_")])
    x, square = leaf(2, 3), leaf(3, 3)
    for y in (
        x * leaf(3),
        x + leaf(3),
        torch.where(const(3) > 0.5, leaf(3), x),
        x.sum(0),
        x.expand(2, 2, 3),
        x.amax(0),
        x.var(),
        x[0],
        x.unbind()[0],
        torch.cat([x, x]),
        torch.nn.functional.mse_loss(x, x * 2),
        x.logsumexp(0),
        torch.linalg.matrix_exp(square),
        x.masked_fill(x > 0.5, 0),
        torch.unsafe_chunk(x, 2)[0],
        torch.diagonal_copy(x),
    ):
        tr(lambda: (y.grad_fn.name(), sorted(name for name in dir(y.grad_fn) if name.startswith("_saved_"))))
