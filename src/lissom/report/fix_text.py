"""Fixes as text: the difference, and what each edit does by which equivalence."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.fixed import Fixed, Left
from lissom.lint.proof import Proof, Proven, Saving
from lissom.report.harmless import harmless
from lissom.report.terminal import size

__all__ = ["coloured", "difference", "fixed_text", "proof_text"]

_COLOURS = {"---": "1", "+++": "1", "@@": "36", "-": "31", "+": "32"}
_WIDTH = 110
_PATHS = 3
_TITLE = 80


def difference(pairs: Mapping[str, tuple[str | None, str]]) -> str:
    """A unified diff of files: name → text before (None: there was none) and after. Empty when all are equal.

    It can be applied: ends of lines are kept.
    """
    return "".join(_unified(name, before, after) for name, (before, after) in pairs.items())


def coloured(text: str, *, plain: bool = False) -> str:
    """A diff for a terminal, which nothing in it can steer; ``plain`` without colours."""
    return "\n".join(harmless(line) if plain else _painted(line) for line in text.split("\n"))


def fixed_text(fixed: Fixed) -> str:
    """What each fix does and why its equivalence holds; what else could be mended, and how."""
    lines = []
    for one in sorted(fixed.made, key=lambda one: one.line):
        lines += _edit(f"line {one.line}", one.finding.rule.code, one.fix)
    lines.append(_summary(fixed))
    return "\n".join([*lines, *_left("more could be mended", fixed.left)])


def proof_text(proof: Proof) -> str:
    """The table of a proof: what was kept and saved, what was dropped and why, what holds now."""
    lines = list(_kept(proof.kept, proof.savings))
    lines += _left("does not hold, so it is left out", proof.dropped)
    lines += _left("not tried", proof.left)
    before, after = proof.before, proof.after
    sizes = f"{size(before.size)} before, {size(after.size)} after{_percent(before.size, after.size)}"
    lines += ["", f"{sizes}; stored {size(before.compressed)}, then {size(after.compressed)}"]
    return "\n".join([*lines, *_proven(proof)])


def _summary(fixed: Fixed) -> str:
    total, unproven = len(fixed.made), sum(one.fix.safety is not Safety.SAFE for one in fixed.made)
    if unproven:
        return f"{_count(total, 'edit')}, {unproven} of them without a proof that the image stays the same"
    return _count(total, "edit") + (" for equal images" if total else ": nothing to mend safely")


def _unified(name: str, before: str | None, after: str) -> str:
    if before == after:
        return ""
    old = (before or "").splitlines(keepends=True)
    new = after.splitlines(keepends=True)
    names = ("/dev/null" if before is None else name, name)
    lines = difflib.unified_diff(old, new, *names)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _painted(line: str) -> str:
    colour = next((colour for start, colour in _COLOURS.items() if line.startswith(start)), None)
    shown = harmless(line)
    return shown if colour is None else f"\x1b[{colour}m{shown}\x1b[0m"


def _edit(place: str, code: str, fix: Fix) -> list[str]:
    head = f"{place:<9} {code}: {harmless(fix.title)}"
    why = f"{fix.equivalence.name}, {fix.safety.value}: {harmless(fix.because)}"
    return [head, *_indented(why)]


def _indented(text: str) -> list[str]:
    return [
        line
        for part in text.split("\n")
        for line in textwrap.wrap(
            part, _WIDTH, initial_indent=" " * 10, subsequent_indent=" " * 10, break_on_hyphens=False
        )
        or [""]
    ]


def _left(title: str, left: Sequence[Left]) -> list[str]:
    if not left:
        return []
    lines = ["", f"{title}:"]
    for one in left:
        lines.append(f"{f'line {one.line}':<9} {one.finding.rule.code}: {harmless(one.fix.title)}")
        lines += _indented("\n".join(map(harmless, one.reason.split("\n"))))
    return lines


def _kept(kept: Sequence[Proven], savings: Sequence[Saving]) -> Iterator[str]:
    if not kept:
        yield "no edit is kept"
        return
    saved = list(_saved(savings))
    titles = [textwrap.shorten(harmless(f"{o.made.finding.rule.code}: {o.made.fix.title}"), _TITLE) for o in kept]
    width = max(map(len, titles))
    yield f"{'line':<5} {'edit':<{width}}  {'saved':>8}  proof"
    for one, title, cell in zip(kept, titles, saved, strict=True):
        yield f"{one.line:<5} {title:<{width}}  {cell:>8}  {'none' if one.level is None else one.level.name}"


def _saved(savings: Iterable[Saving]) -> Iterator[str]:
    """A cell for each fix; those that were measured together have their sum in the last one's."""
    for one in savings:
        yield from ["together"] * (one.last - one.first)
        yield f"{'-' if one.size < 0 else ''}{size(abs(one.size))}" if one.size else "0B"


def _percent(before: int, after: int) -> str:
    if not before:
        return ""
    share = (after - before) / before
    return f" ({share:+.1%})" if share else ""


def _proven(proof: Proof) -> Iterator[str]:
    levels = {one.level for one in proof.kept}
    if levels - {None, Equivalence.E3}:
        yield from textwrap.wrap(_files(proof), _WIDTH, break_on_hyphens=False)
    if proof.verdict is not None:
        count = len(proof.verdict.rows)
        yield f"E3: {_count(count, 'probe')} {'sees' if count == 1 else 'see'} the same on both images"
    if None in levels:
        yield "none: it changes what the image does or holds, and no probe was given"
    yield f"{_count(proof.builds, 'build')}, {proof.seconds:.0f} s"


def _files(proof: Proof) -> str:
    """What was seen of files and config before and after the edits that hold by them."""
    text = "E0: every path has the type, mode, owner, content and links that it had, and the config is the same"
    if proof.gone:
        text += f"; E1: but for {_count(len(proof.gone), 'path')} that were meant to go, such as {_path(proof.gone[0])}"
    if proof.noise:
        shown = ", ".join(_path(path) for path in proof.noise[:_PATHS])
        more = "" if len(proof.noise) <= _PATHS else f" and {len(proof.noise) - _PATHS} more"
        text += f"; E2: but for {shown}{more}, which two builds of the original do not have in common either"
    return text


def _path(path: str) -> str:
    return f"/{harmless(path)}"


def _count(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
