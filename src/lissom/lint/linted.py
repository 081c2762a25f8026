"""What became of linting a file."""

from __future__ import annotations

from dataclasses import dataclass

from lissom.lint.rule import Finding
from lissom.lint.settings import Settings
from lissom.lint.subject import Subject

__all__ = ["Linted"]


@dataclass(frozen=True)
class Linted:
    """A Dockerfile, what was found in it under which settings, and what could not be looked at (a sentence each)."""

    subject: Subject
    findings: tuple[Finding, ...]
    settings: Settings
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What messages call the file."""
        return self.subject.dockerfile.source.name

    @property
    def fails(self) -> bool:
        """Whether something was found that its settings do not let pass."""
        return self.settings.fails(self.findings)
