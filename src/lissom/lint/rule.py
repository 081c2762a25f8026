"""A rule as a value, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from lissom.dockerfile.source import Span
from lissom.lint.fix import Fix
from lissom.lint.subject import Subject

__all__ = ["Category", "Finding", "Found", "Rule", "Severity"]


class Category(Enum):
    """What is the matter with it."""

    SIZE = "size"
    SPEED = "speed"
    SAFETY = "safety"
    CORRECTNESS = "correctness"


class Severity(Enum):
    """How bad it is: ERROR fails or is surely wrong, WARNING costs or harms, INFO is worth a thought."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Found:
    """What a rule's check yields: where, a sentence without a full stop, perhaps a fix.

    ``saves`` are bytes as measured in a built image, never guessed. ``severity`` is given where it differs from the
    rule's.
    """

    span: Span
    message: str
    fix: Fix | None = None
    saves: int | None = None
    severity: Severity | None = None


@dataclass(frozen=True)
class Rule:
    """A rule. ``code`` is its name in kebab case, also the name of its file and page; ``aliases`` are hadolint's codes
    and docker's build checks that it covers. ``page`` is its module's docstring.
    """

    code: str
    title: str
    category: Category
    severity: Severity
    check: Callable[[Subject], Iterable[Found]]
    page: str
    aliases: tuple[str, ...] = ()
    default: bool = True
    """Whether it is on when no one says so."""


@dataclass(frozen=True)
class Finding:
    """What a rule found in a file."""

    rule: Rule
    span: Span
    message: str
    severity: Severity
    fix: Fix | None = None
    saves: int | None = None
