"""vmap over many operators."""


def play(torch, tr, tell):
    vmap = torch.func.vmap
    x = torch.arange(24.0).reshape(2, 3, 4) / 7
    v = torch.arange(4.0) - 1
    W = torch.arange(20.0).reshape(4, 5) / 9
    fs = [
        lambda a: a * 2 + v,
        lambda a: a.sum(),
        lambda a: a.sum(0),
        lambda a: a.sum(-1, keepdim=True),
        lambda a: a @ W,
        lambda a: a @ v,
        lambda a: a.t() @ a,
        lambda a: a.reshape(-1),
        lambda a: a.view(2, 6),
        lambda a: a.transpose(0, 1),
        lambda a: a.permute(1, 0),
        lambda a: a.unsqueeze(1),
        lambda a: a.unsqueeze(-1),
        lambda a: a[0],
        lambda a: a[:, 1:3],
        lambda a: a[..., None],
        lambda a: a[torch.tensor([0, 2])],
        lambda a: a[:, torch.tensor([0, 2])],
        lambda a: torch.stack([a, a * a], 1),
        lambda a: torch.cat([a, a], -1),
        lambda a: torch.softmax(a, 0),
        lambda a: a.max(0)[0],
        lambda a: a.max(),
        lambda a: a.mean(),
        lambda a: a.mean((0, 1)),
        lambda a: a.exp().log().sin().tanh(),
        lambda a: torch.where(a > 1, a, -a),
        lambda a: a.clamp(0.5, 2),
        lambda a: a.cumsum(1),
        lambda a: a.prod(),
        lambda a: a.norm(),
        lambda a: a.var(0),
        lambda a: a.diagonal(),
        lambda a: a.flip(0),
        lambda a: a.expand(2, 3, 4),
        lambda a: a.squeeze(),
        lambda a: torch.outer(a[0], a[1]),
        lambda a: torch.dot(a[0], a[1]),
        lambda a: a.argmax(0),
        lambda a: torch.einsum("ij,kj->ik", a, a),
        lambda a: a.new_zeros(2) + a[0, :2],
        lambda a: torch.nn.functional.linear(a, W.t()),
        lambda a: torch.matmul(a, a.t()),
        lambda a: a.flatten(),
        lambda a: a.chunk(2, 1),
        lambda a: a.topk(2)[0],
        lambda a: a.sort(-1)[0],
        lambda a: a.clone().mul_(2),
        lambda a: a.to(torch.float64),
        lambda a: (a, a.sum()),
        lambda a: {"p": a},
        lambda a: a.sum().item(),
        lambda a: a if a.sum() > 0 else -a,
        lambda a: 3,
        lambda a: a.shape[0] * a,
        lambda a: a.dim() * a,
        lambda a: a.unbind(),
        lambda a: sum(b for b in a),
        lambda a: torch.zeros(3) + a[:, 0],
        lambda a: a / a.sum(),
        lambda a: 2 / (a + 1),
        lambda a: a**2,
        lambda a: a.std(),
        lambda a: a.detach(),
        lambda a: a.logsumexp(0),
        lambda a: a.roll(1, 0),
        lambda a: torch.zeros(3, 4).add_(a),
        lambda a: v.mul_(a[0]),
        lambda a: a.type_as(v),
        lambda a: a.T,
        lambda a: torch.tril(a),
        lambda a: a.masked_fill(a > 1, 0.0),
        lambda a: a.gather(1, torch.tensor([[0], [1], [2]])),
        lambda a: a.size(),
        lambda a: a.numel() * a,
    ]
    for i, f in enumerate(fs):
        tell("#", i)
        tr(lambda: vmap(f)(x))
    tr(lambda: vmap(lambda a, b: a * b, in_dims=(0, None))(x, v))
    tr(lambda: vmap(lambda a, b: a * b, in_dims=(2, 0))(x, v))
    tr(lambda: vmap(lambda a, b: a * b, in_dims=(2, 0), out_dims=1)(x, v))
    tr(lambda: vmap(vmap(torch.dot))(x, x))
    tr(lambda: vmap(vmap(lambda a, b: a * b, (0, None)), (0, 0))(x, x))
    tr(lambda: vmap(lambda a: a)(torch.tensor(1.0)))
    tr(lambda: vmap(lambda a: a)())
    tr(lambda: vmap(lambda a: a, in_dims=(0, 1))(x))
    tr(lambda: vmap(lambda a: a.requires_grad_())(x))
    tr(lambda: vmap(lambda a, b: a)(x, v))
    tr(lambda: vmap(lambda a, b: a)(x, 3))
    tr(lambda: vmap(lambda a, b: a, in_dims=(0, None))(x, 3))
    tr(lambda: vmap(lambda a: a, in_dims=None)(x))
    tr(lambda: vmap(lambda a: a, in_dims=7)(x))
    tr(lambda: vmap(lambda a: a.sum(), chunk_size=1)(x))
    tr(lambda: vmap(lambda a: a, randomness="q")(x))
    tr(lambda: vmap(lambda a: (a, a), out_dims=(0, 1))(x))
    tr(lambda: vmap(lambda a: (a, a), out_dims=(0, 1, 2))(x))
    tr(lambda: vmap(lambda d: d["a"], in_dims=({"a": 1},))({"a": x}))
    tr(lambda: vmap(lambda a: v)(x))
    tr(lambda: vmap(lambda a: a, out_dims=None)(x))
    for rnd in ["error", "same", "different"]:
        tr(
            lambda: (
                vmap(lambda a: (a.sum() * 0 + torch.rand(2)).shape, randomness=rnd)(x)
                if False
                else vmap(lambda a: a.sum() * 0 + torch.rand(2) * 0, randomness=rnd)(x)
            )
        )

    tr(lambda: vmap(lambda i, x: x[i])(torch.tensor([0, 1]), torch.eye(2)))
    tr(lambda: vmap(lambda i, x: x[i])(torch.tensor([[0, 1], [1, 1]]), torch.arange(12.0).reshape(2, 3, 2)))
    tr(lambda: vmap(lambda x: x[x > 0])(torch.ones(2, 3)))
    tr(
        lambda: vmap(lambda x: torch.nn.functional.batch_norm(x, None, None, training=True))(
            torch.eye(4).reshape(2, 2, 4)
        )
    )

    def kernel(w, x, y):
        """A tangent kernel: forward mode along what reverse mode gives, for each sample."""
        apply = lambda w, x: (x @ w.t()).tanh()  # noqa: E731
        out, pull = torch.func.vjp(lambda w: apply(w, x), w)
        return vmap(lambda v: torch.func.jvp(lambda w: apply(w, y), (w,), pull(v))[1])(torch.eye(out.numel()))

    w, x = torch.tensor([[1.0, -0.5], [0.3, 0.2], [0.0, 1.0]]), torch.tensor([[1.0, 2.0], [0.5, -1.0]])
    tr(lambda: vmap(vmap(kernel, (None, None, 0)), (None, 0, None))(w, x, x))

    F = torch.nn.functional
    two = (
        "mse_loss l1_loss smooth_l1_loss huber_loss poisson_nll_loss cosine_similarity "
        "pairwise_distance binary_cross_entropy_with_logits hinge_embedding_loss"
    )
    one = "relu gelu softplus silu selu celu elu hardtanh hardswish logsigmoid softsign mish glu leaky_relu normalize dropout"
    samples = [(torch.arange(24.0).reshape(3, 2, 4) * k).sin().abs() * 0.8 + 0.1 for k in (0.37, 0.61)]
    for name in two.split():
        tr(lambda name=name: (name, vmap(getattr(F, name))(*samples)))
    for name in one.split():
        tr(lambda name=name: (name, vmap(getattr(F, name))(samples[0])))

    # what has no rule is computed sample by sample
    squares = torch.tensor([[[2.0, 1.0], [0.5, 3.0]], [[1.0, 0.0], [-1.0, 4.0]]])
    for f in (
        torch.linalg.pinv,
        torch.linalg.matrix_rank,
        torch.linalg.inv_ex,
        torch.logdet,
        lambda a: torch.linalg.lstsq(a, a)[0],
        lambda a: torch.linalg.matrix_power(a, 3),
        lambda a: torch.masked.mean(a, mask=a > 0.7),
        lambda a: torch.bucketize(a, torch.arange(3.0)),
        lambda a: a.narrow(0, 0, 0) @ torch.ones(2, 3),
        lambda a: torch.func.grad(lambda b: torch.linalg.pinv(b).square().sum())(a),
        lambda a: torch.equal(a, a),
        lambda a: torch.allclose(a, a),
        lambda a: float(a.sum()),
        lambda a: a.tolist(),
        lambda a: a.nonzero(),
    ):
        tr(lambda f=f: vmap(f)(squares))
        tr(lambda f=f: vmap(vmap(f))(squares.unsqueeze(0)))
    for shape in ((2, 2), (2,)):
        mean, variance = torch.zeros(shape), torch.ones(shape)
        dim = 0 if len(shape) == 2 else None
        tr(
            lambda m=mean, v=variance, d=dim: vmap(F.batch_norm, (0, d, d, None, None, None))(
                squares, m, v, None, None, True
            )
        )
        tell(mean, variance)

    outside = torch.ones(2, requires_grad=True)
    tr(lambda: torch.func.vmap(lambda t: torch.autograd.grad((t * outside).sum(), outside)[0])(torch.ones(3, 2)))
    tr(lambda: torch.func.vmap(lambda t: torch.autograd.grad((outside * 2), outside, t)[0])(torch.ones(3, 2)))
