"""Padding by negative amounts, by too many, by none; shuffles and rolls of what does not divide, or is empty."""


def play(torch, tr, tell):
    F = torch.nn.functional
    rows, images = torch.arange(12.0).view(1, 3, 4), torch.arange(24.0).view(1, 2, 3, 4)
    for mode in ("constant", "reflect", "replicate", "circular", "none"):
        for amounts in (
            (1,),
            (1,) * 8,
            (-2, -2),
            (-2, -3),
            (-5, 1),
            (-4, 0),
            (-1, 2),
            (4, 4),
            (5, 5),
            (),
            (1, 1, -2, -1),
        ):
            for value in (None, 0, 1.0):
                if (mode, amounts) == ("circular", (-5, 1)):
                    continue  # torch leaves memory unwritten
                tr(lambda m=mode, a=amounts, v=value: F.pad(rows, a, m, v))
        tr(lambda mode=mode: F.pad(images, (0, 0, -1, -2), mode).shape)
        tr(lambda mode=mode: F.pad(images, (-3, 1, 1, -1), mode))
    for amounts in ((1,), (1,) * 8, (-3, -3), (-5, 2)):
        tr(lambda amounts=amounts: torch.constant_pad_nd(rows, amounts))
    for groups in (0, -1, 2, 3, 4):
        tr(lambda groups=groups: F.channel_shuffle(torch.arange(8.0).view(1, 4, 2), groups))
    tr(lambda: F.channel_shuffle(torch.ones(2, 3), 1))
    tr(lambda: torch.ones(0, 3).roll(1, 5).shape)
    tr(lambda: torch.ones(2, 3).roll(1, 5))
