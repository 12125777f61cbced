"""The verbs, a group a file. Importing this package registers them all."""

from conformance.program.verbs import binding, differentiating, flow, looking, threading

__all__ = ["binding", "differentiating", "flow", "looking", "threading"]
