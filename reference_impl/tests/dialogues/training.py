"""Training: data, layers, losses, optimizers; and torch.testing."""

import importlib

import numpy as np


def env(torch, tell):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tell(
        device,
        torch.cuda.device_count(),
        torch.version.cuda,
        torch.backends.mps.is_available(),
        torch.get_default_device(),
    )
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    torch.manual_seed(0)
    torch.cuda.manual_seed_all(0)
    torch.use_deterministic_algorithms(True)
    tell(torch.are_deterministic_algorithms_enabled())
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(1)
    tell(torch.get_num_threads())
    try:
        torch.cuda.current_device()
    except AssertionError as e:
        tell(e)
    torch.set_default_dtype(torch.float64)
    tell(torch.ones(1).dtype, torch.tensor(1.0))
    torch.set_default_dtype(torch.float32)
    tell(hasattr(torch, "nope"), torch.newaxis, torch.ones(3)[:, torch.newaxis].shape)
    try:
        torch.nope
    except AttributeError as e:
        tell(e)
    try:
        torch.nn.Nope
    except AttributeError as e:
        tell(e)
    try:
        torch.nn.functional.nope
    except AttributeError as e:
        tell(e)
    try:
        torch.ones(1).nope
    except AttributeError as e:
        tell(e)
    x = torch.ones(2, device=device)
    tell(x.to(device), x.device, x.to("cpu").device == torch.device("cpu"), torch.device("cpu", 0))
    tell(
        torch.hann_window(5),
        torch.hamming_window(4),
        torch.bartlett_window(5),
        torch.blackman_window(5, periodic=False),
        torch.hann_window(1),
    )
    tell(
        torch.detach(torch.ones(1, requires_grad=True)),
        torch.is_signed(torch.ones(1)),
        torch.is_tensor(x),
        torch.is_floating_point(x),
        torch.numel(x),
    )


def assert_close(torch, tell):
    t = torch.testing.assert_close
    for bad in (
        lambda: t(torch.ones(3), torch.tensor([1, 1, 1.1])),
        lambda: t(torch.ones(3), torch.ones(2)),
        lambda: t(torch.ones(3), torch.ones(3).double()),
        lambda: t(1.0, 1.1),
        lambda: t([torch.ones(1)], [torch.zeros(1)]),
        lambda: t(torch.tensor(1.0), torch.tensor(2.0)),
        lambda: t(torch.tensor([1, 2]), torch.tensor([1, 3])),
        lambda: t(torch.tensor([float("nan")]), torch.tensor([float("nan")])),
        lambda: t(torch.tensor([float("nan")]), torch.tensor([float("nan")]), equal_nan=True),
        lambda: t(torch.ones(3), torch.tensor([1, 1, 1.1]), msg="hey"),
        lambda: t(torch.ones(3), torch.tensor([1, 1, 1.1]), msg=lambda m: "x" + m),
        lambda: t(torch.ones(2, 2), torch.tensor([[1, 1], [2, 3.0]]), rtol=1e-1, atol=0),
        lambda: t("a", "b"),
        lambda: t(torch.ones(1), 3),
        lambda: t(torch.ones(3), torch.ones(3), rtol=1),
        lambda: t(torch.ones(2), torch.ones(2) + 1e-7),
        lambda: t({"a": torch.ones(1)}, {"a": torch.ones(1) + 1}),
        lambda: t({"a": torch.ones(1)}, {"b": torch.ones(1) + 1}),
        lambda: t([1], [1, 2]),
        lambda: t(torch.ones(2) * 1j, torch.ones(2)),
        lambda: t(torch.tensor([True]), torch.tensor([False])),
        lambda: t(torch.ones(2, requires_grad=True), torch.ones(2)),
        lambda: t(np.ones(2), np.ones(2)),
        lambda: t(np.ones(2), np.zeros(2)),
        lambda: t(torch.ones(2), np.ones(2, np.float32)),
        lambda: t(torch.ones(2), [1.0, 1.0]),
    ):
        try:
            tell(bad())
        except Exception as e:
            tell(type(e).__name__, e)


def loader(torch, tell):
    Dataset = importlib.import_module(".utils.data", torch.__name__).Dataset
    DataLoader = importlib.import_module(".utils.data", torch.__name__).DataLoader
    TensorDataset = importlib.import_module(".utils.data", torch.__name__).TensorDataset
    random_split = importlib.import_module(".utils.data", torch.__name__).random_split
    Subset = importlib.import_module(".utils.data", torch.__name__).Subset
    ConcatDataset = importlib.import_module(".utils.data", torch.__name__).ConcatDataset
    WeightedRandomSampler = importlib.import_module(".utils.data", torch.__name__).WeightedRandomSampler
    torch.manual_seed(0)
    ds = TensorDataset(torch.arange(10.0).view(10, 1), torch.arange(10))
    for x, y in DataLoader(ds, batch_size=4, shuffle=True):
        tell(x.t(), y)
    tell(torch.rand(1))

    class D(Dataset):
        def __len__(self):
            return 5

        def __getitem__(self, i):
            return {"i": i, "f": i * 0.5, "s": str(i), "t": (torch.tensor(i), [i])}

    for b in DataLoader(D(), batch_size=2, drop_last=True):
        tell(b)
    a, b = random_split(ds, [7, 3])
    tell(len(a), b[0], a.indices)
    a, b = random_split(ds, [0.5, 0.5], generator=torch.Generator().manual_seed(1))
    tell(a.indices)
    tell(len(DataLoader(ds, 3)), len(ConcatDataset([ds, ds])), (ds + ds)[12], Subset(ds, [3, 1])[1])
    tell([x for (x,) in DataLoader(TensorDataset(torch.arange(3)), batch_size=None)])
    tell(list(DataLoader([1, 2, 3, 4, 5], batch_size=2, shuffle=True, num_workers=2)), torch.rand(1))
    try:
        DataLoader(ds, num_workers=-1)
    except ValueError as error:
        tell(error)
    for x in DataLoader([1, 2, 3, 4], batch_size=2, shuffle=True, generator=torch.Generator().manual_seed(0)):
        tell(x)

    data = importlib.import_module(".utils.data", torch.__name__)

    class Stream(data.IterableDataset):
        def __iter__(self):
            return iter(range(3) if data.get_worker_info() is None else ())

    tell(list(DataLoader(Stream() + Stream(), batch_size=4)))
    tell(list(DataLoader(ds, sampler=data.SubsetRandomSampler([7, 1, 4])))[0][1])
    tell(list(data.SubsetRandomSampler([7, 1, 4], generator=torch.Generator().manual_seed(5))))


def cnn_train(torch, tell):
    nn = importlib.import_module(".nn", torch.__name__)
    F = importlib.import_module(".nn.functional", torch.__name__)
    optim = importlib.import_module(".optim", torch.__name__)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 6, 5)
            self.pool = nn.MaxPool2d(2, 2)
            self.conv2 = nn.Conv2d(6, 8, 3)
            self.fc1 = nn.Linear(8 * 2 * 2, 20)
            self.fc2 = nn.Linear(20, 10)

        def forward(self, x):
            x = self.pool(F.relu(self.conv1(x)))
            x = self.pool(F.relu(self.conv2(x)))
            x = x.view(-1, self.num_flat_features(x))
            x = F.relu(self.fc1(x))
            return self.fc2(x)

        def num_flat_features(self, x):
            n = 1
            for s in x.size()[1:]:
                n *= s
            return n

    torch.manual_seed(0)
    net = Net()
    tell(net)
    params = list(net.parameters())
    tell(len(params), params[0].size())
    input = torch.randn(1, 1, 16, 16)
    out = net(input)
    tell(out)
    net.zero_grad()
    out.backward(torch.randn(1, 10))
    target = torch.randn(10).view(1, -1)
    criterion = nn.MSELoss()
    loss = criterion(net(input), target)
    tell(loss)
    tell(loss.grad_fn)
    tell(loss.grad_fn.next_functions[0][0])
    tell(loss.grad_fn.next_functions[0][0].next_functions[0][0])
    net.zero_grad()
    tell(net.conv1.bias.grad)
    loss.backward()
    tell(net.conv1.bias.grad)
    o = optim.SGD(net.parameters(), lr=0.01)
    for i in range(4):
        o.zero_grad()
        loss = criterion(net(input), target)
        loss.backward()
        o.step()
        tell(loss.item())


def transfer_freeze(torch, tell):
    nn = torch.nn
    optim = torch.optim
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU())
    for param in model.parameters():
        param.requires_grad = False
    head = nn.Linear(8, 2)
    full = nn.Sequential(model, head)
    optimizer = optim.SGD([p for p in full.parameters() if p.requires_grad], lr=1e-1, momentum=0.9)
    x = torch.rand(5, 4, requires_grad=True)
    for i in range(3):
        optimizer.zero_grad()
        l = full(x).pow(2).mean()
        l.backward()
        optimizer.step()
        tell(l)
    tell([p.grad is None for p in full.parameters()], x.grad.norm())
    prediction = full(x).sum()
    tell(prediction.grad_fn)


def play(torch, tr, tell):
    env(torch, tell)
    assert_close(torch, tell)
    loader(torch, tell)
    cnn_train(torch, tell)
    transfer_freeze(torch, tell)
