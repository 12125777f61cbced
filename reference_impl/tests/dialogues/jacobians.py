"""torch.autograd.functional as its examples call it, and called wrongly."""

import importlib


def jac_api(torch, tell):
    jacobian = importlib.import_module(".autograd.functional", torch.__name__).jacobian
    hessian = importlib.import_module(".autograd.functional", torch.__name__).hessian
    vjp = importlib.import_module(".autograd.functional", torch.__name__).vjp
    jvp = importlib.import_module(".autograd.functional", torch.__name__).jvp
    hvp = importlib.import_module(".autograd.functional", torch.__name__).hvp
    vhp = importlib.import_module(".autograd.functional", torch.__name__).vhp

    def exp_reducer(x):
        return x.exp().sum(dim=1)

    torch.manual_seed(0)
    inputs = torch.rand(2, 2)
    tell(jacobian(exp_reducer, inputs))
    tell(jacobian(exp_reducer, inputs, create_graph=True))

    def exp_adder(x, y):
        return 2 * x.exp() + 3 * y

    inputs = (torch.rand(2), torch.rand(2))
    tell(jacobian(exp_adder, inputs))

    def pow_reducer(x):
        return x.pow(3).sum()

    inputs = torch.rand(2, 2)
    tell(hessian(pow_reducer, inputs))
    tell(hessian(pow_reducer, inputs, create_graph=True))

    def pow_adder_reducer(x, y):
        return (2 * x.pow(2) + 3 * y.pow(2)).sum()

    tell(hessian(pow_adder_reducer, (torch.rand(2), torch.rand(2))))
    v = torch.ones(2)
    tell(vjp(lambda x: x.exp().sum(1), torch.rand(4, 4), torch.ones(4)))
    tell(vjp(exp_adder, (torch.rand(2), torch.rand(2)), torch.ones(2)))
    tell(jvp(exp_reducer, torch.rand(4, 4), torch.ones(4, 4)))
    tell(jvp(lambda x, y: 2 * x + 3 * y, (torch.rand(2), torch.rand(2)), (torch.ones(2), torch.ones(2))))
    tell(vhp(pow_reducer, torch.rand(2, 2), torch.ones(2, 2)))
    tell(hvp(pow_adder_reducer, (torch.rand(2), torch.rand(2)), (torch.zeros(2), torch.ones(2))))
    for bad in (
        lambda: jacobian(3, inputs),
        lambda: jacobian(exp_reducer, 3),
        lambda: jacobian(lambda x: 3, inputs),
        lambda: hessian(exp_reducer, inputs),
        lambda: vjp(exp_reducer, inputs),
        lambda: vjp(exp_reducer, inputs, torch.ones(3)),
        lambda: jvp(exp_reducer, inputs),
        lambda: jvp(exp_reducer, inputs, torch.ones(3)),
        lambda: hvp(exp_reducer, inputs, torch.ones(2, 2)),
        lambda: vhp(pow_reducer, inputs),
        lambda: jacobian(exp_reducer, inputs, strategy="foo"),
        lambda: jacobian(exp_reducer, inputs, strategy="forward-mode"),
        lambda: jacobian(lambda x: torch.ones(2), inputs, strict=True),
        lambda: jacobian(lambda x: x.detach(), inputs, strict=True),
        lambda: jacobian(exp_reducer, [inputs, "a"]),
        lambda: hessian(pow_reducer, inputs, strict=True, vectorize=True),
        lambda: hessian(pow_reducer, inputs, outer_jacobian_strategy="x"),
        lambda: hessian(lambda x: x.sum(), inputs, strict=True),
        lambda: jacobian(lambda x: x.sum(), inputs.long()),
    ):
        try:
            tell(bad())
        except Exception as e:
            tell(type(e).__name__, e)


def play(torch, tr, tell):
    jac_api(torch, tell)

    # nothing to differentiate by
    for dtype in (torch.float64, torch.complex128):
        empty = torch.ones(0, 2, dtype=dtype, requires_grad=True)
        for f in (torch.diagonal, torch.sum, torch.sin, lambda x: x.sum(0)):
            for fast in (False, True):
                tr(
                    lambda f=f, x=empty, fast=fast: torch.autograd.gradcheck(
                        f, x, check_forward_ad=True, fast_mode=fast
                    )
                )
            tr(lambda f=f, x=empty: torch.autograd.gradgradcheck(f, x))
            tr(lambda f=f, x=empty: torch.autograd.functional.jacobian(f, x))

    # complex inputs and outputs
    z, r = torch.tensor([1 + 1j, 2], dtype=torch.complex128), torch.tensor([1.0, 2.0], dtype=torch.float64)
    for f, x in (
        (lambda x: x * (2 + 1j), z),
        (torch.abs, z),
        (torch.sum, z),
        (lambda x: torch.complex(x, x * 2), r),
        (lambda x: x.detach(), z),
    ):
        for options in (
            {},
            {"create_graph": True},
            {"vectorize": True},
            {"vectorize": True, "strategy": "forward-mode"},
        ):
            tr(lambda f=f, x=x, options=options: torch.autograd.functional.jacobian(f, x, **options))
        tr(lambda f=f, x=x: torch.autograd.functional.hessian(lambda x: f(x).sum(), x))
