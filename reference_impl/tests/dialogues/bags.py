"""Bags of embeddings: where the last offset ends them, gradients by frequency, and what is refused."""


def play(torch, tr, tell):
    F, nn = torch.nn.functional, torch.nn
    w = torch.arange(15.0).reshape(5, 3).requires_grad_()
    i = torch.tensor([0, 1, 2, 3])

    def bagged(i, offsets, **options):
        o = F.embedding_bag(i, w, torch.tensor(offsets), **options)
        return o, torch.autograd.grad((o * torch.arange(1.0, o.numel() + 1).reshape(o.shape)).sum(), w)

    for mode in ("sum", "mean", "max"):
        for padding in (None, 2):
            for offsets in ([0, 2, 4], [0, 4], [0, 1, 1, 4]):
                for last in (True, False):
                    options = {"mode": mode, "include_last_offset": last, "padding_idx": padding}
                    tr(lambda offsets=offsets, options=options: bagged(i, offsets, **options))
        tr(lambda mode=mode: bagged(i, [0, 2, 3], mode=mode, include_last_offset=True, padding_idx=1))
        often = torch.tensor([0, 1, 1, 1])
        tr(lambda mode=mode: bagged(often, [0, 2], mode=mode, scale_grad_by_freq=True))
        for wrong in ([0, 5], [0, -1], [5, 1]):
            for dtype in (torch.float32, torch.float64):
                given = torch.tensor([wrong]), w.to(dtype)
                tr(lambda mode=mode, given=given: F.embedding_bag(*given, mode=mode))
                tr(lambda mode=mode, given=given: F.embedding_bag(*given, mode=mode, padding_idx=1))
        doubles = {"mode": mode, "per_sample_weights": torch.ones(4, dtype=torch.float64)}
        tr(lambda doubles=doubles: bagged(i, [0, 2], **doubles))
        tr(lambda mode=mode: bagged(i, [1, 2], mode=mode))
    tr(lambda: F.embedding_bag(i, w, torch.tensor([0, 3, 3]), mode="sum", include_last_offset=True))
    weights = torch.tensor([1.0, 2.0, 3.0, 4.0])
    options = {"mode": "sum", "scale_grad_by_freq": True, "per_sample_weights": weights}
    tr(lambda: bagged(torch.tensor([0, 1, 1, 1]), [0, 2], **options))
    none = torch.zeros(0, dtype=torch.long)
    for last in (True, False):
        for offsets in (none, torch.tensor([0]), torch.tensor([0, 0])):
            tr(lambda last=last, offsets=offsets: F.embedding_bag(none, w, offsets, include_last_offset=last))
    tr(lambda: F.embedding_bag(i, w, torch.tensor([0.0, 2.0])))
    tr(lambda: F.embedding_bag(i.float(), w, torch.tensor([0, 2])))
    tr(lambda: F.embedding_bag(i, w, torch.tensor([0, 2]), mode="max", sparse=True))
    for place in (-6, 5, -5, 4):
        tr(lambda place=place: F.embedding_bag(i, w, torch.tensor([0]), padding_idx=place))
        tr(lambda place=place: nn.EmbeddingBag(5, 3, padding_idx=place))
        tr(lambda place=place: nn.Embedding(5, 3, padding_idx=place))
    behind_the_last(torch, tell)


def behind_the_last(torch, tell):
    """Where the last offset is not the end: of a mean, what is behind it counts, and has a gradient, but is not added."""
    rows, weights = torch.arange(12.0).reshape(6, 2).requires_grad_(), torch.arange(1.0, 5.0).requires_grad_()
    i = torch.tensor([1, 3, 5, 0])
    for mode in ("mean", "max"):
        for offsets in ([0, 2, 3], [0, 0, 3], [0, 3, 3], [0, 2, 2, 4]):
            y = torch.nn.functional.embedding_bag(i, rows, torch.tensor(offsets), mode=mode, include_last_offset=True)
            tell(y.detach(), torch.autograd.grad(y, rows, torch.arange(1.0, y.numel() + 1).reshape(y.shape)))
    options = {"mode": "sum", "include_last_offset": True, "per_sample_weights": weights}
    tell(torch.nn.functional.embedding_bag(i, rows, torch.tensor([0, 2, 3]), **options).detach())
