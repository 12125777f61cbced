"""In which order the dimensions of a result lie in memory, where its operands lie in different orders."""

from itertools import permutations

SHAPE = (2, 3, 4)


def play(torch, tr, tell):
    def laid(order, shape=SHAPE):
        return torch.ones([shape[i] for i in order]).permute([order.index(i) for i in range(len(shape))])

    orders = list(permutations(range(3)))
    for a in orders:
        for b in orders:
            x, y = laid(a), laid(b)
            results = (x + y, x > y, torch.where(x > 0, x, y), x * y.double(), x.half() / y.half(), torch.maximum(x, y))
            tell([t.stride() for t in results], torch.addcmul(x, x, y).stride())
            for d in range(3):
                z = laid(b, [1 if i == d else n for i, n in enumerate(SHAPE)])
                tell((x * z).stride(), (z * x).stride())
    tr(lambda: (torch.ones(2, 3).t() + torch.ones(3, 2)).view(-1))
