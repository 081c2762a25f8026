"""The account of a slim as a page: a map before and after, reasons, packages, proof, surface, every path."""

from __future__ import annotations

from collections.abc import Sequence

from lissom.analysis.surface import Surface
from lissom.report.growth import share
from lissom.report.page import escaped, page_of, short_digest, table_of
from lissom.report.path_columns import embedded
from lissom.report.slim_data import paths
from lissom.report.slim_groups import stays, went
from lissom.report.surface_text import facts, lost
from lissom.report.terminal import size
from lissom.report.two_maps import two_maps
from lissom.slim.account import Account

__all__ = ["page"]

_CHIPS = 60
_VERDICTS = {
    "passed": "The proof passes",
    "failed": "The proof fails",
    "inconclusive": "The proof is inconclusive",
    "unproven": "Nothing was proven: there was no probe",
}


def page(account: Account) -> str:
    """One self-contained HTML page."""
    data = paths(account)
    sections = [
        _map(account),
        stays(account),
        went(account, data["packages"]),
        _proof(account),
        _surface(account.surface_before, account.surface_after),
        _java(account),
        _paths(),
        _notes(account),
    ]
    body = "\n".join(
        [_header(account), _navigation(account, len(data["n"])), "<main>", *filter(None, sections), "</main>"]
    )
    title = f"{account.before.reference} → {account.after.reference}, slimmed"
    made = " ".join(filter(None, (f"lissom {account.version}" if account.version else "lissom", account.created)))
    return page_of(
        title, f"{body}\n<footer>{escaped(made)}</footer>", embedded(data), scripts=("page", "treemap", "slim_page")
    )


def _header(account: Account) -> str:
    before, after = account.before, account.after
    part = 100 * after.size / before.size if before.size else 100
    rows = [
        ("compressed", _grown(size(before.compressed), size(after.compressed), before.compressed, after.compressed)),
        ("files", _grown(f"{before.files:,}", f"{after.files:,}", before.files, after.files)),
        ("layers", f"{before.layers} → {after.layers}"),
        ("level", escaped(account.level)),
        ("before", short_digest(before.digest)),
        ("after", short_digest(after.digest)),
    ]
    terms = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows)
    return f"""<header class="top">
<p class="brand">lissom slim</p>
<h1>{escaped(before.reference)} <span class="arrow">→</span> {escaped(after.reference)}</h1>
<div class="hero">
<div>
<div class="figure"><span class="was">{size(before.size)}</span><span class="now">{size(after.size)}</span>\
<span class="cut">{share(before.size, after.size)}</span></div>
<div class="bar"><i style="width:{part:.2f}%"></i></div>
{_verdict(account)}
</div>
<dl class="facts">{terms}</dl>
</div>
</header>"""


def _grown(old: str, new: str, before: int, after: int) -> str:
    return f"{old} → {new} <em>{share(before, after)}</em>"


def _verdict(account: Account) -> str:
    words = _VERDICTS[account.verdict]
    small = ""
    if account.probes:
        small = f"{account.passed} of {len(account.probes)} probes see what they saw before"
        if account.repairs:
            small += f"; what the slim image missed came back: {len(account.repairs)} of its files"
    return f'<p class="verdict {account.verdict}">{words}<small>{small}</small></p>'


def _navigation(account: Account, count: int) -> str:
    links = [("map", "Map"), ("stays", "Why it stays"), ("went", "What went"), ("proof", "Proof")]
    if account.surface_before and account.surface_after:
        links.append(("surface", "Surface"))
    links.append(("paths", "Paths"))
    anchors = "".join(f'<a href="#{name}">{title}</a>' for name, title in links)
    hint = f"Search {count - 1:,} paths  ( / )"
    field = f'<input type="search" id="search" placeholder="{hint}" aria-label="Search paths">'
    return f"<nav><div>{anchors}{field}</div></nav>"


def _map(account: Account) -> str:
    groups = [group for group in account.groups if group.size]
    marks = "".join(
        f'<span><i data-reason="{number}"></i>{escaped(group.reason)}</span>'
        for number, group in enumerate(groups[:10])
    )
    rest = "<span><i></i>other reasons</span>" if len(groups) > 10 else ""
    about = "Every file by its size, coloured by the reason for which it stays; grey is what went."
    return two_maps(about, f'{marks}{rest}<span><i style="--fill:var(--gone)"></i>removed</span>')


def _proof(account: Account) -> str:
    rows = [
        [
            f"<code>{escaped(row.name)}</code>",
            escaped(row.before),
            escaped(row.after),
            f'<span class="{escaped(row.result)}">{escaped(row.result)}</span>',
            f"{row.seconds_before:.2f} → {row.seconds_after:.2f}",
        ]
        for row in account.probes
    ]
    if not rows:
        table = '<p class="more">There was no probe.</p>'
    else:
        table = table_of(["probe", "before", "after", "result", "seconds"], rows, numbers=(4,))
    repairs = [
        [f'<span class="path">/{escaped(r.path)}</span>', str(r.round), escaped(r.because_of)] for r in account.repairs
    ]
    back = (
        f'<h3>Came back</h3><div class="card">{table_of(["path", "round", "missed by"], repairs, numbers=(1,))}</div>'
        if repairs
        else ""
    )
    return f"""<section id="proof">
<h2>Proof</h2>
<p class="lead">The same probes on the original and on the slim image.</p>
<div class="card">{table}</div>
{back}
</section>"""


def _surface(before: Surface | None, after: Surface | None) -> str:
    if before is None or after is None:
        return ""
    rows = [[escaped(title), escaped(old), escaped(new)] for title, old, new in facts(before, after)]
    gone = "".join(
        f'<h3>{escaped(title)} that went</h3><ul class="chips">{_chips(found)}</ul>'
        for title, found in lost(before, after)
    )
    return f"""<section id="surface">
<h2>Surface</h2>
<p class="lead">What an attacker who got in would find.</p>
<div class="two"><div class="card">{table_of(["", "before", "after"], rows)}</div><div>{gone}</div></div>
</section>"""


def _chips(texts: Sequence[str]) -> str:
    chips = [f'<li class="path">{escaped(text)}</li>' for text in texts[:_CHIPS]]
    if len(texts) > _CHIPS:
        chips.append(f"<li>{len(texts) - _CHIPS} more</li>")
    return "".join(chips)


def _java(account: Account) -> str:
    if not account.modules:
        return ""
    return f"""<section id="java">
<h2>Java runtime</h2>
<p class="lead">A runtime of these {len(account.modules)} modules took the place of the JDK.</p>
<ul class="chips">{_chips(account.modules)}</ul>
</section>"""


def _paths() -> str:
    buttons = "".join(
        f'<button data-show="{name}" aria-pressed="{"true" if name == "all" else "false"}">{name}</button>'
        for name in ("all", "kept", "removed")
    )
    return f"""<section id="paths">
<h2>Paths</h2>
<div class="tools"><span id="count" aria-live="polite"></span>{buttons}</div>
<div class="card"><ul class="rows" id="found"></ul></div>
</section>"""


def _notes(account: Account) -> str:
    warnings = "".join(f"<li>{escaped(warning)}</li>" for warning in account.warnings)
    timing = [[escaped(phase), f"{seconds:.2f} s"] for phase, seconds in account.timing.items()]
    parts = []
    if warnings:
        parts.append(f'<div><h2>Warnings</h2><div class="card"><ul class="warnings">{warnings}</ul></div></div>')
    if timing:
        parts.append(f'<div><h2>Time</h2><div class="card">{table_of(["phase", ""], timing, numbers=(1,))}</div></div>')
    return f'<section class="two">{"".join(parts)}</section>' if parts else ""
