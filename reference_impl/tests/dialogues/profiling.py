"""The profiler: events of operators, nodes and labels, how they nest and add up, cycles of a schedule, what is refused."""

import importlib
import json
import os
import tempfile

OWN = {
    "aten::sin",
    "aten::exp",
    "aten::mul",
    "aten::mm",
    "aten::matmul",
    "aten::conv2d",
    "aten::add_",
    "aten::ones",
    "a",
    "b",
}


def play(torch, tr, tell):
    profiler = importlib.import_module(f"{torch.__name__}.autograd.profiler")
    cycles = importlib.import_module(f"{torch.__name__}.profiler")
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)

    def known(events):
        return [e for e in events if e.name in OWN or "Backward" in e.name or "Accumulate" in e.name]

    def outer(event):
        """The nearest event around it that both engines have."""
        while event.cpu_parent is not None and not known([event.cpu_parent]):
            event = event.cpu_parent
        return event.cpu_parent and event.cpu_parent.name

    v = torch.ones(2, 2)
    with profiler.profile(record_shapes=True) as prof:
        y = (x.exp() @ x).sin()
        y.backward(v)
    first = min(e.sequence_nr for e in prof.function_events if e.sequence_nr >= 0)
    for e in known(prof.function_events):
        if e.name != "aten::add_":  # how gradients are summed on their way
            tell(e.name, outer(e), e.sequence_nr - first if e.sequence_nr >= 0 else None, e.scope, e.is_async)
    tell(
        [
            (e.name, e.input_shapes)
            for e in known(prof.function_events)
            if e.name in ("aten::sin", "aten::mm", "aten::exp")
        ]
    )

    with profiler.profile() as prof:
        gradient = torch.autograd.grad(x.exp().sum(), x, create_graph=True)[0]
        gradient.sin().sum().backward()
    tell(sorted({e.name for e in prof.function_events if "Backward" in e.name}))

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    with profiler.profile() as prof:
        Double.apply(x).sum().backward()
    tell([e.name for e in prof.function_events if e.name == "DoubleBackward"])

    @profiler.record_function("b")
    def work():
        return x.detach().add_(1.0)

    with profiler.profile() as prof, profiler.record_function("a"):
        work()
        tr(lambda: torch.mm(x, x[0]))
        work()
    tell([(e.name, outer(e)) for e in known(prof.function_events) if e.name != "aten::mm"])
    tell({e.key: e.count for e in prof.key_averages() if e.key in OWN - {"aten::mm"}})

    with profiler.profile(with_flops=True, profile_memory=True) as prof:
        kept = torch.ones(8, 16)
        torch.mm(kept, kept.mT)
        torch.nn.functional.conv2d(torch.ones(2, 4, 5, 5), torch.ones(6, 2, 3, 3), groups=2, padding=1)
    for e in prof.key_averages():
        if e.key in ("aten::mm", "aten::conv2d"):
            tell(e.key, e.flops, e.cpu_memory_usage)
    with profiler.profile(profile_memory=True) as prof:
        kept.exp()
        kept.sin()
        kept.exp()
    table = prof.key_averages().table(sort_by="count", header="all of it", row_limit=1)
    tell([line.split() for line in table.splitlines()[3:5]], table.splitlines()[1], "512 B" in table)
    tell(len(prof.table(row_limit=2).splitlines()), prof.total_average().key)

    tr(lambda: profiler.profile().__repr__())
    tr(lambda: profiler.profile().key_averages())
    tr(lambda: profiler.profile(use_device="nothing"))
    tr(lambda: profiler.profile(use_cpu=False))
    tr(lambda: profiler.profile(enabled=False).__enter__())
    tr(lambda: profiler.profile(post_processing_timeout_s=-1.0))
    tr(lambda: [cycles.schedule(wait=1, warmup=1, active=2, repeat=2, skip_first=1)(i).name for i in range(11)])
    tr(lambda: cycles.schedule(wait=0, warmup=1, active=0))
    tr(lambda: cycles.schedule(wait=0, warmup=0, active=1)(0).name)
    tr(lambda: cycles.profile(activities=[]))
    tr(lambda: cycles.profile().events())

    seen = []

    def ready(p):
        seen.append((p.step_num, sum(e.key == "aten::sin" for e in p.events())))

    with cycles.profile(
        activities=[cycles.ProfilerActivity.CPU],
        schedule=cycles.schedule(wait=1, warmup=1, active=2),
        acc_events=True,
        on_trace_ready=ready,
    ) as prof:
        for _ in range(9):
            x.detach().sin()
            prof.step()
    with cycles.profile(record_shapes=True) as one:
        kept.exp()
        kept[0].exp()
    tell(
        [(e.key, e.input_shapes, e.count) for e in one.key_averages(group_by_input_shape=True) if e.key == "aten::exp"]
    )
    tell(seen, [e.name for e in prof.events() if e.name.startswith("ProfilerStep")])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.json")
        one.export_chrome_trace(path)
        with open(path, encoding="utf-8") as file:
            tell(sum(e.get("name") == "aten::exp" for e in json.load(file)["traceEvents"]))
