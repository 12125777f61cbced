"""GradScaler: the steps of an iteration, in order and out of it; how the scale grows and shrinks; its state."""

import pickle


def play(torch, tr, tell):
    GradScaler = torch.amp.GradScaler
    for options in ({}, {"growth_factor": 0.5}, {"backoff_factor": 2.0}, {"enabled": False}):
        tr(lambda: GradScaler("cpu", **options).state_dict())
    tr(lambda: GradScaler().is_enabled())
    steps(torch, tr, tell)
    scales(torch, tr, tell)
    refusals(torch, tr, tell)
    training(torch, tell)


def made(torch, dtype=None, **options):
    p = torch.nn.Parameter(torch.tensor([1.0, 2.0], dtype=dtype))
    return p, torch.optim.SGD([p], lr=0.1), torch.amp.GradScaler("cpu", init_scale=4.0, growth_interval=2, **options)


def steps(torch, tr, tell):
    p, optimizer, scaler = made(torch)
    for early in (scaler.update, lambda: scaler.step(optimizer), lambda: scaler.unscale_(optimizer)):
        tr(early)
    tr(lambda: (scaler.get_scale(), scaler.is_enabled(), scaler.get_growth_factor(), scaler.get_growth_interval()))
    tr(lambda: scaler.scale(torch.tensor([2.0])))
    tr(lambda: scaler.scale([torch.tensor([2.0]), (torch.tensor(1.0),)]))
    tr(lambda: list(scaler.scale(iter([torch.tensor(1.0).half()]))))
    tr(lambda: scaler.scale(3))
    tr(lambda: scaler.step(optimizer))
    p, optimizer, scaler = made(torch)
    scaler.scale((p**2).sum()).backward()
    tell(p.grad)
    tr(lambda: (scaler.unscale_(optimizer), p.grad))
    tr(lambda: scaler.unscale_(optimizer))
    tr(lambda: (scaler.step(optimizer), p))
    tr(lambda: scaler.step(optimizer))
    tr(lambda: scaler.unscale_(optimizer))
    tr(lambda: (scaler.update(), scaler.state_dict()))
    tr(scaler.update)


def scales(torch, tr, tell):
    p, optimizer, scaler = made(torch)
    for factor in (1.0, 1.0, float("inf"), float("nan"), 1.0, 1.0):
        optimizer.zero_grad()
        scaler.scale((p * factor).sum()).backward()
        tr(lambda: scaler.step(optimizer))
        scaler.update()
        tell(p, scaler.get_scale(), scaler.state_dict())
    for new in (3.0, torch.tensor(8.0), torch.tensor([8.0, 1.0]), torch.tensor(8.0, requires_grad=True)):
        tr(lambda: (scaler.update(new), scaler.get_scale()))
    scaler.set_growth_factor(3.0), scaler.set_backoff_factor(0.25), scaler.set_growth_interval(7)
    tell(scaler.state_dict())
    tr(lambda: scaler.load_state_dict({}))
    tr(lambda: scaler.load_state_dict({**scaler.state_dict(), "scale": 2.0, "_growth_tracker": 1}))
    tell(scaler.state_dict())
    tell(pickle.loads(pickle.dumps(scaler)).state_dict())


def refusals(torch, tr, tell):
    p, optimizer, scaler = made(torch)
    scaler.scale(p.sum()).backward()
    tr(lambda: scaler.step(optimizer, closure=lambda: 1))
    tr(lambda: scaler.unscale_(optimizer))
    tr(lambda: pickle.dumps(scaler))
    for dtype in (torch.float16, torch.bfloat16):
        p, optimizer, scaler = made(torch, dtype)
        scaler.scale(p.sum()).backward()
        tr(lambda: (scaler.step(optimizer), p))
    p, optimizer, off = made(torch, enabled=False)
    p.sum().backward()
    tr(
        lambda: (
            off.scale(3),
            off.get_scale(),
            off.state_dict(),
            off.unscale_(optimizer),
            off.step(optimizer),
            off.update(),
        )
    )
    tell(p)


def training(torch, tell):
    """The loop of torch's examples, with clipping."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.linspace(-1, 1, p.numel()).reshape(p.shape))
    optimizer, scaler = torch.optim.SGD(model.parameters(), lr=0.1), torch.amp.GradScaler("cpu")
    x, target = torch.linspace(0, 1, 6).reshape(2, 3), torch.tensor([0, 1])
    for _ in range(3):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = torch.nn.functional.cross_entropy(model(x), target)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        tell(loss.dtype, [p.grad.dtype for p in model.parameters()], round(loss.item(), 2), scaler.get_scale())
