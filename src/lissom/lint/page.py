"""A rule's page: the parts of its module's docstring."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

__all__ = ["Page"]

_PART = re.compile(r"^(What|Why|Settings|Bad|Good|Context|Ignored|Fix|hadolint):[ \t]*", re.MULTILINE)
_NEEDED = ("What", "Why", "Bad", "Good", "Fix")


@dataclass(frozen=True, slots=True)
class Page:
    """``bad`` and ``good`` are Dockerfiles, ``context`` files of their build context with sizes, ``ignored`` the text
    of its ignore file. ``fix`` begins with how safe the fix is (safe, provable, unsafe, none), ``hadolint`` says where
    hadolint's rule differs, ``notes`` are paragraphs at the end. ``settings`` are TOML for the table ``[lint]``,
    without which the rule is silent.
    """

    title: str
    what: str
    why: str
    bad: str
    good: str
    fix: str
    notes: tuple[str, ...]
    context: tuple[tuple[str, int], ...] = ()
    ignored: str = ""
    settings: str = ""
    hadolint: str = ""

    @classmethod
    def parse(cls, text: str) -> Page:
        """Read a docstring. ValueError names what it lacks."""
        title, *rest = _PART.split(text)
        parts = dict(zip(rest[::2], rest[1::2], strict=True))
        missing = [name for name in _NEEDED if name not in parts]
        if missing:
            raise ValueError(f"the page has no {', '.join(missing)}")
        fix, *notes = _paragraphs(parts["Fix"])
        hadolint, *more = _paragraphs(parts.get("hadolint", ""))
        return cls(
            title=_line(title),
            what=_line(parts["What"]),
            why=_line(parts["Why"]),
            bad=_block(parts["Bad"]),
            good=_block(parts["Good"]),
            fix=fix,
            notes=(*notes, *more),
            context=tuple(_file(line) for line in _block(parts.get("Context", "")).splitlines()),
            ignored=_block(parts.get("Ignored", "")),
            settings=_block(parts.get("Settings", "")),
            hadolint=hadolint,
        )


def _paragraphs(text: str) -> list[str]:
    return [_line(one) for one in re.split(r"\n[ \t]*\n", text.strip())]


def _line(text: str) -> str:
    """A paragraph on one line."""
    return " ".join(text.split())


def _block(text: str) -> str:
    body = dedent(text.lstrip("\n").rstrip())
    return body + "\n" if body else ""


def _file(line: str) -> tuple[str, int]:
    path, _, size = line.strip().rpartition(" ")
    return path.strip(), int(size)
