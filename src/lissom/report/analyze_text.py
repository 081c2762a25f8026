"""A ledger on one screen: sizes, a bar for each step, waste and what to do, packages, directories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lissom.analysis.ledger.share import Fate, Ledger, Waste
from lissom.report.harmless import harmless
from lissom.report.heaviest import heaviest
from lissom.report.ledger_sums import Row, merged, place_of, rows_of, short_place
from lissom.report.paint import Paint, plain
from lissom.report.terminal import size
from lissom.report.waste_action import action, hint, title_of

__all__ = ["Screen", "analyze_text", "shown_rows", "shown_wastes"]

_NARROW = 60


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
    gone = f"{size(hidden)} hidden by later layers" if hidden else "nothing is hidden by a later layer"
    facts = [
        ("size", size(ledger.size), cut),
        ("alive", size(ledger.live), gone),
        ("waste", size(waste), f"{_percent(waste, ledger.size)} of all bytes" if waste else ""),
    ]
    lines = [screen.paint("head", _cut(harmless(ledger.name), screen.width))]
    lines += [_cut(f"  {name:<11}{figure:>7}   {more}", screen.width) for name, figure, more in facts]
    efficiency = screen.paint(style, f"{ledger.efficiency:>7.1%}")
    dive = f"dive counts {ledger.dive_efficiency:.1%}, {size(ledger.dive_wasted)} wasted"
    return "\n".join([*lines, f"  {'efficiency':<11}{efficiency}   {screen.paint('dim', dive)}"])


def shown_rows(ledger: Ledger, *, top: int, verbose: bool) -> list[Row]:
    """The rows of the steps table: base layers in one; of more than ``top`` others the smallest in one at the end."""
    rows = list(rows_of(ledger))
    base = [row for row in rows if row.base]
    if verbose or not rows:
        return rows
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
    place = max(4, *(len(row.place) for row in rows)) if rows else 4
    head = f"  {'ADDED':>7} {'ALIVE':>7}  {'':<{screen.bar}}  {'LINE':<{place}}  INSTRUCTION"
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


def shown_wastes(ledger: Ledger) -> list[Waste]:
    """The largest first; what the base image brought is one row for each kind and detail."""
    base = {layer.number for layer in ledger.layers if layer.base}
    found: list[Waste] = []
    together: dict[tuple[object, ...], Waste] = {}
    for waste in ledger.wastes:
        if waste.layer not in base:
            found.append(waste)
            continue
        key = (waste.kind, waste.detail, "base" if waste.hidden_by in base else waste.hidden_by)
        old = together.get(key)
        together[key] = waste if old is None else replace(
            old, size=old.size + waste.size, count=old.count + waste.count, paths=(*old.paths, *waste.paths)[:10]
        )  # fmt: skip
    return sorted([*found, *together.values()], key=lambda waste: -waste.size)


def _wastes(ledger: Ledger, screen: Screen) -> str:
    wastes = shown_wastes(ledger)
    if not wastes:
        return screen.paint("good", "no waste was found")
    some = wastes if screen.verbose else wastes[: screen.top]
    titles = [_cut(harmless(title_of(waste.kind, waste.detail)), min(32, screen.width * 2 // 5)) for waste in some]
    places = [_line(ledger, waste) for waste in some]
    widths = max(len("WHAT"), *map(len, titles)), max(len("LINE"), *map(len, places))
    head = f"  {'WASTE':>7}  {'WHAT':<{widths[0]}}  {'LINE':<{widths[1]}}  WHAT TO DO"
    lines = [screen.paint("head", _cut(head, screen.width))]
    for waste, title, place in zip(some, titles, places, strict=True):
        start = f"  {size(waste.size):>7}  {title:<{widths[0]}}  {place:<{widths[1]}}  "
        advice = _advice(ledger, waste, screen.width - len(start))
        lines.append(_cut(start, screen.width).rstrip() if not advice else start + screen.paint("dim", advice))
        if screen.verbose:
            lines += [screen.paint("dim", _cut(f"{'':11}/{harmless(path)}", screen.width)) for path in waste.paths]
    if rest := wastes[len(some) :]:
        lines.append(f"  {size(sum(waste.size for waste in rest)):>7}  ({len(rest)} more)")
    return "\n".join(lines)


def _line(ledger: Ledger, waste: Waste) -> str:
    """``8``, or ``8 → 9``: what line 8 added and line 9 hides."""
    place = short_place(ledger, waste.layer)
    return place if waste.hidden_by is None else f"{place} → {short_place(ledger, waste.hidden_by)}"


def _advice(ledger: Ledger, waste: Waste, room: int) -> str:
    whole = action(ledger, waste)
    return whole if len(whole) <= room else _cut(hint(ledger, waste), room)


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


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "0 %"


def _cut(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    return f"{text[: width - 1]}…" if width > 0 else ""
