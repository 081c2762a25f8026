"""A tree of very many files in a terminal: only the lines in sight are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lissom.cli.browse.node import Mark, Node
from lissom.report.harmless import harmless
from lissom.report.terminal import size

__all__ = ["TreeView"]

_STYLES = {
    Mark.ADDED: Style(color="green"),
    Mark.CHANGED: Style(color="yellow"),
    Mark.REMOVED: Style(color="red"),
    Mark.SAME: Style(),
}
_DIM = Style(dim=True)
_WASTE = Style(color="magenta")
_CURSOR = Style(reverse=True)
_FIRST_LINES = 60


@dataclass(frozen=True, slots=True)
class _Line:
    node: Node
    depth: int


class TreeView(ScrollView, can_focus=True):
    """Lines of a tree with a cursor. ``columns`` gives what stands before a name, such as mode and owner."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "walk(-1)", show=False),
        Binding("down,j", "walk(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "walk(-999999999)", show=False),
        Binding("end", "walk(999999999)", show=False),
        Binding("space,enter", "fold", "open/close"),
        Binding("right", "open", show=False),
        Binding("left", "close", show=False),
        Binding("ctrl+@,ctrl+space,c", "close_all", show=False),
    ]

    class Reached(Message):
        """The cursor came to a file or a directory."""

        def __init__(self, node: Node) -> None:
            super().__init__()
            self.node = node

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's name
        super().__init__(id=id)
        self.root = Node("", "")
        self.by_size = True
        self.columns: Callable[[Node], str] | None = None
        self._open: set[str] = set()
        self._lines: list[_Line] = []
        self._at = 0

    @property
    def node(self) -> Node | None:
        """What the cursor is on."""
        return self._lines[self._at].node if self._lines else None

    def show(self, root: Node) -> None:
        """Another tree; directories that were open stay so, of a new one the largest are opened."""
        here = self.node.path if self.node else ""
        self.root = root
        if not any(node.path in self._open for node in root.children.values()):
            self._open_first()
        self.again(here)

    def turn_order(self) -> None:
        """Sort by name what was sorted by size, and the other way round."""
        self.by_size = not self.by_size
        self.again()

    def again(self, path: str | None = None) -> None:
        """Make the lines again, with the cursor on ``path`` (None: where it is) if that is still there."""
        path = path if path is not None else (self.node.path if self.node else "")
        self._lines = []
        self._flatten(self.root, 0)
        self._at = next((at for at, line in enumerate(self._lines) if line.node.path == path), 0)
        self.virtual_size = Size(self.size.width, len(self._lines))
        self._moved()

    def _open_first(self) -> None:
        waiting, lines = [self.root], len(self.root.children)
        while waiting:
            node = waiting.pop(0)
            for child in node.ordered(by_size=True):
                if child.children and (lines := lines + len(child.children)) <= _FIRST_LINES:
                    self._open.add(child.path)
                    waiting.append(child)

    def _flatten(self, node: Node, depth: int) -> None:
        for child in node.ordered(by_size=self.by_size):
            self._lines.append(_Line(child, depth))
            if child.children and child.path in self._open:
                self._flatten(child, depth + 1)

    def render_line(self, y: int) -> Strip:
        at = self.scroll_offset.y + y
        if at >= len(self._lines):
            return Strip.blank(self.size.width)
        line = self._lines[at]
        strip = Strip(self._segments(line.node, line.depth)).adjust_cell_length(self.size.width)
        return strip.apply_style(_CURSOR) if at == self._at and self.has_focus else strip

    def _segments(self, node: Node, depth: int) -> list[Segment]:
        style = _STYLES[node.mark or Mark.SAME]
        weight = node.gone if node.mark is Mark.REMOVED else node.size
        before = f"{self.columns(node)} " if self.columns else ""
        arrow = ("▾ " if node.path in self._open else "▸ ") if node.children else "  "
        number = f"{'-' if weight < 0 else ''}{size(abs(weight))}"
        name = harmless(node.name) + ("/" if node.children else "")
        segments = [
            Segment(before, _DIM),
            Segment(f"{number:>8} "),
            Segment(f"{(node.mark or Mark.SAME).value} ", style),
            Segment("  " * depth + arrow, _DIM),
            Segment(name, style),
        ]
        if node.leaf is not None and node.leaf.waste:
            segments.append(Segment(f"  ● {harmless(node.leaf.waste)}", _WASTE))
        elif node.children:
            segments.append(Segment(f"  {node.count:,}", _DIM))
        return segments

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: object) -> None:
        """A click chooses a line; on the line of the cursor it opens or closes."""
        at = self.scroll_offset.y + int(getattr(event, "y", 0))
        if at == self._at:
            self.action_fold()
        else:
            self.action_walk(at - self._at)

    def action_walk(self, by: int) -> None:
        if self._lines:
            self._at = max(0, min(len(self._lines) - 1, self._at + by))
            self._moved()

    def action_page(self, by: int) -> None:
        self.action_walk(by * max(1, self.size.height - 1))

    def action_fold(self) -> None:
        if self.node is not None and self.node.children:
            self._open ^= {self.node.path}
            self.again()

    def action_open(self) -> None:
        if self.node is not None and self.node.children and self.node.path not in self._open:
            self.action_fold()

    def action_close(self) -> None:
        """Close the directory, or the one that the file is in."""
        node = self.node
        if node is None:
            return
        path = node.path if node.children and node.path in self._open else node.path.rpartition("/")[0]
        if path:
            self._open.discard(path)
            self.again(path)

    def action_close_all(self) -> None:
        node = self.node
        self._open.clear()
        self.again(node.path.partition("/")[0] if node else "")

    def _moved(self) -> None:
        self.scroll_to_region(Region(0, self._at, 1, 1), animate=False, force=True)
        self.refresh()
        if self.node is not None:
            self.post_message(self.Reached(self.node))
