"""What is wrong with a Dockerfile, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from lissom.dockerfile.source import Source, Span, visible
from lissom.errors import DockerfileError

__all__ = ["Fault", "FaultError", "dockerfile_error", "error_at", "nearest"]

_LONGEST = 400  # characters of a message
_MOST = 20  # a file with more faults is no Dockerfile


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, where, and what to do about it."""

    span: Span
    message: str
    hint: str | None = None


class FaultError(Exception):
    """Carries a fault out of the parsing of one instruction; never leaves this package."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def dockerfile_error(source: Source, faults: Sequence[Fault]) -> DockerfileError:
    """All faults in one error, in the order of the text: place, message, excerpt with carets, hint."""
    shown = [_shown(source, fault) for fault in sorted(faults, key=lambda one: one.span)[:_MOST]]
    if len(faults) > _MOST:
        shown.append(f"and {len(faults) - _MOST} more faults")
    return DockerfileError("\n\n".join(shown))


def error_at(source: Source, span: Span, message: str, *, hint: str | None = None) -> DockerfileError:
    """An error with one fault."""
    return dockerfile_error(source, [Fault(span, message, hint)])


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` was probably meant to be."""
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def _shown(source: Source, fault: Fault) -> str:
    lines = [f"{visible(source.place(fault.span))}: {_short(fault.message)}"]
    if source.text:
        lines.append(source.excerpt(fault.span))
    if fault.hint:
        lines.append(f"hint: {_short(fault.hint)}")
    return "\n".join(lines)


def _short(text: str) -> str:
    """A message that quotes a word of any length, fit to be shown."""
    return visible(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}")
