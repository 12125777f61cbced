"""torch.nn: functional first."""
from . import functional  # noqa: F401
