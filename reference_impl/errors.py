"""Exceptions that Python does not have."""


class Unsupported(NotImplementedError):
    """What the reference implementation does not do; names the operator and the case."""


class _LinAlgError(RuntimeError):
    """A matrix does not allow what was asked (source: torch.linalg.LinAlgError)."""


LinAlgError = _LinAlgError
