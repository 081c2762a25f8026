"""How browsers look: a table and a story to the left, a state, a tree and a filter to the right."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import DataTable, Footer, Input, Static

from lissom.cli.browse.tree_view import TreeView

__all__ = ["CSS", "Filter", "layout"]

CSS = """
#left { width: 46%; min-width: 40; }
#right { width: 1fr; border-left: solid $panel; }
#table { height: 1fr; scrollbar-size-horizontal: 0; }
#files { height: 1fr; }
#state { height: 1; background: $panel; color: $text-muted; }
#story { height: auto; max-height: 9; padding: 0 1; border-top: solid $panel; }
#filter { display: none; }
"""


class Filter(Input):
    """The field for an expression that paths are searched for; hidden until it is asked for."""

    def ask(self) -> None:
        """Show the field, ready to type into."""
        self.display = True
        self.focus()

    def leave(self) -> None:
        """Empty the field and hide it."""
        self.value = ""
        self.display = False


def layout() -> ComposeResult:
    """The widgets, for an app's ``compose``."""
    with Horizontal():
        with Vertical(id="left"):
            yield DataTable(id="table", cursor_type="row")
            yield Static(id="story")
        with Vertical(id="right"):
            yield Static(id="state")
            yield TreeView(id="files")
            yield Filter(id="filter", placeholder="an expression that paths are searched for")
    yield Footer(show_command_palette=False)
