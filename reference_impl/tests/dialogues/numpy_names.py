"""The names that numpy has for arguments: axis for dim, keepdims for keepdim."""


def play(torch, tr, tell):
    x, i = torch.arange(6.0).reshape(2, 3), torch.tensor([1, 0])
    for name in (
        "sum",
        "mean",
        "prod",
        "std",
        "var",
        "amax",
        "amin",
        "all",
        "any",
        "argmax",
        "max",
        "min",
        "median",
        "nansum",
    ):
        tr(lambda name=name: getattr(torch, name)(x, axis=0))
        tr(lambda name=name: getattr(torch, name)(x, axis=1, keepdims=True))
        tr(lambda name=name: getattr(x, name)(axis=1, keepdims=True))
        tr(lambda name=name: getattr(x, name)(0, keepdims=True))
    for name in (
        "cumsum",
        "cumprod",
        "logcumsumexp",
        "softmax",
        "log_softmax",
        "sort",
        "argsort",
        "unbind",
        "unsqueeze",
    ):
        tr(lambda name=name: getattr(torch, name)(x, axis=1))
        tr(lambda name=name: getattr(x, name)(axis=0))
    tr(lambda: (torch.cat([x, x], axis=1), torch.stack([x, x], axis=1), torch.squeeze(x[:1], axis=0)))
    tr(
        lambda: (
            torch.index_select(x, axis=0, index=i),
            x.index_select(axis=1, index=i),
            x.gather(axis=0, index=i[None]),
        )
    )
    tr(
        lambda: (
            torch.diff(x, axis=0),
            torch.take_along_dim(x, i[:, None], axis=1),
            torch.logsumexp(x, axis=1, keepdims=True),
        )
    )
    tr(
        lambda: (
            torch.linalg.norm(x, axis=1),
            torch.linalg.vector_norm(x, axis=1, keepdims=True),
            torch.fft.fft(x, axis=0),
        )
    )
    tr(lambda: torch.sum(x, axis=0, out=torch.zeros(3)))
    tr(lambda: torch.cumsum(x))
    tr(lambda: x.logsumexp())
