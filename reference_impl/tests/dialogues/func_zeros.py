"""Transforms where the modes around them, or what is not finite, should leave no trace."""


def play(torch, tr, tell):
    func = torch.func
    x = torch.tensor([1.0, 2.0, 3.0])

    # inference mode around a transform
    with torch.inference_mode():
        w = torch.ones(3) * 2
        for a in (x, w):
            tr(lambda: func.grad(lambda x: (x * w * x).sum())(a))
            tr(lambda: func.grad(lambda x: (x * w * x).sum())(a).is_inference())
            tr(lambda: func.vjp(lambda x: x * w, a)[1](w))
            tr(lambda: func.jvp(lambda x: x * w, (a,), (w,)))
            tr(lambda: func.vmap(func.grad(lambda x: x * x))(a))
            tr(lambda: func.hessian(lambda x: (x**3 * w).sum())(a))
            tr(lambda: func.jacfwd(lambda x: x * w)(a))
            tr(lambda: func.vmap(torch.sin)(a).is_inference())

        def looking(x):
            tell(torch.is_inference_mode_enabled(), torch.is_grad_enabled(), x.is_inference())
            return x.sum()

        tr(lambda: func.grad(looking)(w))
        tr(lambda: func.jvp(looking, (w,), (w,))[1])
        tr(lambda: torch.is_inference_mode_enabled())
    tr(lambda: func.grad(lambda x: (x * w).sum())(x))
    tr(lambda: func.grad(lambda x: (x * x).sum())(w))
    tr(lambda: func.jvp(lambda x: x * w, (w,), (w,)))

    # derivatives of what does not depend on its input are 0, not 0 * inf
    inf = torch.tensor([float("inf"), 1.0])
    tr(lambda: func.grad(lambda x: inf.sum())(inf))
    tr(lambda: func.grad(lambda x, y: x.sum(), (0, 1))(inf, inf))
    tr(lambda: func.jvp(lambda x: inf, (inf,), (inf,)))
    tr(lambda: func.vjp(lambda x: inf, inf)[1](inf))
    tr(lambda: func.vjp(lambda x, y: x, inf, inf)[1](inf))
    tr(lambda: (func.jacfwd(lambda x: inf)(inf), func.jacrev(lambda x: inf)(inf)))
    tr(lambda: func.vmap(lambda x: func.jvp(lambda x: torch.ones(2) * inf, (x,), (x,))[1])(inf.expand(2, 2)))
    tr(lambda: func.jvp(lambda x: (x > 1, x.argmax(), x.long()), (x,), (x,)))
