"""A conformance suite for automatic differentiation, with torch.autograd as the specification.

The data flows one way::

    cases/*.yaml -> language -> program -> play on an engine -> transcript -> judge -> results.jsonl -> report
"""

__version__ = "0.1.0"
