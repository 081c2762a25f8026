"""Which instruction of a Dockerfile each line of a history came from, told by its text, for images of any builder.

The two are aligned from the end: in order, what fits best. A line of the history that fits none stays without lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lissom.analysis.ledger.steps import instruction_of
from lissom.dockerfile.syntax import Add, Arg, Copy, Dockerfile, Env, Instruction, Label, Onbuild, Run, Stage

__all__ = ["Matched", "match_lines"]

_MOST = 1000
_NOP = re.compile(r"^(?:/bin/sh -c )?#\(nop\)\s+")
_TAIL = re.compile(r"\s+# buildkit\s*$")
_NAME = re.compile(r"([A-Za-z_][\w.\-/]*)=")
_MASK = re.compile(r"\$\{[^}]*\}|\$\w+")
_EXACT, _LIKE, _KEYWORD = 10, 5, 1


@dataclass(frozen=True)
class Matched:
    """``steps`` leads from a line of the history to first and last line of the file; ``first`` is the lowest of the
    history's lines that the file's stages made, None where none was matched.
    """

    steps: Mapping[int, tuple[int, int]]
    first: int | None


def match_lines(history: Sequence[Mapping[str, Any]], dockerfile: Dockerfile) -> Matched:
    """The stage whose instructions fit best is taken for the image's; of equals the last."""
    texts = [str(line.get("created_by") or "")[: 64 << 10] for line in history]
    best: list[tuple[int, Instruction]] = []
    most = 0
    for stage in reversed(dockerfile.stages):
        score, pairs = _aligned(texts, _chain(dockerfile, stage))
        if score > most:
            most, best = score, pairs
    source = dockerfile.source
    steps = {
        number: (source.line_col(found.span.start)[0], source.line_col(max(found.span.end - 1, found.span.start))[0])
        for number, found in best
    }
    return Matched(steps, min(steps, default=None))


def _chain(dockerfile: Dockerfile, stage: Stage) -> list[Instruction]:
    """The instructions that make lines, of the stages that ``stage`` stands on too, the lowest first."""
    found: list[Instruction] = []
    current: Stage | None = stage
    while current is not None:
        found[:0] = [each for each in current.instructions if not isinstance(each, Onbuild)]
        image, below = current.from_.image.lower(), dockerfile.stages[: current.index]
        current = next((each for each in reversed(below) if each.name == image), None)
    return found[-_MOST:]


def _aligned(texts: Sequence[str], instructions: Sequence[Instruction]) -> tuple[int, list[tuple[int, Instruction]]]:
    """The best alignment in order, and its score. Each instruction makes one line at most, so only so many count."""
    start = max(len(texts) - len(instructions), 0)
    lines = [_Line.of(text) for text in texts[start:]]
    rows, columns = len(lines), len(instructions)
    scores = [[0] * (columns + 1) for _ in range(rows + 1)]
    fits = [[_fit(line, each) for each in instructions] for line in lines]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            fit = fits[row][column]
            taken = scores[row + 1][column + 1] + fit if fit else 0
            scores[row][column] = max(taken, scores[row + 1][column], scores[row][column + 1])
    pairs: list[tuple[int, Instruction]] = []
    row = column = 0
    while row < rows and column < columns:
        if scores[row][column] == scores[row + 1][column]:  # of equal ways the one that lies nearer to the end
            row += 1
        elif scores[row][column] == scores[row][column + 1]:
            column += 1
        else:
            pairs.append((start + row, instructions[column]))
            row, column = row + 1, column + 1
    return scores[0][0], pairs


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of history: its keyword and the rest, blanks made one."""

    keyword: str
    text: str

    @classmethod
    def of(cls, created_by: str) -> _Line:
        keyword = instruction_of(created_by)
        text = _flat(_TAIL.sub("", _NOP.sub("", created_by)))
        return cls(keyword, text.removeprefix(f"{keyword} ") if keyword else text)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _fit(line: _Line, instruction: Instruction) -> int:
    """How well they fit; 0 for not at all."""
    if line.keyword != instruction.keyword and (line.keyword or not isinstance(instruction, Run)):
        return 0
    match instruction:
        case Run():
            return _fit_run(line.text, instruction)
        case Copy() | Add():
            return _fit_copy(line.text, instruction)
        case Env() | Arg() | Label():
            wanted = {name.strip("\"'") for name, _ in instruction.pairs}
            there = set(_NAME.findall(line.text.replace('"', ""))) or set(line.text.split()[:1])
            return _EXACT if wanted & there == wanted else _LIKE if wanted & there else 0
        case _:
            rest = _flat(instruction.text.partition(" ")[2])
            return _EXACT if _bare(line.text) == _bare(rest) else _LIKE if _may_be(rest, line.text) else _KEYWORD


def _fit_run(text: str, run: Run) -> int:
    for written in (_flat(" ".join(run.command.args)), _flat(run.script)):
        if written and text.endswith(written):
            return _EXACT + len(written) // 8
    first = _flat(" ".join(run.command.args))[:40]
    return _LIKE if run.heredocs and first and first in text else 0


def _fit_copy(text: str, copy: Copy | Add) -> int:
    there = text.split()
    wanted = [*copy.sources, copy.destination]
    if all(_may_be(word, other) for word, other in zip(reversed(wanted), reversed(there), strict=False)):
        return _EXACT if len(there) >= len(wanted) else _LIKE
    target = copy.destination.rstrip("/") or "/"
    same = bool(there) and (there[-1].rstrip("/") or "/").endswith(target.removeprefix("./"))
    return _LIKE if same or "$" in target else _KEYWORD if " in " in text else 0


def _bare(text: str) -> str:
    """Without what builders write in different ways: quotes, brackets, the shell of a command."""
    return re.sub(r"[\"'\[\],\s]|/bin/sh-?c?\b", "", text.replace("/bin/sh -c", "")).replace("-c", "")


def _may_be(written: str, text: str) -> bool:
    """Whether ``text`` may be what ``written`` becomes when its variables are expanded."""
    parts = list(_literals(written))
    if len(parts) == 1:
        return _bare(written) == _bare(text)
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def _literals(text: str) -> Iterator[str]:
    """What stands between variables."""
    start = 0
    for match in _MASK.finditer(text):
        yield text[start : match.start()]
        start = match.end()
    yield text[start:]
