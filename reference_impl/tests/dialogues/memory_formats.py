"""channels_last: what operators on images return where they are given it, and their gradients."""


def play(torch, tr, tell):
    F = torch.nn.functional
    flat = torch.arange(2 * 4 * 6 * 8.0).view(2, 4, 6, 8) / 100 - 1
    space = torch.arange(2 * 4 * 4 * 6 * 4.0).view(2, 4, 4, 6, 4) / 100 - 1
    images = {
        "contiguous": flat,
        "last": flat.contiguous(memory_format=torch.channels_last),
        "part": torch.cat([flat, flat], 1).contiguous(memory_format=torch.channels_last)[:, :4],
        "transposed": flat.transpose(2, 3).contiguous().transpose(2, 3),
    }
    volumes = {"contiguous": space, "last": space.contiguous(memory_format=torch.channels_last_3d)}

    def strides(f, x):
        x = x.detach().requires_grad_()
        y = f(x)
        for g in (torch.ones(y.shape), torch.ones(y.shape).contiguous(memory_format=last_of(y))):
            (gx,) = torch.autograd.grad(y, x, g, retain_graph=True)
            yield y.stride(), gx.stride()
        y.sum().backward()
        yield x.grad.stride(), y.is_contiguous(memory_format=last_of(y)), y.detach().square().sum()

    def last_of(t):
        return torch.channels_last if t.ndim == 4 else torch.channels_last_3d

    both = {
        "max_pool": lambda x, d: getattr(F, f"max_pool{d}d")(x, 2),
        "avg_pool": lambda x, d: getattr(F, f"avg_pool{d}d")(x, 3, 1, 1),
        "adaptive max": lambda x, d: getattr(F, f"adaptive_max_pool{d}d")(x, 3),
        "adaptive avg": lambda x, d: getattr(F, f"adaptive_avg_pool{d}d")(x, 3),
        "nearest": lambda x, d: F.interpolate(x, scale_factor=2),
        "linear": lambda x, d: F.interpolate(x, scale_factor=2, mode="bilinear" if d == 2 else "trilinear"),
        "area": lambda x, d: F.interpolate(x, size=(3,) * d, mode="area"),
        "constant": lambda x, d: F.pad(x, (1, 2)),
        "reflect": lambda x, d: F.pad(x, (1, 2) * d, mode="reflect"),
        "circular": lambda x, d: F.pad(x, (1, 2) * d, mode="circular"),
        "conv": lambda x, d: getattr(F, f"conv{d}d")(x, torch.ones(3, 2, *(3,) * d)[:, :1].expand(3, 4, *(3,) * d)),
        "batch norm": lambda x, d: F.batch_norm(x, None, None, torch.ones(4), training=True),
        "batch norm, plain": lambda x, d: F.batch_norm(x, torch.zeros(4), torch.ones(4)),
        "group norm": lambda x, d: F.group_norm(x, 2, torch.ones(4)),
        "instance norm": lambda x, d: F.instance_norm(x).contiguous(),
        "flip": lambda x, d: x.flip(-1),
        "roll": lambda x, d: x.roll(1, -1),
        "cumsum": lambda x, d: x.cumsum(1),
        "transpose": lambda x, d: getattr(F, f"conv_transpose{d}d")(x, torch.ones(4, 3, *(2,) * d), stride=2),
    }
    of_images = {
        "bicubic": lambda x, d: F.interpolate(x, scale_factor=2, mode="bicubic"),
        "antialias": lambda x, d: F.interpolate(x, size=(3, 4), mode="bilinear", antialias=True),
        "shuffle": lambda x, d: F.pixel_shuffle(x, 2),
        "unshuffle": lambda x, d: F.pixel_unshuffle(x, 2),
        "channels": lambda x, d: F.channel_shuffle(x, 2),
        "one channel": lambda x, d: F.conv2d(x, torch.ones(1, 4, 3, 3)),
        "cat": lambda x, d: torch.cat([x, x], 1),
    }
    for name, f in (both | of_images).items():
        for where, x in images.items():
            tr(lambda f=f, x=x: (name, where, *strides(lambda t: f(t, 2), x)))  # noqa: B023
    for name, f in both.items():
        for where, x in volumes.items():
            tr(lambda f=f, x=x: (name, where, *strides(lambda t: f(t, 3), x)))  # noqa: B023

    # a weight in channels_last is enough; its gradient then lies so too
    for dtype in (torch.float32, torch.float64):
        w = torch.ones(3, 4, 2, 2, dtype=dtype).contiguous(memory_format=torch.channels_last).requires_grad_()
        x = flat.to(dtype).requires_grad_()
        y = F.conv2d(x, w, torch.ones(3, dtype=dtype))
        tell(y.stride(), [g.stride() for g in torch.autograd.grad(y.sum(), (x, w))])
        y = F.conv2d(images["last"].to(dtype), w.detach().contiguous()[:, :, :1, :1].contiguous().requires_grad_())
        tell(y.stride(), y.grad_fn.name())
    values, indices = F.max_pool2d(images["last"], 2, return_indices=True)
    tell(indices.stride(), F.max_unpool2d(values, indices, 2).stride())
    tell(F.avg_pool2d(flat, 2).view(-1).shape, F.avg_pool1d(flat[0], 2).view(-1).shape)

    column = torch.arange(6.0).view(1, 3, 2, 1).permute(0, 2, 1, 3)
    tell(F.batch_norm(column, torch.zeros(2), torch.ones(2)).is_contiguous(memory_format=torch.channels_last))

    # what is rearranged is a copy also where nothing moves
    x = torch.zeros(1, 4, 2, 2)
    for f in (F.pixel_shuffle, F.pixel_unshuffle, F.channel_shuffle):
        f(x, 1).add_(1)
        tell(x.sum())
    wide = torch.ones(2, 1, 3).expand(2, 4, 3)
    for t in (wide, wide.transpose(0, 1), torch.ones(3, 1).expand(3, 5)):
        torch.manual_seed(3)
        tell(F.dropout(t, 0.5))
