"""In which order the dimensions lie in memory, and whether that is the only one."""


def play(torch, tr, tell):
    contiguous, last = torch.contiguous_format, torch.channels_last
    for sizes in ((2, 3, 4, 5), (1, 2, 3, 4), (2, 2, 1, 2), (2, 2, 2, 1), (3, 1, 2, 2), (2, 1, 1, 2)):
        for layout in (contiguous, last):
            x = torch.ones(sizes).to(memory_format=layout)
            tr(lambda x=x: x.dim_order())
            tr(lambda x=x: x.dim_order(ambiguity_check=True))
            tr(lambda x=x: x.transpose(1, 2).dim_order())
    x = torch.ones(1, 2, 3, 4)
    tr(lambda: x.dim_order(ambiguity_check=[contiguous, last]))
    tr(lambda: x.dim_order(ambiguity_check=[last]))
    tr(lambda: x.dim_order(ambiguity_check=[contiguous, contiguous]))
    tr(lambda: x.dim_order(ambiguity_check=3))
    tr(lambda: x.dim_order(ambiguity_check=[3]))
    tr(lambda: torch.ones(0, 3).dim_order(ambiguity_check=True))
