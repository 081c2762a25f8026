"""Where everything in an image of packages comes from, as a page: maps, packages, layers, what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from lissom.distroless.evidence.provenance import Provenance
from lissom.report.distroless_data import packages_of, paths
from lissom.report.distroless_text import needed
from lissom.report.growth import share
from lissom.report.harmless import harmless
from lissom.report.page import escaped, group_of, page_of, table_of
from lissom.report.path_columns import embedded
from lissom.report.terminal import size

__all__ = ["page"]

_LEGEND = 10


def page(told: Provenance) -> str:
    """One self-contained HTML page."""
    data = paths(told)
    sections = [_map(told), _packages(told), _layers(told), _left_out(told, data), _paths()]
    main = "\n".join(filter(None, sections))
    made = " ".join(filter(None, (f"lissom {told.version}", told.created)))
    body = f"{_header(told)}\n{_navigation(len(data['n']))}\n<main>\n{main}\n</main>\n<footer>{escaped(made)}</footer>"
    return page_of(f"{told.name}, of Debian packages", body, embedded(data), scripts=("page", "treemap", "slim_page"))


def _header(told: Provenance) -> str:
    before = _before(told)
    part = 100 * told.size / before if before else 100
    rows = [
        ("compressed", size(told.compressed)),
        ("files", f"{sum(row.kind != 'directory' for row in told.present):,}"),
        ("packages", f"{len(told.packages)}, {needed(told)}"),
        ("layers", f"{len(told.layers)}"),
        ("platform", escaped(told.platform)),
        ("digest", f'<code title="{escaped(told.digest)}">{escaped(told.digest[:31])}…</code>'),
    ]
    terms = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows)
    return f"""<header class="top">
<p class="brand">lissom distroless</p>
<h1>{escaped(told.name)}</h1>
<div class="hero">
<div>
<div class="figure"><span class="was">{size(before)}</span><span class="now">{size(told.size)}</span>\
<span class="cut">{share(before, told.size)}</span></div>
<div class="bar"><i style="width:{part:.2f}%"></i></div>
<p class="lead">With whole packages, and as it is.</p>
</div>
<dl class="facts">{terms}</dl>
</div>
</header>"""


def _before(told: Provenance) -> int:
    """Bytes of the image if nothing were left out."""
    return told.size + sum(row.size for row in told.left_out)


def _navigation(count: int) -> str:
    links = {"map": "Map", "packages": "Packages", "layers": "Layers", "left": "Left out", "paths": "Paths"}
    anchors = "".join(f'<a href="#{name}">{title}</a>' for name, title in links.items())
    hint = f"Search {count - 1:,} paths  ( / )"
    field = f'<input type="search" id="search" placeholder="{hint}" aria-label="Search paths">'
    return f"<nav><div>{anchors}{field}</div></nav>"


def _map(told: Provenance) -> str:
    names = list(packages_of(told))
    marks = "".join(
        f'<span><i data-reason="{number}"></i>{escaped(name)}</span>' for number, name in enumerate(names[:_LEGEND])
    )
    rest = "<span><i></i>other packages</span>" if len(names) > _LEGEND else ""
    return f"""<section id="map">
<h2>Where the bytes are</h2>
<p class="lead">Every file by its size, coloured by its package; grey is what was left out. Click or press Enter to go
into a directory, Escape to go up, arrow keys to walk.</p>
<div class="tools"><div class="crumbs" id="crumbs" aria-label="Directory"></div>\
<button id="scale" aria-pressed="false">image at the same scale</button></div>
<div class="maps">
<figure><figcaption>With whole packages <span id="size-before"></span></figcaption>
<div class="frame"><div class="map" id="map-before" role="group" aria-label="Map of packages"></div></div></figure>
<figure><figcaption>In the image <span id="size-after"></span></figcaption>
<div class="frame"><div class="map" id="map-after" role="group" aria-label="Map of the image"></div></div></figure>
</div>
<div class="legend">{marks}{rest}<span><i style="--fill:var(--gone)"></i>left out</span></div>
<div class="card about" id="about" aria-live="polite"></div>
</section>"""


def _packages(told: Provenance) -> str:
    files = Counter(row.package for row in told.present if row.kind != "directory")
    sizes = Counter[str]()
    for row in told.present:
        sizes[row.package] += row.size
    names = packages_of(told)
    largest = max(sizes.values(), default=0)
    groups = "".join(
        group_of(("r", number), name, says, (files[key], sizes[key]), largest)
        for number, (name, says) in enumerate(names.items())
        if files[key := name if name in told.members else ""]
    )
    return f"""<section id="packages">
<h2>Packages</h2>
<p class="lead">What each of them brings, its version, and why it is there.</p>
<div class="card">{groups}</div>
</section>"""


def _layers(told: Provenance) -> str:
    rows = [
        [
            str(number),
            escaped(layer.name),
            size(layer.size),
            size(layer.compressed),
            escaped(layer.reason or "one layer for all"),
            escaped(", ".join(layer.packages)),
            f'<code title="{escaped(layer.diff_id)}">{escaped(layer.diff_id[7:19])}</code>',
        ]
        for number, layer in enumerate(told.layers, 1)
    ]
    header = ["", "layer", "size", "compressed", "why", "packages", "diff ID"]
    return f"""<section id="layers">
<h2>Layers</h2>
<p class="lead">Bottom first. A layer depends on nothing but its packages: other images with the same packages have it
too, and an update of one package moves one layer.</p>
<div class="card">{table_of(header, rows, numbers=(0, 2, 3))}</div>
</section>"""


def _left_out(told: Provenance, data: Mapping[str, Any]) -> str:
    numbers = {text: -1 - number for number, text in enumerate(data["texts"])}
    largest = max((saving.size for saving in told.savings), default=0)
    groups = "".join(
        group_of(("w", numbers[name]), *_divided(saving.reason), (saving.files, saving.size), largest)
        for saving in told.savings
        if (name := harmless(saving.reason)) in numbers
    )
    return f"""<section id="left">
<h2>Left out</h2>
<p class="lead">What the packages hold and the image does not, by the words of the spec that say so.</p>
<div class="card">{groups or '<p class="more">Nothing was left out.</p>'}</div>
</section>"""


def _divided(reason: str) -> tuple[str, str]:
    """``trim: docs`` as what it is and which."""
    what, _, which = reason.partition(": ")
    return what, which


def _paths() -> str:
    buttons = "".join(
        f'<button data-show="{show}" aria-pressed="{"true" if show == "all" else "false"}">{title}</button>'
        for show, title in (("all", "all"), ("kept", "in the image"), ("removed", "left out"))
    )
    return f"""<section id="paths">
<h2>Paths</h2>
<div class="tools"><span id="count" aria-live="polite"></span>{buttons}</div>
<div class="card"><ul class="rows" id="found"></ul></div>
</section>"""
