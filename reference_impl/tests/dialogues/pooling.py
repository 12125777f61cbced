"""Pooling: what is empty, sizes of unpooled outputs, samples of fractional pools, and what is refused."""


def play(torch, tr, tell):
    F, nn = torch.nn.functional, torch.nn
    torch.manual_seed(0)

    def shape(y):
        return y.shape

    for d in (2, 3):
        pool = getattr(F, f"fractional_max_pool{d}d")
        image = torch.randn((2, 4) + (8,) * d)
        tr(lambda pool=pool, image=image: shape(pool(image[:0], 3, 4)))
        tr(lambda pool=pool, image=image: shape(pool(image[:, :0], 3, 4)))
        for x in (image, image[0]):
            tr(lambda pool=pool, x=x, d=d: shape(pool(x, 2, (0,) + (1,) * (d - 1))))
        for n, c, k in ((2, 4, d), (0, 4, d), (2, 3, d), (2, 4, d + 1)):
            samples = torch.rand(n, c, k)
            tr(lambda pool=pool, x=image, s=samples: shape(pool(x, 2, 1, _random_samples=s)))
        tr(lambda pool=pool, x=image[:0], d=d: shape(pool(x, 2, 1, _random_samples=torch.rand(0, 4, d))))
        tr(lambda pool=pool, x=image: shape(pool(x, 2, 1, _random_samples=torch.rand(2, 4))))
        tr(lambda pool=pool, x=image, d=d: shape(pool(x, 2, 1, _random_samples=torch.rand(2, 4, d).double())))
        tr(lambda pool=pool, x=image, d=d: shape(pool(x, (2,) * (d + 1), 1)))
        tr(lambda pool=pool, x=image, d=d: shape(pool(x, 2, (2,) * (d + 1))))
        tr(lambda pool=pool, x=image: shape(pool(x, 2, 9)))

    for d in (1, 2, 3):
        image, no_channels = torch.arange(2 * 5.0**d).reshape((1, 2) + (5,) * d), torch.ones((1, 0) + (5,) * d)
        for kind in ("max", "avg"):
            adaptive, pool = getattr(F, f"adaptive_{kind}_pool{d}d"), getattr(F, f"{kind}_pool{d}d")
            tr(lambda adaptive=adaptive, x=no_channels: shape(adaptive(x, 3)))
            tr(lambda adaptive=adaptive, x=image[:0]: shape(adaptive(x, 3)))
            tr(lambda pool=pool, x=image: pool(x, 2, 0))
            tr(lambda pool=pool, x=image: pool(x, 0))
            tr(lambda pool=pool, x=image: pool(x, 2, padding=2))
            tr(lambda pool=pool, x=image: pool(x, 2, padding=-1))
            for n in ("a", None, 1.0, (1.0,) * d):
                tr(lambda pool=pool, x=image, n=n: shape(pool(x, 2, 1, n)))
            for n in ((), (2,), (2,) * (d + 1)):
                tr(lambda pool=pool, x=image, n=n: shape(pool(x, n)))
                tr(lambda pool=pool, x=image, n=n: shape(pool(x, 2, n)))
                tr(lambda pool=pool, x=image, n=n: shape(pool(x, 4, 1, n)))
                if kind == "max":
                    tr(lambda pool=pool, x=image, n=n: shape(pool(x, 2, 1, 0, n)))
                    tr(lambda pool=pool, x=image, n=n: shape(pool(x, 2, 1, n, return_indices=True)[0]))
        unpool, pool = getattr(F, f"max_unpool{d}d"), getattr(F, f"max_pool{d}d")
        y, i = pool(image, 2, return_indices=True)
        for size in ((5,) * d, (6,) * d, (1, 2) + (5,) * d, (2,) + (5,) * d):
            tr(lambda unpool=unpool, y=y, i=i, size=size: unpool(y, i, 2, output_size=size))
        tr(lambda unpool=unpool, y=y, i=i, d=d: unpool(y, 0 * i, 2, output_size=(3,) * d).shape)
        tr(lambda unpool=unpool, y=y, i=i: unpool(y, 0 * i + 1000, 2))
        tr(lambda unpool=unpool, y=y, i=i: unpool(y, i.int(), 2))
        tr(lambda unpool=unpool, y=y, i=i: unpool(y[:0], i[:0], 2).shape)
        tr(lambda unpool=unpool, y=y, i=i: unpool(y[:, :0], i[:, :0], 2))
