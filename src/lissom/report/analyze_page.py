"""A ledger as a page: maps by instruction, directory and package; steps, waste and what to do; every file."""

from __future__ import annotations

from lissom.analysis.ledger.share import Effort, Ledger, WasteKind
from lissom.report.analyze_tables import packages, secrets, steps, wastes
from lissom.report.ledger_columns import columns
from lissom.report.page import escaped, page_of
from lissom.report.path_columns import embedded
from lissom.report.terminal import size
from lissom.report.waste_action import title_of

__all__ = ["page"]

_KINDS = list(WasteKind)
_EFFORTS = {
    Effort.SAME: ("hidden or stored twice", "Without them the image holds the same files."),
    Effort.CLEAN: ("caches, docs, leftovers", "Files that nothing reads when the app runs."),
    Effort.PROOF: ("tools, debug data, unused packages", "Whether the app runs without them has to be tried."),
}
_CLEAN = '<p class="verdict passed">No waste was found.</p>'
_SCORE = "the part of all bytes that is alive and the only copy of its content"


def page(ledger: Ledger) -> str:
    """One self-contained HTML page."""
    parts = [_map(), steps(ledger), wastes(ledger), secrets(ledger), packages(ledger), _files()]
    main = "\n".join(filter(None, parts))
    body = f"{_header(ledger)}\n{_navigation(ledger)}\n<main>\n{main}\n</main>\n<footer>lissom analyze</footer>"
    return page_of(
        f"{ledger.name}, byte by byte",
        body,
        embedded(columns(ledger)),
        styles=("page", "analyze_page"),
        scripts=("page", "treemap", "file_table", "analyze_page"),
    )


def _header(ledger: Ledger) -> str:
    rows = [
        ("alive", f"{size(ledger.live)} <em>{_percent(ledger.live, ledger.size)}</em>"),
        ("compressed", size(ledger.compressed) + _above(ledger)),
        ("layers", f"{len(ledger.layers)}"),
        ("files", f"{len(ledger.shares):,}"),
        ("dive counts", f"{ledger.dive_efficiency:.1%}, {size(ledger.dive_wasted)} wasted"),
        ("base", escaped(ledger.base)),
        ("Dockerfile", escaped(ledger.dockerfile)),
        ("platform", escaped(ledger.platform)),
        ("digest", f'<code title="{escaped(ledger.digest)}">{escaped(ledger.digest[:31])}…</code>'),
    ]
    terms = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows if text)
    could = "".join(
        f'<li title="{says}"><b>{size(count)}</b> {name}</li>'
        for effort, count in ledger.reclaimable().items()
        if count
        for name, says in [_EFFORTS[effort]]
    )
    efforts = f'<ul class="efforts"><li>could go:</li>{could}</ul>' if could else _CLEAN
    return f"""<header class="top">
<p class="brand">lissom analyze</p>
<h1>{escaped(ledger.name)}</h1>
<div class="hero">
<div>
<div class="figure"><span class="now" title="{ledger.size:,} bytes">{size(ledger.size)}</span>\
<span class="cut" title="{_SCORE}">{ledger.efficiency:.1%} efficient</span></div>
<div class="bar stack">{_stack(ledger)}</div>
{efforts}
</div>
<dl class="facts">{terms}</dl>
</div>
</header>"""


def _above(ledger: Ledger) -> str:
    return f", {size(ledger.marginal)} above the base" if 0 < ledger.marginal < ledger.compressed else ""


def _stack(ledger: Ledger) -> str:
    """Needed bytes and those of each kind of waste, side by side."""
    wasted = ledger.wasted()
    needed = max(0, ledger.size - sum(wasted.values()))
    pieces = [
        ("needed", "", needed),
        *((title_of(kind), str(_KINDS.index(kind)), size) for kind, size in wasted.items()),
    ]
    return "".join(
        f'<i data-kind="{number}" title="{name}: {size(count)}" style="width:{100 * count / ledger.size:.3f}%"></i>'
        for name, number, count in pieces
        if count and ledger.size
    )


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "100 %"


def _navigation(ledger: Ledger) -> str:
    links = {"map": "Map", "steps": "Steps", "waste": "Waste"}
    links |= {"secrets": "Secrets"} if ledger.secrets else {}
    links |= {"packages": "Packages", "files": "Files"}
    anchors = "".join(f'<a href="#{name}">{title}</a>' for name, title in links.items())
    hint = f"Search {len(ledger.shares):,} files  ( / )"
    field = f'<input type="search" id="search" placeholder="{hint}" aria-label="Search files">'
    return f"<nav><div>{anchors}{field}</div></nav>"


def _switch(name: str, title: str, choices: dict[str, str]) -> str:
    buttons = "".join(
        f'<button data-{name}="{choice}" aria-pressed="{"false" if number else "true"}">{text}</button>'
        for number, (choice, text) in enumerate(choices.items())
    )
    return f'<div class="switch" role="group" aria-label="{title}"><span>{title}</span>{buttons}</div>'


def _map() -> str:
    by = _switch("by", "by", {"layer": "instruction", "directory": "directory", "package": "package"})
    of = _switch("of", "bytes", {"all": "all", "live": "alive", "waste": "waste"})
    hue = _switch("hue", "colour", {"waste": "waste", "layer": "instruction"})
    return f"""<section id="map">
<h2>Where the bytes are</h2>
<p class="lead">Every file by its size. Click or press Enter to go in, Escape to go up, arrow keys to walk.</p>
<div class="tools">{by}{of}{hue}</div>
<div class="tools"><div class="crumbs" id="crumbs" aria-label="Place in the map"></div>\
<span id="size" class="mono"></span></div>
<div class="frame tall"><div class="map" id="treemap" role="group" aria-label="Map of the image"></div></div>
<div class="legend" id="legend"></div>
<div class="card about" id="about" aria-live="polite"></div>
</section>"""


def _files() -> str:
    return """<section id="files">
<h2>Files</h2>
<p class="lead">Every file that any layer holds, also those that a later one hides. Choose one for its story.</p>
<div class="tools"><span id="count" aria-live="polite"></span>
<select id="only-fate" aria-label="Alive or hidden"></select>
<select id="only-kind" aria-label="Kind of waste"></select>
<select id="only-layer" aria-label="Instruction"></select>
<select id="only-package" aria-label="Package"></select>
<button id="clear">clear</button></div>
<div class="card"><div class="table-head" id="table-head"></div>
<div class="table" id="table" tabindex="0" role="listbox" aria-label="Files"></div></div>
<div class="card about" id="story" aria-live="polite"></div>
</section>"""
