"""torch.nn.utils: spectral_norm by a hook, layers without initialization, fused with what normalizes, in other formats."""


def play(torch, tr, tell):
    nn, utils = torch.nn, torch.nn.utils
    torch.manual_seed(1)

    def linear():
        m = nn.Linear(3, 2)
        with torch.no_grad():
            m.weight.copy_(torch.arange(1.0, 7).reshape(2, 3))
            m.bias.zero_()
        return m

    x = torch.ones(1, 3)
    m = linear()
    tr(lambda: (utils.spectral_norm(m) is m, m.state_dict(), m.weight, type(m.weight).__name__))
    tr(lambda: (m(x), m.weight))
    tr(lambda: ((m(x) + m(2 * x)).sum().backward(), m.weight_orig.grad))
    tr(lambda: (m.eval()(x), m.weight_u, m.weight_v))
    tr(lambda: utils.spectral_norm(m))
    other = utils.spectral_norm(linear())
    tr(lambda: (other.load_state_dict(m.state_dict()), other.eval()(x)))
    tr(lambda: (utils.remove_spectral_norm(m).weight, [n for n, _ in m.named_parameters()], list(m.state_dict())))
    tr(lambda: utils.remove_spectral_norm(m))
    tr(lambda: utils.spectral_norm(linear(), n_power_iterations=0))
    tr(lambda: utils.spectral_norm(linear(), "absent"))
    tr(lambda: utils.spectral_norm(nn.ConvTranspose1d(2, 3, 2)).weight_u.shape)
    tr(lambda: utils.spectral_norm(nn.Conv1d(2, 3, 2), dim=1).weight_v.shape)
    for norm in (utils.weight_norm, utils.spectral_norm):
        tr(lambda norm=norm: norm(nn.LazyLinear(2)))

    state = torch.get_rng_state()
    tr(lambda: utils.skip_init(nn.Linear, 3, 2, dtype=torch.float64))
    tr(lambda: utils.skip_init(nn.Linear, 3, 2, device="cpu").weight.shape)
    tr(lambda: (torch.get_rng_state() == state).all())
    tr(lambda: utils.skip_init(nn.Sequential))
    tr(lambda: utils.skip_init(int))

    def normalizing(kind, n, **options):
        bn = kind(n, **options)
        for t, fill in zip((*bn.buffers(), *bn.parameters()), "nu0nn", strict=False):
            if fill != "0":
                nn.init.uniform_(t, 0.5, 2) if fill == "u" else nn.init.normal_(t)
        return bn.eval()

    def same(fused, *layers, shape):
        given = torch.randn(shape)
        expected = layers[1](layers[0](given))
        return fused, torch.allclose(fused(given), expected, atol=1e-4), fused.bias.requires_grad, fused is layers[0]

    conv, bn = nn.Conv2d(2, 3, 2), normalizing(nn.BatchNorm2d, 3)
    tr(lambda: utils.fuse_conv_bn_eval(conv, bn))
    conv.eval()
    tr(lambda: same(utils.fuse_conv_bn_eval(conv, bn), conv, bn, shape=(1, 2, 4, 4)))
    transposed = nn.ConvTranspose2d(2, 3, 2, bias=False).eval()
    tr(lambda: same(utils.fuse_conv_bn_eval(transposed, bn, True), transposed, bn, shape=(1, 2, 4, 4)))
    plain = normalizing(nn.BatchNorm2d, 3, affine=False)
    tr(lambda: same(utils.fuse_conv_bn_eval(conv, plain), conv, plain, shape=(1, 2, 4, 4)))
    tr(lambda: utils.fuse_conv_bn_eval(conv, nn.BatchNorm2d(3, track_running_stats=False).eval()))
    dense, bn = nn.Linear(4, 3).eval(), normalizing(nn.BatchNorm1d, 3)
    tr(lambda: same(utils.fuse_linear_bn_eval(dense, bn), dense, bn, shape=(5, 4)))
    tr(lambda: utils.fuse_linear_bn_eval(dense, nn.BatchNorm1d(2).eval()))
    tr(lambda: utils.fuse_linear_bn_eval(nn.Linear(4, 3), bn))
    facts = bn.running_mean, bn.running_var, 1e-5, bn.weight, bn.bias
    tr(lambda: [(p.shape, p.requires_grad) for p in utils.fuse_linear_bn_weights(dense.weight, None, *facts)])

    m = nn.Sequential(nn.Conv2d(2, 3, 2), nn.Linear(2, 2))
    tr(lambda: utils.convert_conv2d_weight_memory_format(m, torch.channels_last) is m)
    tr(lambda: (m[0].weight.stride(), m[1].weight.stride()))
    m = nn.ConvTranspose3d(2, 3, 2)
    tr(lambda: utils.convert_conv3d_weight_memory_format(m, torch.channels_last_3d).weight.stride())
    tr(lambda: utils.stateless.functional_call(dense, {"weight": torch.zeros(3, 4)}, (torch.ones(1, 4),)).shape)
