"""What stands where an option of an optimizer must be given."""

from __future__ import annotations


class Required:
    """The default of an option that every group must have, in optimizers of the user's."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = Required()
