"""torch.einsum: what an equation may be made of, and what is said of one that is wrong."""


def play(torch, tr, tell):
    square, wide = torch.arange(4.0).reshape(2, 2), torch.arange(6.0).reshape(2, 3)
    for equation in (
        "ij -> ji", "ij", "ii", "...", "...->...", "i...->...", "i....->...", "i..->...", "...i...->i", "ii->ii", "ij->k",
        "ij->i", "ij->", "i1", "i_j", "ij->i-", "ij->i>j", "ij - > ji", "ij->ji->", "ij->j,i", "", "i.j", "i->...i...", "i->.i",
        "ij->...i", "i...->i", ". ..->...", "ij,", "ijk", "ij...k",
    ):  # fmt: skip
        for x in (square, wide):
            tr(lambda equation=equation, x=x: torch.einsum(equation, x))
    for equation in ("ij,jk", "ij,ij->i", "ij,kj->ik", "...i,...i", "ij", "i...,...i", "...,..."):
        for sizes in (((2, 3), (3, 2)), ((2, 5, 2), (3, 5, 2)), ((7, 2, 5, 2), (2, 4, 2)), ((2, 2), (3, 2))):
            tr(lambda equation=equation, sizes=sizes: torch.einsum(equation, *[torch.ones(s) for s in sizes]))
    tr(lambda: torch.einsum("ij,jk"))
    tr(lambda: torch.einsum(square, [0, 0]))
    tr(lambda: torch.einsum(square, [0, 51], [51, 0]))
    tr(lambda: torch.einsum(square, [0, 60]))
    tr(lambda: torch.einsum(square, [..., 1], [1, ...]))
