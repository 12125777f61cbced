"""What layers refuse or warn of: strides, corners, channels; what hooks of a state may return; DataParallel on one device."""

from collections import OrderedDict


def play(torch, tr, tell):
    nn, F = torch.nn, torch.nn.functional
    torch.manual_seed(0)
    for dims in (1, 2, 3):
        conv = getattr(nn, f"Conv{dims}d")
        tr(lambda conv=conv: conv(2, 3, 3, stride=2, padding="same"))
        tr(lambda conv=conv, n=dims: conv(2, 3, 3, padding="same", dilation=2)(torch.ones(1, 2, *[5] * n)).shape)
        for affine in (True, False):
            for tracked in (True, False):
                norm = getattr(nn, f"InstanceNorm{dims}d")(3, affine=affine, track_running_stats=tracked)
                tr(lambda norm=norm, n=dims: norm(torch.ones(2, 4, *[3] * n)).shape)
                tr(lambda norm=norm, n=dims: norm(torch.ones(4, *[3] * n)).shape)

    theta = torch.ones(1, 2, 3)
    for size in ((0, 1, 2, 3), (1, 1, 2, 0), (1, 1, 2, 2, 2), (1, 1, 2), (1, 1, 1, 2), (1, 1, 2, 2)):
        for corners in ({}, {"align_corners": True}, {"align_corners": False}):
            tr(lambda size=size, corners=corners: F.affine_grid(theta, size, **corners))
    tr(lambda: F.affine_grid(torch.ones(2, 3), (1, 1, 2, 2)))
    image, grid = torch.arange(4.0).reshape(1, 1, 2, 2), torch.zeros(1, 2, 2, 2)
    tr(lambda: F.grid_sample(image, grid))
    tr(lambda: F.grid_sample(image, grid, align_corners=True))

    for name in ("upsample", "upsample_nearest", "upsample_bilinear"):
        tr(lambda name=name: getattr(F, name)(image, scale_factor=2))

    m = nn.Linear(1, 1)
    nn.init.ones_(m.weight)
    nn.init.zeros_(m.bias)

    def replaced(module, state, prefix, metadata):
        return OrderedDict(a=1)

    for register in (m._register_state_dict_hook, m.register_state_dict_post_hook):
        handle = register(replaced)
        tr(lambda: m.state_dict())
        tr(lambda: nn.Sequential(m).state_dict())
        handle.remove()
    tr(lambda: m._register_state_dict_hook(replaced))

    parallel = nn.DataParallel(m, device_ids=[0])
    tr(lambda: (parallel, parallel.device_ids, parallel.module is m, parallel.state_dict()))
    tr(lambda: parallel(torch.ones(2, 1)))
    tr(lambda: parallel(torch.ones(2, 1), 3))

    before = m.weight._version
    squared = (m.weight * m.weight).sum()
    m._apply(lambda t: t.add_(1))
    tr(lambda: (m.weight._version > before, m.weight))
    tr(lambda: squared.backward())
    for options in ({"copy": True}, {"dtype": torch.float64, "copy": True}, {"tensor": torch.ones(1)}):
        tr(lambda options=options: m.to(**options) is m)
    tr(lambda: m.to(torch.float64, True, True))
    tr(lambda: (m.share_memory() is m, m.weight.is_shared(), m.weight.untyped_storage().is_shared()))
    tr(lambda: torch.ones(2).untyped_storage().is_shared())

    utils = nn.modules.utils
    tr(lambda: (utils._pair(3), utils._triple([1, 2, 3]), utils._single(None), utils._reverse_repeat_tuple((1, 2), 2)))
    state = parallel.state_dict()
    tr(lambda: (utils.consume_prefix_in_state_dict_if_present(state, "module."), state, state._metadata))
