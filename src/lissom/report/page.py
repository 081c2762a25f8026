"""One self-contained page: style, script and data in it, nothing comes from the network."""

from __future__ import annotations

import html
from collections.abc import Sequence
from importlib.resources import files

from lissom.report.harmless import harmless
from lissom.report.terminal import size

__all__ = ["escaped", "group_of", "page_of", "short_digest", "table_of"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def page_of(title: str, body: str, data: str, *, scripts: Sequence[str], styles: Sequence[str] = ("page",)) -> str:
    """The page around ``body``, which is HTML. ``data`` is JSON; ``styles`` and ``scripts`` name files of this package
    without .css and .js, the later ones use what the earlier ones define.
    """
    style, script = _joined(styles, "css"), _joined(scripts, "js")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escaped(title)}</title>
<style>
{style}</style>
</head>
<body>
{body}
<script type="application/json" id="data">{data}</script>
<script>
"use strict";
(() => {{
{script}}})();
</script>
</body>
</html>
"""


def _joined(names: Sequence[str], end: str) -> str:
    folder = files("lissom.report")
    return "".join(folder.joinpath(f"{name}.{end}").read_text(encoding="utf-8") for name in names)


def escaped(text: str) -> str:
    """A stranger's text as HTML, also within an attribute's quotes."""
    return html.escape(harmless(text))


def short_digest(digest: str) -> str:
    """The beginning of a digest, all of it as a title."""
    return f'<code title="{escaped(digest)}">{escaped(digest[:31])}…</code>'


def table_of(header: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = ()) -> str:
    """A table whose cells are HTML already; columns of ``numbers`` are set to the right."""

    def line(cells: Sequence[str], tag: str) -> str:
        marks = (" class=num" if at in numbers else "" for at in range(len(cells)))
        return (
            "<tr>" + "".join(f"<{tag}{mark}>{cell}</{tag}>" for cell, mark in zip(cells, marks, strict=True)) + "</tr>"
        )

    body = "\n".join(line(row, "td") for row in rows)
    return f"<table>\n<thead>{line(header, 'th')}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def group_of(key: tuple[str, int], name: str, says: str, counts: tuple[int, int], largest: int) -> str:
    """One line with files and bytes that opens to its paths: ``key`` is a column of the data and the value there."""
    (column, value), (count, weight) = key, counts
    part = 100 * weight / largest if largest else 0
    mark = f' data-reason="{value}"' if column == "r" else ""
    return (
        f'<details class="group" data-column="{column}" data-value="{value}"><summary>'
        f'<span class="name">{escaped(name)}</span><span class="says">{escaped(says)}</span>'
        f'<span class="num">{count:,}</span><span class="num">{size(weight)}</span>'
        f'<span class="meter"><i{mark} style="width:{part:.1f}%"></i></span></summary></details>'
    )
