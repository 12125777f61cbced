"""What users take from torch._C: how to compute with tensors of a class of their own as with plain ones."""

from .missing import getter
from .overrides import DisableTorchFunctionSubclass, disabled  # noqa: F401

_disabled_torch_function_impl = disabled


def _log_api_usage_once(_: str) -> None:
    """Nothing: libraries tell torch that they are used."""


__getattr__ = getter("_C")
