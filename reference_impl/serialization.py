"""torch.save and torch.load, in torch's own format: either side reads what the other wrote.

A file is a zip archive: `data.pkl` is a pickle in which a tensor is a place (offset, size, strides) in a storage, and each
storage lies in a record of its own; so tensors that share memory share it again after loading. The names of functions and
classes in the pickle are torch's.
"""

from __future__ import annotations

import io
import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from . import dtypes, placement
from .errors import Unsupported
from .methods.copying import attributes, parts
from .tensor import Tensor, in_order, new, set_requires_grad

FOLDER = "archive"


class Storage:
    """What a tensor lies in, as elements of a dtype; and, with no memory, the class of such storages."""

    def __init__(self, dtype: dtypes.dtype, memory: np.ndarray | None = None) -> None:
        self.dtype, self.memory = dtype, memory

    @property
    def name(self) -> str:
        return dtypes.LEGACY[self.dtype] + "Storage"


KINDS = {Storage(d).name: Storage(d) for d in dtypes.LEGACY}


def rebuild_tensor(
    storage: Storage, offset: int, size: tuple, stride: tuple, requires_grad: bool, hooks: Any, metadata: Any = None
) -> Tensor:
    """A leaf at a place of a storage."""
    step = storage.dtype.np.itemsize
    t = new(Tensor)
    t._array = np.ndarray(size, storage.dtype.np, storage.memory, offset * step, tuple(s * step for s in stride))
    if requires_grad:
        set_requires_grad(t, True)
    return t


def rebuild_parameter(data: Tensor, requires_grad: bool, hooks: Any) -> Tensor:
    from .nn.parameter import Parameter

    return Parameter(data, requires_grad)


def layout_of(name: str) -> placement.layout:
    """A layout by the name that it is shown as."""
    return getattr(placement, name.removeprefix("torch."))


NAMES: dict[Any, tuple[str, str]] = {
    layout_of: ("torch.serialization", "_get_layout"),
    placement.device: ("torch", "device"),
    rebuild_tensor: ("torch._utils", "_rebuild_tensor_v2"),
    rebuild_parameter: ("torch._utils", "_rebuild_parameter"),
    dtypes.Size: ("torch", "Size"),
    **{kind: ("torch", name) for name, kind in KINDS.items()},
}
OBJECTS = {name: thing for thing, name in NAMES.items()} | {("collections", "OrderedDict"): OrderedDict}
OURS = __package__ or "reference_impl"


class Writer(pickle._Pickler):  # type: ignore[name-defined]  # the one in Python, whose names can be changed
    """Pickles tensors; collects their storages."""

    def __init__(self, file: Any, protocol: int) -> None:
        super().__init__(file, protocol)
        self.storages: dict[int, tuple[str, np.ndarray]] = {}  # by the address of an array: key, memory

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, dtypes.dtype):
            return thing.name
        if isinstance(thing, dtypes.Size):
            return dtypes.Size, (tuple(thing),)
        if isinstance(thing, placement.device):
            return placement.device, (thing.type,) if thing.index is None else (thing.type, thing.index)
        if isinstance(thing, placement.layout):
            return layout_of, (repr(thing),)
        if not isinstance(thing, Tensor):
            return NotImplemented
        if thing.layout is not placement.strided:
            raise Unsupported(f"save: a tensor of layout {thing.layout}")
        memory, (d, shape, offset, strides) = parts(thing)
        place = (offset // d.itemsize, tuple(shape), tuple(s // d.itemsize for s in strides))
        storage = Storage(thing.dtype, memory)
        data = type(thing) is Tensor
        rebuilt = rebuild_tensor, (storage, *place, thing.requires_grad and data, OrderedDict())
        if data:
            return rebuilt
        if attributes(thing):
            raise pickle.PicklingError(f"Can't pickle {type(thing).__name__} with attributes")
        plain = thing.detach()
        return rebuild_parameter, (plain, thing.requires_grad, OrderedDict())

    def persistent_id(self, thing: Any) -> Any:
        if not isinstance(thing, Storage) or thing.memory is None:
            return None
        key, _ = self.storages.setdefault(id(thing.memory), (str(len(self.storages)), thing.memory))
        return "storage", KINDS[thing.name], key, "cpu", thing.memory.nbytes // thing.dtype.np.itemsize

    def save(self, thing: Any, save_persistent_id: bool = True) -> None:
        if isinstance(thing, Storage) and thing.memory is None and id(thing) not in self.memo:
            self.save_global(thing)
        else:
            super().save(thing, save_persistent_id)

    def save_global(self, thing: Any, name: str | None = None) -> None:
        if isinstance(thing, dtypes.dtype):
            module, short = "torch", thing.name
        elif thing in NAMES:
            module, short = NAMES[thing]
        elif getattr(thing, "__module__", "").startswith(OURS):
            module, short = thing.__module__.replace(OURS, "torch", 1), thing.__qualname__
        else:
            super().save_global(thing, name)
            return
        self.write(pickle.GLOBAL + f"{module}\n{short}\n".encode())
        self.memoize(thing)

    dispatch = pickle._Pickler.dispatch | {types.FunctionType: save_global}  # type: ignore[attr-defined]


PYTHON = ("builtins", "__builtin__")  # the latter in protocol 2
SAFE = {(module, name) for module in PYTHON for name in ("set", "complex", "bytearray")} | {("_codecs", "encode")}
WEIGHTS = (
    "Weights only load failed. In PyTorch 2.6, we changed the default value of the `weights_only` argument in `torch.load` "
    "from `False` to `True`. Re-running `torch.load` with `weights_only` set to `False` will likely succeed, but it can "
    "result in arbitrary code execution. Do it only if you got the file from a trusted source. WeightsUnpickler error: "
    "Unsupported global: GLOBAL {}.{} was not an allowed global by default."
)


class Reader(pickle.Unpickler):
    """Unpickles; with weights_only nothing but tensors and what Python's literals make."""

    def __init__(self, file: Any, record: Callable[[str], bytes], weights_only: bool) -> None:
        super().__init__(file)
        self.record, self.weights_only = record, weights_only
        self.memories: dict[str, np.ndarray] = {}

    def find_class(self, module: str, name: str) -> Any:
        found = OBJECTS.get((module, name))
        if found is None and module == "torch" and name in dtypes.NAMES:
            found = dtypes.NAMES[name]
        if found is not None:
            return found
        if self.weights_only and (module, name) not in SAFE:
            raise pickle.UnpicklingError(WEIGHTS.format(module, name))
        top, dot, rest = module.partition(".")
        return super().find_class(OURS + dot + rest if top == "torch" else module, name)

    def persistent_load(self, pid: Any) -> Storage:
        _, kind, key, _, _ = pid
        if key not in self.memories:
            self.memories[key] = np.frombuffer(bytearray(self.record(key)), np.uint8)
        return Storage(kind.dtype, self.memories[key])


def save(obj: Any, f: Any, pickle_module: Any = None, pickle_protocol: int = 2, *_: Any, **__: Any) -> None:
    """Write obj, with the tensors in it, to a path or a file open for writing bytes (source: torch.save)."""
    stream = io.BytesIO()
    writer = Writer(stream, pickle_protocol)
    writer.dump(obj)
    with zipfile.ZipFile(f, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{FOLDER}/data.pkl", stream.getvalue())
        archive.writestr(f"{FOLDER}/byteorder", sys.byteorder)
        for key, memory in writer.storages.values():
            archive.writestr(f"{FOLDER}/data/{key}", in_order(memory).tobytes(order="A"))
        archive.writestr(f"{FOLDER}/version", "3\n")


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
) -> Any:
    """What save wrote, from a path or a file open for reading bytes (source: torch.load).

    weights_only (the default): refuse anything but tensors, numbers, strings, lists, tuples, dicts.
    """
    if map_location is not None and not callable(map_location) and not isinstance(map_location, dict):
        placement.device(map_location)
    with zipfile.ZipFile(f if hasattr(f, "read") else Path(f)) as archive:
        folder = next(n for n in archive.namelist() if n.endswith("/data.pkl")).rpartition("/")[0]
        data = io.BytesIO(archive.read(f"{folder}/data.pkl"))
        return Reader(data, lambda key: archive.read(f"{folder}/data/{key}"), weights_only is not False).load()
