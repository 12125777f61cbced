"""Random numbers inside vmap: refused, the same for all samples, or different; drawn into new memory and into old."""


def play(torch, tr, tell):
    V, F = torch.func.vmap, torch.nn.functional
    x = torch.full((3, 8), 0.5)
    draws = (
        lambda a: torch.rand(8) * a,
        lambda a: torch.rand_like(a),
        lambda a: torch.randint(0, 9, (8,)) + a,
        lambda a: torch.randint_like(a, 9),
        lambda a: torch.randperm(8) + a,
        lambda a: F.dropout(a, 0.5),
        lambda a: F.gumbel_softmax(a, dim=0),
        lambda a: torch.bernoulli(a),
        lambda a: torch.poisson(a),
        lambda a: torch.normal(a, 1.0),
        lambda a: a.clone().normal_(),
        lambda a: a.clone().uniform_(2.0, 3.0),
        lambda a: a.clone().exponential_(),
        lambda a: a.clone().bernoulli_(0.5),
        lambda a: a.new_zeros(8).normal_(),
        lambda a: a.clone().log_normal_(),
    )
    for draw in draws:
        for randomness in ("error", "same", "different"):

            def what():
                y = V(draw, randomness=randomness)(x)
                return randomness, y.shape, bool((y == y[0]).all())

            tr(what)
    tr(
        lambda: (
            V(V(lambda a: a.clone().uniform_(), randomness="same"), randomness="same")(torch.zeros(2, 2, 3))
            .unique()
            .shape
        )
    )
