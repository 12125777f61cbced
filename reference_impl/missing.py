"""Names of torch that are not here: they say so, by name.

`hasattr` finds them missing, as it finds what torch lacks; a typing error is told from them by its text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import Unsupported

# module of torch -> what it has and this package has not
NAMES = {
    "": """AcceleratorError ao BoolStorage
        ByteStorage CharStorage classes compile complex32 cond cosine_embedding_loss cpp cpu ctc_loss
        cudnn_convolution distributions DoubleStorage embedding embedding_bag Event export
        fake_quantize_per_channel_affine fake_quantize_per_tensor_affine float8_e4m3fn float8_e5m2 FloatStorage from_file fx
        get_deterministic_debug_mode get_device_module grid_sampler grid_sampler_2d grid_sampler_3d
        hash_tensor hinge_embedding_loss hub instance_norm IntStorage jit kl_div lobpcg LongStorage margin_ranking_loss mps mtia
        multiprocessing native_batch_norm native_channel_shuffle native_group_norm native_layer_norm nested onnx OutOfMemoryError
        package poisson_nll_loss quantization quantize_per_channel quantize_per_tensor quasirandom
        set_deterministic_debug_mode ShortStorage sparse_bsc sparse_bsc_tensor sparse_bsr sparse_bsr_tensor
        sparse_compressed_tensor Stream sym_float
        sym_fresh_size sym_int sym_ite sym_max sym_min sym_not sym_sqrt sym_sum SymBool SymFloat SymInt Tag
        thread_safe_generator triplet_margin_loss TypedStorage UntypedStorage while_loop xpu
        bit bits16 bits1x8 bits2x4 bits4x2 bits8 chalf float4_e2m1fn_x2 float8_e4m3fnuz float8_e5m2fnuz
        float8_e8m0fnu int1 int2 int3 int4 int5 int6 int7 qint32 qint8 quint2x4 quint4x2 quint8 uint1 uint2 uint3
        uint4 uint5 uint6 uint7""",
    "distributed": "all_gather all_reduce barrier broadcast get_rank get_world_size init_process_group new_group",
    "cuda": "amp Event graph graphs memory nvtx profiler Stream stream",
    "func": "debug_unwrap rearrange",
    "linalg": "ldl_factor ldl_factor_ex ldl_solve",
    "masked": "as_masked_tensor is_masked_tensor masked_tensor MaskedTensor",
    "nn": """attention Container CrossMapLRN2d intrinsic LinearCrossEntropyLoss LinearCrossEntropyOptions
        NLLLoss2d parallel qat quantizable quantized RNNCellBase SyncBatchNorm""",
    "nn.functional": "grouped_mm native_channel_shuffle scaled_grouped_mm scaled_mm",
    "optim": "swap_in_optimizer_params_and_state",
    "nn.utils": "clip_grad_norm",
    "sparse": """BFloat16Tensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor LongTensor sampled_addmm
        semi_structured ShortTensor SparseSemiStructuredTensor SparseSemiStructuredTensorCUSPARSELT
        SparseSemiStructuredTensorCUTLASS spdiags to_sparse_semi_structured""",
    "overrides": """BaseTorchFunctionMode enable_reentrant_dispatch get_default_nowrap_functions get_ignored_functions
        get_overridable_functions get_testing_overrides redispatch_function resolve_name TorchFunctionMode""",
    "profiler": "ExecutionTraceObserver itt kineto_available profiler",
    "testing": "FileCheck make_tensor",
    "library": """define fallthrough_kernel get_ctx get_kernel impl impl_abstract infer_schema Library
        register_autocast register_torch_dispatch triton_op wrap_triton""",
    "utils": "benchmark cpp_extension swap_tensors",
    "utils.data": """argument_validation DataChunk default_convert DFIterDataPipe
        DistributedSampler functional_datapipe guaranteed_datapipes_determinism IterDataPipe
        MapDataPipe non_deterministic runtime_validation runtime_validation_disabled StackDataset""",
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
