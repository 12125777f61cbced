"""Backwards inside backwards: how deep they may be, and callbacks at the end of each."""


def play(torch, tr, tell):
    engine = torch.autograd.Variable._execution_engine
    told = []

    class Deep(torch.autograd.Function):
        @staticmethod
        def forward(ctx, n):
            with torch.enable_grad():
                ctx.n = n.detach().requires_grad_() - 1
            return ctx.n.detach()

        @staticmethod
        def backward(ctx, g):
            told.append(torch.is_grad_enabled())
            if ctx.n > 0:
                with torch.enable_grad():
                    Deep.apply(ctx.n).sum().backward()
            return g

    for depth in (10.0, 300.0):
        x = torch.tensor(depth, requires_grad=True)
        told.clear()
        tr(Deep.apply(x).backward)
        tell(x.grad, len(told), any(told))

    class Failing(Deep):
        @staticmethod
        def backward(ctx, g):
            if ctx.n <= 0:
                raise ValueError("too deep")
            with torch.enable_grad():
                Failing.apply(ctx.n).sum().backward()

    tr(Failing.apply(torch.tensor(100.0, requires_grad=True)).backward)

    tr(lambda: engine.queue_callback(lambda: None))
    x = torch.ones(2, requires_grad=True)

    class Queues(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, name):
            ctx.name = name
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            def last():
                tell("end of", ctx.name, x.grad)
                engine.queue_callback(lambda: tell("after the end of", ctx.name))

            engine.queue_callback(last)
            if ctx.name == "outer":
                with torch.enable_grad():
                    Queues.apply(x * 2, "inner").sum().backward()
            tell("backward of", ctx.name, engine.is_checkpoint_valid())
            return g, None

    tr(Queues.apply(x, "outer").sum().backward)
    tr(lambda: torch.autograd.grad(Queues.apply(x, "outer").sum(), x))
    tr(lambda: engine.queue_callback(lambda: None))

    def fails():
        raise ValueError("at the end")

    y = x * 1
    y.register_hook(lambda g: engine.queue_callback(fails))
    tr(y.sum().backward)
    tr(lambda: engine.queue_callback(fails))
