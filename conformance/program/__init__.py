"""What a case does: it compiles to Python whose lines are those of the YAML.

Importing the package registers every verb and matcher.
"""

from conformance.program import matchers, verbs

__all__ = ["matchers", "verbs"]
