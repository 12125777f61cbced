"""Sampling at a grid that maps every pixel to itself: each place is at a kink, and rounding says which slope it has."""


def play(torch, tr, tell):
    F = torch.nn.functional

    def bits(x):
        whole = {2: torch.int16, 4: torch.int32, 8: torch.int64}[x.dtype.itemsize]
        return x.contiguous().view(whole).flatten().tolist()

    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        for start, end, steps in ((-1, 1, 28), (0.1, 0.7, 31), (-3, 7, 300)):
            tell(dtype, bits(torch.linspace(start, end, steps, dtype=dtype)))
    for dtype in (torch.float32, torch.float64):
        tell(bits(torch.linspace(-1, 0.3, 64, dtype=dtype)))
    for align_corners in (False, True):
        for size in (7, 12, 28):
            theta = torch.eye(2, 3)[None].requires_grad_()
            grid = F.affine_grid(theta, (1, 1, size, size), align_corners=align_corners)
            tell(size, bits(grid.detach()))
            picture = (torch.arange(size * size) * 37 % 101).reshape(1, 1, size, size).float()
            sampled = F.grid_sample(picture, grid, align_corners=align_corners)
            slopes = torch.autograd.grad((sampled * picture).sum(), (grid, theta))
            tell(slopes[0].round().int().tolist())
            tell((slopes[1] / 1000).round().int().tolist())
