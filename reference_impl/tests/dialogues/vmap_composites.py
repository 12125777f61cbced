"""vmap over operators without a rule for batches: values, gradients, two levels; and over those that cannot be batched."""

import warnings


def play(torch, tr, tell):
    fn, F, linalg = torch.func, torch.nn.functional, torch.linalg
    V = fn.vmap
    A = torch.tensor([[[2.0, 0.5, 1.0], [0.25, 3.0, 0.75]], [[4.0, 1.5, 0.5], [1.0, 5.0, 2.0]]])

    def quiet(f):
        def run():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # torch says what it could do quicker
                return f()

        tr(run)

    eye, edges = torch.eye(2), torch.tensor([1.0, 2.5])
    smooth = (
        lambda a: a.quantile(0.5),
        lambda a: torch.quantile(a, torch.tensor([0.25, 0.5]), dim=1),
        lambda a: torch.nanmedian(a),
        lambda a: torch.logdet(a @ a.t() + eye),
        lambda a: linalg.pinv(a),
        lambda a: linalg.lstsq(a.t(), a.sum(0).unsqueeze(1))[0].round(decimals=3),
        lambda a: torch.trapezoid(a, dx=0.5),
        lambda a: torch.cdist(a, a + 1),
    )
    counting = (
        lambda a: F.one_hot(a.argmax(1), 3),
        lambda a: torch.bucketize(a, edges),
        lambda a: torch.searchsorted(a[0].sort()[0], a[1]),
        lambda a: torch.histc(a, 3),
        lambda a: torch.isin(a, edges),
        lambda a: torch.count_nonzero(a > 1, 1),
    )
    for f in (*smooth, *counting):
        quiet(lambda: V(f)(A))
        quiet(lambda: V(f, in_dims=1)(A.transpose(0, 1)))
        quiet(lambda: V(V(f))(torch.stack([A, A + 1])))
    for f in smooth:
        quiet(lambda: V(fn.grad(lambda a: (f(a) ** 2).sum()))(A))
        quiet(lambda: fn.jacrev(f)(A[0]).shape)
    quiet(lambda: V(lambda a, b: torch.searchsorted(b, a), in_dims=(0, None))(A, edges))
    quiet(lambda: V(lambda a, b: torch.bucketize(a, b), in_dims=(None, 0))(A[0], torch.stack([edges, edges + 1])))
    for f in (torch.nonzero, torch.unique, lambda a: a[a > 1]):
        quiet(lambda: V(f)(A))
    quiet(lambda: V(lambda a: a.numpy())(A))
    for dim in (0, -1):  # samples without dimensions
        tr(lambda d=dim: torch.vmap(lambda x: torch.cat([x, x], d))(torch.ones(3)))
        tr(lambda d=dim: torch.vmap(lambda x: torch.stack([x, x], d))(torch.ones(3)))
    # 0-dim samples widen each other, whichever is batched
    halves, one = torch.ones(3, dtype=torch.float16), torch.tensor(0.5, dtype=torch.float64)
    for f in (torch.add, torch.rsub, torch.xlogy, torch.atan2, torch.maximum):
        tr(lambda f=f: torch.vmap(f, in_dims=(0, None))(halves, one))
        tr(lambda f=f: torch.vmap(f, in_dims=(None, 0))(one, halves))
        tr(lambda f=f: torch.vmap(f, in_dims=(0, None))(halves.int(), torch.tensor(2)).dtype)
    tr(lambda: torch.vmap(torch.detach)(halves))
