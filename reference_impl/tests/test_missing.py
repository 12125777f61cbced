"""Names of torch that are not here say so; the list of them is true."""

from __future__ import annotations

import importlib
from functools import reduce
from typing import Any

import pytest

import reference_impl as R
from reference_impl.missing import KNOWN, MissingName

NAMES = [(module, name) for module, names in KNOWN.items() for name in sorted(names)]


def module_of(torch: Any, path: str) -> Any:
    if path == "optim.lr_scheduler":
        return importlib.import_module(f"{torch.__name__}.{path}")
    return reduce(getattr, filter(None, path.split(".")), torch)


def test_what_is_listed_is_torchs_and_is_missing() -> None:
    torch = pytest.importorskip("torch")
    for module, name in NAMES:
        assert not hasattr(module_of(R, module), name), f"torch.{module}.{name} is there"
        if not hasattr(module_of(torch, module), name):  # a module that is imported by itself
            importlib.import_module(f"torch.{module}.{name}".replace("..", "."))


OFFERING = {*KNOWN, "autograd.forward_ad", "autograd.functional", "autograd.graph", "nn.init", "special"} - {"cuda"}


@pytest.mark.parametrize("module", sorted(OFFERING))
def test_what_torch_offers_is_here_or_listed(module: str) -> None:
    torch = pytest.importorskip("torch")
    theirs, ours = module_of(torch, module), module_of(R, module)
    internal = (
        {*dir(torch._C), *dir(torch._C._VariableFunctions)} if not module else set()
    )  # torch.__all__ has them all
    offered = {name for name in getattr(theirs, "__all__", ()) if not name.startswith("_") and hasattr(theirs, name)}
    for name in sorted(offered - internal):
        if not hasattr(ours, name):
            with pytest.raises(MissingName):
                getattr(ours, name)


@pytest.mark.parametrize(
    ("module", "name"),
    [("", "sparse_bsr_tensor"), ("nn", "SyncBatchNorm"), ("optim", "swap_in_optimizer_params_and_state")],
)
def test_a_missing_name_is_named(module: str, name: str) -> None:
    with pytest.raises(R.Unsupported, match=name):
        getattr(module_of(R, module), name)
    with pytest.raises(AttributeError, match=name):
        getattr(module_of(R, module), name)
    with pytest.raises(ImportError, match=name):
        exec(f"from {module_of(R, module).__name__} import {name}")


def test_what_torch_lacks_is_an_attribute_error_alone() -> None:
    for module in (R, R.nn, R.nn.functional, R.autograd, R.linalg, R.utils, R.func):
        with pytest.raises(AttributeError, match="has no attribute 'nope'") as error:
            module.nope  # noqa: B018
        assert not isinstance(error.value, MissingName)
