"""Memory shared with other libraries by __dlpack__."""

import numpy as np


def play(torch, tr, tell):
    x = torch.arange(6.0).reshape(2, 3)

    def shared(y):
        y.view(-1)[0] = 7
        found = x[0, 0].item()
        x[0, 0] = 0
        return found, y.dtype, y.shape, y.stride()

    tr(lambda: shared(torch.from_dlpack(x)))
    tr(lambda: shared(torch.from_dlpack(x, copy=True)))
    tr(lambda: shared(torch.from_dlpack(torch.to_dlpack(x))))
    tr(lambda: shared(torch.asarray(torch.utils.dlpack.to_dlpack(x))))
    tr(lambda: shared(torch.from_dlpack(np.from_dlpack(x))))
    tr(lambda: torch.from_dlpack(x.t()).stride())
    for dtype in (np.int8, np.int64, np.uint8, np.float16, np.float64, np.complex64, bool):
        tr(lambda dtype=dtype: torch.from_dlpack(np.ones(2, dtype)))
        tr(lambda dtype=dtype: np.from_dlpack(torch.ones(2, dtype=torch.from_numpy(np.ones(1, dtype)).dtype)).dtype)
    tr(lambda: torch.from_dlpack(np.array(["a"])))
    tr(lambda: torch.from_dlpack(3))
    tr(lambda: torch.from_dlpack([1]))
    tr(lambda: torch.to_dlpack(3))
    capsule = torch.to_dlpack(x)
    tr(lambda: torch.from_dlpack(capsule).shape)
    tr(lambda: torch.from_dlpack(capsule).shape)
    tr(lambda: x.clone().requires_grad_().__dlpack__())
    tr(lambda: torch.from_dlpack(torch.to_dlpack(x.clone().requires_grad_())).requires_grad)
    tr(lambda: x.__dlpack__(stream=3))
    tr(lambda: (tuple(map(int, x.__dlpack_device__())), torch.utils.dlpack.DLDeviceType.kDLCPU.value))
