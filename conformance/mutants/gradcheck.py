"""gradcheck and gradgradcheck that accept what is wrong."""

from __future__ import annotations

import contextlib
from typing import Any

from conformance.mutants.mutant import Torch, mutant, patched, wrapped

Changed = contextlib.AbstractContextManager[None]


@mutant("gradcheck.*", "function.gradcheck.*", "function.example.*", "sparse.gradcheck-wrapper")
def gradcheck_refuses_everything(torch: Torch) -> Changed:
    """gradcheck returns False."""
    return patched(torch.autograd, "gradcheck", lambda *_, **__: False)


@mutant("gradcheck.*", "function.gradcheck.*")
def gradcheck_accepts_everything(torch: Torch) -> Changed:
    """gradcheck returns True without a look."""
    return patched(torch.autograd, "gradcheck", lambda *_, **__: True)


@mutant("gradgradcheck.*")
def gradgradcheck_refuses_everything(torch: Torch) -> Changed:
    """gradgradcheck returns False."""
    return patched(torch.autograd, "gradgradcheck", lambda *_, **__: False)


@mutant("gradcheck.raise-exception.*")
def gradcheck_always_raises(torch: Torch) -> Changed:
    """gradcheck ignores raise_exception=False."""

    def around(real: Any, *arguments: Any, **keywords: Any) -> Any:
        keywords.pop("raise_exception", None)
        return real(*arguments, **keywords)

    return wrapped(torch.autograd, "gradcheck", around)
