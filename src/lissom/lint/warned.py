"""What the parser noticed while it read the file."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Warning  # noqa: A004
from lissom.lint.subject import Subject

__all__ = ["warned"]


def warned(subject: Subject, code: str) -> Iterator[Warning]:
    """The parser's warnings of one kind; ``code`` is BuildKit's name of the check."""
    return (warning for warning in subject.dockerfile.warnings if warning.code == code)
