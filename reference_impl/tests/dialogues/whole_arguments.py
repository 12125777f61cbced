"""Where an integer is asked for a float will not do, nor anything but True and False for a flag, nor numbers for tensors."""

CALLS = """
diff(a, 1.5)  kthvalue(a, 1.5)  rot90(m, 1.5)  linalg.matrix_power(m, 1.5)  topk(a, 1.0)  chunk(a, 1.5)
cov(m, correction=1.5)  histc(a, 2.0)  combinations(a, 2.0)  flatten(m, 0.0, 1)  diag(a, 1.0)  diagflat(a, 1.0)  vander(a, 2.0)
linalg.vander(a, N=2.0)  linalg.tensorinv(m, 1.0)  polygamma(1.0, a)  select_scatter(m, a, 0, 1.0)  diagonal_scatter(m, a, 0.0)
slice_scatter(m, m, 0, None, None, 1.0)  as_strided(a, (2,), (1,), 0.0)  narrow_copy(a, 0, 1.0, 1)
tril_indices(1, 1.5)  triu_indices(1.5, 0)  triu_indices(3, 3, 1.0)  triu_indices(3, 3, dtype=complex64)  eye(2.0)
nn.functional.pad(m, [1.5, 2])  nn.functional.pad(m, [2, 1.5])  nn.functional.pad(m, [2, 1], value=a)
nn.functional.one_hot(i, 2.0)  nn.functional.group_norm(m[None], 3.0)  nn.functional.embedding(i, m, 1.0)
round(a, decimals=1.5)  randint(0, 1.5, (2,))  randint_like(a, 1.5)  repeat_interleave(a, 1.5)  hsplit(m, [1.5, 2])
eye(2, requires_grad=3)  ones(2, requires_grad=3)  zeros(2, requires_grad=None)  randn(2, requires_grad="yes")  fft.fft(a, 2.0)
nn.functional.interpolate(b, [1.5])  nn.functional.interpolate(b, 2, mode="linear", align_corners="yes")
nn.functional.grid_sample(b[None], m[None, None, :, :2], align_corners="yes")  sort(a, stable=3)
a.new_full((2,), 1, unknown=3)  a.new_tensor(1, unknown=3)  as_strided(a, (two,), (1,))  topk(a, two)  chunk(a, two)
nn.functional.pad(m, [two, 1]).shape  rot90(m, two)
linspace(0, 1, 3, dtype=bool)  logspace(0, 1, 3, dtype=bool)  diff(a, 1, 5)  diff(a, 1, -1)  diff(m, 1, 0)
isin(None, a)  meshgrid([a, 3], indexing="ij")  dist(m, a[:2])  isin(a, [1, 2])  isin(1, 1)  isin(a, 1)  clamp(2.5, a, a)  clamp(a, 2.5, a)  clamp(a, a, 2.5)  clamp(a, a, a)
lerp(2.5, a, 0.4)  lerp(a, 2.5, 0.4)  lerp(a, a, 0.4)  mvlgamma(a)  mvlgamma(a + 3, 2)  count_nonzero(2.5)  where(None, a, a)
where(a > 0, None, a)  nn.functional.hinge_embedding_loss(a, 2.5)  nn.functional.pairwise_distance(2.5, a)
nn.functional.poisson_nll_loss(a, 2.5)  nn.functional.instance_norm(b, None, a[:1])  nn.functional.max_unpool1d(a[:2], i, 3)
nn.functional.binary_cross_entropy_with_logits(i, i.float())  nn.functional.max_unpool1d(b, 0 * b.long(), 3, output_size=[2])
scatter(m, 0, i[None], None)  scatter(m, 0, i[None])  randperm(2.5)  bernoulli(a, 2.0)  poisson(-a)  broadcast_shapes((2, -1), (2, 3))
flip(a[0], [0, 1])  flip(a[0], [0])  flip(m, [0, 0])  flip(m, [-1, 0])  nn.functional.avg_pool3d(b[None], (1, 1, 5))
nn.functional.avg_pool3d(b[None], (1, 1, 5), padding=(0, 0, 1), ceil_mode=True)  nn.functional.max_pool2d(b, 1, dilation=0)
nn.functional.max_pool3d(b[None], 1, dilation=-1)  nn.functional.max_pool2d(b, 1, -2)  nn.functional.adaptive_avg_pool1d(b, [None])
nn.functional.adaptive_avg_pool2d(b, None)  nn.functional.adaptive_avg_pool2d(b, (None, 1))
nn.functional.fractional_max_pool2d(b, 1, output_size=[-9, 3])
nn.functional.max_unpool1d(b, 0 * b.long(), 3, output_size=[90])  nn.functional.max_unpool2d(m, 0 * m.long(), 2)
m.index_put((i[0],), a[None])  m.clone().index_put_((i,), a[None, None])  m.index_put((a > 0,), a[None, None])
m.index_put((2.5,), a)  trapz(m, None)  trapezoid(m, None, dim=1)  cumulative_trapezoid(m, None)  trapezoid(m, a)  trapezoid(m, dx=2.0)
roll(zeros(0, 0), 0, "text")  rot90(m, 1, "text")  linalg.vecdot(a[:0], a[:0], dim=1.5)  linalg.vecdot(a, a, dim=3)
hstack(None)  vstack(None)  column_stack(3)  repeat_interleave(m, None)  repeat_interleave(a[0], 2, dim=1)  renorm(m, a, 1, 0.5)
m.resize_as_(None)  m.to_sparse(7)  einsum(3, [a])  mvlgamma(m, 1.5)  mvlgamma(m, a)  unsafe_split(m, a)  unsafe_split(m, None)
nn.functional.pixel_shuffle(ones(1, 4, 2, 2), a)  nn.functional.huber_loss(a, a, delta=a)  nn.functional.rms_norm(a, (1, 3))
randn_like(None)  rand_like(2.5)  randint_like(None, 10)  full_like("text", 1)  empty_strided("text", [])  empty_strided([a], [4])
empty_strided(2, [1])  empty_strided([2, 2.5], [1, 2])  empty_strided([5], [-9])  empty_permuted("text", [])  empty_permuted([0], [1.5])
nn.functional.conv_transpose1d(b, b, padding="text")  nn.functional.conv_transpose1d(b, b, padding=a)  unfold_copy(two, 0, 1, 1.5)
nn.functional.conv_transpose1d(b, b, output_padding="text")  nn.functional.conv_transpose1d(b, b, output_padding=[a])
nn.functional.adaptive_avg_pool2d(b, "text")  nn.functional.adaptive_avg_pool2d(b, [a, 1])  nn.functional.adaptive_avg_pool1d(b, "text")
nn.functional.adaptive_max_pool2d(b, [1.5, 2])  nn.functional.adaptive_max_pool2d(b, 2.5)  nn.functional.adaptive_max_pool2d(b, two)
nn.functional.max_unpool1d(b, 0 * b.long(), 1.5, 2, output_size=[5])  nn.functional.max_unpool1d(b, 0 * b.long(), 1.5)
nn.functional.conv1d(b, b, padding=two // 2)  nn.functional.conv1d(b, b, padding=i)
nn.functional.max_unpool2d(b, 0 * b.long(), (3, 2), (1,))  nn.functional.max_unpool3d(b, 0 * b.long(), 2)
"""


class Names(dict):
    """Those of the calls above, and torch's."""

    def __init__(self, torch):
        super().__init__(
            a=torch.ones(3), b=torch.ones(1, 1, 3), m=torch.eye(3), i=torch.tensor([1]), two=torch.tensor(2)
        )
        self.torch = torch

    def __missing__(self, name):
        return getattr(self.torch, name)


def play(torch, tr, tell):
    for call in filter(None, CALLS.replace("\n", "  ").split("  ")):
        tr(lambda call=call: (call, told(lambda: eval(call, {}, Names(torch)))))


def told(call):
    """What comes of it; of errors about types the class, for torch words them by its parser of overloads."""
    try:
        return call()
    except TypeError:
        return TypeError
