"""The difference between two images as a page: maps before and after, what grew, config, packages, surface, paths."""

from __future__ import annotations

from collections.abc import Sequence

from lissom.analysis.comparison import Difference, Pair
from lissom.report.diff_rows import owned, paths
from lissom.report.diff_steps import StepPair
from lissom.report.growth import share, signed
from lissom.report.page import escaped, group_of, page_of, short_digest, table_of
from lissom.report.path_columns import embedded
from lissom.report.rollup import Directory, rolled_up
from lissom.report.surface_text import facts
from lissom.report.terminal import size
from lissom.report.two_maps import two_maps

__all__ = ["page"]

_ROWS = 40


def page(found: Difference, steps: Sequence[StepPair] = ()) -> str:
    """One self-contained HTML page; ``steps`` are those of both images where they are known."""
    parts = [_map(), _grew(found), _steps(steps), _files(found), _pairs("packages", "Packages", found.packages)]
    parts += [_pairs("config", "Config", found.config), _surface(found), _paths()]
    main = "\n".join(filter(None, parts))
    body = f"{_header(found)}\n{_navigation(found)}\n<main>\n{main}\n</main>\n<footer>lissom diff</footer>"
    return page_of(
        f"{found.before.name} → {found.after.name}",
        body,
        embedded(paths(found)),
        styles=("page", "diff_page"),
        scripts=("page", "treemap", "slim_page"),
    )


def _header(found: Difference) -> str:
    before, after = found.before, found.after
    most = max(before.size, after.size, 1)
    grown = "grew" if after.size > before.size else "shrank"
    rows = [
        (
            "compressed",
            f"{size(before.compressed)} → {size(after.compressed)} {_em(before.compressed, after.compressed)}",
        ),
        ("files", f"{before.files:,} → {after.files:,} {_em(before.files, after.files)}"),
        ("layers", f"{before.layers} → {after.layers}, {found.shared} shared ({size(found.shared_size)})"),
        ("before", short_digest(before.digest)),
        ("after", short_digest(after.digest)),
    ]
    terms = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows)
    words = "Same files and same config." if found.equal else _counts(found)
    return f"""<header class="top">
<p class="brand">lissom diff</p>
<h1>{escaped(before.name)} <span class="arrow">→</span> {escaped(after.name)}</h1>
<div class="hero">
<div>
<div class="figure"><span class="was">{size(before.size)}</span><span class="now">{size(after.size)}</span>\
<span class="cut {grown}">{share(before.size, after.size)}</span></div>
<div class="bar"><i class="{"over" if grown == "grew" else ""}" style="width:{100 * after.size / most:.2f}%"></i></div>
<p class="lead">{words}</p>
</div>
<dl class="facts">{terms}</dl>
</div>
</header>"""


def _counts(found: Difference) -> str:
    signs = [change.sign for change in found.files]
    words = zip("+-~", ("added", "removed", "changed"), strict=True)
    told = [f"{signs.count(sign):,} {word}" for sign, word in words if sign in signs]
    return f"Paths: {', '.join(told)}." if told else "Same files; the config differs."


def _em(before: int, after: int) -> str:
    return f"<em>{share(before, after)}</em>"


def _navigation(found: Difference) -> str:
    links = {"map": "Map", "grew": "What grew", "files": "Files", "packages": "Packages", "config": "Config"}
    links |= {"surface": "Surface", "paths": "Paths"}
    anchors = "".join(f'<a href="#{name}">{title}</a>' for name, title in links.items())
    hint = f"Search {len(found.sizes[0].keys() | found.sizes[1].keys()):,} files  ( / )"
    field = f'<input type="search" id="search" placeholder="{hint}" aria-label="Search paths">'
    return f"<nav><div>{anchors}{field}</div></nav>"


def _map() -> str:
    colours = {"same": "var(--calm)", "changed": "var(--changed)", "added": "var(--added)", "removed": "var(--gone)"}
    legend = "".join(f'<span><i style="--fill:{colour}"></i>{word}</span>' for word, colour in colours.items())
    return two_maps("Every file by its size.", legend)


def _grew(found: Difference) -> str:
    """By package and by directory."""
    rows = [
        [escaped(row.package) or "(no package)", size(row.before), size(row.after), _signed(row.after - row.before)]
        for row in owned(found)
    ]
    both = sum(found.sizes[0].values()), sum(found.sizes[1].values())
    rows.append(["all, with those that are equal", *map(size, both), _signed(both[1] - both[0])])
    parts = sorted(rolled_up(found.files, _ROWS), key=lambda part: (-part.size, part.path))
    directories = [[_place(part), f"{part.count:,}", _signed(part.size)] for part in parts]
    left = table_of(["package", "before", "after", "change"], rows, numbers=(1, 2, 3))
    right = table_of(["directory", "paths", "change"], directories, numbers=(1, 2))
    return f"""<section id="grew">
<h2>What grew</h2>
<p class="lead">Bytes by package and by directory; what grew most comes first, what shrank most last.</p>
<div class="two"><div class="card scroll">{left}</div><div class="card scroll">{right}</div></div>
</section>"""


def _steps(steps: Sequence[StepPair]) -> str:
    """By instruction; the bytes of steps are of all layers, those that later ones hide too."""
    if not steps:
        return ""
    rows = [
        [
            escaped(step.place_after or step.place_before),
            f'<code class="path">{escaped(step.text)}</code>',
            "" if step.before is None else size(step.before),
            "" if step.after is None else size(step.after),
            _signed(step.growth),
        ]
        for step in steps
    ]
    both = [sum(one or 0 for one in side) for side in zip(*((s.before, s.after) for s in steps), strict=True)]
    rows.append(["", "all", *map(size, both), _signed(both[1] - both[0])])
    return f"""<section id="steps">
<h2>Steps</h2>
<p class="lead">What each instruction adds to the layers, before and after.</p>
<div class="card scroll">{table_of(["line", "instruction", "before", "after", "change"], rows, numbers=(2, 3, 4))}</div>
</section>"""


def _signed(count: int) -> str:
    name = "grew" if count > 0 else "shrank" if count < 0 else ""
    return f'<span class="{name}">{signed(count) or "="}</span>'


def _place(part: Directory) -> str:
    sign = part.own.sign if part.own is not None and part.whole else ""
    slash = "/" if part.children else ""
    return f'<span class="sign">{sign}</span><span class="path">/{escaped(part.path)}{slash}</span>'


def _files(found: Difference) -> str:
    """Added, changed and removed; each opens to its paths."""
    files = [c for c in found.files if not (one := c.after or c.before) or not one.is_directory]
    moved = {sign: [c for c in files if c.sign == sign] for sign in "+~-"}
    sizes = {
        "+": sum(found.sizes[1].get(c.path, 0) for c in moved["+"]),
        "~": sum(found.sizes[1].get(c.path, 0) for c in moved["~"]),
        "-": sum(found.sizes[0].get(c.path, 0) for c in moved["-"]),
    }
    groups = {"+": (2, "added", "only the second image has it"), "~": (1, "changed", "both have it")}
    groups |= {"-": (-1, "removed", "only the first image has it")}
    largest = max(sizes.values())
    lines = "".join(
        group_of(("r", number), name, says, (len(moved[sign]), sizes[sign]), largest)
        for sign, (number, name, says) in groups.items()
        if moved[sign]
    )
    return f"""<section id="files">
<h2>Files</h2>
<p class="lead">Links and other paths without bytes are counted too.</p>
<div class="card">{lines or '<p class="more">All files are the same.</p>'}</div>
</section>"""


def _pairs(name: str, title: str, pairs: Sequence[Pair]) -> str:
    rows = [
        [
            f'<span class="sign">{"+" if pair.before is None else "-" if pair.after is None else "~"}</span>'
            + escaped(pair.name),
            escaped(pair.before or ""),
            escaped(pair.after or ""),
        ]
        for pair in pairs
    ]
    table = table_of(["", "before", "after"], rows) if rows else '<p class="more">No difference.</p>'
    return f'<section id="{name}">\n<h2>{title}</h2>\n<div class="card scroll">{table}</div>\n</section>'


def _surface(found: Difference) -> str:
    rows = [
        [escaped(title), escaped(before), escaped(after)]
        for title, before, after in facts(found.before.surface, found.after.surface)
    ]
    return f"""<section id="surface">
<h2>Surface</h2>
<p class="lead">What an attacker who got in would find.</p>
<div class="card">{table_of(["", "before", "after"], rows)}</div>
</section>"""


def _paths() -> str:
    shows = {"news": "what differs", "all": "all", "kept": "in the second", "removed": "only in the first"}
    buttons = "".join(
        f'<button data-show="{name}" aria-pressed="{"true" if name == "all" else "false"}">{title}</button>'
        for name, title in shows.items()
    )
    return f"""<section id="paths">
<h2>Paths</h2>
<div class="tools"><span id="count" aria-live="polite"></span>{buttons}</div>
<div class="card"><ul class="rows" id="found"></ul></div>
</section>"""
