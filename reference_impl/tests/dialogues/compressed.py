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
