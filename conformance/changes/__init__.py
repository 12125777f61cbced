"""What changed between two results files, of two torch versions, two devices or two commits: verdicts, sights, times.

A pure function of two Results, and its renderings as text and as Markdown. Nothing is played or judged again.
"""

from __future__ import annotations

from conformance.changes.find import changes
from conformance.changes.model import Changes
from conformance.changes.render import as_markdown, as_text

__all__ = ["Changes", "as_markdown", "as_text", "changes"]
