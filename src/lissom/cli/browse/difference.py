"""A browser of what differs between two images: config, packages and surface to the left, files to the right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Input, Static

from lissom.analysis.comparison import Difference
from lissom.analysis.difference import Change
from lissom.cli.browse.layout import CSS, Filter, layout
from lissom.cli.browse.node import Leaf, Mark, Node, grown
from lissom.cli.browse.tree_view import TreeView
from lissom.report.diff_rows import owned
from lissom.report.diff_text import words_of
from lissom.report.growth import share, signed
from lissom.report.harmless import harmless
from lissom.report.surface_text import facts
from lissom.report.terminal import size

__all__ = ["DifferenceBrowser"]

_MARKS = {"+": Mark.ADDED, "~": Mark.CHANGED, "-": Mark.REMOVED}


class DifferenceBrowser(App[None]):
    """The browser; sizes of files are what they grew by."""

    CSS = CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+c", "quit", "quit"),
        Binding("tab", "focus_next", "other side", priority=True),
        Binding("a,ctrl+a", "mark('+')", "added"),
        Binding("m", "mark('~')", "changed"),
        Binding("r,ctrl+r", "mark('-')", "removed"),
        Binding("s,ctrl+o", "sort", "sort"),
        Binding("slash,ctrl+f", "filter", "filter"),
        Binding("escape", "leave_filter", show=False),
    ]

    def __init__(self, found: Difference) -> None:
        super().__init__()
        self.title = harmless(f"{found.before.name} → {found.after.name}")
        self.found = found
        self.marks = frozenset("+~-")
        self.pattern: re.Pattern[str] | None = None

    def compose(self) -> ComposeResult:
        yield from layout()

    @property
    def view(self) -> TreeView:
        return self.query_one(TreeView)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("", "BEFORE", "AFTER")
        for row in _facts(self.found):
            table.add_row(*(Text(harmless(cell), overflow="ellipsis") for cell in row))
        self.view.focus()
        self._fill()

    def on_tree_view_reached(self, event: TreeView.Reached) -> None:
        self.query_one("#story", Static).update(_story(event.node))

    def _fill(self) -> None:
        root = grown(self._leaves())
        self.view.show(root)
        hidden = [word for word, sign in (("added", "+"), ("changed", "~"), ("removed", "-")) if sign not in self.marks]
        parts = [root.counted("path"), signed(root.size - root.gone) or "same size"]
        parts += [f"without {', '.join(hidden)}"] if hidden else []
        parts += [f"/{harmless(self.pattern.pattern)}/"] if self.pattern else []
        self.query_one("#state", Static).update(Text(" · ".join(parts), no_wrap=True, overflow="ellipsis"))

    def _leaves(self) -> Iterator[Leaf]:
        for change in self.found.files:
            entry = change.after or change.before
            if change.sign not in self.marks or (self.pattern and not self.pattern.search(f"/{change.path}")):
                continue
            if change.path and not (entry is not None and entry.is_directory and change.sign != "~"):
                yield Leaf(change.path, change.size, _MARKS[change.sign], "", change)

    def action_mark(self, sign: str) -> None:
        self.marks ^= {sign}
        self._fill()

    def action_sort(self) -> None:
        self.view.turn_order()

    def action_filter(self) -> None:
        self.query_one(Filter).ask()

    def action_leave_filter(self) -> None:
        self.query_one(Filter).leave()
        self.pattern = None
        self._fill()
        self.view.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self.pattern = re.compile(event.value) if event.value else None
        except re.error as error:
            self.notify(f"no expression: {error}", severity="warning", markup=False)
            return
        self._fill()
        self.view.focus()


def _facts(found: Difference) -> Iterator[tuple[str, str, str]]:
    """Sizes, what grew by package, config, packages, surface."""
    before, after = found.before, found.after
    yield "size", size(before.size), f"{size(after.size)} {share(before.size, after.size)}"
    yield (
        "compressed",
        size(before.compressed),
        f"{size(after.compressed)} {share(before.compressed, after.compressed)}",
    )
    yield "files", f"{before.files:,}", f"{after.files:,} {share(before.files, after.files)}"
    for pair in found.config:
        yield pair.name, pair.before or "", pair.after or ""
    for pair in found.packages:
        yield pair.name, pair.before or "", pair.after or ""
    for title, old, new in facts(before.surface, after.surface):
        if old != new:
            yield title, old, new
    for row in owned(found):
        yield (
            f"bytes: {row.package or '(no package)'}",
            size(row.before),
            f"{size(row.after)} {signed(row.after - row.before)}",
        )


def _story(node: Node) -> Text:
    text = Text(f"/{harmless(node.path)}", style="bold", overflow="fold")
    change = node.leaf.told if node.leaf is not None else None
    if not isinstance(change, Change):
        text.append(f"\n{node.counted('path')}, {signed(node.size - node.gone) or 'same size'}", style="not bold")
        return text
    what = {"+": "only the second image has it", "-": "only the first image has it"}
    text.append(f"\n{what.get(change.sign) or ', '.join(words_of(change))}", style="not bold")
    text.append(f"\n{signed(change.size)}" if change.size else "", style="not bold")
    return text
