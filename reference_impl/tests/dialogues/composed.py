"""What torch composes of other operators, and what is one operator: the trees of nodes behind functions of several steps."""


def play(torch, tr, tell):
    def tree(*outputs):
        """The graph behind some outputs; a node that was met before by its number."""
        seen = {}

        def walk(node):
            if node is None:
                return "None"
            if node in seen:
                return f"#{seen[node]}"
            seen[node] = len(seen)
            below = ", ".join(walk(n) + f".{k}" * (k > 0) for n, k in node.next_functions)
            return node.name().removeprefix("torch::autograd::") + f"({below})" * bool(below)

        return "; ".join(walk(y.grad_fn) for y in outputs if y.requires_grad)

    def leaf(*shape):
        return torch.linspace(0.1, 1, max(1, torch.Size(shape).numel())).reshape(shape).requires_grad_()

    F, linalg, fft = torch.nn.functional, torch.linalg, torch.fft
    x, y, square = leaf(3, 4), leaf(4), leaf(3, 3) + torch.eye(3)
    others = torch.tensor([[0.5, 2.0, 1.0, 0.0]])

    # integrals
    tr(lambda: tree(torch.trapezoid(x)))
    tr(lambda: tree(torch.trapezoid(x, leaf(4))))
    tr(lambda: tree(torch.trapezoid(x, leaf(3, 4), dim=0)))
    tr(lambda: tree(torch.cumulative_trapezoid(x, dx=0.5)))
    tr(lambda: torch.trapezoid(x, dx=0.5, dim=0))
    tr(lambda: torch.autograd.grad(torch.trapezoid(y, dx=0.5), y))

    # norms and distances
    for order in (None, 1, float("inf"), "nuc", 2):
        for keepdim in (False, True):
            tr(lambda: tree(linalg.norm(square, order, keepdim=keepdim)))
    tr(lambda: tree(linalg.cond(square)))
    tr(lambda: tree(F.pairwise_distance(x, others)))
    tr(lambda: tree(F.triplet_margin_loss(x, others, x * 2)))
    for p in (0.0, 1.0, 2.0, 3.0, float("inf")):
        tr(lambda: (tree(torch.cdist(x, others, p)), torch.autograd.grad(torch.cdist(x, others, p).sum(), x)))
        tr(lambda: torch.autograd.grad(torch.cdist(x, x + 1, p).sum(), x))
        tr(lambda: (tree(torch.pdist(x, p)), torch.autograd.grad(torch.pdist(x, p).sum(), x)))
    for p in (1, 2, 3):
        a = torch.renorm(x, p, 0, 1.0)
        tr(lambda: (tree(a), torch.autograd.grad((a * a).sum(), x)))

    # elimination
    tall, b = leaf(4, 3) + torch.eye(4, 3), leaf(3, 2)
    tr(lambda: tree(*linalg.lu(tall)))
    LU, pivots = linalg.lu_factor(square)
    tr(lambda: tree(*torch.lu_unpack(LU, pivots)))
    tr(lambda: [t.shape for t in torch.lu_unpack(LU, pivots, unpack_data=False)])
    tr(lambda: [t.shape for t in torch.lu_unpack(LU, pivots, unpack_pivots=False)])
    for left, adjoint in ((True, False), (True, True), (False, False), (False, True)):
        right = b if left else b.mT
        tr(lambda: tree(linalg.lu_solve(LU, pivots, right, left=left, adjoint=adjoint)))
    for left in (True, False):
        tr(lambda: tree(linalg.solve_triangular(square, b if left else b.mT, upper=True, left=left)))
    tr(lambda: tree(*torch.triangular_solve(b, square)))

    # grids and blocks
    tr(lambda: tree(*torch.meshgrid(leaf(), leaf(2), indexing="ij")))
    tr(lambda: tree(torch.combinations(y, 2)))
    tr(lambda: tree(torch.combinations(y, 3, with_replacement=True)))
    tr(lambda: torch.combinations(y, 3))
    tr(lambda: tree(torch.cartesian_prod(y, leaf(2))))
    tr(lambda: tree(torch.block_diag(x, y, leaf())))
    tr(lambda: tree(linalg.vander(y)))
    tr(lambda: tree(torch.cov(x)))
    tr(lambda: tree(torch.cov(x, aweights=leaf(4), correction=2)))
    tr(lambda: tree(torch.corrcoef(x)))
    tr(lambda: tree(torch.svd(x)[2]))
    tr(lambda: tree(linalg.cross(leaf(2, 3), leaf(1, 3))))

    # losses
    one = leaf(3)
    tr(lambda: tree(F.nll_loss(one, torch.tensor(1))))
    tr(lambda: tree(F.nll_loss(one, torch.tensor([1]), reduction="none")))
    tr(lambda: torch.autograd.grad(F.cross_entropy(one, torch.tensor(1)), one))
    tr(lambda: tree(F.cross_entropy(x, x.detach())))
    tr(lambda: tree(F.poisson_nll_loss(x, leaf(3, 4), full=True)))
    tr(lambda: tree(F.hinge_embedding_loss(x, x.detach().sign())))

    # transforms, and copies
    tr(lambda: tree(fft.fft(y)))
    tr(lambda: tree(fft.fftn(y)))
    tr(lambda: tree(fft.fft2(x, (5, 2))))
    tr(lambda: tree(fft.hfft2(x)))
    tr(lambda: tree(fft.ihfft2(x)))
    tr(lambda: tree(x.to(torch.float32, copy=True)))
    tr(lambda: tree(torch.float_power(x.double(), 2)))
