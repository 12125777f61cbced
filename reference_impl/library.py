"""torch.library: operators that a user registers, and their gradients (source: torch.library.custom_op)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, Union

from .autograd.custom_vmap import custom_function
from .autograd.function import Function
from .batching.calls import by_samples
from .errors import Unsupported
from .graph.modes import GRAD, WATCHED, mode, set_mode
from .graph.watching import tell_of
from .missing import getter
from .operators import OpOverload, OpOverloadPacket
from .tensor import Tensor, storage_of

__getattr__ = getter("library")
from .trees import leaves

Operator = Union["CustomOpDef", OpOverload, OpOverloadPacket, str]
OPERATORS: dict[str, dict[str, CustomOpDef]] = {}  # by namespace and name; torch.ops.<namespace>.<name>


class CustomOpDef:
    """An operator of the user's; its function runs outside the graph."""

    def __init__(self, name: str, function: Callable[..., Any], mutates: tuple[str, ...]) -> None:
        self._namespace, _, self._name = name.partition("::")
        if not self._name:
            raise ValueError(
                f"Expected `name` to be of the form `namespace::name`, got {name}: it should have a namespace"
            )
        self._function, self._mutates = function, mutates
        self._signature = inspect.signature(function)
        self.packet = OpOverloadPacket(self._name, self._namespace, self)
        self._fake: Callable[..., Any] | None = None
        self._vmap: Callable[..., Any] | None = None
        self.register_autograd(None)
        OPERATORS.setdefault(self._namespace, {})[self._name] = self

    @property
    def _qualname(self) -> str:
        return f"{self._namespace}::{self._name}"

    def __repr__(self) -> str:
        return f"<CustomOpDef({self._qualname})>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        changed = [given[n] for n in self._mutates]
        tensors = [t for t in leaves(bound.args) if isinstance(t, Tensor)]
        if any(hasattr(t, "level") for t in tensors):
            if self._vmap is None:
                return by_samples(self, self._name, list(bound.args), {})
            return custom_function(self._node_class, bound.args)
        recording = mode() & GRAD and any(t.requires_grad for t in tensors) and not changed
        result = self._node_class.apply(*bound.args) if recording else self._run(*bound.args)
        for t in changed:
            storage_of(t).bump()
        if mode() & WATCHED:
            tell_of(self.packet.default, bound.args, result)
        return result

    def _run(self, *args: Any) -> Any:
        old = mode()
        set_mode(old & ~WATCHED)
        try:
            result = self._function(*args)
        finally:
            set_mode(old)
        memories = {t.untyped_storage().data_ptr() for t in leaves(args) if isinstance(t, Tensor) and t.numel()}
        for t in leaves(result):
            if isinstance(t, Tensor) and t.numel() and t.untyped_storage().data_ptr() in memories:
                raise RuntimeError(
                    f"{self._name} (with implementation in {inspect.getmodule(self._function)}): The output of this custom "
                    "operator (1) must not also be an input to this custom operator and (2) may not alias any inputs to this "
                    "custom operator or other returns. The most common way to trigger this error is if we have y = "
                    "custom_op(x) and y and x are the same Tensor. Please instead return a clone of the offending output "
                    "tensor(s) (e.g. return x.clone()) or refactor the custom operator to not return y."
                )
        return result

    def register_autograd(
        self, backward: Callable[..., Any] | None, /, *, setup_context: Callable[..., Any] | None = None
    ) -> None:
        """Let backward(ctx, *grads) compute the gradients from what setup_context(ctx, inputs, output) kept."""
        name, run = f"{self._namespace}.{self._name}.default", self._run

        def missing(ctx: Any, *grads: Any) -> Any:
            raise RuntimeError(
                f"Trying to backward through {name} but no autograd formula was registered. Please use register_autograd to "
                "add one."
            )

        def forward(ctx: Any, *args: Any) -> Any:
            result = run(*args)
            if setup_context is not None:
                setup_context(ctx=ctx, inputs=args, output=result)
            return result

        def rule(*args: Any) -> Any:
            assert self._vmap is not None
            return self._vmap(*args)

        body = {
            "forward": staticmethod(forward),
            "backward": staticmethod(backward or missing),
            "vmap": staticmethod(rule),
        }
        self._node_class = type(f"GeneratedBackwardFor_{name.replace('.', '_')}", (Function,), body)

    def register_fake(self, fn: Callable[..., Any], /) -> Callable[..., Any]:
        """What gives results of the right shapes and dtypes, without values; opcheck compares them."""
        self._fake = fn
        return fn

    def register_vmap(self, func: Callable[..., Any] | None = None) -> Any:
        """func(info, in_dims, *args) is the operator on batches: it returns the output, and where that has the batch."""
        if func is None:
            return self.register_vmap
        self._vmap = func
        return None

    def register_kernel(self, device_types: Any, fn: Callable[..., Any] | None = None, /) -> Any:
        """Another function for devices of a type; of those there is the CPU."""

        def register(fn: Callable[..., Any]) -> Callable[..., Any]:
            if device_types is None or "cpu" in device_types:
                self._function = fn
            return fn

        return register if fn is None else register(fn)


def custom_op(
    name: str,
    fn: Callable[..., Any] | None = None,
    /,
    *,
    mutates_args: str | Iterable[str],
    device_types: Any = None,
    schema: str | None = None,
    tags: Any = None,
) -> Any:
    """Make a function an operator that autograd does not look into (source: torch.library.custom_op).

    name: "namespace::name". mutates_args: the names of the arguments that it overwrites.
    """

    def define(fn: Callable[..., Any]) -> CustomOpDef:
        for p in inspect.signature(fn).parameters.values() if schema is None else ():
            if p.annotation is inspect.Parameter.empty:
                raise ValueError(
                    f"infer_schema(func): Parameter {p.name} must have a type annotation. Got func with signature "
                    f"{inspect.signature(fn)})"
                )
        return CustomOpDef(name, fn, (mutates_args,) if isinstance(mutates_args, str) else tuple(mutates_args))

    return define if fn is None else define(fn)


def register_autograd(
    op: Operator, backward: Callable[..., Any], /, *, setup_context: Callable[..., Any] | None = None
) -> None:
    """The gradient of an operator (source: torch.library.register_autograd)."""
    found(op).register_autograd(backward, setup_context=setup_context)


def register_fake(op: Operator, func: Callable[..., Any] | None = None, /) -> Any:
    """What stands for an operator where there are no values (source: torch.library.register_fake)."""
    return found(op).register_fake if func is None else found(op).register_fake(func)


def register_vmap(op: Operator, func: Callable[..., Any] | None = None, /, *, lib: Any = None) -> Any:
    """What an operator does under vmap; without it, samples are computed one by one (source: torch.library.register_vmap)."""
    return found(op).register_vmap(func)


def found(op: Operator) -> CustomOpDef:
    if isinstance(op, OpOverload):
        op = op.overloadpacket
    if isinstance(op, OpOverloadPacket):
        op = f"{op.namespace}::{op.__name__}"
    if isinstance(op, CustomOpDef):
        return op
    namespace, _, name = op.partition("::")
    if name not in OPERATORS.get(namespace, {}):
        raise Unsupported(f"torch.library: {op}, which is no operator of the user's")
    return OPERATORS[namespace][name]


# ---------------------------------------------------------------- opcheck


class OpCheckError(Exception):
    """An operator is not registered as it ought to be."""


def opcheck(
    op: Operator, args: tuple, kwargs: dict[str, Any] | None = None, *, raise_exception: bool = True
) -> dict[str, Any]:
    """Whether the operator is registered rightly: each test's name, with "SUCCESS" or the error (source: torch.library.opcheck).

    It changes nothing that it does not name, its results have a history, and its fake has their shapes. What torch tests
    beside that, its compiler, is not here.
    """
    tests = {
        "test_schema": check_schema, "test_autograd_registration": check_history, "test_faketensor": check_fake,
    }  # fmt: skip
    results: dict[str, Any] = {}
    for name, test in tests.items():
        try:
            test(found(op), args, kwargs or {})
            results[name] = "SUCCESS"
        except Exception as error:
            if raise_exception:
                raise OpCheckError(f"opcheck(op, ...): {name} failed with {error}") from error
            results[name] = error
    return results


def check_schema(op: CustomOpDef, args: tuple, kwargs: dict[str, Any]) -> None:
    given = op._signature.bind(*args, **kwargs).arguments
    before = {n: t.detach().clone() for n, t in given.items() if isinstance(t, Tensor) and n not in op._mutates}
    op(*args, **kwargs)
    for name, t in before.items():
        if not bool((given[name] == t).all()):
            raise RuntimeError(f"Argument {name} is not defined as mutable but was mutated")


def check_history(op: CustomOpDef, args: tuple, kwargs: dict[str, Any]) -> None:
    inputs = [t for t in leaves((args, kwargs)) if isinstance(t, Tensor) and t.requires_grad]
    outputs = [t for t in leaves(op(*args, **kwargs)) if isinstance(t, Tensor)]
    if inputs and outputs and not any(t.requires_grad for t in outputs):
        raise RuntimeError(f"{op._qualname}: an input requires grad, and no output does")


def check_fake(op: CustomOpDef, args: tuple, kwargs: dict[str, Any]) -> None:
    if op._fake is None:
        raise RuntimeError(f"There was no fake impl registered for {op}. Please use register_fake to add one.")
    real, fake = (list(leaves(f(*args, **kwargs))) for f in (op, op._fake))
    for r, f in zip(real, fake, strict=True):
        if isinstance(r, Tensor) and (r.shape, r.dtype) != (f.shape, f.dtype):
            raise RuntimeError(
                f"the fake has shape {f.shape} and dtype {f.dtype}, the operator {r.shape} and {r.dtype}"
            )
