"""The helpers of a standalone script: those that a script calls are copied into it. Nothing imports this module."""

import contextlib
import io
import pickle
import re
import threading
import warnings
from typing import Any

import torch

calls: list[Any] = []


def without_addresses(text: Any) -> Any:
    return re.sub("0x[0-9a-fA-F]+", "0x...", text)


def kind_of(t: Any) -> Any:
    if t.dtype.is_complex:
        return "complex"
    if t.dtype.is_floating_point:
        return "float"
    return "bool" if t.dtype == torch.bool else "int"


def expect(got: Any, want: Any, within: Any = None) -> Any:
    """The same text, or the same shape, kind (bool, int, float, complex) and values within the dtype's tolerance."""
    if want is None:
        assert got is None, f"expected None, got {got!r}"
        return
    if isinstance(want, str):
        assert not isinstance(got, (torch.Tensor, bool, int, float, complex, tuple, list)), (
            f"expected {want!r}, got {got!r}"
        )
        assert without_addresses(str(got)) == without_addresses(want), f"expected {want!r}, got {got}"
        return
    if isinstance(got, (list, torch.Size)):
        assert len(got) == len(want), f"expected {want}, got {got}"
        for g, w in zip(got, want, strict=True):
            expect(g, w)
        return
    assert isinstance(got, (torch.Tensor, bool, int, float, complex)), f"expected {want}, got {got!r}"
    with torch.no_grad():
        wide = {"float": torch.float64, "complex": torch.complex128}.get(kind_of(torch.tensor(want)))
        got, want = torch.as_tensor(got).detach().cpu(), torch.tensor(want, dtype=wide)
        assert got.shape == want.shape, f"expected shape {list(want.shape)}, got {list(got.shape)}"
        assert not want.numel() or kind_of(got) == kind_of(want), f"expected {kind_of(want)} values, got {kind_of(got)}"
        tolerance = {} if within is None else {"rtol": within, "atol": within}
        torch.testing.assert_close(got, want.to(got.dtype), equal_nan=True, **tolerance)


def expect_tuple(got: Any, length: Any) -> Any:
    assert isinstance(got, tuple) and not isinstance(got, torch.Size), f"expected a tuple, got {got!r}"
    assert len(got) == length, f"expected a tuple of {length}, got {len(got)}"
    return got


def expect_repr(got: Any, want: Any) -> Any:
    assert without_addresses(repr(got)) == without_addresses(want), f"expected {want!r}, got {got!r}"


def repickled(value: Any) -> Any:
    """What comes back from pickling."""
    return pickle.loads(pickle.dumps(value))


def reloaded(value: Any, **options: Any) -> Any:
    """What comes back from torch.save and torch.load, by way of memory."""
    buffer = io.BytesIO()
    torch.save(value, buffer)
    buffer.seek(0)
    return torch.load(buffer, **options)


def sent(value: Any) -> Any:
    """What comes out of a queue between processes; here both of its ends are in this one."""
    from multiprocessing import resource_sharer

    queue = torch.multiprocessing.SimpleQueue()
    queue.put(value)
    try:
        return queue.get()
    finally:
        resource_sharer.stop()


class TemporaryFile:
    """A file that holds one value, under a name of the system's choosing; it goes with the object."""

    _made: list[str] = []

    def __init__(self) -> None:
        import os
        import tempfile

        handle, self._path = tempfile.mkstemp()
        os.close(handle)
        self._made.append(self._path)

    def write(self, value: Any) -> None:
        """Save a value in it, as torch.save does."""
        torch.save(value, self._path)

    def read(self) -> Any:
        """The value that it holds."""
        return torch.load(self._path)

    def remove(self) -> None:
        """Delete it, before its time."""
        import os

        os.remove(self._path)

    def __del__(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.remove()

    @classmethod
    def on_disk(cls) -> Any:
        """How many of them there are, in this play of the case."""
        import os

        return len([path for path in cls._made if os.path.exists(path)])


def names_in_exported_trace(profile: Any) -> Any:
    """The names of the events in the JSON file that export_chrome_trace writes."""
    import json
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.json")
        profile.export_chrome_trace(path)
        with open(path, encoding="utf-8") as file:
            return [event["name"] for event in json.load(file)["traceEvents"]]


def nvprof_trace(ranges: Any, parsed: Any = False) -> Any:
    """What load_nvprof, or parse_nvprof_trace, reads in a file as nvprof writes them, with these ranges (name, start, end).

    Without ranges the file is no such file: a database without tables.
    """
    import os
    import sqlite3
    import tempfile

    columns = {
        "StringTable": "_id_, value",
        "CUPTI_ACTIVITY_KIND_MARKER": "id, name, timestamp",
        "CUPTI_ACTIVITY_KIND_RUNTIME": '_id_, cbid, start, "end", correlationId',
        "CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL": 'start, "end", name, correlationId',
    }
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.nvvp")
        with contextlib.closing(sqlite3.connect(path)) as file:
            for table, names in columns.items() if ranges is not None else ():
                file.execute(f"CREATE TABLE {table} ({names})")
            for number, (name, start, end) in enumerate(ranges or (), start=1):
                file.execute("INSERT INTO StringTable VALUES (?, ?)", (number, name))
                markers = [(number, number, start), (number, 0, end)]
                file.executemany("INSERT INTO CUPTI_ACTIVITY_KIND_MARKER VALUES (?, ?, ?)", markers)
            file.commit()
        profiler = torch.autograd.profiler
        return profiler.parse_nvprof_trace(path) if parsed else profiler.load_nvprof(path)


def custom_op(function: Any, schema: Any) -> Any:
    """The operator conformance::<name of the function> with this schema, without a formula for its gradient."""
    return torch.library.custom_op(f"conformance::{function.__name__}", function, mutates_args=(), schema=schema)


def printed_back(text: Any) -> Any:
    """The tensor whose printed text this is: tensor(...) around nothing but literals."""
    import ast

    call: Any = ast.parse(text, mode="eval").body
    options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    return torch.tensor(ast.literal_eval(call.args[0]), **options)


@contextlib.contextmanager
def logged(name: Any) -> Any:
    """The texts that the logger of that name is handed meanwhile, from level DEBUG on."""
    import logging

    texts: list[str] = []
    logger, handler = logging.getLogger(name), logging.Handler()
    handler.emit = lambda record: texts.append(record.getMessage())  # type: ignore[method-assign]
    level, propagates = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield texts
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagates


class CaseThread(threading.Thread):
    """A thread that starts at once and hands its error to whoever joins it."""

    def __init__(self, body: Any) -> None:
        super().__init__(target=body, daemon=True)
        self.error = None
        self.start()

    def run(self) -> None:
        try:
            super().run()
        except Exception as error:
            self.error = error  # type: ignore[assignment]

    def join(self, timeout: Any = 60) -> None:
        super().join(timeout)
        assert not self.is_alive(), "the thread did not end within a minute"
        if self.error is not None:
            raise self.error


def copy_of(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, torch.Tensor) else value


def log_call(name: Any, *seen: Any) -> Any:
    with torch.no_grad():
        calls.append((name, [copy_of(value) for value in seen]))


def expect_calls(want: Any) -> Any:
    assert [name for name, _ in calls] == [name for name, _ in want], f"expected the calls {want}, got {calls}"
    for (_, got), (_, wanted) in zip(calls, want, strict=True):
        for g, w in zip(got, wanted, strict=True) if wanted is not None else ():
            if w is None:
                assert g is None, f"expected None, got {g!r}"
            else:
                expect(g, w)


@contextlib.contextmanager
def raises(kind: Any, pattern: Any) -> Any:
    try:
        yield
    except Exception as error:
        assert kind in [base.__name__ for base in type(error).__mro__], f"expected {kind}, got {error!r}"
        assert re.search(pattern, " ".join(str(error).split())), f"expected {pattern!r} in {error}"
    else:
        raise AssertionError(f"expected {kind}, nothing was raised")


@contextlib.contextmanager
def hearing() -> Any:
    torch.set_warn_always(True)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        yield seen
    torch.set_warn_always(False)


@contextlib.contextmanager
def warns_nothing() -> Any:
    with hearing() as seen:
        yield
    assert not seen, f"expected no warning, got {[str(w.message) for w in seen]}"


@contextlib.contextmanager
def warns(kind: Any, pattern: Any) -> Any:
    with hearing() as seen:
        yield
    texts = [" ".join(str(w.message).split()) for w in seen if kind in [b.__name__ for b in w.category.__mro__]]
    assert any(re.search(pattern, text) for text in texts), f"expected the warning {kind}: {pattern!r}, got {texts}"
