"""The matchers, a group a file. Importing this package registers them all."""

from conformance.program.matchers import errors, identity, tensors, values

__all__ = ["errors", "identity", "tensors", "values"]
