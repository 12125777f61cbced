"""The numbers that samples draw inside vmap, which are those that the batch would draw at once; and who may not draw."""


def play(torch, tr, tell):
    V, F = torch.func.vmap, torch.nn.functional
    x, y = torch.arange(24.0).reshape(2, 3, 4) / 24, torch.tensor([0.2, 0.5, 0.9])

    def seeded(f, *args, **options):
        torch.manual_seed(5)
        return V(f, **options)(*args)

    shared = (
        lambda a: torch.normal(0.0, 1.0, (2, 9)),
        lambda a: torch.normal(y, 1.0),
        lambda a: torch.normal(0.5, y),
        lambda a: torch.normal(y, y),
        lambda a: torch.bernoulli(y),
        lambda a: y.bernoulli(0.5),
        lambda a: torch.multinomial(y, 2),
        lambda a: torch.rand_like(y),
        lambda a: y.clone().normal_(),
        lambda a: y.clone().bernoulli_(a[0, 0] if a.ndim > 1 else a[0]),
        lambda a: F.gumbel_softmax(y),
        lambda a: F.rrelu(y),
        lambda a: F.rrelu(a, training=True),
        lambda a: torch.randn(3, out=torch.zeros(3)),
        lambda a: torch.randint(9, (3,), out=torch.zeros(3, dtype=torch.int64)),
        lambda a: torch.multinomial(y, 2, out=torch.zeros(2, dtype=torch.int64)),
    )
    own = (
        lambda a: torch.rand(2, 2),
        lambda a: torch.rand_like(a),
        lambda a: torch.randn_like(a.mT if a.ndim > 1 else a),
        lambda a: torch.randint_like(a, 9),
        lambda a: torch.bernoulli(a),
        lambda a: torch.normal(a, 1.0),
        lambda a: torch.normal(a, a),
        lambda a: torch.normal(a, a[0]),
        lambda a: torch.multinomial(a + 1, 2),
        lambda a: torch.multinomial(a + 1, 5, True),
        lambda a: a.clone().exponential_(),
        lambda a: a.clone().bernoulli_(a),
        lambda a: F.gumbel_softmax(a, dim=-1),
        lambda a: F.dropout(a),
    )
    for f in (*shared, *own):
        for randomness in ("error", "same", "different"):
            tr(lambda: seeded(f, x, randomness=randomness))
    for f in own[:-1]:
        for place in (1, 2):
            tr(lambda: seeded(f, x, in_dims=place, randomness="different"))
        for inner in ("same", "different"):
            for outer in ("same", "different"):
                tr(lambda: seeded(V(f, randomness=inner), x, randomness=outer))
                tr(lambda: seeded(V(f, in_dims=1, randomness=inner), x, in_dims=1, randomness=outer))
    for size in (1, 2, 5):
        for randomness in ("same", "different"):
            tr(
                lambda: seeded(
                    lambda a: a + torch.rand_like(a), torch.zeros(5, 2), randomness=randomness, chunk_size=size
                )
            )
    for what in (torch.poisson, lambda a: torch.binomial(torch.full((3,), 9.0), a)):
        tell(
            len(seeded(lambda a: what(torch.full((3,), 0.5)), torch.zeros(9), randomness="different").unique(dim=0)) > 1
        )
