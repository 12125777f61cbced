"""Recurrent layers, and sequences of several lengths."""


def play(torch, tr, tell):
    nn = torch.nn
    rnn = nn.utils.rnn

    def fill(m):
        with torch.no_grad():
            for i, p in enumerate(m.parameters()):
                p.copy_((torch.arange(p.numel(), dtype=p.dtype).reshape(p.shape) % 5 - i % 3) / 7)
        return m

    sequences = [torch.arange(float(n * 2)).reshape(n, 2) / 5 - 1 for n in (2, 4, 1)]
    for options in (
        {},
        {"batch_first": True},
        {"padding_value": -1.0},
        {"padding_side": "left"},
        {"padding_side": "up"},
    ):
        tr(lambda options=options: rnn.pad_sequence(sequences, **options))
    tr(lambda: rnn.pad_sequence(3))
    tr(lambda: rnn.pack_sequence(sequences))
    packed = rnn.pack_sequence(sequences, enforce_sorted=False)
    for field in ("data", "batch_sizes", "sorted_indices", "unsorted_indices"):
        tr(lambda field=field: getattr(packed, field))
    tr(lambda: rnn.pad_packed_sequence(packed))
    tr(lambda: rnn.pad_packed_sequence(packed, batch_first=True, padding_value=9.0, total_length=5))
    tr(lambda: rnn.pad_packed_sequence(packed, total_length=2))
    tr(lambda: rnn.unpack_sequence(packed))
    tr(
        lambda: rnn.unpad_sequence(
            rnn.pad_sequence(sequences, batch_first=True), torch.tensor([2, 4, 1]), batch_first=True
        )
    )
    tr(lambda: (packed.double().data.dtype, packed.to(torch.float32) is packed, packed.is_cuda))
    padded = torch.ones(3, 2, 1)
    for lengths in ([3, 2], [2, 3], [3, 0], [3], torch.tensor([3, 1])):
        tr(lambda lengths=lengths: rnn.pack_padded_sequence(padded, lengths))
    tr(lambda: rnn.pack_padded_sequence(torch.ones(0, 2), [1]))
    tr(lambda: rnn.PackedSequence(torch.ones(3, 1), torch.tensor([2, 1]), torch.tensor([1, 0])))

    leaves = [s.clone().requires_grad_() for s in sequences]

    def through(make, **options):
        layer = fill(make(2, 3, **options))
        out, state = layer(rnn.pack_sequence(leaves, enforce_sorted=False))
        for leaf in leaves:
            leaf.grad = None
        states = state if isinstance(state, tuple) else (state,)
        (out.data.sin().sum() + sum((s * s).sum() for s in states)).backward()
        return layer, rnn.pad_packed_sequence(out), state, [leaf.grad for leaf in leaves], layer.weight_hh_l0.grad

    for make in (nn.RNN, nn.LSTM, nn.GRU):
        for options in ({}, {"bidirectional": True, "num_layers": 2}, {"bias": False, "num_layers": 2}):
            tr(lambda make=make, options=options: through(make, **options))
    tr(lambda: through(nn.LSTM, proj_size=2))
    tr(lambda: through(nn.LSTM, proj_size=1, num_layers=2, bidirectional=True))

    x = torch.arange(12.0).reshape(3, 2, 2) / 6
    projected = fill(nn.LSTM(2, 3, proj_size=2))
    projected(x)  # torch advises once which of its libraries it cannot use
    tr(lambda: projected(x))
    tr(lambda: [n for n, _ in projected.named_parameters()])
    tr(lambda: [[w.shape for w in ws] for ws in projected.all_weights])
    tr(lambda: projected(x, (torch.ones(1, 2, 2), torch.ones(1, 2, 3))))
    tr(lambda: projected(x, (torch.ones(1, 2, 3), torch.ones(1, 2, 3))))

    layer, plain = fill(nn.LSTM(2, 3)), fill(nn.RNN(2, 3, batch_first=True))
    tr(lambda: layer(torch.ones(2)))
    tr(lambda: plain(torch.ones(2)))
    tr(lambda: layer(torch.ones(3, 2, 5)))
    tr(lambda: layer(x.double()))
    tr(lambda: layer(torch.ones(0, 2, 2)))
    tr(lambda: layer(x, (torch.ones(1, 2), torch.ones(1, 2, 3))))
    tr(lambda: plain(x, torch.ones(1, 3)))
    tr(lambda: plain(x[0], torch.ones(1, 2, 3)))
    tr(lambda: plain(x, torch.ones(1, 2, 3)))
    tr(lambda: layer(x, (torch.ones(1, 2, 3), torch.ones(1, 5, 3))))
    for options in (
        {"dropout": 2}, {"dropout": True}, {"dropout": 0.5}, {"bias": 1}, {"batch_first": 1}, {"num_layers": 0},
        {"proj_size": -1}, {"proj_size": 3}, {"hidden_size": 0}, {"hidden_size": 1.5},
    ):  # fmt: skip
        tr(lambda options=options: nn.LSTM(**{"input_size": 2, "hidden_size": 3} | options))
    tr(lambda: nn.GRU(2, 3, proj_size=1))
    tr(lambda: nn.RNN(2, 3, nonlinearity="sin"))
    tr(lambda: nn.RNN(2, 3, 2, "relu", False))
    tr(lambda: nn.LSTM(2, 3).flatten_parameters())

    cell, long = nn.GRUCell(2, 3), nn.LSTMCell(2, 3)
    tr(lambda: cell(torch.ones(4, 5)))
    tr(lambda: cell(torch.ones(4, 2), torch.ones(1, 3)))
    tr(lambda: cell(torch.ones(4, 2), torch.ones(4, 1)))
    tr(lambda: cell(torch.ones(4, 2, 2)))
    tr(lambda: cell(torch.ones(4, 2), torch.ones(1, 4, 3)))
    tr(lambda: long(torch.ones(4, 2), (torch.ones(4, 3), torch.ones(1, 3))))
    tr(lambda: long(torch.ones(4, 2), (torch.ones(1, 4, 3), torch.ones(1, 3))))
