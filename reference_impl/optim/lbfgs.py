"""L-BFGS: Newton's method with an inverse Hessian estimated from the last steps.

Nocedal and Wright, "Numerical Optimization" (2006): algorithm 7.4 for the direction, 3.5 and 3.6 for the line search
(source: torch.optim.LBFGS).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..autograd.grad_mode import enable_grad, no_grad
from ..tensor import Tensor
from .line_search import strong_wolfe
from .optimizer import Optimizer, in_parts


class LBFGS(Optimizer):
    """One group of parameters; step needs a closure that computes the loss and its gradients."""

    def __init__(
        self, params: Any, lr: float = 1, max_iter: int = 20, max_eval: int | None = None, tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9, history_size: int = 100, line_search_fn: str | None = None,
    ) -> None:  # fmt: skip
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        options = {
            "lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size,
            "line_search_fn": line_search_fn,
        }  # fmt: skip
        super().__init__(params, options)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    @property
    def variables(self) -> list[Tensor]:
        return self.param_groups[0]["params"]

    def gradient(self) -> Tensor:
        """All gradients as one vector, a complex one as twice as many real numbers."""
        from .. import cat, zeros_like

        gs = [zeros_like(p) if p.grad is None else p.grad.to_dense() for p in self.variables]
        return cat([in_parts(g).reshape(-1) for g in gs])

    def move(self, length: float, direction: Tensor) -> None:
        start = 0
        for p in map(in_parts, self.variables):
            p.add_(direction[start : start + p.numel()].view_as(p), alpha=length)
            start += p.numel()

    @no_grad()
    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Iterate until a tolerance or max_iter is reached; the loss of the first evaluation."""
        closure, group = enable_grad()(closure), self.param_groups[0]
        state = self.state[self.variables[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first = closure()
        loss, evaluations, iterations = float(first), 1, 0
        state["func_evals"] += 1
        g = self.gradient()
        if g.abs().max() <= group["tolerance_grad"]:
            return first
        while iterations < group["max_iter"]:
            iterations += 1
            state["n_iter"] += 1
            direction = self.direction(g, state)
            before, previous = loss, g.clone()
            state["prev_flat_grad"], state["prev_loss"] = previous, before
            length = group["lr"]
            if state["n_iter"] == 1:
                length = min(1.0, float(1.0 / g.abs().sum())) * group["lr"]
            slope, used = g.dot(direction), 0
            if slope > -group["tolerance_change"]:
                break
            if group["line_search_fn"] is not None:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")
                loss, g, length, used = self.search(closure, length, direction, loss, g, slope)
                self.move(length, direction)
                done = g.abs().max() <= group["tolerance_grad"]
            else:
                self.move(length, direction)
                done = False
                if iterations != group["max_iter"]:
                    loss = float(enable_grad()(closure)())
                    g, used = self.gradient(), 1
                    done = g.abs().max() <= group["tolerance_grad"]
            state["d"], state["t"] = direction, length
            evaluations += used
            state["func_evals"] += used
            still = float(direction.mul(length).abs().max()) <= group["tolerance_change"]
            if done or still or evaluations >= group["max_eval"] or abs(loss - before) < group["tolerance_change"]:
                break
        return first

    def direction(self, g: Tensor, state: dict[str, Any]) -> Tensor:
        """The estimated inverse Hessian times -g: the two loops over the remembered steps."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1, al=[])
            return g.neg()
        y, s = g.sub(state["prev_flat_grad"]), state["d"].mul(state["t"])
        curvature = y.dot(s)
        changes, steps, ro = state["old_dirs"], state["old_stps"], state["ro"]
        if curvature > 1e-10:
            if len(changes) == self.param_groups[0]["history_size"]:
                for kept in (changes, steps, ro):
                    kept.pop(0)
            changes.append(y)
            steps.append(s)
            ro.append(1.0 / curvature)
            state["H_diag"] = curvature / y.dot(y)
        q, weights = g.neg(), [None] * len(changes)
        for i in reversed(range(len(changes))):
            weights[i] = steps[i].dot(q) * ro[i]
            q.add_(changes[i], alpha=-weights[i].item())
        state["al"], found = weights, q.mul(state["H_diag"])
        for i in range(len(changes)):
            found.add_(steps[i], alpha=(weights[i] - changes[i].dot(found) * ro[i]).item())
        return found

    def search(
        self, closure: Callable[[], Any], length: float, direction: Tensor, loss: float, g: Tensor, slope: Tensor
    ) -> tuple[float, Tensor, float, int]:
        """A length that satisfies the strong Wolfe conditions: (loss, gradient, length, evaluations)."""
        start = [p.clone() for p in self.variables]

        def at(t: float) -> tuple[float, float, Tensor, Tensor]:
            self.move(t, direction)
            value, gradient = float(closure()), self.gradient()
            for p, old in zip(self.variables, start, strict=True):
                p.copy_(old)
            return t, value, gradient, gradient.dot(direction)

        return strong_wolfe(at, length, direction, (0.0, loss, g.clone(), slope))
