"""The nodes of what torch composes of operators: in its order, by its reshapes."""

from contextlib import nullcontext


def play(torch, tr, tell):
    F, nn, linalg = torch.nn.functional, torch.nn, torch.linalg

    def tree(y):
        """The graph behind y: names, and in brackets where their edges lead; a node seen before by its number."""
        seen = {}

        def walk(node):
            if node is None or hasattr(node, "variable"):
                return "None" if node is None else "leaf"
            if node in seen:
                return f"#{seen[node]}"
            seen[node] = len(seen)
            below = ", ".join(walk(n) + f".{k}" * (k > 0) for n, k in node.next_functions)
            return f"{node.name()}({below})"

        return walk(y.grad_fn)

    def leaf(*shape):
        return torch.linspace(0.1, 0.9, max(1, torch.Size(shape).numel())).reshape(shape).requires_grad_()

    const = lambda *shape: leaf(*shape).detach()

    # recurrent cells
    for cell in (nn.RNNCell, nn.GRUCell, nn.LSTMCell):
        found = cell(2, 2)(leaf(1, 2))
        tr(lambda: tree(found if isinstance(found, torch.Tensor) else found[0]))
    for layers in (nn.RNN, nn.GRU):
        tr(lambda: tree(layers(2, 2)(leaf(2, 1, 2))[0]))

    # attention: one product where queries, keys or values are of one tensor
    x, y = leaf(3, 1, 2), leaf(4, 1, 2)
    several = nn.MultiheadAttention(2, 1)
    tr(lambda: tree(several(x, x, x)[0]))
    tr(lambda: tree(several(x, y, y)[0]))
    tr(lambda: tree(several(x, y, leaf(4, 1, 2))[0]))
    tr(lambda: tree(several(x, x, x, attn_mask=const(3, 3))[0]))
    tr(lambda: tree(several(x[:, 0], x[:, 0], x[:, 0])[0]))
    tr(lambda: tree(nn.MultiheadAttention(2, 1, kdim=3, vdim=3)(x, leaf(3, 1, 3), leaf(3, 1, 3))[0]))

    # sums of products; where opt_einsum is installed, torch takes them in its order
    planner = getattr(torch.backends, "opt_einsum", None)
    for equation, *shapes in (
        ("ij,jk->ik", (2, 3), (3, 4)),
        ("i,j->ij", (2,), (3,)),
        ("ii", (3, 3)),
        ("iij->ij", (2, 2, 3)),
        ("...ij,...jk", (2, 2, 3), (2, 3, 2)),
        ("ij,jk,kl", (2, 3), (3, 2), (2, 2)),
        ("bhqd,bhkd->bhqk", (1, 2, 2, 3), (1, 2, 2, 3)),
        ("ij,j->i", (2, 3), (3,)),
        ("ij,k->ijk", (2, 2), (3,)),
    ):
        with planner.flags(enabled=False) if planner else nullcontext():
            tr(lambda: tree(torch.einsum(equation, *(leaf(*shape) for shape in shapes))))

    # products
    for dims, *shapes in ((1, (2,), (2,)), (2, (2, 3), (2, 3)), (([0, 1], [2, 0]), (2, 2, 1), (2, 1, 2))):
        tr(lambda: tree(torch.tensordot(*(leaf(*shape) for shape in shapes), dims)))
    found = torch.tensordot(leaf(2, 2, 2), leaf(2, 2, 2), 2).grad_fn
    while found is not None and found.name() != "PermuteBackward0":
        found = found.next_functions[0][0]
    tell("the dims of a permutation, as given", found._saved_dims)
    tr(lambda: tree(torch.inner(leaf(3), leaf(3))))
    tr(lambda: tree(linalg.multi_dot([leaf(2, 3), leaf(3, 2), leaf(2)])))
    tr(lambda: tree(linalg.multi_dot([leaf(3), leaf(3, 2)])))
    for power in (0, 1, 2, 3, 5, -1, -3):
        tr(lambda: tree(linalg.matrix_power(leaf(2, 2), power)))
    for batch in ((), (2,), (2, 2)):
        tr(lambda: tree(F.bilinear(leaf(*batch, 3), leaf(*batch, 4), leaf(5, 3, 4), leaf(5))))
    tr(lambda: F.bilinear(leaf(2, 3), leaf(2, 5), leaf(5, 3, 4)))
    tr(lambda: F.bilinear(leaf(2, 3), leaf(3, 4), leaf(5, 3, 4)))
    tr(lambda: tree(leaf(1, 2, 2, 2).to(torch.float64, memory_format=torch.channels_last)))

    tr(lambda: tree(linalg.householder_product(leaf(3, 2), leaf(2))))
    tr(lambda: tree(torch.ormqr(leaf(3, 2), leaf(2), leaf(3, 2), transpose=True)))

    # quantiles
    level, levels = torch.tensor(0.3, requires_grad=True), const(2)
    tr(lambda: tree(leaf(5).quantile(0.3)))
    tr(lambda: tree(leaf(2, 3).quantile(level, 1)))
    tr(lambda: tree(leaf(2, 3).quantile(levels, 0, True, interpolation="midpoint")))
    tr(lambda: tree(leaf(2, 3).nanquantile(level, 0)))
    tr(lambda: tree(leaf(2, 3).nanquantile(levels, interpolation="lower")))
    tr(lambda: tree(leaf().quantile(levels, keepdim=True)))

    # losses
    zeros = torch.zeros(2, 2).long()
    tr(lambda: tree(F.cross_entropy(leaf(2, 3, 2), zeros)))
    tr(lambda: tree(F.nll_loss(leaf(2, 3, 2), zeros, reduction="none")))
    tr(lambda: tree(F.nll_loss(leaf(2, 3, 2, 1), zeros[..., None])))
    tr(lambda: tree(F.linear_cross_entropy(leaf(2, 3), leaf(4, 3), zeros[0], linear_bias=leaf(4))))
    tr(lambda: tree(F.linear_cross_entropy(leaf(2, 3), leaf(4, 2, 3), zeros)))
    tr(lambda: tree(F.cosine_embedding_loss(leaf(2, 3), leaf(2, 3), torch.tensor([1, -1]))))
    tr(lambda: tree(F.triplet_margin_loss(leaf(2, 3), leaf(2, 3), leaf(2, 3))))
    tr(lambda: tree(F.triplet_margin_with_distance_loss(leaf(2, 3), leaf(2, 3), leaf(2, 3))))
    tr(lambda: tree(F.adaptive_avg_pool1d(leaf(1, 2, 4), 1)))

    # a complex convolution is three real ones
    def real_and_imaginary(*shape):
        part = torch.linspace(0.1, 0.9, torch.Size(shape).numel()).reshape(shape)
        return torch.complex(part, 1 - part).requires_grad_()

    image, kernel = real_and_imaginary(1, 2, 5), real_and_imaginary(3, 2, 2)
    for f in (
        lambda: F.conv1d(image, kernel, real_and_imaginary(3)),
        lambda: F.conv1d(image, real_and_imaginary(1, 2, 3), padding="same"),
        lambda: F.conv1d(image[0], kernel, stride=2),
        lambda: F.conv_transpose1d(real_and_imaginary(1, 3, 2), kernel),
    ):
        tr(lambda: tree(f()))

    # differences and bounds
    for f in (
        lambda: leaf(3).diff(n=0),
        lambda: leaf(3).clamp(min=leaf(3)),
        lambda: leaf(3).clamp(max=leaf(3)),
        lambda: torch.gradient(leaf(4))[0],
        lambda: torch.gradient(leaf(4), edge_order=2)[0],
        lambda: torch.gradient(leaf(4), spacing=(const(4),))[0],
        lambda: leaf(2, 3).sum_to_size(3),
        lambda: torch.trapezoid(leaf(3), leaf(3)),
    ):
        tr(lambda: tree(f()))

    # distances, chains, factors of low rank, a complex variance
    many = torch.linspace(0, 1, 78, requires_grad=True).reshape(26, 3)
    for f in (
        lambda: torch.cdist(many, leaf(2, 3)),
        lambda: torch.cdist(leaf(2, 2, 3), leaf(2, 3), compute_mode="use_mm_for_euclid_dist"),
        lambda: torch.cdist(leaf(1, 2, 3), leaf(1, 2, 3), compute_mode="use_mm_for_euclid_dist"),
        lambda: torch.cdist(many, leaf(2, 3), 1.5),
        lambda: torch.linalg.multi_dot([leaf(2, 2), leaf(2, 2), leaf(2, 2)]),
        lambda: torch.svd_lowrank(leaf(3, 4), 2, M=leaf(3, 4))[1],
        lambda: torch.cov(real_and_imaginary(3)),
        lambda: torch.cov(real_and_imaginary(2, 3)),
    ):
        tr(lambda: tree(f()))

    # spectra of frames
    window = const(4)
    for f in (
        lambda: torch.stft(leaf(8), 4, window=window, return_complex=True),
        lambda: torch.stft(leaf(2, 8), 4, window=window, center=False, return_complex=True),
        lambda: torch.istft(real_and_imaginary(3, 5), 4, window=leaf(4)),
        lambda: torch.istft(real_and_imaginary(2, 3, 5), 4, window=window, length=20),
    ):
        tr(lambda: tree(f()))
