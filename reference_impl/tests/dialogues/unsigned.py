"""uint16, uint32 and uint64: dtypes for data, with little arithmetic and no promotion among integers."""

import numpy as np


def play(torch, tr, tell):
    for dtype in (torch.uint16, torch.uint32, torch.uint64):
        x = torch.tensor([1, 2], dtype=dtype)
        tr(lambda x=x: (x, x[0], x.tolist(), x.numpy(), x.float(), x.to(torch.uint8), x.bool(), x.type()))
        tr(
            lambda dtype=dtype: (
                torch.zeros(2, dtype=dtype),
                torch.full((2,), 3, dtype=dtype),
                torch.tensor([-1]).to(dtype),
            )
        )
        tr(lambda x=x: (x * x, x == 1, x + 1.5, x / 2, x & 1, torch.exp(x), x.sum(), x.prod(), x.cumsum(0), x.any()))
        tr(
            lambda x=x: (
                torch.cat([x, x]),
                torch.stack([x, x]),
                x.repeat(2),
                x.roll(1),
                x[torch.tensor([1])],
                x.clone(),
            )
        )
        tr(lambda x=x: (torch.where(x == 1, x, x), x.sort(), x.unique(), x.fill_(3), x.copy_(torch.tensor([1.5, 2]))))
        tr(lambda dtype=dtype: (torch.iinfo(dtype).min, torch.iinfo(dtype).max, dtype.itemsize, dtype.is_signed))
        for other in (torch.uint8, torch.int32, torch.float32, torch.bool, torch.complex64, dtype):
            tr(lambda dtype=dtype, other=other: torch.promote_types(dtype, other))
            tr(lambda dtype=dtype, other=other: torch.can_cast(dtype, other))
        tr(lambda x=x: x + torch.tensor([1, 2]))
        tr(lambda x=x: x.mean())
        tr(lambda x=x: x.requires_grad_())
        tr(lambda dtype=dtype: torch.tensor([-1, 70000], dtype=dtype))
    tr(lambda: torch.from_numpy(np.array([1, 65535], np.uint16)))
    tr(lambda: (torch.tensor([2**64 - 1], dtype=torch.uint64), torch.tensor(2**64 - 1, dtype=torch.uint64).item()))
    tr(lambda: torch.tensor([2**64 - 1]))
    tr(lambda: torch.tensor([1, 2], dtype=torch.uint16).view(torch.int16))
