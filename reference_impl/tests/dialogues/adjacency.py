"""Convolution on a graph: its adjacency matrix, sparse and of whole numbers, with loops and scaled by degrees."""


def play(torch, tr, tell):
    edges = torch.tensor([[0, 1, 2, 3, 1], [1, 2, 0, 0, 3]])
    linked = torch.sparse_coo_tensor(edges, torch.ones(5), (4, 4), dtype=torch.int64, check_invariants=False)
    tell(linked.dtype)
    for dtype in (torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int32, torch.complex64):
        total = torch.eye(4, dtype=dtype) + linked
        tell(total.dtype, total)
    looped = torch.eye(4) + linked
    degrees = looped.sum(1)
    tell((torch.ones(4) / degrees).sqrt().dtype)
    scale = torch.diag(degrees.rsqrt()).to_sparse()
    adjacency = scale @ looped @ scale
    tell(adjacency)
    weight = torch.linspace(1, 2, 12).reshape(4, 3).requires_grad_()
    for product in (torch.spmm, torch.dsmm, torch.sparse.mm, torch.mm):
        out = product(scale, weight)
        tell(out, torch.autograd.grad(out.pow(2).sum(), weight))
        tell(product(adjacency, weight).detach())
    tr(lambda: torch.saddmm(scale, scale, adjacency))
