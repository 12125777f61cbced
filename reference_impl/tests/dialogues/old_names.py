"""Older names and ways to call: what they return, and the warnings that they give; so does what is in beta."""


def play(torch, tr, tell):
    A = torch.tensor([[4.0, 2.0], [2.0, 3.0], [0.0, 1.0]])
    S = A.mT @ A
    torch.set_warn_always(True)
    tr(lambda: type(torch.qr(A)).__name__)
    tr(lambda: torch.qr(A, some=False).R.abs())
    tr(lambda: A.qr(True).R.abs())
    tr(lambda: torch.cholesky(S, upper=True))
    tr(lambda: torch.lu(S))
    tr(lambda: torch.lu(S, get_infos=True))
    tr(lambda: torch.chain_matmul(A, S, S))
    tr(lambda: torch.stft(torch.ones(9), 4, return_complex=False))
    tr(lambda: torch.istft(torch.ones(3, 5, dtype=torch.complex64), 4))
    F = torch.nn.functional
    for f in (F.softmax, F.log_softmax, F.softmin, torch.nn.Softmax(), torch.nn.LogSoftmax(), torch.nn.Softmin()):
        tr(lambda: f(A))
        tr(lambda: f(A[0]) + f(A[None])[0])
    tr(lambda: A.index_reduce(0, torch.tensor([0, 0]), A[:2], "prod"))
    torch.set_warn_always(False)
