"""The cases that need streams, on a torch-sim whose streams are in C++: as they are, then where none can be entered. Prints JSON.

Played by test_sim.py in a process of its own, with the folder for what is compiled.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from pathlib import Path

import torch

from conformance.engines import Engine, engine
from conformance.run import judged, load

SOURCE = Path(__file__).with_name("streams_guard.cpp")


def main(folder: Path) -> None:
    guard = _compiled(folder)
    sim = engine("torch-sim")
    assert isinstance(sim, Engine)
    programs = [made for made in load().programs if "streams" in made.case.needs]

    def statuses() -> dict[str, str]:
        return {made.case.id: str(judged(made, [sim])[0].verdict.status) for made in programs}

    entered = statuses()
    guard.get_stuck()
    print(json.dumps([entered, statuses()]))


def _compiled(folder: Path) -> ctypes.CDLL:
    torch_folder, made = Path(torch.__file__).parent, folder / "streams_guard.so"
    options = ["-std=c++20", "-fPIC", "-shared", f"-I{torch_folder / 'include'}", f"-L{torch_folder / 'lib'}", "-lc10"]
    subprocess.run(["c++", str(SOURCE), "-o", str(made), *options], check=True)
    return ctypes.CDLL(str(made))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
