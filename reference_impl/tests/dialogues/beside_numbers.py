"""Operators of a tensor and a number: gradients of gradients and tangents; and operators that have none."""


def play(torch, tr, tell):
    beyond_their_dtype(torch, tr)
    fa, special = torch.autograd.forward_ad, torch.special
    x = torch.tensor([0.0, 0.5, 1.5], dtype=torch.float64)
    pairs = (
        torch.xlogy,
        special.xlog1py,
        torch.remainder,
        torch.fmod,
        torch.div,
        torch.sub,
        torch.igamma,
        torch.igammac,
    )
    pairs += (special.zeta, torch.floor_divide, torch.heaviside, torch.maximum, lambda a, b: a % b, lambda a, b: a**b)

    def twice(f, given):
        given = [t.clone().requires_grad_() if isinstance(t, torch.Tensor) else t for t in given]
        wanted = [t for t in given if isinstance(t, torch.Tensor)]
        gs = torch.autograd.grad(f(*given).sum(), wanted, create_graph=True)
        slopes = [g for g in gs if g.requires_grad]
        if slopes:
            gs += torch.autograd.grad(sum((g * g).sum() for g in slopes), wanted, allow_unused=True)
        return [None if g is None else g.detach() for g in gs]

    def forward(f, given):
        with fa.dual_level():
            return fa.unpack_dual(f(*[fa.make_dual(t, t + 1) if isinstance(t, torch.Tensor) else t for t in given]))

    for f in pairs:
        for given in ((x, 2.0), (x, 2), (2.0, x + 0.5), (x, x + 0.5)):
            if isinstance(given[0], float) and f in (
                torch.fmod,
                torch.igamma,
                torch.igammac,
                torch.sub,
                torch.heaviside,
            ):
                continue  # torch's own words about their arguments
            if isinstance(given[1], float | int) and f in (torch.igamma, torch.igammac, torch.heaviside, torch.maximum):
                continue
            tr(lambda: twice(f, given))
            tr(lambda: forward(f, given))
    tr(lambda: special.xlog1py(x, True))
    with fa.dual_level():
        dual = fa.make_dual(x, x + 1)
        for f in (
            torch.unique,
            torch.unique_consecutive,
            lambda t: torch.unique(t, dim=0),
            lambda t: torch.geqrf(t.view(3, 1)),
        ):
            tr(lambda: f(dual))
        tr(lambda: fa.unpack_dual(torch.igamma(x + 1, x)))
        tr(lambda: fa.unpack_dual(torch.igamma(x + 1, dual)))


def beyond_their_dtype(torch, tr):
    """A number that an integer dtype cannot hold, where the result is a float, is taken as it is."""
    special = torch.special
    for x in (
        torch.tensor([3, 200], dtype=torch.uint8),
        torch.tensor([3, -100], dtype=torch.int8),
        torch.tensor([True]),
    ):
        for number in (256, 1000, -300, 2**40, torch.tensor(300), torch.tensor(-70000)):
            for f in (
                torch.div,
                torch.true_divide,
                torch.xlogy,
                special.xlog1py,
                lambda a, b: b / a,
                torch.float_power,
            ):
                tr(lambda f=f, x=x, number=number: f(x, number))
        tr(lambda x=x: (torch.atan2(x, torch.tensor(300)), torch.copysign(x, -300), x / 1j))
        tr(lambda x=x: torch.div(x, 256, rounding_mode="floor"))
        for value in (2.5, -1, 100):
            tr(lambda x=x.int().to(torch.uint8), value=value: torch.addcmul(x, x, x, value=value))
        tr(lambda x=x: torch.addcmul(x.float(), x, x, value=1j))
        tr(lambda x=x: torch.addcdiv(x.float(), x.float(), x, value=1j))
        for bound in (300, -200, 2.5, 100):
            tr(lambda x=x, bound=bound: x.clamp_min(bound))
            tr(lambda x=x, bound=bound: torch.clamp_max(x, bound))
