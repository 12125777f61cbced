"""torch.utils.hooks."""

from ..graph.hooks import RemovableHandle  # noqa: F401
