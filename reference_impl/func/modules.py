"""torch.func on modules: calling one with other parameters, stacking several, normalising without statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..nn.modules.batchnorm import _BatchNorm
from ..nn.modules.state import swapped
from ..tensor import Tensor


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: Any = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module with other tensors in place of its parameters and buffers (source: torch.func.functional_call).

    tie_weights: what shares a tensor with a given name gets the new one too. strict: every name must be given, and known.
    """
    parts = parameter_and_buffer_dicts
    if not isinstance(parts, Mapping | Sequence):
        raise ValueError(
            f"Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got {type(parts)}"
        )
    dictionaries = (parts,) if isinstance(parts, Mapping) else parts
    times = Counter(name for part in dictionaries for name in part)
    twice = [name for name, count in times.items() if count > 1]
    if twice:
        raise ValueError(f"{twice} appeared in multiple dictionaries; behavior of functional call is ambiguous")
    given: dict[str, Any] = {name: t for part in dictionaries for name, t in part.items()}
    own = dict(module.named_parameters(remove_duplicate=False)) | dict(module.named_buffers(remove_duplicate=False))
    if tie_weights:
        by_tensor = {id(own[n]): t for n, t in given.items() if n in own}
        given = {n: by_tensor[id(t)] for n, t in own.items() if n not in given and id(t) in by_tensor} | given
    missing, unknown = sorted(own.keys() - given), sorted(given.keys() - own)
    if strict and (missing or unknown):
        lines = [f"\n\tUnexpected key(s): {', '.join(map(repr, unknown))}."] if unknown else []
        lines += [f"\n\tMissing key(s): {', '.join(map(repr, missing))}."] if missing else []
        raise RuntimeError(f"Error(s) in reparametrizing for {type(module).__name__}:" + "".join(lines))
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with swapped(module, {n: t for n, t in given.items() if n in own}):
        return module(*args, **(kwargs or {}))


def stack_module_state(models: Any) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The parameters and the buffers of modules of one class, each stacked into one new leaf, for vmap
    (source: torch.func.stack_module_state)."""
    models = list(models)
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if len({m.training for m in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if len({type(m) for m in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    return tuple(stacked([dict(getattr(m, kind)()) for m in models]) for kind in ("named_parameters", "named_buffers"))


def stacked(states: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    from .. import stack

    found = {}
    for name in states[0]:
        tensors = [s[name] for s in states]
        if len({t.requires_grad for t in tensors}) > 1:
            raise RuntimeError(f"Expected {name} from each model to have the same .requires_grad")
        whole = stack(tensors)
        found[name] = whole.detach().requires_grad_() if tensors[0].requires_grad else whole
    return found


def replace_all_batch_norm_modules_(root: Any) -> Any:
    """root, whose batch norms keep running statistics no more, and so write into nothing
    (source: torch.func.replace_all_batch_norm_modules_)."""
    for module in root.modules():
        if isinstance(module, _BatchNorm) and module.track_running_stats:
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root
