"""Which options of samplers and loaders go together, and what is said of those that do not."""

import importlib


def play(torch, tr, tell):
    data = importlib.import_module(".utils.data", torch.__name__)
    items = list(range(5))

    class Stream(data.IterableDataset):
        def __iter__(self):
            return iter(items)

    for make in (
        *(lambda n=n: data.RandomSampler(items, num_samples=n) and "made" for n in (0, 2.5, -1, 3)),
        lambda: data.RandomSampler(items, replacement=1),
        lambda: data.RandomSampler([]),
        *(lambda n=n: data.WeightedRandomSampler([1, 2], n) and "made" for n in (0, True, 2.0, 2)),
        lambda: data.WeightedRandomSampler([1, 2], 2, 1),
        lambda: data.WeightedRandomSampler([[1, 2]], 2),
        *(lambda n=n: data.BatchSampler(items, n, True) and "made" for n in (0, True, 2.0, 2)),
        lambda: data.BatchSampler(items, 2, 1),
    ):
        tr(make)
    for options in (
        {"shuffle": True},
        {"sampler": items},
        {"batch_sampler": [[0], [1, 2]]},
        {"batch_size": None},
        {"batch_size": 0},
        {"drop_last": True},
        {"timeout": -1},
        {"num_workers": -1},
        {"prefetch_factor": 2},
        {"persistent_workers": True},
        {"multiprocessing_context": "spawn"},
        {"sampler": items, "shuffle": True},
        {"batch_sampler": [[0]], "batch_size": 3},
        {"batch_sampler": [[0]], "shuffle": True},
        {"batch_sampler": [[0]], "sampler": items},
        {"batch_size": None, "drop_last": True},
    ):
        for source in (items, Stream(), []):

            def made(source=source, options=options):
                loader = data.DataLoader(source, **options)
                return loader.batch_size, len(list(loader))

            tr(made)
