"""Memory: its formats, storages, resizing, what may be assigned; torch.Size; tensors as Python's numbers."""

import math


class Sum:
    def __add__(self, other):
        return 42

    __radd__ = __add__


def play(torch, tr, tell):
    last = torch.channels_last
    x = torch.arange(24.0).reshape(1, 2, 3, 4)
    gaps = x.contiguous(memory_format=last)[..., ::2, ::2]
    for t in (x, gaps, x.contiguous(memory_format=last), x.permute(3, 0, 1, 2), x[0]):
        for f in (last, torch.contiguous_format, torch.preserve_format):
            tr(lambda t=t, f=f: t.to(memory_format=f).stride())
            tr(lambda t=t, f=f: t.to(torch.double, memory_format=f).stride())
            tr(lambda t=t, f=f: t.half(memory_format=f).stride())
            tr(lambda t=t, f=f: t.clone(memory_format=f).stride())
        tr(lambda t=t: (t.double().stride(), t.dim_order()))
    tr(lambda: torch.empty_permuted((2, 3, 4), (1, 0, 2)).stride())
    tr(lambda: torch.empty_permuted((2, 3, 4), (1, 0)))

    def of(change, *size):
        t = torch.arange(6.0).reshape(2, 3) if not size else torch.zeros(size)
        found = change(t)
        return found, tuple(t.shape), t.stride()

    template = torch.ones(1, 2, 3, 1).contiguous(memory_format=last)
    changes = (
        lambda t: t.resize_(3, 2),
        lambda t: t.resize_(1, 2, 3, 1, memory_format=last),
        lambda t: t.resize_(2, memory_format=last),
        lambda t: t.resize_as_(torch.empty(3, 2).t()),
        lambda t: t.resize_as_(template),
        lambda t: t.resize_as_(template, memory_format=torch.preserve_format),
        lambda t: t.resize_([2, 4, 2**29, 2**29]),
        lambda t: t.resize_("a"),
        lambda t: t.resize_(),
        lambda t: t[:, 1].resize_(2),
        lambda t: t.set_(),
        lambda t: t.set_(torch.ones(3)),
        lambda t: t.set_(torch.ones(8), 2, (2, 2), (1, 2)),
        lambda t: t.set_(t.untyped_storage()),
        lambda t: t.set_(t.untyped_storage(), 0, (2,)),
        lambda t: t.set_(t.storage(), 2, (2, 2), (1, 2)),
        lambda t: t.set_(t.untyped_storage(), -1, (2,)),
        lambda t: t.double().set_(t.storage()),
        lambda t: (torch.tensor(t.storage()), torch.tensor(t.untyped_storage(), dtype=t.dtype)),
        lambda t: (torch.tensor(t.untyped_storage()), torch.tensor(t.storage(), dtype=torch.double)),
        lambda t: t.set_(torch.ones(8, dtype=torch.int)),
        lambda t: (t.untyped_storage().nbytes(), t.untyped_storage().size(), len(t[0].untyped_storage())),
        lambda t: (t.storage().tolist(), t.storage().size(), t.storage()[2], len(t[0].storage()), t.storage().nbytes()),
        lambda t: (t.storage().data_ptr() == t.data_ptr(), t[1].data_ptr() - t.data_ptr(), t[1].storage_offset()),
        lambda t: (t[:0].data_ptr(), torch.empty(0).data_ptr(), torch.is_storage(t.storage())),
        lambda t: (t.is_set_to(t), t.is_set_to(t[:]), t.is_set_to(t[1:]), torch.empty(0).is_set_to(torch.empty(0))),
        lambda t: t.apply_(lambda v: v + 1),
        lambda t: t.apply_(lambda v: None),
        lambda t: t.int().apply_(lambda v: "a"),
        lambda t: t.map_(t, lambda a, b: a + b),
    )
    for change in changes:
        tr(lambda change=change: of(change))

    def assign(name, value):
        z = torch.zeros(2, dtype=torch.complex64)
        setattr(z, name, value)
        return z

    for name in ("real", "imag"):
        for value in (1, 2.5, 1j, torch.tensor([1.0, 2.0]), torch.ones(3), None):
            tr(lambda name=name, value=value: assign(name, value))

    size = torch.Size([1, 2])
    for other in ((3,), [3], torch.Size([3]), 3, "a", Sum(), None):
        tr(lambda other=other: size + other)
        tr(lambda other=other: type(other + size).__name__ if not isinstance(other, list) else None)
    tr(lambda: (size * 2, 2 * size, size[:1], size.numel(), size == (1, 2), hash(size) == hash((1, 2))))
    for items in (
        [],
        [torch.tensor(2)],
        torch.tensor([1, 2]),
        torch.ones(2),
        [1.5],
        "a",
        [1, "a"],
        [1, -2],
        3,
        (True, 2),
    ):
        tr(lambda items=items: torch.Size(items))

    for value in (1.5j, 1 + 0j, 2.7, 3, True, [1, 2], [[3]], []):
        for kind in (int, float, complex, bool, round, math.floor, abs, len):
            t = torch.tensor(value)
            if not (kind in (round, math.floor, abs, len) and t.is_complex()):
                tr(lambda t=t, kind=kind: kind(t))

    place = torch.tensor([0])
    written = (
        lambda t: t[1:].add_(t[:-1]),
        lambda t: t.index_add_(0, place, t[:1]),
        lambda t: t.index_copy_(0, place, t[1:2]),
        lambda t: t.index_put_((place,), t[1:2]),
        lambda t: t.scatter_(0, place, t[1:2]),
        lambda t: t[:2].index_add_(0, place, t[2:3]),
        lambda t: t.scatter_add_(0, place, t[1:2].clone()),
    )
    for write in written:
        tr(lambda write=write: write(torch.arange(4.0)))

    for source in (torch.int8, torch.int16, torch.int32, torch.int64):
        a = torch.arange(36).reshape(3, 3, 4).to(source)
        views = [a, a[:, :, :1], a.transpose(0, 2), a[..., ::2], a[:, :, 1:3], a[:, ::2], a[..., :3], a[0, 0, 0]]
        views += [a.reshape(-1)[1:33], a.as_strided((4, 2), (3, 1))]
        for v in views:
            for target in (torch.uint8, torch.int16, torch.int32, torch.int64, torch.complex128):
                if target.is_complex:
                    tr(lambda v=v, target=target: v.view(target).shape)
                else:
                    tr(lambda v=v, target=target: (v.view(target).stride(), v.view(target).tolist()))

    tr(
        lambda: (
            torch.gather(torch.tensor([3.0, 4.0]), 0, torch.tensor(1)),
            torch.gather(torch.tensor(3.0), 0, torch.tensor([0])),
        )
    )
    counts = torch.tensor([-3, 5])
    for reduce in ("add", "multiply"):  # a number is cut to the dtype before it is combined
        tr(lambda reduce=reduce: counts.scatter(0, torch.tensor([1]), -2.5, reduce=reduce))
        tr(lambda reduce=reduce: counts[0].scatter(0, torch.tensor(0), 2.5, reduce=reduce))
    for size, stride in (((1, 2), (1, 1)), ((2, 1, 2), (2, 3, 1)), ((2, 2), (1, 1))):
        tr(lambda size=size, stride=stride: torch.view_as_complex(torch.arange(12.0).as_strided(size, stride)).stride())
    for pairs in (torch.arange(8.0).view(2, 4)[:, 1:3], torch.arange(8.0).view(2, 4)[:, 2:4]):
        tr(lambda pairs=pairs: torch.view_as_complex(pairs))

    # take_along_dim counts on beyond the end, as it counts from there
    rows = torch.tensor([[10.0, 20.0, 30.0], [1.0, 2.0, 3.0]], requires_grad=True)
    for index, dim in (([[3, -1, -5]], 1), ([[5, 2, 3]], 0), ([[-4], [7]], 1)):
        y = torch.take_along_dim(rows, torch.tensor(index), dim)
        tell(y, torch.autograd.grad(y.square().sum(), rows))
    tr(lambda: torch.take_along_dim(rows[0], torch.tensor([3]), 0))
    tr(lambda: torch.take_along_dim(rows, torch.tensor([-4, 7])))
    tr(lambda: torch.take_along_dim(torch.zeros(2, 0), torch.tensor([[5, 2]]), 1))
    tr(lambda: torch.take_along_dim(torch.tensor(3.0), torch.tensor(0), 0))
