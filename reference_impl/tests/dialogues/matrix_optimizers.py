"""Adafactor and Muon: steps with each option, states, and what they refuse."""


def play(torch, tr, tell):
    optim = torch.optim
    wide, tall = [[1.0, -2.0, 0.5], [3.0, 0.1, -0.7]], [[1.0, 2.0], [0.5, -0.3], [2.0, 1.0]]

    def stepped(kind, values, **options):
        p = torch.tensor(values, requires_grad=True)
        o = kind([p], **options)
        for _ in range(4):
            o.zero_grad()
            (p**3).sum().backward()
            o.step()
        return p.detach(), dict(o.state[p])

    for options in (
        *({}, {"lr": 0.5}, {"lr": 0.3, "weight_decay": 0.1}, {"maximize": True}, {"d": 2.0}),
        *({"eps": (1e-8, 0.1)}, {"beta2_decay": -0.5}, {"lr": torch.tensor(0.1)}, {"foreach": False}),
    ):
        for values in ([1.0, -2.0, 0.3], wide, [tall, tall]):
            tr(lambda values=values, options=options: stepped(optim.Adafactor, values, **options))
    for options in (
        *({}, {"lr": 0.5}, {"lr": 0.3, "weight_decay": 0.0}, {"momentum": 0.5}, {"nesterov": False}, {"eps": 1.0}),
        *({"adjust_lr_fn": "match_rms_adamw"}, {"ns_steps": 2}, {"ns_coefficients": (2.0, -1.5, 0.5)}),
    ):
        for values in (wide, tall):
            tr(lambda values=values, options=options: stepped(optim.Muon, values, **options))
    tr(lambda: stepped(optim.Muon, wide, ns_steps=100))
    tr(lambda: stepped(optim.Muon, wide, ns_coefficients=(1.0, 2.0)))
    tr(lambda: stepped(optim.Muon, [1.0]))

    for kind in (optim.Adafactor, optim.Muon):
        p = torch.tensor(wide, requires_grad=True)
        tr(lambda kind=kind, p=p: kind([p]))
        for options in ({"lr": -1}, {"weight_decay": -1}, {"lr": torch.ones(2)}):
            tr(lambda kind=kind, p=p, options=options: kind([p], **options))
        z = torch.ones(2, 2, dtype=torch.complex64, requires_grad=True)
        z.grad = z.detach().clone()
        tr(lambda kind=kind, z=z: kind([z]).step())
    for options in ({"eps": (-1, 1)}, {"eps": (1, -1)}, {"beta2_decay": 1}, {"d": 0.5}):
        tr(lambda p=p, options=options: optim.Adafactor([p], **options))
    tr(lambda: optim.Muon([p], momentum=-1.0))
    tr(lambda: optim.Muon([p], adjust_lr_fn="x"))
