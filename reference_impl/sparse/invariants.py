"""torch.sparse.check_sparse_tensor_invariants. Here what torch would not survive is refused in any case."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any


class check_sparse_tensor_invariants:
    """Whether new sparse tensors are checked: a switch, a context manager and a decorator."""

    checked: bool | None = None  # None: nobody has said

    def __init__(self, enable: bool = True) -> None:
        self.enabled, self.before = enable, None

    @staticmethod
    def is_enabled() -> bool:
        return bool(check_sparse_tensor_invariants.checked)

    @staticmethod
    def enable() -> None:
        check_sparse_tensor_invariants.checked = True

    @staticmethod
    def disable() -> None:
        check_sparse_tensor_invariants.checked = False

    def __enter__(self) -> None:
        self.before = check_sparse_tensor_invariants.checked
        check_sparse_tensor_invariants.checked = self.enabled

    def __exit__(self, *_: object) -> None:
        check_sparse_tensor_invariants.checked = bool(self.before)  # said from now on

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(f)
        def checked(*args: Any, **kwargs: Any) -> Any:
            with type(self)(self.enabled):
                return f(*args, **kwargs)

        return checked
