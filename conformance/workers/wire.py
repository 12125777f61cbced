"""What a run and its workers say to each other: pickles with their lengths before them, through a pipe of their own."""

from __future__ import annotations

import marshal
import pickle
import struct
from dataclasses import dataclass
from typing import IO, Any

from conformance.language.model import Case
from conformance.program.compile import Program

_LENGTH = struct.Struct("!Q")
_LONGEST = 1 << 30


def send(pipe: IO[bytes], message: Any) -> None:
    """Send one message. Raises OSError where nobody reads."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Wait for one message. Raises EOFError where the pipe ends first, other errors for what is no message."""
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    if length > _LONGEST:
        raise ValueError(f"a message of {length} bytes")
    return pickle.loads(_exactly(pipe, length))


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


@dataclass(frozen=True)
class Packed:
    """A program on its way to a worker, without what only the judge needs."""

    case: Case
    code: bytes
    uses: frozenset[str]

    @classmethod
    def of(cls, program: Program) -> Packed:
        """A program packed."""
        return cls(program.case, marshal.dumps(program.code), program.uses)

    def program(self) -> Program:
        """The program unpacked: it can be played, not judged."""
        return Program(self.case, marshal.loads(self.code), (), (), self.uses)


@dataclass(frozen=True)
class Play:
    """Play a case on these engines and answer with a Transcript for each; ``fresh``: nothing was played before.

    An alarm ends the worker when one play takes longer than ``seconds``.
    """

    packed: Packed
    engines: tuple[str, ...]
    fresh: bool
    seconds: float


@dataclass(frozen=True)
class Time:
    """Time a case on these engines in turns and answer with what ``time_case`` returns."""

    packed: Packed
    engines: tuple[str, ...]
    seconds: float
