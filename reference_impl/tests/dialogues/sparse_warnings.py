"""Which sparse tensors torch warns of when it makes them: of unchecked ones, and of each in a layout that is in beta."""

import warnings


def play(torch, tr, tell):
    always = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    try:
        ask(torch, tell)
    finally:
        torch.set_warn_always(always)


def ask(torch, tell):
    def heard(f):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            made = f()
        tell([str(w.message).partition(". ")[0] for w in seen])
        return made

    places, dense = torch.tensor([[0, 1], [1, 0]]), torch.eye(2)
    s = heard(lambda: torch.sparse_coo_tensor(places, torch.ones(2), (2, 2)))
    for check in (True, False):
        heard(lambda check=check: torch.sparse_coo_tensor(places, torch.ones(2), (2, 2), check_invariants=check))
    heard(lambda: torch.sparse_csr_tensor([0, 1, 2], [0, 1], [1.0, 2.0]))
    heard(lambda: s.coalesce())
    csr = heard(lambda: dense.to_sparse_csr())
    heard(lambda: dense.to_sparse_csc())
    for f in (lambda: csr.t(), lambda: -csr, lambda: csr * 2, lambda: csr.to_dense(), lambda: csr.detach()):
        heard(f)
    x = torch.ones(2, 2, requires_grad=True)
    for y in (heard(lambda: csr @ x), heard(lambda: csr.mv(x[0])), heard(lambda: s @ x)):
        heard(lambda y=y: y.sum().backward())
    heard(lambda: torch.pca_lowrank(dense.to_sparse(), q=1) and None)

    # a sum of equal places lies in the memory that these had
    twice = torch.sparse_coo_tensor([[0, 1, 0], [1, 0, 1]], [3.0, 5.0, 7.0], (2, 2), check_invariants=True).coalesce()
    tell(twice.indices(), twice.indices().stride(), twice.values().stride())
