"""How operators compute a whole batch at once (see batching/__init__.py, Note [Batched tensors]).

A rule takes the row, its arguments by name with every tensor already physical (batch first), and which of them are
batched; it returns the physical result, or NotImplemented for a case that it leaves to the samples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import dtypes
from ..placement import CHANNELS_LAST, channels_last_3d
from ..tensor import Tensor

Rule = Callable[[Any, dict[str, Any], set[str]], Any]
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    def take(f: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, f))
        return f

    return take


def call(row: Any, args: tuple) -> Any:
    named = {a.name: x for a, x in zip(row.args, args, strict=True)}
    positional = [named[a.name] for a in row.args if not a.keyword_only]
    return row.function(*positional, **{a.name: named[a.name] for a in row.args if a.keyword_only})


def first(a: dict[str, Any]) -> Any:
    return next(iter(a.values()))


def inside(d: int, n: int) -> int:
    """A dimension of the sample, which has n, as one of the batch."""
    if not -max(n, 1) <= d < max(n, 1):
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-max(n, 1)}, {max(n, 1) - 1}], but got {d})"
        )
    return d % max(n, 1) + 1


def only_self(which: set[str], a: dict[str, Any]) -> bool:
    return which == {next(iter(a))}


@rule("clone", "alias", "conj", "conj_physical", "real_part", "imaginary_part", "cast", "make_dual", "fw_primal", "abs",
      "sgn", "angle", "contiguous", "zero", "layer_norm", "view_as_real")  # fmt: skip
def same(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    if a.get("memory_format") in CHANNELS_LAST:
        name = "ChannelsLast3d" if a["memory_format"] is channels_last_3d else "ChannelsLast"
        raise RuntimeError(
            "NYI: Tensor.clone(memory_format) inside vmap is only supported with memory_format torch.preserve_format or "
            f"torch.contiguous_format (got {name})"
        )
    return call(row, tuple(a.values())) if only_self(which, a) else NotImplemented


@rule("bernoulli", "poisson", "normal", "binomial")
def drawn(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    """The numbers of all samples at once; what sets them is aligned at the right."""
    if "p" in which:
        return NotImplemented
    tensors = [(x, name in which) for name, x in a.items() if isinstance(x, Tensor)]
    n = max(x.ndim - batched for x, batched in tensors)

    def at_the_right(x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], *(1,) * (n + 1 - x.ndim), *x.shape[1:])

    return call(row, tuple(at_the_right(x) if name in which else x for name, x in a.items()))


@rule("view_as_complex")
def of_pairs(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    return call(row, tuple(a.values())) if a["self"].ndim > 1 else NotImplemented


@rule("linked")
def linked(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    return call(row, tuple(a.values())) if "self" in which else NotImplemented


@rule("sum", "mean", "amax", "amin", "prod", "logsumexp", "_softmax", "_log_softmax", "cumsum", "cumsum_from_the_end",
      "cumprod", "cummax", "cummin", "logcumsumexp", "max", "min", "median", "mode_", "kthvalue", "var", "std", "var_mean",
      "std_mean", "linalg_vector_norm", "any", "all", "argmax", "argmin", "glu", "delay", "advance")  # fmt: skip
def along(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    """Operators along `dim`; without one, over the whole sample."""
    n = first(a).ndim - 1
    if not only_self(which, a) or not n:
        return NotImplemented
    if "dim" not in a:
        return NotImplemented
    dim = a["dim"]
    if dim in (None, (), ...):
        if row.name not in ("sum", "mean", "amax", "amin", "linalg_vector_norm", "var", "std", "var_mean", "std_mean"):
            return NotImplemented
        dim = tuple(range(1, n + 1))
    else:
        dim = inside(dim, n) if isinstance(dim, int) else tuple(inside(d, n) for d in dim)
    return call(row, tuple((a | {"dim": dim}).values()))


@rule("_softmax_backward_data", "_log_softmax_backward_data")
def both_along(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    """Operators of two tensors of one shape, along `dim`."""
    size = a[min(which)].shape[0]
    g, y = (a[n] if n in which else a[n].expand(size, *a[n].shape) for n in ("grad_output", "output"))
    return call(row, (g, y, inside(a["dim"], y.ndim - 1))) if y.ndim > 1 else NotImplemented


@rule("_cdist_forward", "_euclidean_dist")
def distances(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    """The batches of both are aligned at the right."""
    x, y = (a[n] if n in which else a[n].unsqueeze(0) for n in ("a", "b"))
    while x.ndim != y.ndim:
        x, y = (x.unsqueeze(1), y) if x.ndim < y.ndim else (x, y.unsqueeze(1))
    return call(row, (x, y, a["p"]) if "p" in a else (x, y))


@rule("spread")
def spread(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    g, shape, dim = a["self"], tuple(a["shape"]), a["dim"]
    n = len(shape)
    dims = (
        range(n)
        if dim is None or dim == ()
        else [d % n for d in ((dim,) if isinstance(dim, int) else dim)]
        if n
        else ()
    )
    kept = [1 if i in dims else s for i, s in enumerate(shape)]
    return g.reshape(g.shape[0], *kept).expand(g.shape[0], *shape)


@rule("broadcast", "expand")
def broadcast(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    x, size = a["self"], tuple(a["size"])
    n = x.ndim - 1
    padded = x.reshape(x.shape[0], *(1,) * (len(size) - n), *x.shape[1:])
    return padded.expand(x.shape[0], *size)


@rule("as_strided")
def as_strided(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    """A view of every sample: `offset` counts from its first element, as the strides do."""
    x, own = a["self"], a["own"]
    step = x.stride(0)
    size, stride = (x.shape[0], *a["size"]), (step, *a["stride"])
    return call(row, (x, size, stride, a["offset"], own and (step, *own), a["storage_offset"]))


@rule("sum_to")
def sum_to(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    g, size = a["self"], tuple(a["size"])
    lead = g.ndim - 1 - len(size)
    dims = [*range(1, lead + 1), *(i + lead + 1 for i, s in enumerate(size) if s == 1 and g.shape[i + lead + 1] != 1)]
    return (g.sum(tuple(dims)) if dims else g).reshape(g.shape[0], *size)


@rule("view", "_reshape_alias", "reshape_copy", "reshaped")
def reshape(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    from ..ops.dims import whole

    x = a["self"]
    return call(row, (x, (x.shape[0], *whole(tuple(x.shape[1:]), tuple(a["size"])))))


@rule("transpose", "select", "squeezed", "diagonal", "unfold", "flip", "roll", "unbind", "split", "split_with_sizes")
def dims(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    n = first(a).ndim - 1
    if row.name == "transpose" and not n:
        inside(a["dim0"], 0), inside(a["dim1"], 0)
        return a["self"]
    if row.name == "roll" and not a["dims"]:  # of the samples as they would be in one row
        return call(row, (a["self"].reshape(a["self"].shape[0], -1), a["shifts"], (1,))).reshape(a["self"].shape)
    names = [k for k in a if k.startswith("dim")]
    if not only_self(which, a) or not n or any(a[k] is None for k in names):
        return NotImplemented
    moved = {k: inside(a[k], n) if isinstance(a[k], int) else tuple(inside(d, n) for d in a[k]) for k in names}
    return call(row, tuple((a | moved).values()))


@rule("slice", "basic", "basic_adjoint")
def basic(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    """Basic indexing: the batch is not indexed."""
    index = a["index"] if isinstance(a["index"], tuple) else (a["index"],)
    changed = {"index": (slice(None), *index)}
    if "shape" in a:
        changed["shape"] = (a["self"].shape[0], *a["shape"])
    return call(row, tuple((a | changed).values()))


@rule("index")
def index(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    """Indexing by arrays that the samples share: one array, along the first dimension."""
    if not only_self(which, a) or len(a["indices"]) != 1 or not isinstance(a["indices"][0], Tensor):
        return NotImplemented
    k = a["indices"][0]
    if k.dtype.category != dtypes.INTEGER or k.ndim != 1:
        return NotImplemented
    return a["self"].index_select(1, k)


@rule("masked_select")
def masked_select(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    if "mask" in which:
        raise RuntimeError(
            "vmap: Attempted to vmap over `mask` in torch.masked_select(self, mask) We cannot support this because for each "
            "batch this would return a differently shaped Tensor. Please file an issue at "
            "https://github.com/pytorch/pytorch/issues if you need this feature."
        )
    return NotImplemented


@rule("cat", "stack")
def joined(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    ndim = max(t.ndim for t in a["tensors"])
    # samples of shape (0,) go with all others
    tensors = [t for t in a["tensors"] if not t.ndim == 2 < ndim or t.shape[1]]
    return call(row, (tensors, inside(a["dim"], ndim - 1 + (row.name == "stack"))))


@rule("convolution")
def conv(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    """A batch of batches is a batch."""
    if not only_self(which, a):
        return NotImplemented
    x = a["input"]
    y = call(row, tuple((a | {"input": x.reshape(-1, *x.shape[2:])}).values()))
    return y.reshape(*x.shape[:2], *y.shape[1:])


@rule("t")
def t(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    x = a["self"]
    return x if x.ndim < 3 else x.transpose(1, 2)


@rule("permute")
def permute(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    n = a["self"].ndim - 1
    return call(row, (a["self"], (0, *(inside(d, n) for d in a["dims"]))))


@rule("unsqueeze")
def unsqueeze(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    return call(row, (a["self"], inside(a["dim"], a["self"].ndim)))


@rule("squeeze")
def squeeze(row: Any, a: dict[str, Any], which: set[str]) -> Any:
    x, dim = a["self"], a["dim"]
    if x.ndim == 1 and isinstance(dim, int) and dim:
        raise RuntimeError(f"Dimension is out of range (expected to be in range of [-1, 0], but got [{dim}]")
    dims_ = range(x.ndim - 1) if dim is ... else (dim,) if isinstance(dim, int) else dim
    gone = {inside(d, x.ndim - 1) for d in dims_} if x.ndim > 1 else set()
    return x.reshape(tuple(s for i, s in enumerate(x.shape) if i not in gone or s != 1))
