"""What a built image shows of an instruction's waste, by who added it and by who hid it."""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Instruction
from lissom.lint.subject import Shown, Subject

__all__ = ["hidden_by", "rows_of"]


def hidden_by(subject: Subject, instruction: Instruction, *kinds: str) -> int | None:
    """Bytes of lower layers that an instruction hid by changing or removing them; None when no image was given."""
    if not subject.shown:
        return None
    first, last = subject.lines(instruction)
    return sum(
        one.size for one in subject.shown if one.kind in kinds and one.hidden_by and first <= one.hidden_by[0] <= last
    )


def _instruction_at(subject: Subject, lines: tuple[int, int]) -> Instruction | None:
    """The instruction that stands on the first of the lines."""
    for instruction in subject.dockerfile.instructions:
        first, last = subject.lines(instruction)
        if first <= lines[0] <= last:
            return instruction
    return None


def rows_of(subject: Subject, least: int) -> Iterator[tuple[Instruction, list[Shown]]]:
    """The rows of each instruction and kind that together reach ``least`` bytes, largest first within a kind."""
    groups: dict[tuple[int, str], tuple[Instruction, list[Shown]]] = {}
    for row in subject.shown:
        instruction = _instruction_at(subject, row.lines)
        if instruction is not None:
            groups.setdefault((instruction.span.start, row.kind), (instruction, []))[1].append(row)
    for instruction, rows in groups.values():
        if sum(row.size for row in rows) >= least:
            yield instruction, sorted(rows, key=lambda row: -row.size)
