"""Operators of the user's under vmap: by the rule that register_vmap gives them, else sample by sample."""


def play(torch, tr, tell):
    func, library = torch.func, torch.library
    Tensor = torch.Tensor

    def cube(number):
        def kernel(x: Tensor) -> Tensor:
            return torch.tensor(x.detach().numpy() ** 3)

        made = library.custom_op(f"batched{number}::cube", kernel, mutates_args=())
        made.register_autograd(
            lambda ctx, g: g * 3 * ctx.x**2, setup_context=lambda ctx, inputs, output: setattr(ctx, "x", inputs[0])
        )
        return made

    x = torch.tensor([1.0, 2.0, 3.0])
    y = x.clone().requires_grad_()

    without = cube(1)
    tr(lambda: func.vmap(without)(x))
    tr(lambda: func.vmap(func.vmap(without), 1)(x.outer(x)))
    tr(lambda: func.vmap(lambda x, y: without(x) * y, (0, None))(x, x))
    tr(lambda: func.grad(lambda x: without(x).sum())(x))

    def rule_of(made):
        def rule(info, in_dims, x):
            tell(info.batch_size, info.randomness, in_dims, x)
            return made(x), in_dims[0]

        return rule

    ruled = cube(2)
    tr(lambda: library.register_vmap(ruled, rule_of(ruled)))
    tr(lambda: func.vmap(ruled)(x))
    tr(lambda: func.vmap(ruled, 1, randomness="same")(x.outer(x)))
    tr(lambda: func.vmap(func.vmap(ruled))(x.outer(x)))
    tr(lambda: torch.autograd.grad(func.vmap(ruled)(y).sum(), y))
    tr(lambda: func.grad(lambda x: func.vmap(ruled)(x).sum())(x))

    named = cube(3)
    tr(lambda: library.register_vmap("batched3::cube")(rule_of(named)))
    tr(lambda: func.vmap(named)(x))
    named.register_vmap(lambda info, in_dims, x: (named(x) * 2, 0))
    tr(lambda: func.vmap(named)(x))
    tr(lambda: func.vmap(func.grad(named))(x))
    for wrong in (lambda *_: x, lambda *_: (x,), lambda *_: (x, 0, 0), lambda *_: None, lambda *_: (x, (0, 0))):
        named.register_vmap(wrong)
        tr(lambda: func.vmap(named)(x))

    def both(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return x * y, x + y

    pair = library.custom_op("batched4::both", both, mutates_args=())

    @pair.register_vmap
    def rule(info, in_dims, x, y):
        tell(info, in_dims, x.shape, y.shape)
        x, y = (t.unsqueeze(-1) if d is None else t.movedim(d, -1) for t, d in ((x, in_dims[0]), (y, in_dims[1])))
        return pair(x, y), (-1, -1)

    tr(lambda: func.vmap(pair, (0, None))(torch.ones(2, 3), x))
    tr(lambda: func.vmap(pair, (None, 1), out_dims=(0, 1))(x, torch.ones(3, 2)))
