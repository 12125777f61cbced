"""ctx: a user's attributes and the engine's own do not meet (autograd/ctx.py, Note [ctx and its node])."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

import reference_impl as R
from reference_impl.autograd.ctx import BackwardCFunction
from reference_impl.autograd.custom import CustomNode
from reference_impl.tests.twice import Log, same_on_both

ENGINES = sorted(n for n in dir(CustomNode) if not n.startswith("__") and n not in dir(BackwardCFunction))


def test_the_engine_has_attributes_whose_names_a_user_may_take() -> None:
    assert {"next", "saved", "hooks", "seq", "outputs", "kept", "vjp", "fresh"} <= set(ENGINES)


def test_every_name_of_the_engine_is_free_on_ctx() -> None:
    class Square(R.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            for name in ENGINES:
                setattr(ctx, name, "mine, " + name)
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            assert all(getattr(ctx, name) == "mine, " + name for name in ENGINES)
            return 2 * ctx.saved_tensors[0] * g

    x = R.tensor([1.0, -3.0], requires_grad=True)
    y = Square.apply(x)
    assert vars(y.grad_fn) == {name: "mine, " + name for name in ENGINES}
    y.grad_fn.register_hook(lambda inputs, outputs: None)
    (first,) = R.autograd.grad(y, x, R.ones(2), create_graph=True)
    (second,) = R.autograd.grad(first.sum(), x)
    y.sum().backward()
    assert (first.tolist(), second.tolist(), x.grad.tolist()) == ([2.0, -6.0], [2.0, 2.0], [2.0, -6.0])
    assert vars(y.grad_fn) == {name: "mine, " + name for name in ENGINES}


NAMES = ["name", "next", "saved", "inputs", "outputs", "hooks", "shape", "dim", "args", "kwargs", "device", "dtype", "metadata",
         "next_functions", "saved_tensors", "saved_variables", "requires_grad", "needs_input_grad", "to_save", "dirty_tensors",
         "non_differentiable", "saved_for_forward", "_raw_saved_tensors", "register_hook", "apply", "_x"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_as_in_torch(name: str) -> None:
    def script(torch: Any, log: Log) -> None:
        class Twice(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                if name != "metadata":
                    log(hasattr(ctx, name))
                try:
                    setattr(ctx, name, (x,) if name in ("to_save", "saved_for_forward") else 5)
                except AttributeError as error:
                    log(error)
                if name in ("dirty_tensors", "non_differentiable"):
                    setattr(ctx, name, None)
                return x * 2

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                if name not in ("metadata", "next_functions", "_raw_saved_tensors"):
                    log(getattr(ctx, name))
                return g * 2

        x = torch.tensor([1.0], requires_grad=True)
        y = Twice.apply(x)
        log(vars(y.grad_fn))
        log.attempt(y.backward)
        log(x.grad)

    same_on_both(script)


def test_ctx_is_grad_fn() -> None:
    def script(torch: Any, log: Log) -> None:
        class Keep(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                kept.append(ctx)
                ctx.mine = 3
                return x * 2, x * 3

            @staticmethod
            def backward(ctx: Any, g: Any, h: Any) -> Any:
                log(ctx is kept[0], ctx.mine)
                return 2 * g + 3 * h

        kept: list[Any] = []
        x = torch.tensor([1.0], requires_grad=True)
        y, z = Keep.apply(x)
        w = y + z
        log(y.grad_fn is kept[0], z.grad_fn is kept[0], [f is kept[0] for f, _ in w.grad_fn.next_functions])
        log(isinstance(y.grad_fn, torch.autograd.graph.Node), isinstance(w.grad_fn, torch.autograd.graph.Node))
        log(isinstance(x, torch.autograd.graph.Node), type(y.grad_fn) is Keep._backward_cls, y.grad_fn.name())
        w.backward()
        y.grad_fn.mine = 4
        log(kept.pop().mine, x.grad)
        log(y.grad_fn.mine, y.grad_fn is y.grad_fn)
        found = y.grad_fn
        del y, z, w
        log(found.next_functions[0][0].variable is x, found.mine)

    same_on_both(script)


def test_a_graph_with_a_custom_function_goes_without_the_collector() -> None:
    class Same(R.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

    gc.disable()
    try:
        y = Same.apply(R.ones(2, requires_grad=True) * 1)
        y.sum().backward()
        node = weakref.ref(y.grad_fn._engine_node)
        del y
        assert node() is None
    finally:
        gc.enable()


def test_raw_saved_tensors_take_hooks() -> None:
    def script(torch: Any, log: Log) -> None:
        class Cube(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                y = x * x * x
                ctx.save_for_backward(x, None, y)
                return y

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                x, _, y = ctx.saved_tensors
                return 3 * y / x * g

        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = Cube.apply(x * 1)
        raw = y.grad_fn._raw_saved_tensors
        log(len(raw), raw[0].data, raw[0].unpack_hook, raw[1].unpack(), isinstance(raw[0], torch.autograd.SavedTensor))
        raw[0].register_hooks(lambda t: t * 10, lambda t: t)
        raw[2].register_hooks(lambda t: t * 10, lambda t: t)
        log(y.grad_fn.saved_tensors[0], y.grad_fn.saved_tensors[2])
        for i in (0, 1):
            try:
                raw[i].register_hooks(lambda t: t, lambda t: t)
            except RuntimeError as error:
                log(error)
        y.sum().backward()
        log(x.grad)
        try:
            log(y.grad_fn._raw_saved_tensors)
        except RuntimeError as error:
            log(error)

    same_on_both(script)
