"""Regions of autocast: their settings, what is cast, casts of weights, custom Functions, checkpoints."""

import importlib


def play(torch, tr, tell):
    settings(torch, tr)
    casts(torch, tr, tell)
    gradients(torch, tr, tell)
    functions(torch, tr, tell)


def settings(torch, tr):
    def facts(region):
        return region.device, region.fast_dtype, region._enabled, region._cache_enabled

    for device in ("cpu", "cuda", "mps", "xpu", "hpu", "cpu:0", "cpu1", "meta", "nowhere", "no device", None, 3):
        tr(lambda: facts(torch.autocast(device)))
        tr(lambda: torch.is_autocast_enabled(device))
        tr(lambda: torch.get_autocast_dtype(device))
        tr(lambda: torch.amp.is_autocast_available(device))
    for dtype in (torch.bfloat16, torch.float16, torch.float32, torch.float64):
        tr(lambda: facts(torch.autocast("cpu", dtype=dtype)))
    tr(lambda: facts(torch.autocast("cpu", enabled=False, cache_enabled=False)))
    tr(lambda: facts(torch.autocast("cuda", enabled=False)))
    tr(lambda: torch.autocast(torch.device("cpu")))

    def now():
        return torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu"), torch.is_autocast_cache_enabled()

    def nested():
        seen = [now()]
        with torch.autocast("cpu", dtype=torch.float16, cache_enabled=False) as region:
            seen += [isinstance(region, torch.autocast), now()]
            with torch.autocast("cpu", enabled=False):
                seen.append(now())
            with torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=True):
                seen.append(now())
            seen.append(now())
        with region:
            seen.append(now())
        return [*seen, now()]

    tr(nested)

    @torch.autocast("cpu")
    def decorated(n):
        """Some words."""
        return n, now()

    tr(lambda: (decorated(2), decorated(3), decorated.__name__, decorated.__doc__, now()))

    def set_at_once():
        torch.set_autocast_enabled("cpu", True)
        torch.set_autocast_dtype("cpu", torch.float16)
        seen = now(), (torch.ones(1, 1) @ torch.ones(1, 1)).dtype
        torch.set_autocast_dtype("cpu", torch.bfloat16)
        torch.set_autocast_enabled("cpu", False)
        return seen, now()

    tr(set_at_once)
    tr(lambda: (torch.autocast_increment_nesting(), torch.autocast_decrement_nesting()))
    for name in (
        "is_autocast_cpu_enabled",
        "get_autocast_cpu_dtype",
        "get_autocast_gpu_dtype",
        "is_autocast_xla_enabled",
    ):
        tr(lambda: getattr(torch, name)())
    tr(lambda: torch.set_autocast_cpu_enabled(False))
    tr(lambda: torch.set_autocast_cpu_dtype(torch.bfloat16))


def casts(torch, tr, tell):
    F = torch.nn.functional
    x = torch.tensor([[1.001, 2.0], [3.0, 4.003]])
    for lower in (torch.bfloat16, torch.float16):
        other = torch.float16 if lower is torch.bfloat16 else torch.bfloat16
        with torch.autocast("cpu", dtype=lower):
            for a in (x, x.to(lower), x.to(other), x.double(), x.long()):
                tr(lambda: (a @ x, torch.mm(a, a)))
                tr(lambda: F.linear(a, x, x[0]))
                tr(lambda: torch.einsum("ij,kj->ik", a, x))
                tr(lambda: (a * x, torch.mv(a, a[0]), torch.abs(a)))
                tr(lambda: torch.prod(a))
                tr(lambda: F.mse_loss(a, x))
                tr(lambda: F.cross_entropy(a, torch.tensor([0, 1])))
                tr(lambda: torch.cat([a, x]))
                tr(lambda: torch.stack([a, x.to(lower)]))
                tr(lambda: torch.linalg.inv(a))
                tr(lambda: F.pad(a, (1, 0), mode="reflect"))
                tr(lambda: F.conv1d(a[None], a[None]))
            tr(lambda: torch.mm(x, x, out=torch.empty(2, 2)))
            tr(lambda: torch.ones(2, 2).addmm_(x, x))
            tr(lambda: torch.ones(2, 2).addmm_(x.to(lower), x.to(lower)))
            tr(lambda: torch.vmap(torch.mm)(x[None], x[None]))
            tr(lambda: torch.func.grad(lambda t: (t @ t).sum())(x))
            tr(lambda: torch.func.jvp(lambda t: t @ t, (x,), (x,)))
            layer = torch.nn.Linear(2, 3)
            tr(lambda: (layer(x).dtype, layer(x).grad_fn.name()))
            norm = torch.nn.LayerNorm(2)
            tr(lambda: (norm(x).dtype, norm(torch.mm(x, x)).dtype))


def gradients(torch, tr, tell):
    x = torch.ones(2, 2)
    w = torch.full((2, 2), 1.001, requires_grad=True)

    def cast_of(y):
        return y.grad_fn.next_functions[1][0]

    with torch.autocast("cpu"):
        y, z = x.mm(w), x.mm(w)
        tell(cast_of(y).name(), cast_of(y) is cast_of(z), cast_of(y).next_functions[0][0].variable is w)
        with torch.no_grad():
            x.mm(w)
        tell(cast_of(x.mm(w)) is cast_of(y))
        with torch.autocast("cpu"):
            pass
        tell(cast_of(x.mm(w)) is cast_of(y))
        with torch.autocast("cpu", cache_enabled=False):
            tell(cast_of(x.mm(w)) is cast_of(y))
        torch.clear_autocast_cache()
        tell(cast_of(x.mm(w)) is cast_of(y))
        with torch.no_grad():
            w.mul_(2)
        tell(x.mm(w))
    with torch.no_grad(), torch.autocast("cpu"):
        x.mm(w)
        with torch.enable_grad():
            tell(x.mm(w).requires_grad)
    y.register_hook(lambda g: tell("hook", g.dtype))
    y.float().sum().backward()
    tell(w.grad, w.grad.dtype)
    with torch.autocast("cpu"):
        loss = torch.nn.functional.mse_loss(x.mm(w), x)
    tr(lambda: torch.autograd.grad(loss, w, create_graph=True)[0])
    tell(loss.dtype, loss.grad_fn.name(), loss.grad_fn.next_functions[0][0].name())


def functions(torch, tr, tell):
    amp = torch.amp

    def now():
        return torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu")

    def triple(**options):
        class Triple(torch.autograd.Function):
            @staticmethod
            @amp.custom_fwd(device_type="cpu", **options)
            def forward(ctx, x, others):
                tell("forward", now(), x.dtype, others)
                ctx.save_for_backward(x)
                return x * 3

            @staticmethod
            @amp.custom_bwd(device_type="cpu")
            def backward(ctx, g):
                tell("backward", now(), g.dtype)
                return g * 3, None

        return Triple

    for options in ({}, {"cast_inputs": torch.float32}, {"cast_inputs": torch.float16}):
        for dtype in (torch.bfloat16, torch.float32, torch.float64):
            x = torch.tensor([1.5, 2.0], dtype=dtype, requires_grad=True)
            others = [torch.ones(1).half(), {"a": torch.ones(1).double(), "b": torch.ones(1)}, "c", 1]
            with torch.autocast("cpu", dtype=torch.float16):
                y = triple(**options).apply(x, others)
            z = triple(**options).apply(x, others)
            y.sum().backward()
            tell(y.dtype, z.dtype, x.grad)
    tr(lambda: amp.custom_fwd(device_type=3))
    tr(lambda: amp.custom_bwd(device_type=None))
    tr(lambda: amp.custom_fwd(lambda ctx: None))

    # indices of a maximum are found as the operand is; the product that makes a pseudo-inverse is one of matrices
    F = torch.nn.functional
    cube = torch.ones(1, 1, 2, 2, 2, dtype=torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        tell(F.max_pool3d(cube, 2).dtype, F.max_pool3d(cube, 2, return_indices=True)[0].dtype)
        tell(torch.linalg.pinv(torch.eye(2)), torch.linalg.pinv(torch.eye(2).double()).dtype)
        tell(torch.pinverse(torch.eye(2)).dtype)

    checkpoint = importlib.import_module(torch.__name__ + ".utils.checkpoint").checkpoint

    def f(x):
        tell("computed", now(), torch.is_autocast_cache_enabled())
        return x.mm(x)

    for reentrant in (True, False):
        x = torch.full((2, 2), 1.001, requires_grad=True)
        with torch.autocast("cpu", dtype=torch.float16, cache_enabled=False):
            y = checkpoint(f, x, use_reentrant=reentrant)
        y.sum().backward()
        tell(y, x.grad)

    class Listing(list):
        pass

    class Taking(torch.autograd.Function):
        @staticmethod
        @torch.amp.custom_fwd(device_type="cpu", cast_inputs=torch.float32)
        def forward(ctx, x, held):
            tell(type(held).__name__, held)
            return x * 2

        @staticmethod
        @torch.amp.custom_bwd(device_type="cpu")
        def backward(ctx, g):
            return g * 2, None

    x = torch.ones(2, dtype=torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        for held in ([x], (x, 1), Listing([x]), {"a": [x]}, [[x], {"b": x}], "s", None):
            tell(Taking.apply(x, held))
