"""The public functions one by one: each ignores each of its options, says other words in its errors, raises other errors."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from conformance.mutants.mutant import SPEAKS_OF_ERRORS, Mutant, Torch, patched, register, wrapped

Changed = contextlib.AbstractContextManager[None]

FUNCTIONS = """
Tensor.backward | tensor.backward.* backward.* | retain_graph create_graph inputs
Tensor.detach_ | tensor.detach-inplace.* forward-ad.detach-inplace.* |
Tensor.register_hook | tensor.register-hook.* |
Tensor.register_post_accumulate_grad_hook | tensor.post-accumulate-hook.* |
Tensor.requires_grad_ | tensor.requires-grad-inplace.* requires-grad.* inference.set-requires-grad*
    grad-mode.inference-mode.requires* |
Tensor.retain_grad | tensor.retain-grad.* grad-mode.* |
Tensor.numpy | tensor.numpy.* |
Tensor.data | tensor.data.* variable.* |
Tensor.grad | tensor.grad.* |
Tensor.grad_dtype | tensor.grad-dtype.* |
Tensor.requires_grad | tensor.requires-grad.* requires-grad.* |
autograd.Function.__call__ | function.instantiation.* |
autograd.backward | backward.* graph.get-gradient-edge.* | retain_graph create_graph grad_variables
    inputs
autograd.forward_ad.enter_dual_level | forward-ad.enter-dual-level.* forward-ad.dual-level.* |
autograd.forward_ad.exit_dual_level | forward-ad.exit-dual-level.* | level
autograd.forward_ad.make_dual | forward-ad.make-dual.* forward-ad.dual-level.* forward-ad.coverage.* | level
autograd.forward_ad.unpack_dual | forward-ad.unpack-dual.* | level
autograd.functional.hessian | functional.hessian.* | create_graph strict vectorize outer_jacobian_strategy
autograd.functional.hvp | functional.hvp.* | v create_graph strict
autograd.functional.jacobian | functional.jacobian.* functional.common.* | create_graph strict vectorize strategy
autograd.functional.jvp | functional.jvp.* | v create_graph strict
autograd.functional.vhp | functional.vhp.* | v create_graph strict
autograd.functional.vjp | functional.vjp.* | v create_graph strict
autograd.grad | grad.* | grad_outputs retain_graph create_graph only_inputs allow_unused is_grads_batched
    materialize_grads
autograd.gradcheck | gradcheck.* | eps atol rtol raise_exception nondet_tol check_undefined_grad check_grad_dtypes
    check_batched_grad check_batched_forward_grad check_forward_ad check_backward_ad fast_mode masked
autograd.gradgradcheck | gradgradcheck.* | grad_outputs gen_non_contig_grad_outputs raise_exception
    nondet_tol check_undefined_grad check_batched_grad check_fwd_over_rev check_rev_over_rev
    fast_mode
autograd.graph.get_gradient_edge | graph.get-gradient-edge.* |
autograd.graph.increment_version | graph.increment-version.* |
autograd.graph.register_multi_grad_hook | graph.register-multi-grad-hook.* | mode
autograd.graph.set_warn_on_accumulate_grad_stream_mismatch | graph.set-warn-on-accumulate-grad-stream-mismatch.* |
autograd.graph.set_override_stale_capture_stream | graph.set-override-stale-capture-stream.* |
autograd.grad_mode.set_multithreading_enabled.__init__ | grad-mode.set-multithreading-enabled.* |
autograd.graph.save_on_cpu.__init__ | graph.save-on-cpu.* | pin_memory device_type
autograd.graph.saved_tensors_hooks.__init__ | graph.saved-tensors-hooks.* savedhooks.* |
autograd.graph.disable_saved_tensors_hooks | graph.disable-saved-tensors-hooks.* |
autograd.graph.region_activation_memory_budget | graph.region-activation-memory-budget.* |
autograd.profiler.emit_itt.__init__ | profiler.emit-itt.* | enabled
autograd.profiler.emit_itt.__enter__ | profiler.emit-itt.* |
autograd.profiler.emit_nvtx.__init__ | profiler.emit-nvtx.* | enabled
autograd.profiler.emit_nvtx.__enter__ | profiler.emit-nvtx.* |
autograd.profiler.profile.__init__ | profiler.profile.* | enabled use_device record_shapes with_flops profile_memory
    with_stack use_kineto use_cpu acc_events use_cuda
autograd.profiler.profile.__enter__ | profiler.profile.* |
autograd.profiler.profile.table | profiler.profile.table* | sort_by
autograd.profiler.profile.key_averages | profiler.profile.* | group_by_input_shape group_by_overload_name
autograd.profiler.load_nvprof | profiler.load-nvprof.* |
autograd.profiler_util.EventList.table | profiler.profile.table* | sort_by
autograd.profiler.record_function.__init__ | profiler.record-function.* |
func.jvp | tut.fwad.func-jvp-needs-tangent-for-every-primal |
func.jacrev | tut.jacobians.argnums-tuple | argnums
set_grad_enabled.__init__ | grad-mode.set-grad-enabled.* |
autograd.set_detect_anomaly.__init__ | anomaly.set-detect-anomaly.* | check_nan
autograd.detect_anomaly.__init__ | anomaly.detect-anomaly.* anomaly.check-nan.* | check_nan
amp.custom_fwd | amp.custom-fwd* | cast_inputs
utils.checkpoint.checkpoint | checkpoint.* | use_reentrant context_fn determinism_check debug early_stop
    preserve_rng_state
utils.checkpoint.checkpoint_sequential | checkpoint.sequential.* | use_reentrant preserve_rng_state
utils.checkpoint.create_selective_checkpoint_contexts | checkpoint.selective.* | allow_cache_entry_mutation
"""
"""Public functions and settable attributes, by their names under torch; the claims about them; the options that they take.
An indented line goes on."""


def _place(torch: Torch, path: str) -> tuple[Any, str]:
    *spaces, name = path.split(".")
    owner = torch
    for space in spaces:
        owner = getattr(owner, space)
    return owner, name


def without(torch: Torch, path: str, option: str) -> Changed:
    """The function takes the option and does not heed it."""
    owner, name = _place(torch, path)
    parameters = inspect.signature(getattr(owner, name)).parameters

    def around(real: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        keywords.pop(option, None)
        position = list(parameters).index(option) if option in parameters else len(arguments)
        if position < len(arguments):
            arguments = (*arguments[:position], parameters[option].default, *arguments[position + 1 :])
        return real(*arguments, **keywords)

    return wrapped(owner, name, around)


def _raising(torch: Torch, path: str, other: Callable[[Exception], Exception]) -> Changed:
    def around(real: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        try:
            return real(*arguments, **keywords)
        except Exception as error:
            raise other(error) from None

    owner, name = _place(torch, path)
    raw = inspect.getattr_static(owner, name)
    if not hasattr(raw, "__set__"):
        return wrapped(owner, name, around)
    accesses: list[Any] = [partial(around, getattr(raw, f"__{how}__")) for how in ("get", "set", "delete")]
    return patched(owner, name, property(*accesses))


def _without_words(error: Exception) -> Exception:
    try:
        return type(error)("it does not work")
    except TypeError:  # an exception that takes other arguments
        return error


def other_words(torch: Torch, path: str) -> Changed:
    """The function's errors say something else."""
    return _raising(torch, path, _without_words)


def other_errors(torch: Torch, path: str) -> Changed:
    """The function's errors are of a class that torch does not use."""
    return _raising(torch, path, lambda error: OverflowError(str(error)))


def _register_all() -> None:
    for row in re.split(r"\n(?! )", FUNCTIONS.strip()):
        path, claims, options = (part.split() for part in row.split("|"))
        name = path[0].removesuffix(".__init__")
        for kind, change in (("words", other_words), ("errors", other_errors)):
            about = f"{name}: {change.__doc__}"
            made = partial(change, path=path[0])
            register(Mutant(f"{name}:{kind}", about, tuple(claims), None, made, says=SPEAKS_OF_ERRORS, made=True))
        for option in options:
            about, made = f"{name} does not heed {option}.", partial(without, path=path[0], option=option)
            says = rf"{option}|{option.replace('_', '-')}"
            register(Mutant(f"{name}:{option}", about, tuple(claims), None, made, says=says, made=True))


_register_all()
