"""What ctc_loss asks of labels and lengths."""


def play(torch, tr, tell):
    loss, log_probs = torch.nn.functional.ctc_loss, torch.arange(30.0).sin().view(5, 2, 3).log_softmax(2)
    labels, both, two = torch.tensor([[1, 2], [1, 1]]), (5, 5), (2, 2)
    tr(lambda: loss(log_probs, labels, both, two))
    for targets in (
        torch.ones(3, 2),
        torch.ones(1, 2),
        torch.tensor(1),
        torch.ones(1, 2, 2),
        torch.ones(4),
        torch.ones(5),
    ):
        tr(lambda targets=targets: loss(log_probs, targets.long(), both, two))
    for lengths in ((5, 5.0), (5, "5"), (5, -1), (5, 6), (5,)):
        tr(lambda lengths=lengths: loss(log_probs, labels, lengths, two))
    for lengths in ((2, -2), (2,), (2, 2.0)):
        tr(lambda lengths=lengths: loss(log_probs, labels, both, lengths))
    for shape in ((2,), (1, 2), (1,)):
        tr(lambda shape=shape: loss(log_probs, labels, torch.full(shape, 5), torch.full(shape, 2)))
    tr(lambda: loss(log_probs[:, 0], labels[0], (5,), (2,)))
    tr(lambda: loss(log_probs[:, 0], labels[0], torch.tensor(5), torch.tensor(2)))
    tr(lambda: loss(log_probs[None], labels, both, two))
    tr(lambda: loss(log_probs[0, 0], labels, both, two))
