"""A browser of an image: its layers to the left, their files to the right, a file's story below."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widgets import DataTable, Static

from lissom.analysis.ledger.share import Ledger, Share
from lissom.api.layer_files import LayerFiles
from lissom.cli.browse.layers import Layers, Shown
from lissom.cli.browse.layout import CSS, Filter, layout
from lissom.cli.browse.node import Mark, Node, grown
from lissom.cli.browse.story import layer_story, story
from lissom.cli.browse.tree_view import TreeView
from lissom.errors import LissomError
from lissom.report.harmless import harmless
from lissom.report.ledger_sums import rows_of
from lissom.report.terminal import size
from lissom.report.waste_action import title_of

__all__ = ["ImageBrowser"]

_MARKS = {"added": Mark.ADDED, "removed": Mark.REMOVED, "changed": Mark.CHANGED, "same": Mark.SAME}


class ImageBrowser(App[None]):
    """The browser; ``files`` reads modes and extracts, None where the image is not at hand."""

    CSS = CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+c", "quit", "quit"),
        Binding("tab", "focus_next", "other side", priority=True),
        Binding("t,ctrl+l", "whole", "layer/tree"),
        Binding("a", "mark('added')", "+"),
        Binding("m", "mark('changed')", "~"),
        Binding("r,ctrl+r", "mark('removed')", "-"),
        Binding("u,ctrl+u", "mark('same')", "same"),
        Binding("ctrl+a", "dives_a", show=False),
        Binding("w", "waste", "waste"),
        Binding("s,ctrl+o", "sort", "sort"),
        Binding("b,ctrl+b", "columns", "mode/owner"),
        Binding("slash,ctrl+f", "filter", "filter"),
        Binding("escape", "leave_filter", show=False),
        Binding("e,ctrl+e", "extract", "extract"),
    ]

    def __init__(self, ledger: Ledger, files: LayerFiles | None, *, directory: Path) -> None:
        super().__init__()
        self.title = harmless(ledger.name)
        self.ledger = ledger
        self.files = files
        self.directory = directory
        self.shown = Shown()
        self.layer = 0
        self._layers = Layers(ledger)
        self._typing: Timer | None = None
        self._kinds = [None, "any", *ledger.wasted()]

    def compose(self) -> ComposeResult:
        yield from layout()

    @property
    def view(self) -> TreeView:
        return self.query_one(TreeView)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("ADDED", "ALIVE", "WASTE", "FROM", "INSTRUCTION")
        for row in rows_of(self.ledger):
            figures = (row.size, row.live, sum(row.waste.values()))
            table.add_row(*(Text(size(figure), justify="right") for figure in figures), row.place, Text(row.text))
        table.focus()
        self._fill()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        if event.cursor_row != self.layer:
            self.layer = event.cursor_row
            self._fill()
            self._tell()

    def on_tree_view_reached(self, event: TreeView.Reached) -> None:
        if self.view.has_focus:
            self.query_one("#story", Static).update(story(self.ledger, event.node))

    def on_descendant_focus(self) -> None:
        self._tell()

    def _tell(self) -> None:
        """The story of what the cursor is on: a file, or a layer."""
        node = self.view.node
        if self.view.has_focus and node is not None:
            self.query_one("#story", Static).update(story(self.ledger, node))
        elif self.layer < len(self.ledger.layers):
            self.query_one("#story", Static).update(layer_story(self.ledger, self.layer))

    def _fill(self) -> None:
        """Make the tree of what is to be seen."""
        if self.layer < len(self.ledger.layers):
            root = grown(self._layers.leaves(self.layer, self.shown))
            self.view.show(root)
            self.query_one("#state", Static).update(Text(self._state(root), no_wrap=True, overflow="ellipsis"))

    def _state(self, root: Node) -> str:
        shown = self.shown
        parts = [f"layers 1-{self.layer + 1}" if shown.whole else f"layer {self.layer + 1}"]
        parts.append(
            f"{root.counted('file')}, {size(root.size)}" + (f", {size(root.gone)} removed" if root.gone else "")
        )
        hidden = [word for word, mark in _MARKS.items() if mark not in shown.marks]
        parts += [f"without {', '.join(hidden)}"] if hidden else []
        if shown.waste is not None:
            parts.append("waste" if isinstance(shown.waste, str) else f"waste: {title_of(shown.waste)}")
        parts += [f"/{harmless(shown.pattern.pattern)}/"] if shown.pattern else []
        return " · ".join(parts)

    def _show(self, shown: Shown) -> None:
        self.shown = shown
        self._fill()

    def action_whole(self) -> None:
        self._show(replace(self.shown, whole=not self.shown.whole))

    def action_dives_a(self) -> None:
        """As in dive: all layers where layers are chosen, added files where files are."""
        if self.view.has_focus:
            self.action_mark("added")
        else:
            self._show(replace(self.shown, whole=True))

    def action_mark(self, word: str) -> None:
        self._show(replace(self.shown, marks=self.shown.marks ^ {_MARKS[word]}))

    def action_waste(self) -> None:
        """All files, waste of any kind, then one kind after the other."""
        after = (self._kinds.index(self.shown.waste) + 1) % len(self._kinds)
        self._show(replace(self.shown, waste=self._kinds[after]))

    def action_sort(self) -> None:
        self.view.turn_order()

    def action_columns(self) -> None:
        self.view.columns = self._attributes if self.view.columns is None and self.files is not None else None
        self.view.refresh()

    def _attributes(self, node: Node) -> str:
        share = node.leaf.told if node.leaf else None
        layer = share.layer if isinstance(share, Share) else self.layer
        try:
            entry = self.files.entries(layer).get(node.path) if self.files else None
        except LissomError:
            entry = None
        return f"{entry.mode:04o} {f'{entry.uid}:{entry.gid}':<11}" if entry else " " * 16

    def action_filter(self) -> None:
        self.query_one(Filter).ask()

    def action_leave_filter(self) -> None:
        field = self.query_one(Filter)
        if field.display:
            field.leave()
            self._show(replace(self.shown, pattern=None))
            self.view.focus()

    def on_input_changed(self) -> None:
        """Filter when the typing has paused: a tree of very many files takes a moment to make."""
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(0.2, self._filter)

    def on_input_submitted(self) -> None:
        self._filter()
        self.view.focus()

    def _filter(self) -> None:
        text = self.query_one(Filter).value
        try:
            pattern = re.compile(text) if text else None
        except re.error:
            return
        if pattern != self.shown.pattern:
            self._show(replace(self.shown, pattern=pattern))

    def action_extract(self) -> None:
        """Write the file under the cursor into the directory that lissom was called in."""
        share = self.view.node.leaf.told if self.view.node and self.view.node.leaf else None
        if not isinstance(share, Share) or self.files is None:
            self.notify("choose a file", severity="warning")
            return
        target = _free(self.directory, share.path.rpartition("/")[2])
        try:
            self.files.extract(share.layer, share.link or share.path, target)
        except LissomError as error:
            self.notify(harmless(error.message), severity="error", markup=False)
        else:
            self.notify(f"written: {harmless(target.name)}", markup=False)


def _free(directory: Path, name: str) -> Path:
    """A name that nothing has yet."""
    names = (f"{name}.{number}" if number else name for number in range(10_000))
    return next(directory / free for free in names if not os.path.lexists(directory / free))
