"""Orthogonal parametrizations: each map, around the identity or around what was assigned, and what is refused."""

import importlib


def play(torch, tr, tell):
    nn = torch.nn
    orthogonal = importlib.import_module(f"{torch.__name__}.nn.utils.parametrizations").orthogonal
    torch.manual_seed(0)

    def module(shape, dtype, how, moves):
        m = nn.Module()
        m.register_parameter("weight", nn.Parameter(torch.randn(shape, dtype=dtype)))
        return orthogonal(m, "weight", how, use_trivialization=moves)

    def learned(m):
        """The values, the gradient, and whether the shorter side is orthonormal."""
        w = m.weight
        (w * torch.arange(1.0, w.numel() + 1).reshape(w.shape)).sum().abs().backward()
        q = w.detach() if w.shape[-2] >= w.shape[-1] else w.detach().mT
        n = q.shape[-1]
        right = torch.allclose(q.mH @ q, torch.eye(n, dtype=q.dtype), atol=1e-9)
        return q, m.parametrizations.weight.original.grad, right, list(m.state_dict())

    def assigned(m, wanted):
        tall = wanted if wanted.shape[-2] >= wanted.shape[-1] else wanted.mT
        q = torch.linalg.qr(tall).Q
        m.weight = q = q if tall is wanted else q.mT
        return torch.allclose(m.weight, q, atol=1e-9)

    for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2)):
        for dtype in (torch.float64, torch.complex128):
            for how in (None, "matrix_exp", "cayley", "householder"):
                for moves in (True, False):
                    tr(lambda given=(shape, dtype, how, moves): learned(module(*given)))
                    wanted = torch.randn(shape, dtype=dtype)
                    tr(lambda given=(shape, dtype, how, moves), w=wanted: assigned(module(*given), w))
    m = nn.Linear(3, 2)
    tr(lambda: orthogonal(m, "bias"))
    tr(lambda: orthogonal(m, "absent"))
    tr(lambda: orthogonal(m, "weight", "odd"))
    tr(lambda: orthogonal(m))
    tr(lambda: setattr(m, "weight", torch.ones(5, 5)))
