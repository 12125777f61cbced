"""Which graphs a second backward may go through: those whose nodes kept no tensors."""


def play(torch, tr, tell):
    def again(name, f, *shapes):
        for wanted in range(1, 1 << len(shapes)):
            leaves = [torch.full(s, 2.0, requires_grad=bool(wanted >> k & 1)) for k, s in enumerate(shapes)]
            try:
                y = f(*leaves)
                for _ in range(2):
                    y.backward(torch.ones_like(y))
                tell(name, wanted, "twice", [None if x.grad is None else x.grad.sum() for x in leaves])
            except RuntimeError as error:
                tell(name, wanted, str(error)[:60])

    i, m = torch.tensor([0, 2]), (2, 2)
    again("add", lambda a, b: a + b, m, m)
    again("mul", lambda a, b: a * b, m, m)
    again("mul by number", lambda a: a * 3, m)
    again("div by number", lambda a: a / 3, m)
    again("addcmul", torch.addcmul, m, m, m)
    again("addcdiv", torch.addcdiv, m, m, m)
    again("addmm", torch.addmm, m, m, m)
    again("addmv", torch.addmv, (2,), m, (2,))
    again("addr", torch.addr, m, (2,), (2,))
    again("addbmm", torch.addbmm, m, (1, 2, 2), (1, 2, 2))
    again("baddbmm", torch.baddbmm, (1, 2, 2), (1, 2, 2), (1, 2, 2))
    again("linear", torch.nn.functional.linear, m, m, (2,))
    again("fmod", torch.fmod, m, m)
    again("remainder", torch.remainder, m, m)
    again("div down", lambda a, b: torch.div(a, b, rounding_mode="floor"), m, m)
    again("nextafter", torch.nextafter, m, m)
    again("complex", torch.complex, m, m)
    again("normal", torch.normal, m, m)
    again("index_add", lambda a, b: a.index_add(0, i, b), (3, 2), m)
    again("index_copy", lambda a, b: a.index_copy(0, i, b), (3, 2), m)
    again("scatter_add", lambda a, b: a.scatter_add(0, i.view(2, 1).expand(2, 2), b), (3, 2), m)
    again("scatter_add of less", lambda a, b: a.scatter_add(0, i.view(2, 1), b), (3, 2), m)
    again("lerp", torch.lerp, m, m, m)
    again("where", lambda a, b: torch.where(torch.tensor([True, False]), a, b), m, m)
    again("gradient", lambda a: torch.gradient(a, dim=0)[0], (4, 2))
    again("written in part", lambda a, b: (a * 1).index_put_((i,), b), (3, 2), m)
    again("no elements", lambda a, b: a + b, (0, 1, 3), (0, 2, 3))
