"""Ways to give one argument: as a 0-dim tensor, before the operands as once, under numpy's name; and named results."""


def play(torch, tr, tell):
    e, o = torch.eye(2), torch.ones(2)
    batch = torch.ones(2, 2, 2)

    # numbers as 0-dim tensors
    two = torch.tensor(2)
    tr(lambda: torch.add(e, e, alpha=two))
    tr(lambda: e.clone().sub_(e, alpha=torch.tensor(0.5)))
    for zero_dim in (torch.tensor(3.0), torch.tensor(3)):
        tr(lambda x=zero_dim: (x.add(x, alpha=two), x.addcmul(x, x, value=two), torch.sub(x, 2, alpha=two)))
    tr(lambda: e.addcmul(e, e, value=torch.tensor(2.0, requires_grad=True)))
    tr(lambda: e.addcmul(e, e, value=torch.ones(2)))
    for call in (lambda d: e.sum(d), lambda d: e.topk(1, d), lambda d: e.select(d, 0), lambda d: e.transpose(d, 0)):
        tr(lambda call=call: refused(lambda: call(True)))
    tr(lambda: e.addcmul(e, e, value=two))
    tr(lambda: e.sum(torch.tensor(1)))
    tr(lambda: torch.nn.functional.leaky_relu(-e, torch.tensor(0.5)))
    tr(lambda: torch.nn.functional.softplus(e, two, threshold=torch.tensor(1.0)))
    x = torch.ones(2, requires_grad=True)
    tr(lambda: torch.autograd.grad(torch.sub(x, x, alpha=two).sum(), x))

    tr(lambda: torch.histc(torch.ones(3), torch.tensor(3), torch.tensor(0.0), torch.tensor(2.0)))

    # in-place operators once took their numbers first
    tr(lambda: e.clone().add_(2, e))
    tr(lambda: e.clone().add_(two, e))
    tr(lambda: e.clone().sub_(2, 3))
    tr(lambda: e.clone().addcmul_(2, e, e))
    tr(lambda: e.clone().addcdiv_(2, e, e + 1))
    tr(lambda: e.clone().addmm_(2, e, e + 1))
    tr(lambda: e.clone().addmm_(2, 3, e, e + 1))
    tr(lambda: o.clone().addmv_(2, 3, e, o))
    tr(lambda: e.clone().addr_(2, o, o))
    tr(lambda: batch.clone().baddbmm_(2, 3, batch, batch))
    for call in (lambda: e.clone().add_(2, e, 3), lambda: e.clone().mul_(2, e), lambda: e.clone().add_(e, 3)):
        tr(lambda call=call: refused(call))

    # a dim that numpy's name says again
    for call in (
        lambda: batch.sum(dim=0, axis=1),
        lambda: torch.softmax(batch, 0, axis=1),
        lambda: batch.cumsum(0, axis=1),
        lambda: batch.mean(0, keepdim=True, keepdims=True),
    ):
        tr(call)
    tr(lambda: refused(lambda: batch.sum(0, True, 1)))
    tr(lambda: batch.sum(axis=1, keepdims=True))

    # results written into tensors given have names, too
    v, i, j = torch.empty(0), torch.empty(0, dtype=torch.int64), torch.empty(0)
    tr(lambda: torch.max(batch[0], 0, out=(v, i)))
    tr(lambda: torch.sort(e, out=(v.resize_(0), i.resize_(0))).indices)
    tr(lambda: type(torch.linalg.qr(e, out=(v.resize_(0), j))))
    tr(lambda: type(torch.linalg.slogdet(e, out=(v.resize_(0), j.resize_(0)))))


def refused(call):
    """Only the class of the error: how many arguments there are is said otherwise by every parser."""
    try:
        return call()
    except Exception as error:
        return type(error).__name__
