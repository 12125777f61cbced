"""Names of torch that are not here: they say so, by name.

`hasattr` finds them missing, as it finds what torch lacks; a typing error is told from them by its text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import Unsupported

# module of torch -> what it has and this package has not
NAMES = {
    "": """amp ao autocast autocast_decrement_nesting autocast_increment_nesting batch_norm classes compile complex32
        cond cosine_embedding_loss cpp cpu ctc_loss cudnn_convolution distributed distributions embedding
        embedding_bag Event export fake_quantize_per_channel_affine fake_quantize_per_tensor_affine float8_e4m3fn
        float8_e5m2 fx GradScaler grid_sampler grid_sampler_2d grid_sampler_3d hinge_embedding_loss hub
        instance_norm jit kl_div lobpcg margin_ranking_loss mps mtia multiprocessing native_batch_norm
        native_group_norm native_layer_norm nested overrides package poisson_nll_loss profiler
        quantization quantize_per_channel quantize_per_tensor sparse sparse_bsc_tensor sparse_bsr_tensor
        sparse_compressed_tensor sparse_coo_tensor sparse_csc_tensor sparse_csr_tensor Stream Tag
        triplet_margin_loss while_loop xpu""",
    "autograd": "profiler profiler_legacy profiler_util",
    "cuda": "amp Event graph graphs memory nvtx Stream stream",
    "func": "debug_unwrap rearrange",
    "linalg": "ldl_factor ldl_factor_ex ldl_solve",
    "masked": "as_masked_tensor is_masked_tensor masked_tensor MaskedTensor",
    "nn": """CrossMapLRN2d LinearCrossEntropyLoss SyncBatchNorm
        attention intrinsic parallel qat quantizable quantized""",
    "nn.functional": "grouped_mm scaled_grouped_mm scaled_mm",
    "optim": "SparseAdam",
    "utils": "cpp_extension swap_tensors",
}  # fmt: skip
KNOWN = {module: frozenset(names.split()) for module, names in NAMES.items()}


class MissingName(Unsupported, AttributeError):
    """A name that torch has."""


def missing(module: str, name: str) -> AttributeError:
    """What a module's `__getattr__` raises for a name that it has not."""
    full = f"torch.{module}" if module else "torch"
    if name in KNOWN.get(module, ()):
        return MissingName(f"{full}.{name}")
    return AttributeError(f"module '{full}' has no attribute '{name}'")


def getter(module: str) -> Callable[[str], Any]:
    """The `__getattr__` of a module whose names are all there."""

    def look(name: str) -> Any:
        raise missing(module, name)

    return look
