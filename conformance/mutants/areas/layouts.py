"""Layouts of gradients: the strides of .grad, the policy about them, and whose memory .grad lies in."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from conformance.mutants.around import (
    Options,
    after_backward,
    around_backward,
    backward_options,
    cotangents,
    leaves,
    with_options,
)
from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


# -- strides


@mutant(
    "grad-layout.none.dense-param-*",
    "grad-layout.none.channels-last-param",
    "grad-layout.none.rules-hold-with-create-graph",
    "grad-layout.policy.default-enforced",
    "grad-layout.policy.disabled-not-stealable-unaffected",
    "grad-layout.existing.inplace-preserves-strides",
    "grad-layout.manual.kept-without-create-graph",
)
def grad_is_contiguous(torch: Torch) -> Changed:
    """.grad is contiguous, whatever the layout of its leaf."""

    def then(leaf: Any) -> None:
        if leaf.grad is not None and leaf.grad.layout == torch.strided and not leaf.grad.is_contiguous():
            with torch.no_grad():
                leaf.grad = leaf.grad.contiguous()

    return after_backward(torch, then)


@mutant(
    "grad-layout.none.overlapping-param-rowmajor",
    "grad-layout.none.non-dense-param-rowmajor",
    "grad-layout.none.rules-hold-with-create-graph",
)
def gradients_of_leaves_with_gaps_run_by_columns(torch: Torch) -> Changed:
    """.grad of a leaf that overlaps itself or has gaps is column-major."""

    def then(leaf: Any) -> None:
        if leaf.grad is None or leaf.dim() != 2 or torch.empty_like(leaf).stride() == leaf.stride():
            return
        by_columns = torch.empty_strided(leaf.shape, (1, leaf.shape[0]), dtype=leaf.dtype)
        leaf.grad = by_columns.copy_(leaf.grad).requires_grad_(leaf.grad.requires_grad)

    return after_backward(torch, then)


@mutant("grad-layout.reset-none.recreated")
def layouts_outlive_none(torch: Torch) -> Changed:
    """A .grad that is made after None has the strides of the one before."""
    before: list[tuple[Any, Any]] = []

    def then(leaf: Any) -> None:
        if leaf.grad is None or leaf.grad.dim() != 2:
            return
        for one, strides in before:
            if one is leaf and leaf.grad.stride() != strides:
                leaf.grad = torch.empty_strided(leaf.shape, strides, dtype=leaf.dtype).copy_(leaf.grad)
        before.append((leaf, leaf.grad.stride()))

    return after_backward(torch, then)


@mutant("grad-layout.zero-grad.keeps-layout")
def zero_grad_zeroes(torch: Torch) -> Changed:
    """zero_grad() of SGD writes zeros, as the documentation has it."""

    def change(options: Options) -> None:
        options["set_to_none"] = False

    return with_options(torch.optim.SGD, "zero_grad", change)


@mutant("grad-layout.sparse-excluded", only="torch")
def sparse_gradients_become_dense(torch: Torch) -> Changed:
    """A sparse gradient makes a dense .grad."""

    def then(leaf: Any) -> None:
        if leaf.grad is not None and leaf.grad.layout == torch.sparse_coo:
            leaf.grad = leaf.grad.to_dense()

    return after_backward(torch, then)


# -- a .grad that is there


@mutant("grad-layout.existing.replaced-with-create-graph", "grad-layout.existing.replaced-has-history")
def recorded_gradients_are_added_in_place(torch: Torch) -> Changed:
    """With create_graph=True the new gradient is added into the .grad that is there."""
    recording = [False]

    def change(options: Options) -> None:
        recording[0] = bool(options["create_graph"])

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        before = [(leaf, leaf.grad) for root in roots for leaf in leaves(root) if leaf.grad is not None]
        proceed(roots)
        for leaf, held in before if recording[0] else ():
            with torch.no_grad():
                held.copy_(leaf.grad)
            leaf.grad = held

    return _two(backward_options(torch, change), around_backward(torch, around))


@contextlib.contextmanager
def _two(first: Changed, second: Changed) -> Iterator[None]:
    with first, second:
        yield


@mutant("grad-layout.existing.replaced-tries-to-match-strides", "grad-layout.manual.likely-kept-with-create-graph")
def recorded_gradients_are_spread(torch: Torch) -> Changed:
    """With create_graph=True .grad has gaps between its elements."""

    def then(leaf: Any) -> None:
        if leaf.grad is None or not leaf.grad.requires_grad or leaf.dim() != 2:
            return
        leaf.grad = torch.stack([leaf.grad, leaf.grad], 2)[:, :, 0]

    return after_backward(torch, then)


# -- memory


@mutant("layout.grad.first-gradient-is-copied-when-still-referenced")
def cotangents_become_the_gradient(torch: Torch) -> Changed:
    """A cotangent that reaches a leaf unchanged becomes its .grad."""
    handed: list[Any] = []

    def note(root: Any, given: Any) -> Any:
        if isinstance(given, torch.Tensor):
            handed[:] = [given]
        return given

    def then(leaf: Any) -> None:
        if (
            handed
            and leaf.grad is not None
            and leaf.grad.shape == handed[0].shape
            and torch.equal(leaf.grad, handed[0])
        ):
            leaf.grad = handed[0]

    return _two(cotangents(torch, note), after_backward(torch, then))


@mutant("layout.grad.aliases-gradient-argument-through-view")
def cotangents_are_copied(torch: Torch) -> Changed:
    """A backward copies the cotangents that it is handed, as the documentation has it."""
    return cotangents(torch, lambda root, given: given.clone() if isinstance(given, torch.Tensor) else given)


# -- the policy


def _policy(torch: Torch) -> Any:
    return torch.autograd.grad_mode.enforce_grad_layout_policy


@mutant(
    "grad-layout.policy.disabled-steals-mismatched",
    "grad-layout.policy.disabled-suppresses-warning",
    "grad-layout.policy.function-form",
    "grad-layout.policy.context-restores",
    "grad-layout.policy.decorator",
)
def layout_policy_is_not_switched(torch: Torch) -> Changed:
    """enforce_grad_layout_policy(False) still enforces."""
    return wrapped(_policy(torch), "__init__", lambda real, self, enable=True: real(self, True))


@mutant("grad-layout.policy.default-enforced", "grad-layout.none.dense-param-matches-strides")
def layouts_are_not_enforced(torch: Torch) -> Changed:
    """A backward outside of any policy takes gradients with the strides that they have."""

    def around(proceed: Callable[[list[Any]], None], roots: list[Any]) -> None:
        with _policy(torch)(False):
            proceed(roots)

    return around_backward(torch, around)


@mutant("grad-layout.policy.default-true")
def layout_policy_is_off_by_default(torch: Torch) -> Changed:
    """enforce_grad_layout_policy() does not enforce."""
    return wrapped(_policy(torch), "__init__", lambda real, self, enable=False: real(self, enable))


@mutant("grad-layout.policy.context-restores")
def layout_policy_is_not_left(torch: Torch) -> Changed:
    """At the end of enforce_grad_layout_policy it stays as it was set."""
    return patched(_policy(torch), "__exit__", lambda self, *_: None)


@mutant("grad-layout.policy.function-form")
def layout_policy_waits(torch: Torch) -> Changed:
    """enforce_grad_layout_policy(False) as a plain call has no effect."""

    def make(real: Any, self: Any, enable: bool = True) -> None:
        real(self, enable)
        type(self).__exit__(self, None, None, None)

    return wrapped(_policy(torch), "__init__", make)


@mutant("grad-layout.policy.decorator")
def layout_policy_does_not_decorate(torch: Torch) -> Changed:
    """A function decorated with enforce_grad_layout_policy(False) enforces."""

    def decorate(real: Any, self: Any, function: Any) -> Any:
        real(self, function)
        return function

    return wrapped(_policy(torch), "__call__", decorate)


@mutant("grad-layout.policy.decorator")
def decorating_leaves_the_layout_policy(torch: Torch) -> Changed:
    """Decorating with enforce_grad_layout_policy(False) switches it off for good."""

    def decorate(real: Any, self: Any, function: Any) -> Any:
        made = real(self, function)
        type(self)(False)
        return made

    return wrapped(_policy(torch), "__call__", decorate)


@mutant("grad-layout.policy.thread-local")
def threads_inherit_the_layout_policy(torch: Torch) -> Changed:
    """A new thread has the layout policy that was set last."""
    last = [True]

    def make(real: Any, self: Any, enable: bool = True) -> None:
        last[0] = enable
        real(self, enable)

    def start(real: Any, self: Any) -> None:
        run, inherited = self.run, last[0]

        def inside() -> None:
            with _policy(torch)(inherited):
                run()

        self.run = inside
        real(self)

    return _two(wrapped(_policy(torch), "__init__", make), wrapped(threading.Thread, "start", start))
