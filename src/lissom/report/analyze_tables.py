"""The tables of a ledger's page: steps, waste, secrets, packages."""

from __future__ import annotations

import re

from lissom.analysis.ledger.share import Ledger, WasteKind
from lissom.report.ledger_sums import Row, merged, place_of, rows_of
from lissom.report.page import escaped, table_of
from lissom.report.terminal import size
from lissom.report.waste_action import action, rules_of, title_of, where
from lissom.report.waste_rows import WasteRow, waste_rows

__all__ = ["packages", "secrets", "steps", "wastes"]

_KINDS = list(WasteKind)
_PACKAGES = 200
_PATHS = 5
_TICKS = re.compile("`([^`]+)`")


def steps(ledger: Ledger) -> str:
    """What each instruction added, and what became of it."""
    rows = rows_of(ledger)
    most = max((row.size for row in rows), default=0)
    cells = [_step(ledger, row, most) for row in rows]
    if rows:
        whole = merged(rows, "")
        cells.append(
            [
                "sum",
                "",
                "",
                *map(size, (whole.size, whole.live, sum(whole.waste.values()), whole.compressed)),
                f"{whole.files:,}",
            ]
        )
    header = ["line", "instruction", "", "added", "alive", "waste", "compressed", "files"]
    return f"""<section id="steps">
<h2>Steps</h2>
<p class="lead">What each instruction added, bottom first, and how much of it is alive at the end. Choose one to see
its files.</p>
<div class="card wide sums">{table_of(header, cells, numbers=(3, 4, 5, 6, 7))}</div>
</section>"""


def _step(ledger: Ledger, row: Row, most: int) -> list[str]:
    (layer,) = row.layers
    killers = sorted(row.hidden.items(), key=lambda one: -one[1])
    notes = [f"{size(count)} hidden by {escaped(place_of(ledger, by))}" for by, count in killers[:3] if count]
    if len(killers) > 3:
        notes.append(f"{len(killers) - 3} more hide some")
    note = f"<small>{', '.join(notes)}</small>" if notes else ""
    live, gone = (100 * part / most if most else 0 for part in (row.live, row.size - row.live))
    return [
        escaped(row.place),
        f'<button data-layer="{layer}" class="code">{escaped(row.text)}</button>{note}',
        f'<span class="meter two-part">{_part(live, "live")}{_part(gone, "gone")}</span>',
        size(row.size),
        size(row.live),
        size(sum(row.waste.values())),
        size(row.compressed),
        f"{row.files:,}",
    ]


def _part(percent: float, name: str) -> str:
    return f'<i class="{name}" style="width:{percent:.2f}%"></i>'


def wastes(ledger: Ledger) -> str:
    """What could go, from which line, and what to do."""
    found = waste_rows(ledger)
    rows = [_waste(ledger, row) for row in found]
    if rows:
        rows.append(
            [size(sum(row.waste.size for row in found)), "sum", "", f"{sum(row.waste.count for row in found):,}", ""]
        )
    table = table_of(["bytes", "what", "line", "files", "what to do"], rows, numbers=(0, 3))
    return f"""<section id="waste">
<h2>Waste</h2>
<p class="lead">A byte is counted under one kind only: the first that fits. Choose one to see its files.</p>
<div class="card wide{" sums" if rows else ""}">{table if rows else '<p class="more">No waste was found.</p>'}</div>
</section>"""


def _waste(ledger: Ledger, row: WasteRow) -> list[str]:
    waste = row.waste
    number = _KINDS.index(waste.kind)
    paths = "".join(f'<li class="path">/{escaped(path)}</li>' for path in waste.paths[:_PATHS])
    more = f"<li>… {waste.count - _PATHS:,} more</li>" if waste.count > _PATHS else ""
    exact = [f"{name} {size(count)}" for name, count in row.details[:_PATHS]]
    exact += [f"{len(row.details) - _PATHS} more"] if len(row.details) > _PATHS else []
    kind = title_of(waste.kind) if waste.detail else ", ".join(exact)
    kind = f"<small>{escaped(kind)}</small>" if kind else ""
    layer = "" if ledger.layers[waste.layer].base else f' data-in="{waste.layer}"'
    name = f'<button data-waste="{number}"{layer}>{escaped(row.title)}</button>'
    rules = ", ".join(f"<code>{rule}</code>" for rule in rules_of(ledger, waste))
    rule = f" <span class=rule>lint: {rules}</span>" if rules else ""
    todo = _TICKS.sub(r"<code>\1</code>", escaped(action(ledger, waste)))
    return [
        size(waste.size),
        f'<div class="what"><i class="dot" data-kind="{number}"></i>{name}</div>{kind}',
        escaped(where(ledger, waste)),
        f"{waste.count:,}",
        f"{todo}{rule}<details><summary>largest</summary><ul>{paths}{more}</ul></details>",
    ]


def secrets(ledger: Ledger) -> str:
    """What looks like a secret, in layers, config and history; nothing of it is shown."""
    if not ledger.secrets:
        return ""
    rows = [
        [
            f'<span class="path">{escaped(f"/{one.path}" if one.layer else one.path)}</span>',
            escaped(one.what),
            escaped(place_of(ledger, one.layer - 1)) if 0 < one.layer <= len(ledger.layers) else "config",
            "a later layer hides it: it can be read all the same" if one.hidden else "",
        ]
        for one in ledger.secrets
    ]
    return f"""<section id="secrets">
<h2>Secrets</h2>
<p class="lead">What looks like one. Whoever has the image has them, also those that a later layer deletes.</p>
<div class="card wide">{table_of(["where", "what", "from", ""], rows)}</div>
</section>"""


def packages(ledger: Ledger) -> str:
    """Live bytes by package."""
    found = sorted(((count, name) for name, count in ledger.packages.items()), key=lambda one: (-one[0], one[1]))
    most = found[0][0] if found else 0
    rows = [
        [
            f'<button data-package="{escaped(name)}">{escaped(name) or "(no package)"}</button>',
            f'<span class="meter"><i class="live" style="width:{100 * count / most if most else 0:.2f}%"></i></span>',
            size(count),
        ]
        for count, name in found[:_PACKAGES]
    ]
    if rest := found[_PACKAGES:]:
        rows.append([f"{len(rest):,} more", "", size(sum(count for count, _ in rest))])
    rows.append(["sum", "", size(ledger.live)])
    return f"""<section id="packages">
<h2>Packages</h2>
<p class="lead">Bytes that are alive at the end, by what they came with. Choose one to see its files.</p>
<div class="card wide scroll sums">{table_of(["package", "", "alive"], rows, numbers=(2,))}</div>
</section>"""
