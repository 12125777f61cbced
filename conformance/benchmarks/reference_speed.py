"""How fast the reference implementation is, beside torch and numpy by hand.

    python -m conformance.benchmarks.reference_speed [--rounds 15] [part of a workload's name ...]

One thread, processor time. All engines run one workload in turns, in batches of about ten milliseconds; a time is the
median over the rounds, a ratio one of medians. HIPS autograd gets a column where it is installed (hips.py). Before it is
timed a workload must give the same gradients on every engine.
Then: the time to import, and what a chain of 100,000 nodes costs. Exits with 1 if a limit is passed, unless numpy by hand
passes it, too: then the operators' own loops take that long on this processor, and the line says so.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from .by_hand import Step
from .workloads import WORKLOADS, Workload

BATCH = 0.01  # seconds
COLUMNS = {"reference": "reference", "torch": "torch", "hand": "numpy", "hips": "autograd"}
Row = tuple[str, dict[str, float], float | None, float, str]


def batch_size(step: Step) -> int:
    step()
    start = time.process_time()
    step()
    return max(1, int(BATCH / max(time.process_time() - start, 1e-7)))


def interleaved(steps: dict[str, Step], rounds: int) -> dict[str, float]:
    """Median seconds a call."""
    sizes = {name: batch_size(step) for name, step in steps.items()}
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            start = time.process_time()
            for _ in range(sizes[name]):
                step()
            times[name].append((time.process_time() - start) / sizes[name])
    return {name: statistics.median(ts) for name, ts in times.items()}


def same(workload: Workload, results: dict[str, Any]) -> None:
    arrays = {name: [np.asarray(g.detach() if hasattr(g, "detach") else g) for g in gs] for name, gs in results.items()}
    for name, gs in arrays.items():
        for g, ours in zip(gs, arrays["reference"], strict=True):
            if not np.allclose(g, ours, workload.tolerance, workload.tolerance * np.abs(g).max()):
                raise SystemExit(f"{workload.name}: the gradients of reference and {name} differ")


def measure(workload: Workload, engines: dict[str, Any], others: dict[str, Any], rounds: int) -> Row:
    steps = {name: workload.make(engine) for name, engine in engines.items()}
    if workload.hand is not None:
        steps["hand"] = workload.hand()
    if workload.name in others:
        steps["hips"] = others[workload.name]()
    same(workload, {name: step() for name, step in steps.items()})
    times = interleaved(steps, rounds)
    base = times.get(workload.against)
    return workload.name, times, base and times["reference"] / base, workload.limit, workload.against


def import_time() -> float:
    """Seconds that `import reference_impl` takes once numpy is there: the least of several processes."""
    code = "import time, numpy; t = time.process_time(); import reference_impl; print(time.process_time() - t)"
    with tempfile.TemporaryDirectory() as cache:  # the first run compiles, as installing does
        return min(alone(code, PYTHONDONTWRITEBYTECODE="", PYTHONPYCACHEPREFIX=cache)[0] for _ in range(8))


def alone(code: str, **environment: str) -> list[float]:
    """The numbers that a Python process of its own prints."""
    command, env = [sys.executable, "-c", code], {**os.environ, **environment}
    return [*map(float, subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout.split())]


def deep_chain(torch: Any, n: int = 100_000) -> tuple[float, float]:
    """Microseconds (build, backward and free) and bytes for each node of a chain."""

    def chain() -> Any:
        y = x = torch.tensor(1.0, requires_grad=True)
        for _ in range(n):
            y = y * 1.0
        return x, y

    def life() -> float:
        gc.collect()
        start = time.process_time()
        x, y = chain()
        y.backward()
        del x, y
        return time.process_time() - start

    seconds = statistics.median(life() for _ in range(5))
    gc.collect()
    tracemalloc.start()
    ends = chain()
    held = tracemalloc.get_traced_memory()[0]
    del ends
    tracemalloc.stop()
    return seconds / n * 1e6, held / n


def floor(row: Row) -> float:
    """numpy by hand, beside torch; 0 where that is not known."""
    times = row[1]
    return times["hand"] / times["torch"] if "hand" in times and "torch" in times else 0.0


def hopeless(row: Row) -> bool:
    """Whether numpy by hand passes the limit, too."""
    return row[4] == "torch" and floor(row) > row[3]


def text(row: Row) -> str:
    name, times, ratio, limit, against = row
    cells = [f"{times[e] * 1e6:12,.0f}" if e in times else f"{'-':>12}" for e in COLUMNS]
    verdict = "-" if ratio is None else f"{ratio:.2f} {'T' if against == 'torch' else 'H'}"
    late = (
        ""
        if ratio is None or ratio <= limit
        else f"  over, as numpy: {floor(row):.2f} T"
        if hopeless(row)
        else "  over"
    )
    return f"{name:<32}{''.join(cells)}{verdict:>10}{limit:>8.2f}{late}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    import reference_impl

    engines: dict[str, Any] = {"reference": reference_impl}
    try:
        import torch
    except ImportError:
        pass
    else:
        torch.set_num_threads(1)
        engines["torch"] = torch
    try:
        from .hips import WORKLOADS as others
    except ImportError:
        others = {}
    chosen = [w for w in WORKLOADS if not options.names or any(n in w.name for n in options.names)]
    over = 0
    print(f"{'microseconds':<32}{''.join(f'{title:>12}' for title in COLUMNS.values())}{'ratio':>10}{'limit':>8}")
    with threadpool_limits(1):
        for workload in chosen:
            row = measure(workload, engines, others, options.rounds)
            over += row[2] is not None and row[2] > row[3] and not hopeless(row)
            print(text(row), flush=True)
    if not options.names:
        over += report(import_time(), 0.1, "seconds to import, after numpy")
        # in a process without torch, whose own objects the garbage collector would walk, too
        us, size = alone(
            f"import reference_impl; from {__spec__.name} import deep_chain; print(*deep_chain(reference_impl))"
        )
        over += report(us, 3, "microseconds a node, of 100,000") + report(size, 400, "bytes a node")
    return 1 if over else 0


def report(value: float, limit: float, what: str) -> int:
    print(f"{what:<80}{value:>10.3g}{limit:>8.3g}{'  over' if value > limit else ''}")
    return int(value > limit)


if __name__ == "__main__":
    sys.exit(main())
