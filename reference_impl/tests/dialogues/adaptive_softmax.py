"""AdaptiveLogSoftmaxWithLoss: its layers, losses, gradients, probabilities and predictions, and what it refuses."""


def play(torch, tr, tell):
    kind = torch.nn.AdaptiveLogSoftmaxWithLoss
    torch.manual_seed(0)
    for cutoffs in ([], [5, 15, 15], [15, 10, 5], [5, 10, 25], [5, 10, 20], [0, 5], [5.5], [-1, 4]):
        tr(lambda cutoffs=cutoffs: kind(16, 20, cutoffs))
    tr(lambda: kind(16, 20, [5, 10, 15], div_value=2.0))
    x, y = torch.randn(5, 8, requires_grad=True), torch.tensor([0, 3, 5, 8, 9])
    for bias in (False, True):
        m = kind(8, 10, [4, 8], div_value=2.0, head_bias=bias)
        tr(lambda m=m: [(n, p.shape) for n, p in m.named_parameters()])
        tr(lambda m=m: m(x, y))
        tr(lambda m=m: (m(x, y).loss.backward(), x.grad, [p.grad for p in m.parameters()]))
        tr(lambda m=m: (m.log_prob(x), m.log_prob(x).exp().sum(1)))
        tr(lambda m=m: (m.predict(x), m.predict(4 * x), m.predict(x[:0])))
        tr(lambda m=m: m(x[0], y[0]))
        tr(lambda m=m: [m(x, torch.tensor(t)) for t in ([0, 1, 2, 3, 0], [9, 9, 8, 8, 9], [4, 4, 5, 6, 7])])
        for target in (torch.tensor([0, 3, 5, 8, 10]), torch.tensor([0, 3, 5, 8, -1]), y[:2], y[None], y[0]):
            tr(lambda m=m, target=target: m(x, target))
        tr(lambda m=m: m(x[0], y[:1]))
        tr(lambda m=m: (m.reset_parameters(), m.head.weight))
