"""Operators that copy what a view would show: their memory, their nodes, and what these keep."""


def play(torch, tr, tell):
    x = torch.arange(24.0).reshape(2, 3, 4).requires_grad_()
    t = x.transpose(0, 2)
    calls = {
        "slice": lambda: torch.slice_copy(t, 0, 0, 4, 2),
        "slice from behind": lambda: torch.slice_copy(t, -1, -1),
        "narrow": lambda: torch.narrow_copy(t, 1, 1, 2),
        "narrow from behind": lambda: x.narrow_copy(-1, -3, 2),
        "as_strided": lambda: torch.as_strided_copy(t, (2, 2), (1, 5), 3),
        "view_as_real": lambda: torch.view_as_real_copy(x * 1j),
        "view_as_complex": lambda: torch.view_as_complex_copy(x.detach().reshape(3, 4, 2)),
        "recorded view_as_complex": lambda: torch.view_as_complex_copy(x.reshape(3, 4, 2)),
        "detach": lambda: torch.detach_copy(t),
        "alias": lambda: torch.alias_copy(t),
    }
    for name, call in calls.items():

        def answer():
            y = call()
            return name, y, y.stride(), y.grad_fn and (y.grad_fn.name(), [n for n in dir(y.grad_fn) if "_saved" in n])

        tr(answer)
        tr(lambda: torch.autograd.grad(call().sum(), x))
    tr(lambda: torch.narrow_copy(t, 0, 3, 2))
    tr(lambda: torch.narrow_copy(t, 0, 0, -1))
    out = torch.empty(0)
    tr(lambda: torch.slice_copy(x.detach(), 0, 0, 1, out=out) is out)
    tell(out)

    # memory without elements read as another dtype
    for shape in ((0, 4), (2, 0, 4)):
        for d in (torch.float64, torch.int8, torch.int32):
            tr(lambda: (torch.empty(shape).view(d).shape, torch.empty(shape).view(d).stride()))
