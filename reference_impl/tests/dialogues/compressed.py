"""Compressed sparse matrices by their parts: what is refused, and how."""

PARTS = [
    ([0, 1, 3], [0, 1], [1, 2], (2, 2)),
    ([0, 1, 2], [0, 5], [1, 2], (2, 2)),
    ([0, 1, 2], [0, -1], [1, 2], (2, 2)),
    ([0, 1, 2], [0], [1, 2], (2, 2)),
    ([1, 1, 2], [0, 1], [1, 2], (2, 2)),
    ([0, 2, 1], [0, 1], [1.0, 2.0], (2, 2)),
    ([0, 3, 2], [0, 1], [1.0, 2.0], (2, 2)),
    ([0, 2, 2], [1, 0], [1.0, 2.0], (2, 2)),
    ([0, 2, 2], [1, 1], [1.0, 2.0], (2, 2)),
    ([0, 1, 2, 2], [1, 1], [1.0, 2.0], (2, 2)),
    ([0, 1, 2], [1, 1], [1.0, 2.0], (2,)),
    ([[0, 1, 2]], [1, 1], [1.0, 2.0], (2, 2)),
    ([0.0, 1.0, 2.0], [1, 1], [1.0, 2.0], (2, 2)),
    ([0, 0, 0], [], [], (2, 2)),
    ([0, 1, 2], [0, 1], [1.0, 2.0], (2, 2)),
]


def play(torch, tr, tell):
    for make in (torch.sparse_csr_tensor, torch.sparse_csc_tensor):
        for parts in PARTS:
            tr(lambda make=make, parts=parts: make(*parts, check_invariants=True))
    with torch.sparse.check_sparse_tensor_invariants():
        tr(lambda: torch.sparse_csr_tensor([0, 2, 2], [1, 0], [1.0, 2.0], (2, 2)))
    mixed(torch, tr)


def mixed(torch, tr):
    """Products of a sparse matrix with one of another dtype."""
    s, d = torch.eye(3).to_sparse(), torch.ones(3, 2, dtype=torch.float64)
    for product in (
        lambda: torch.mm(s, d),
        lambda: torch.sparse.mm(s, d),
        lambda: s.double() @ d.float(),
        lambda: s.to_sparse_csr() @ d,
        lambda: s @ d[:, 0],
        lambda: torch.addmm(d, s, d),
        lambda: torch.addmm(d, s.double(), d),
        lambda: d.t() @ s,
        lambda: s.mm(s.double()),
        lambda: torch.mm(s, d.int()),
        lambda: torch.mm(s, d.half()),
        lambda: torch.hspmm(s, d),
        lambda: torch.bmm(s.unsqueeze(0), d.unsqueeze(0)),
    ):
        tr(product)
