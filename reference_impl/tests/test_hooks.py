"""Hooks on tensors, nodes and saved tensors, and torch.autograd.graph: as in torch."""

from __future__ import annotations

from typing import Any

import pytest

from reference_impl.tests.twice import Log, same_on_both


def test_order_at_a_node_and_at_a_leaf() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = x * 2
        y.retain_grad()
        y.grad_fn.register_prehook(lambda gs: log("pre", y.grad is not None))
        y.grad_fn.register_hook(lambda gi, go: log("post", gi, go))
        y.register_hook(lambda g: log("tensor", y.grad is not None))
        node = torch.autograd.graph.get_gradient_edge(x).node
        node.register_prehook(lambda gs: log("leaf pre", x.grad is not None))
        node.register_hook(lambda gi, go: log("leaf post", gi, x.grad is not None))
        x.register_post_accumulate_grad_hook(lambda t: log("after", t is x, x.grad, torch.is_grad_enabled()))
        x.register_hook(lambda g: log("leaf", x.grad is not None))
        y.sum().backward()
        torch.autograd.grad((x * 2).sum(), x)
        u = x.detach().requires_grad_().unbind()
        u[0].register_hook(lambda g: log("first", g))
        u[1].register_hook(lambda g: log("second", g))
        u[0].grad_fn.register_prehook(lambda gs: log(gs))
        (u[0] * 2).backward()

    same_on_both(script)


def test_hooks_and_retain_grad_across_in_place() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = x * 1
        y.register_hook(lambda g: log("before", g))
        y.retain_grad()
        y.mul_(3)
        y.register_hook(lambda g: log("after", g))
        y.sum().backward()
        log(y.grad, x.grad)
        y = x * 1
        v = y[:1]
        y.retain_grad()
        v.mul_(3)
        y.sum().backward()
        log(y.grad, x.grad, y.retains_grad)

    same_on_both(script)


def test_what_hooks_may_not_return() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)

        def tried(register: Any, result: Any) -> None:
            def hook(*_: Any) -> Any:
                return result

            y = x * 2
            register(y, hook)
            log.attempt(lambda: y.sum().backward())

        g, wide, wrong = torch.ones(3), torch.ones(2), torch.ones(3, dtype=torch.float64)
        for result in (g, (g, g), (wide, None), (wrong, None), (1, None), (g,), (None, None)):
            tried(lambda y, hook: y.grad_fn.register_hook(hook), result)
        for result in ([g], (g, g), (wide,), (None,)):
            tried(lambda y, hook: y.grad_fn.register_prehook(hook), result)
        for result in (1, wide, wrong):
            tried(lambda y, hook: y.register_hook(hook), result)
        for result in (1, g):
            q = torch.ones(2, requires_grad=True)
            q.register_post_accumulate_grad_hook(lambda t, result=result: result)
            log.attempt(lambda q=q: (q * 2).sum().backward())
        log.attempt(lambda: torch.ones(2).register_hook(print))
        log.attempt(lambda: torch.ones(2).retain_grad())
        log.attempt(lambda: (x * 2).register_post_accumulate_grad_hook(print))

    same_on_both(script)


def test_saved_tensors_hooks() -> None:
    def script(torch: Any, log: Log) -> None:
        graph = torch.autograd.graph
        x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)

        def pack(t: Any) -> Any:
            log("pack", t, t is x)
            return t.detach() * 2

        def unpack(t: Any) -> Any:
            log("unpack", t)
            return t / 2

        with graph.saved_tensors_hooks(pack, unpack):
            y = x * x
            w = (y.sqrt() * y).sum()
        w.backward(retain_graph=True)
        (g,) = torch.autograd.grad(w, x, create_graph=True)
        g.sum().backward()
        log(x.grad, y.grad_fn._saved_self if False else None)

        def with_hooks(one: Any, other: Any) -> Any:
            with graph.saved_tensors_hooks(one, other):
                return (x * x).sum().backward()

        def changing(t: Any) -> Any:
            t.detach().mul_(1)
            return t

        def same(t: Any) -> Any:
            return t

        for pair in ((changing, same), (lambda t: 1, same), (lambda t: 1 / 0, same), (same, lambda t: 1 / 0)):
            log.attempt(lambda pair=pair: with_hooks(*pair))
        for error_message in ("refused",):
            with graph.disable_saved_tensors_hooks(error_message):
                log.attempt(lambda: with_hooks(same, same))

    same_on_both(script)


def test_hooks_on_one_saved_tensor() -> None:
    def script(torch: Any, log: Log) -> None:
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = x * x
        raw = y.grad_fn._raw_saved_self
        raw.register_hooks(lambda t: log("pack", t.requires_grad), lambda _: torch.tensor([5.0, 5.0]))
        log.attempt(lambda: raw.register_hooks(lambda t: t, lambda t: t))
        log(y.grad_fn._saved_self)
        y.sum().backward()
        log(x.grad)
        log.attempt(lambda: raw.register_hooks(lambda t: t, lambda t: t))
        y = x * torch.ones(2)
        log.attempt(lambda: y.grad_fn._raw_saved_self.register_hooks(lambda t: t, lambda t: t))
        log.attempt(lambda: y.grad_fn._saved_self)
        log.attempt(lambda: type(raw)())

    same_on_both(script)


def test_mutation_of_saved_tensors() -> None:
    def script(torch: Any, log: Log) -> None:
        graph = torch.autograd.graph
        with graph.allow_mutation_on_saved_tensors() as ctx:
            a = torch.ones(2, 3, requires_grad=True)
            b = a.clone()
            out = (b**2).sum()
            log(len(ctx.original), len(ctx.cloned))
            b.sin_()
            log(len(ctx.original), len(ctx.cloned))
            out.backward()
            log(a.grad, type(ctx).__name__)
            log.attempt(lambda: graph.allow_mutation_on_saved_tensors().__enter__())
            out = (a.clone() ** 2).sum()
        log(len(ctx.original), len(ctx.cloned))
        log.attempt(lambda: out.backward())

    same_on_both(script)


def test_edges() -> None:
    def script(torch: Any, log: Log) -> None:
        graph, grad = torch.autograd.graph, torch.autograd.grad
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        z = x * 2
        y = z.sum()
        edge = graph.get_gradient_edge(z)
        log(edge.node is z.grad_fn, edge.output_nr, edge.ownership_token, edge._fields)
        log(graph.get_gradient_edge(x).node.name())
        log.attempt(lambda: graph.get_gradient_edge(torch.ones(2)))
        log(grad(y, edge, retain_graph=True), grad(graph.get_gradient_edge(y), [edge, x], retain_graph=True))
        by_hand, v = graph.GradientEdge(z.grad_fn, 0), torch.ones(2)
        log(grad(y, [by_hand], retain_graph=True))
        log(grad(by_hand, x, v, retain_graph=True), grad([by_hand, y], [x], [v, None], retain_graph=True))
        log(grad(by_hand, graph.GradientEdge(z.grad_fn.next_functions[0][0], 0), v, retain_graph=True))
        u = x.unbind()
        second = graph.get_gradient_edge(u[1])
        log(second.output_nr, grad(u[0] * 2 + u[1] * 3, second))

    same_on_both(script)


@pytest.mark.parametrize("mode", ["all", "any"])
def test_multi_grad_hooks(mode: str) -> None:
    def script(torch: Any, log: Log) -> None:
        register = torch.autograd.graph.register_multi_grad_hook
        a, b = torch.full((2, 3), 2.0, requires_grad=True), torch.full((2, 3), 3.0, requires_grad=True)
        c, d = a * b, a * b
        handle = register((a, b, c, d), log, mode=mode)
        c.sum().backward(retain_graph=True)
        c.sum().backward(inputs=(a,), retain_graph=True)
        log.attempt(lambda: torch.autograd.grad(c.sum(), [a], retain_graph=True))
        c.backward(torch.ones(2, 3), retain_graph=True)
        c.backward(torch.ones(2, 3), inputs=(a, c), retain_graph=True)
        torch.autograd.backward((c, d), (torch.ones(2, 3), torch.ones(2, 3)), retain_graph=True)
        handle.remove()
        c.sum().backward()
        log.attempt(lambda: register((a,), print, mode="xx"))
        log.attempt(lambda: register((a, torch.ones(2)), lambda g: None))

    if mode == "all":
        same_on_both(script)
    else:
        same_on_both(lambda torch, log: any_mode(torch, log))


def any_mode(torch: Any, log: Log) -> None:
    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    torch.autograd.graph.register_multi_grad_hook((a, b), log, mode="any")
    (a * b).sum().backward()
    torch.autograd.grad((a * b * 2).sum(), [a, b])


def test_hooks_of_a_node_see_the_gradients_that_were_asked_for() -> None:
    def script(torch: Any, log: Log) -> None:
        class Product(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any, w: Any) -> Any:
                return x * w

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                return g * 2, g * 3

        def play(y: Any, *inputs: Any) -> None:
            y.grad_fn.register_hook(lambda *gs: log("ran", *gs))
            s = (y * 2).sum()
            s.backward(inputs=inputs, retain_graph=True)
            log(x.grad, w.grad)
            log(torch.autograd.grad(s, inputs, retain_graph=True, allow_unused=True))
            found = torch.autograd.grad(s, inputs, create_graph=True, allow_unused=True)
            log([None if g is None else g.detach() for g in found])
            x.grad = w.grad = None

        x, w = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 4.0], requires_grad=True)
        for f in (
            lambda: Product.apply(x, w), lambda: x * w, lambda: x + w, lambda: torch.cat([x, w]), lambda: x.clone() * 3 + w,
            lambda: torch.where(x > 1, x, w), lambda: torch.dot(x, w),
        ):  # fmt: skip
            play(f(), x)
            play(f(), w)
            play(y := f(), y)
            play(y := f(), x, y)
        a, b = torch.ones(2, 2, requires_grad=True).unbind()
        play(a, a)
        play(b, a, b)

    same_on_both(script)
