"""Cases as pytest items: ``chapter/topic::case[engine]``, in the folders that the ini option ``conformance_cases`` names.

Engines play in pytest's own process, where a debugger can follow them; one that crashes ends it, or, under pytest-xdist (already
with ``-n 1``), fails its item alone. Worker processes play only what must have a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.compare import Lane
    from conformance.engines import Absent, Engine
    from conformance.judge import Verdict
    from conformance.program.compile import Program
    from conformance.workers.pool import WorkerPool


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "conformance_cases", "Folders whose .yaml files are autograd-conformance cases.", type="paths", default=[]
    )


def pytest_configure(config: pytest.Config) -> None:
    folders = _folders(config)
    if not folders:
        return
    from conformance.language.model import NEEDS

    for need, meaning in NEEDS.items():
        config.addinivalue_line("markers", f"{need}: the case needs {meaning}")
    for folder in folders:
        places = {path.parent.relative_to(folder).as_posix() for path in folder.rglob("*.yaml")}
        for chapter in sorted(folder.name if place == "." else place for place in places):
            config.addinivalue_line("markers", f"{_marker(chapter)}: cases of the chapter {chapter}")


def pytest_report_header(config: pytest.Config) -> list[str]:
    if not _folders(config):
        return []
    from conformance.engines import Absent

    return [f"{lane.name}: not run: {lane.reason}" for lane in _lanes_here() if isinstance(lane, Absent)]


def pytest_unconfigure(config: pytest.Config) -> None:
    while _pools:
        _pools.popitem()[1].__exit__(None, None, None)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".yaml":
        return None
    for folder in _folders(parent.config):
        if file_path.is_relative_to(folder):
            relative = file_path.relative_to(folder)
            if relative.parts[0] == "behaviours":
                return None
            made: pytest.Collector = CaseFile.from_parent(
                parent, path=file_path, nodeid=relative.with_suffix("").as_posix(), root=folder
            )
            return made
    return None


def _folders(config: pytest.Config) -> list[Path]:
    return list(config.getini("conformance_cases"))


def _marker(name: str) -> str:
    return name.replace("/", "_").replace("-", "_")


class CaseFile(pytest.File):
    """One file of cases."""

    def __init__(self, *, root: Path, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.root = root

    def collect(self) -> Iterable[pytest.Item]:
        from conformance.language.lint import lint
        from conformance.language.problem import MalformedCase
        from conformance.language.reader import read_file
        from conformance.program.compile import compile_all

        try:
            file = read_file(self.path, self.root)
            programs = compile_all(list(file.cases))
            if problems := lint(file.cases, _claims()):
                raise MalformedCase(problems)
        except MalformedCase as error:
            raise self.CollectError(str(error)) from None
        for program in programs:
            yield from self.items(program)

    def items(self, program: Program) -> Iterator[pytest.Item]:
        for engine in (*(engine.name for engine in _engines_here()), *_names_elsewhere()):
            item = CaseItem.from_parent(self, name=f"{program.case.name}[{engine}]", program=program, engine=engine)
            for mark in (_marker(program.case.chapter), *sorted(program.case.needs)):
                item.add_marker(getattr(pytest.mark, mark))
            yield item


class CaseItem(pytest.Item):
    """One case on one engine."""

    def __init__(self, *, program: Program, engine: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.program, self.engine = program, engine

    def runtest(self) -> None:
        from conformance.judge import Status

        lanes = _played(self.program, self.engine)
        verdict = next((lane.verdict for lane in lanes if lane.verdict.engine == self.engine), None)
        if verdict is None:
            pytest.skip(f"not run: {self.engine} is not here")
        if verdict.status in (Status.UNSUPPORTED, Status.NOT_RUN):
            pytest.skip(f"{verdict.status}: {verdict.detail}")
        if verdict.known is not None:
            pytest.xfail(f"known difference: {verdict.known}")
        if not verdict.status.conforms:
            raise NonconformingError(verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if not isinstance(excinfo.value, NonconformingError):
            return super().repr_failure(excinfo, style)
        verdict, case = excinfo.value.verdict, self.program.case
        lines = [f"{case.says}  ({case.source})", ""]
        for finding in verdict.findings:
            lines.append(f"{case.file}:{finding.line}: {finding.path}: {finding.message}")
            if finding.odd:
                lines.append(f"    {finding.odd}")
        return "\n".join([*lines, "", f"to reproduce: conformance show '{case.id}' --as torch"])

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.program.case.mark.line - 1, f"{self.program.case.id}[{self.engine}]"


class NonconformingError(Exception):
    """A case failed or errored on an engine."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.detail)
        self.verdict = verdict


def _played(program: Program, engine: str) -> list[Lane]:
    """A case on an engine, and on those that it is held against."""
    from conformance.engines import DEFAULT

    if "fresh_process" in program.case.needs:
        return _played_elsewhere(program, DEFAULT)
    return _played_elsewhere(program, (engine,)) if engine in _names_elsewhere() else _played_here(program)


@lru_cache(maxsize=4)
def _played_here(program: Program) -> list[Lane]:
    """A case on all engines of this process: the items of one case, which stand together, share it."""
    from conformance.run import judged

    return judged(program, _engines_here())


@lru_cache(maxsize=4)
def _played_elsewhere(program: Program, names: tuple[str, ...]) -> list[Lane]:
    """A case on engines in workers, held against the oracle: theirs, or the one in this process."""
    from conformance.engines import Present
    from conformance.run import ORACLE, judged_together
    from conformance.workers.pool import WorkerPool

    if names not in _pools:
        _pools[names] = WorkerPool(names).__enter__()
    ((_, transcripts),) = _pools[names].play([program])
    engines = [lane for lane in _pools[names].lanes if isinstance(lane, Present)]
    if ORACLE not in names:
        here = zip(_played_here(program), _engines_here(), strict=True)
        oracle = [(lane.transcript, engine.present) for lane, engine in here if engine.name == ORACLE]
        transcripts, engines = [*(seen for seen, _ in oracle), *transcripts], [*(e for _, e in oracle), *engines]
    return judged_together(program, transcripts, engines)


_pools: dict[tuple[str, ...], WorkerPool] = {}
"""The workers, by the names of their engines; they are started by the first item that needs them."""


@lru_cache(maxsize=1)
def _lanes_here() -> tuple[Engine | Absent, ...]:
    from conformance.engines import DEFAULT, engine, own_process

    return tuple(engine(name) for name in DEFAULT if not own_process(name))


def _engines_here() -> tuple[Engine, ...]:
    from conformance.engines import Engine

    return tuple(lane for lane in _lanes_here() if isinstance(lane, Engine))


@lru_cache(maxsize=1)
def _names_elsewhere() -> tuple[str, ...]:
    """The engines that need a process of their own."""
    from importlib.util import find_spec

    from conformance.engines import DEFAULT, own_process

    return tuple(name for name in DEFAULT if own_process(name)) if find_spec("torch") else ()


@lru_cache(maxsize=1)
def _claims() -> Any:
    from conformance.language.inventory import read_inventory

    return read_inventory()
