"""torch.utils.backcompat: switches of warnings that torch no longer gives."""


class Warning:
    """A switch that does nothing, as in torch."""

    enabled = False


broadcast_warning, keepdim_warning = Warning(), Warning()
