"""The one exception that is this implementation's own."""


class Unsupported(NotImplementedError):
    """What the reference implementation does not do; names the operator and the case."""
