"""Linear algebra under older names: what it returns, and the warnings that it gives."""


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
    torch.set_warn_always(False)
