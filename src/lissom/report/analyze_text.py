"""A ledger on one screen: sizes, a bar for each step, waste and what to do, packages, directories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lissom.analysis.ledger.share import Effort, Fate, Ledger, Waste
from lissom.report.harmless import harmless
from lissom.report.heaviest import heaviest
from lissom.report.ledger_sums import Row, merged, place_of, rows_of, short_place
from lissom.report.paint import Paint, plain
from lissom.report.terminal import size
from lissom.report.waste_action import action, hint, rules_of
from lissom.report.waste_rows import WasteRow, waste_rows

__all__ = ["Screen", "analyze_text", "shown_rows"]

_NARROW = 60
_EFFORTS = {
    Effort.SAME: "hidden or stored twice",
    Effort.CLEAN: "caches and docs",
    Effort.PROOF: "to be tried",
}


@dataclass(frozen=True, slots=True)
class Screen:
    """What it is written for: characters a line, lines a table, colours; ``verbose``: base layers and paths one by one;
    ``ascii``: for terminals that show no other characters.
    """

    width: int = 100
    top: int = 10
    paint: Paint = plain
    verbose: bool = False
    ascii: bool = False

    @property
    def bar(self) -> int:
        """How wide the longest bar is."""
        return 14 if self.width >= 80 else 6


def analyze_text(ledger: Ledger, screen: Screen) -> str:
    """The summary; lines are no longer than the screen is wide, but at least 60 characters."""
    screen = replace(screen, width=max(_NARROW, screen.width))
    parts = [_figures(ledger, screen), _steps(ledger, screen), _wastes(ledger, screen), _largest(ledger, screen)]
    text = "\n\n".join(part for part in parts if part)
    return text.translate(_ASCII) if screen.ascii else text


_ASCII = str.maketrans({"█": "#", "░": "-", "…": "~", "→": ">", "│": "|"})


def _figures(ledger: Ledger, screen: Screen) -> str:
    hidden = ledger.size - ledger.live
    layers = len(ledger.layers)
    waste = sum(waste.size for waste in ledger.wastes)
    style = "good" if ledger.efficiency >= 0.9 else "warn" if ledger.efficiency >= 0.7 else "bad"
    cut = f"in {layers} layer{'' if layers == 1 else 's'}, {size(ledger.compressed)} compressed"
    efforts = ", ".join(f"{size(count)} {_EFFORTS[effort]}" for effort, count in ledger.reclaimable().items() if count)
    gone = f"{size(hidden)} hidden by later layers" if hidden else "nothing is hidden by a later layer"
    facts = [
        ("size", size(ledger.size), cut),
        ("alive", size(ledger.live), gone),
        ("waste", size(waste), efforts),
    ]
    lines = [screen.paint("head", _cut(harmless(ledger.name), screen.width))]
    lines += [_cut(f"  {name:<11}{figure:>7}   {more}", screen.width) for name, figure, more in facts]
    efficiency = screen.paint(style, f"{ledger.efficiency:>7.1%}")
    dive = f"dive counts {ledger.dive_efficiency:.1%}, {size(ledger.dive_wasted)} wasted"
    lines.append(f"  {'efficiency':<11}{efficiency}   {screen.paint('dim', dive)}")
    if ledger.secrets:
        found = f"  {'secrets':<11}{len(ledger.secrets):>7}   {', '.join(_secrets(ledger))}"
        lines.append(screen.paint("bad", _cut(harmless(found), screen.width)))
    return "\n".join(lines)


def _secrets(ledger: Ledger) -> Iterator[str]:
    """Where each is; whoever has the image has it, hidden or not."""
    for one in ledger.secrets:
        if 0 < one.layer <= len(ledger.layers):
            yield f"/{one.path} of {place_of(ledger, one.layer - 1)}{' (hidden)' if one.hidden else ''}"
        else:
            yield one.path


def shown_rows(ledger: Ledger, *, top: int, verbose: bool) -> list[Row]:
    """The rows of the steps table: base layers in one; of more than ``top`` others the smallest in one at the end.

    Layers that neither add a byte nor hide one are left out.
    """
    rows = list(rows_of(ledger))
    base = [row for row in rows if row.base]
    if verbose or not rows:
        return rows
    killers = {layer for row in rows for layer in row.hidden}
    rows = [row for row in rows if row.size or row.base or killers & set(row.layers)]
    found = []
    if len(base) > 1 and len(base) < len(rows):
        word = f"base image, {len(base)} layers"
        found, rows = [merged(base, word, "base")], [r for r in rows if not r.base]
    if len(rows) <= top + 1:
        return found + rows
    large = set(sorted(range(len(rows)), key=lambda at: -rows[at].size)[:top])
    small = [row for at, row in enumerate(rows) if at not in large]
    found += [row for at, row in enumerate(rows) if at in large]
    return [*found, merged(small, f"({len(small)} smaller steps)")]


def _steps(ledger: Ledger, screen: Screen) -> str:
    rows = shown_rows(ledger, top=screen.top, verbose=screen.verbose)
    most = max((row.size for row in rows), default=0)
    column = _column(ledger)
    place = max(len(column), *(len(row.place) for row in rows)) if rows else len(column)
    head = f"  {'ADDED':>7} {'ALIVE':>7}  {'':<{screen.bar}}  {column:<{place}}  INSTRUCTION"
    lines = [screen.paint("head", head.rstrip())]
    for row in rows:
        start = f"  {size(row.size):>7} {size(row.live):>7}  "
        note = _hidden(ledger, row)
        room = screen.width - len(start) - screen.bar - 4 - place
        text = _cut(row.text, max(12, room - len(note) - 2 if note else room))
        note = _cut(note, max(0, room - len(text) - 2))
        middle = f"{screen.paint('good', _bar(row, most, screen.bar))}  {row.place:<{place}}  {text}"
        lines.append(f"{start}{middle}{'  ' + screen.paint('warn', note) if note else ''}".rstrip())
    lines.append(screen.paint("dim", f"  {size(ledger.size):>7} {size(ledger.live):>7}  sum"))
    return "\n".join(lines)


def _bar(row: Row, most: int, width: int) -> str:
    whole = -(-row.size * width // most) if most else 0
    live = min(whole, round(row.live * width / most)) if most else 0
    if row.live and not live:
        live = 1
    return f"{'█' * live}{'░' * (whole - live)}".ljust(width)


def _hidden(ledger: Ledger, row: Row) -> str:
    killers = sorted(row.hidden.items(), key=lambda one: -one[1])
    if not killers or not killers[0][1]:
        return ""
    (layer, count), others = killers[0], len(killers) - 1
    more = f" +{others} more" if others else ""
    return f"{size(count)} hidden by {place_of(ledger, layer)}{more}"


def _wastes(ledger: Ledger, screen: Screen) -> str:
    rows = waste_rows(ledger)
    if not rows:
        return screen.paint("good", "no waste was found")
    some = rows if screen.verbose else rows[: screen.top]
    titles = [_cut(_title(row), min(48, screen.width * 9 // 25)) for row in some]
    places = [_line(ledger, row.waste) for row in some]
    column = _column(ledger)
    widths = max(len("WHAT"), *map(len, titles)), max(len(column), *map(len, places))
    head = f"  {'WASTE':>7}  {'WHAT':<{widths[0]}}  {column:<{widths[1]}}  WHAT TO DO"
    lines = [screen.paint("head", _cut(head, screen.width))]
    for row, title, place in zip(some, titles, places, strict=True):
        start = f"  {size(row.waste.size):>7}  {title:<{widths[0]}}  {place:<{widths[1]}}  "
        advice = _advice(ledger, row.waste, screen.width - len(start))
        lines.append(_cut(start, screen.width).rstrip() if not advice else start + screen.paint("dim", advice))
        if screen.verbose:
            more = [f"{size(count)} {name}" for name, count in row.details] + [f"/{path}" for path in row.waste.paths]
            lines += [screen.paint("dim", _cut(f"{'':11}{harmless(text)}", screen.width)) for text in more]
    if rest := rows[len(some) :]:
        lines.append(f"  {size(sum(row.waste.size for row in rest)):>7}  ({len(rest)} more)")
    return "\n".join(lines)


def _title(row: WasteRow) -> str:
    """``docs and locales: locales, man pages``."""
    names = ", ".join(name for name, _ in row.details)
    return harmless(f"{row.title}: {names}" if names else row.title)


def _column(ledger: Ledger) -> str:
    """What places are: lines of a Dockerfile, or layers where none is known."""
    return "LINE" if any(step.lines for step in ledger.steps) else "LAYER"


def _line(ledger: Ledger, waste: Waste) -> str:
    """``8``, or ``8 → 9``: what line 8 added and line 9 hides."""
    place = short_place(ledger, waste.layer)
    return place if waste.hidden_by is None else f"{place} → {short_place(ledger, waste.hidden_by)}"


def _advice(ledger: Ledger, waste: Waste, room: int) -> str:
    """What to do and the rule that looks for it, as much of both as there is room for."""
    rules = "".join(f" ({rule})" for rule in rules_of(ledger, waste)[:1])
    texts = [action(ledger, waste) + rules, hint(ledger, waste) + rules, hint(ledger, waste)]
    return next((text for text in texts if len(text) <= room), _cut(texts[-1], room))


def _largest(ledger: Ledger, screen: Screen) -> str:
    packages = sorted(ledger.packages.items(), key=lambda one: (-one[1], one[0]))
    left = _list("PACKAGE", [(harmless(name) or "(no package)", count) for name, count in packages if count], screen)
    files = ((share.path, share.size) for share in ledger.shares if share.fate is Fate.LIVE)
    held = [
        (f"/{harmless(one.path)}{'/*' if one.alone and one.path else ''}", one.size)
        for one in heaviest(files)
        if one.size
    ]
    right = _list("DIRECTORY", held, screen)
    column = screen.width // 2 - 2
    count = max(len(left), len(right))
    left += [("", "")] * (count - len(left))
    right += [("", "")] * (count - len(right))
    lines = []
    for (one, style), (other, other_style) in zip(left, right, strict=True):
        first = screen.paint(style, f"{_cut(one, column):<{column}}") if style else f"{_cut(one, column):<{column}}"
        second = _cut(other, column)
        lines.append(f"{first}  {screen.paint(other_style, second) if other_style else second}".rstrip())
    return "\n".join(lines)


def _list(title: str, rows: Sequence[tuple[str, int]], screen: Screen) -> list[tuple[str, str]]:
    """Lines with their styles."""
    lines = [(f"  {'ALIVE':>7}  {title}", "head")]
    lines += [(f"  {size(count):>7}  {name}", "") for name, count in rows[: screen.top]]
    if rest := rows[screen.top :]:
        lines.append((f"  {size(sum(count for _, count in rest)):>7}  ({len(rest)} more)", "dim"))
    return lines


def _cut(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    return f"{text[: width - 1]}…" if width > 0 else ""
