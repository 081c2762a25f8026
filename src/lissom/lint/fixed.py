"""What becomes of a Dockerfile: its text after some fixes, which were made, which were left and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lissom.dockerfile.source import Edit, Source, Span
from lissom.lint.fix import Fix
from lissom.lint.rule import Finding

__all__ = ["Draft", "Fixed", "Left", "Made", "origin"]


@dataclass(frozen=True)
class Draft:
    """The text of a Dockerfile and those of new files beside it, by name."""

    text: str
    files: Mapping[str, str] = field(default_factory=dict)

    def after(self, fixes: Sequence[Fix]) -> Draft:
        """The draft with fixes made, whose edits are places in its text. Raises ValueError when they overlap."""
        text = Source("", self.text).apply(edit for one in fixes for edit in one.edits)
        return Draft(text, dict(self.files) | {name: data for one in fixes for name, data in one.files.items()})


@dataclass(frozen=True)
class Made:
    """A fix that was made. ``key`` names it also when others are left out, ``line`` is where its cause stood in the
    original. Its edits are those of ``source``, the text as it was in its round.
    """

    finding: Finding
    fix: Fix
    key: str
    line: int
    source: Source

    @property
    def lines(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The lines that it changed, as they were and as they became."""
        before: list[str] = []
        after: list[str] = []
        for region, edits in _regions(self.source, self.fix.edits):
            old = self.source.text[region.start : region.end]
            moved = [Edit(Span(e.span.start - region.start, e.span.end - region.start), e.replacement) for e in edits]
            new = Source("", old).apply(moved)
            kept = _common(old.split("\n"), new.split("\n"))
            before += kept[0]
            after += kept[1]
        return tuple(before), tuple(after)


@dataclass(frozen=True)
class Left:
    """A fix that was not made, and why; ``line`` is where its cause stands in the original."""

    finding: Finding
    fix: Fix
    line: int
    reason: str


@dataclass(frozen=True)
class Fixed:
    """What became of a Dockerfile: ``rounds`` hold the fixes in the order made, ``found`` is what lint still finds.

    ``start`` is the original as a draft, with the files that were beside it already.
    """

    original: Source
    start: Draft
    draft: Draft
    rounds: tuple[tuple[Made, ...], ...]
    left: tuple[Left, ...]
    found: tuple[Finding, ...]

    @property
    def made(self) -> tuple[Made, ...]:
        return tuple(one for round_ in self.rounds for one in round_)

    def prefix(self, count: int) -> Draft:
        """The draft with only the first ``count`` fixes made."""
        draft = self.start
        for round_ in self.rounds:
            taken = round_[:count]
            if not taken:
                break
            draft = Draft(taken[0].source.text, draft.files).after([one.fix for one in taken])
            count -= len(taken)
        return draft

    def origin(self, offset: int) -> int:
        """Where a character of the draft stood in the original; inside a replacement: where that begins."""
        return origin(self.rounds, offset)


def origin(rounds: Sequence[Sequence[Made]], offset: int) -> int:
    """Where a character stood before all rounds; inside a replacement: where that begins."""
    for round_ in reversed(rounds):
        offset = _before([edit for one in round_ for edit in one.fix.edits], offset)
    return offset


def _before(edits: Sequence[Edit], offset: int) -> int:
    """Where a character of the edited text stood before the edits; inside a replacement: where that begins."""
    shift = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        start = edit.span.start + shift
        if offset < start:
            break
        if offset < start + len(edit.replacement):
            return edit.span.start
        shift += len(edit.replacement) - (edit.span.end - edit.span.start)
    return offset - shift


def _regions(source: Source, edits: Iterable[Edit]) -> list[tuple[Span, list[Edit]]]:
    """Whole lines that hold edits, with those edits."""
    regions: list[tuple[Span, list[Edit]]] = []
    for edit in sorted(edits, key=lambda edit: edit.span):
        start = source.text.rfind("\n", 0, edit.span.start) + 1
        end = source.text.find("\n", edit.span.end)
        end = len(source.text) if end < 0 else end
        if regions and start <= regions[-1][0].end:
            last, inside = regions.pop()
            regions.append((Span(last.start, max(end, last.end)), [*inside, edit]))
        else:
            regions.append((Span(start, end), [edit]))
    return regions


def _common(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Both without the lines at either end that are the same."""
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return old, new
