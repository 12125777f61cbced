"""Exceptions that Python does not have."""


class Unsupported(NotImplementedError):
    """What the reference implementation does not do; names the operator and the case."""


class _LinAlgError(RuntimeError):
    """A matrix does not allow what was asked (source: torch.linalg.LinAlgError)."""


LinAlgError = _LinAlgError


PACKAGE = __name__.partition(".")[0]


def is_ours(module: str) -> bool:
    """Whether a module is of this package, and not of its tests, which are users."""
    return module.startswith(PACKAGE) and not module.startswith(f"{PACKAGE}.tests")


def type_name(value: object) -> str:
    """A type as C names it, and so torch: numpy's with their module."""
    kind = type(value)
    return f"numpy.{kind.__name__}" if kind.__module__ == "numpy" else kind.__name__
