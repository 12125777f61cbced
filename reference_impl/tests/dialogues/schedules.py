"""Schedules of the learning rate beyond plain steps: a given epoch, resuming, cycles, tensors for rates; averaged models."""


class Halving:
    def __init__(self, start):
        self.start = start

    def __call__(self, x):
        return self.start / 2**x


MADE = [
    ("StepLR", (2, 0.5)),
    ("MultiStepLR", ([1, 3, 3],)),
    ("ExponentialLR", (0.9,)),
    ("CosineAnnealingLR", (4, 0.01)),
    ("LinearLR", ()),
    ("ConstantLR", ()),
    ("PolynomialLR", (4, 2.0)),
    ("LambdaLR", (Halving(1.0),)),
    ("MultiplicativeLR", (Halving(2.0),)),
    ("CosineAnnealingWarmRestarts", (2, 2)),
    ("CyclicLR", (0.1, 0.5, 2)),
    ("CyclicLR", ([0.1, 0.2], 0.5, 2, 3, "triangular2")),
    ("CyclicLR", (0.1, 0.5, 2, None, "exp_range", 0.9)),
    ("CyclicLR", (0.1, 0.5, 2, None, "none", 1.0, Halving(1.0), "iterations")),
    ("CyclicLR", (0.1, 0.5, 2, None, "none")),
    ("CyclicLR", ([0.1, 0.2, 0.3], 0.5)),
    ("OneCycleLR", (0.5, 12)),
    ("OneCycleLR", ([0.5], 12)),
]


def play(torch, tr, tell):
    schedules = torch.optim.lr_scheduler

    def optimizer(tensors=False, name="SGD", **options):
        rates = [torch.tensor(0.25), torch.tensor(0.5)] if tensors else [0.25, 0.5]
        groups = [{"params": [torch.ones(1, requires_grad=True)], "lr": lr} for lr in rates]
        return getattr(torch.optim, name)(groups, **({"momentum": 0.9} if name == "SGD" else {}) | options)

    def shown(o):
        return [(float(g["lr"]), g.get("momentum"), g.get("betas")) for g in o.param_groups]

    def run(name, args, epochs, tensors=False, **options):
        o = optimizer(tensors, **options)
        kept = o.param_groups[0]["lr"]
        s = getattr(schedules, name)(o, *args)
        found = [shown(o)]
        for epoch in epochs:
            o.step()
            s.step(epoch) if epoch is not None else s.step()
            found.append(shown(o))
        first, state, o = o, s.state_dict(), optimizer()
        again = getattr(schedules, name)(o, *args)
        again.load_state_dict(state)
        again.step()
        same = kept is first.param_groups[0]["lr"] if tensors else None
        states = [(k, state[k]) for k in sorted(state) if k != "_scale_fn_custom"]
        return name, found, shown(o), same, [float(lr) for lr in again.get_last_lr()], states

    for name, args in MADE:
        tr(lambda name=name, args=args: run(name, args, [None] * 7))
        tr(lambda name=name, args=args: run(name, args, [1, 4, 0, 9]))
        tr(lambda name=name, args=args: run(name, args, [None] * 3, True))
    tr(lambda: run("CyclicLR", (0.1, 0.5, 2), [None] * 3, name="Adam"))
    tr(lambda: run("CyclicLR", (0.1, 0.5, 2), [None] * 3, momentum=0.0))
    tr(lambda: run("CyclicLR", (0.1, 0.5, 2), [None] * 3, name="Rprop"))

    def resumed(name, args):
        o = optimizer()
        for group in o.param_groups:
            group["initial_lr"] = 2 * group["lr"]
        s = getattr(schedules, name)(o, *args, last_epoch=1)
        found = [shown(o)]
        o.step()
        s.step()
        return found, shown(o)

    for name, args in MADE[:10]:
        tr(lambda name=name, args=args: resumed(name, args))
    tr(lambda: schedules.ExponentialLR(optimizer(), 0.5, last_epoch=3))
    tr(lambda: schedules.ExponentialLR(optimizer(), 0.5).get_lr())

    def nested():
        o = optimizer()
        inner = schedules.SequentialLR(o, [schedules.ConstantLR(o), schedules.CosineAnnealingWarmRestarts(o, 2)], [2])
        s = schedules.SequentialLR(o, [inner, schedules.MultiplicativeLR(o, Halving(1.0))], [4])
        found = []
        for _ in range(7):
            o.step()
            s.step()
            found.append(shown(o))
        return found

    tr(nested)

    def replaced():
        o = optimizer()
        s = schedules.ExponentialLR(o, 0.5)
        o.step = lambda: None
        o.step()
        s.step()
        return shown(o)

    tr(replaced)
    averages(torch, tr)


def averages(torch, tr):
    nn, swa = torch.nn, torch.optim.swa_utils

    def averaged(count=3, **options):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
        mean = swa.AveragedModel(model, **options)
        for i in range(count):
            with torch.no_grad():
                for p in model.parameters():
                    p.add_(i + 1.0)
            model(torch.arange(8.0).reshape(4, 2) * (i + 1))
            mean.update_parameters(model)
        return model, mean

    ways = [
        {},
        {"use_buffers": True},
        {"avg_fn": lambda old, new, n: old + new * n},
        {"avg_fn": swa.get_swa_avg_fn()},
        {"avg_fn": swa.get_ema_avg_fn(0.5)},
        {"multi_avg_fn": swa.get_swa_multi_avg_fn()},
        {"multi_avg_fn": swa.get_ema_multi_avg_fn(0.9), "use_buffers": True},
    ]
    for way in ways:
        tr(lambda way=way: averaged(**way)[1].state_dict())
    tr(lambda: averaged(avg_fn=max, multi_avg_fn=max))
    tr(lambda: swa.get_ema_avg_fn(1.5))

    def statistics():
        _, mean = averaged()
        swa.update_bn([torch.arange(6.0).reshape(3, 2), [torch.ones(2, 2), None]], mean)
        return mean.module[1].running_mean, mean.module[1].running_var, mean.module[1].momentum, mean.training

    tr(statistics)

    def annealed(*args, **kwargs):
        o = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.5)
        s = swa.SWALR(o, *args, **kwargs)
        found = []
        for _ in range(6):
            o.step()
            s.step()
            found.append(o.param_groups[0]["lr"])
        return found, sorted(s.state_dict())

    tr(lambda: annealed(0.1)[0])
    tr(lambda: annealed(0.1, 3)[0])
    tr(lambda: annealed([0.1], anneal_epochs=4, anneal_strategy="linear")[0])
    tr(lambda: annealed(0.1, 0)[0])
    tr(lambda: annealed([0.1, 0.2]))
    tr(lambda: annealed(0.1, anneal_strategy="square"))
    tr(lambda: annealed(0.1, -1))
    for least in (0.1, [0.1]):
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
            torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.5), "max", min_lr=least
        )
        plateau.step(3.0)
        tr(lambda plateau=plateau: sorted(plateau.state_dict().items()))
