"""The browser of an image, driven by textual's pilot."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import DataTable, Static

from conftest import changeset_of
from lissom.analysis.comparison import compare
from lissom.analysis.ledger.share import WasteKind
from lissom.api.layer_files import LayerFiles
from lissom.cli.browse.difference import DifferenceBrowser
from lissom.cli.browse.image import ImageBrowser
from lissom.cli.browse.layers import Layers, Shown
from lissom.cli.browse.node import Leaf, Mark, grown
from lissom.cli.browse.tree_view import TreeView
from lissom.rootfs.tree import Tree
from made_ledgers import large, ledger


def marks(layer: int, **shown) -> dict[str, str]:
    return {leaf.path: leaf.mark.value for leaf in Layers(ledger()).leaves(layer, Shown(**shown))}


def test_what_a_layer_does() -> None:
    assert marks(0) == {"usr/bin/bash": "+", "usr/share/doc/bash/README": "+"}
    assert marks(2)["var/lib/dpkg/status"] == "~"
    assert marks(4) == {"app/model.bin": "~", "app/.env": "~", "opt/src/a.c": "-"}


def test_the_tree_up_to_a_layer_is_what_is_alive_there() -> None:
    assert marks(1, whole=True) == {"usr/bin/bash": " ", "usr/share/doc/bash/README": " ", "var/lib/dpkg/status": "+"}
    told, top = ledger(), 4
    whole = [leaf for leaf in Layers(told).leaves(top, Shown(whole=True)) if leaf.mark is not Mark.REMOVED]
    assert sum(leaf.size for leaf in whole) == told.live
    assert grown(whole).size == told.live


def test_filters_of_marks_waste_and_paths() -> None:
    assert marks(4, marks=frozenset({Mark.REMOVED})) == {"opt/src/a.c": "-"}
    assert marks(2, waste=WasteKind.PACKAGE_LISTS) == {"var/lib/apt/lists/deb_main": "+"}
    assert set(marks(2, waste="any")) == {"var/lib/apt/lists/deb_main", "usr/bin/gcc", "opt/src/a.c"}
    assert marks(2, pattern=re.compile("^/usr")) == {"usr/bin/gcc": "+"}


def test_directories_sum_and_are_marked() -> None:
    root = grown([Leaf("a/b", 5, Mark.ADDED), Leaf("a/c", 7, Mark.REMOVED), Leaf("d/e", 3, Mark.ADDED)])
    assert (root.size, root.gone, root.count, root.mark) == (8, 7, 3, Mark.CHANGED)
    assert root.children["a"].mark is Mark.CHANGED
    assert root.children["d"].mark is Mark.ADDED
    assert [node.name for node in root.ordered(by_size=True)] == ["a", "d"]


def test_a_file_in_the_place_of_a_directory_loses_neither() -> None:
    root = grown([Leaf("a", 5, Mark.ADDED), Leaf("a/c", 7, Mark.REMOVED)])
    assert (root.size, root.gone, root.count) == (5, 7, 2)


def driven(browser: App, steps: Callable[[Pilot], Awaitable[None]]) -> None:
    async def run() -> None:
        async with browser.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            await steps(pilot)

    asyncio.run(run())


def lines(browser: App) -> list[str]:
    view = browser.query_one(TreeView)
    return [view.render_line(y).text.rstrip() for y in range(view.size.height) if view.render_line(y).text.strip()]


def said(browser: App, which: str) -> str:
    return str(browser.query_one(which, Static).content)


def test_keys(tmp_path) -> None:
    browser = ImageBrowser(ledger(), None, directory=tmp_path)

    async def steps(pilot: Pilot) -> None:
        assert browser.query_one(DataTable).row_count == 5
        assert said(browser, "#state") == "layer 1 · 2 files, 22MB"
        assert said(browser, "#story").startswith("base image: ADD file:1f2e in /\n")
        await pilot.press("down", "down", "down", "down")
        assert said(browser, "#state") == "layer 5 · 3 files, 40MB, 5MB removed"
        assert any(re.search(r" 5MB - .*opt/", line) for line in lines(browser))
        assert "lines" not in said(browser, "#story")
        assert "line 9: RUN chown" in said(browser, "#story")
        assert "image: 203MB, 157MB alive, 135MB waste, 73.9% efficient" in said(browser, "#story")
        await pilot.press("t")
        assert said(browser, "#state").startswith("layers 1-5 · 10 files, 157MB, 5MB removed")
        await pilot.press("r")
        assert said(browser, "#state") == "layers 1-5 · 9 files, 157MB · without removed"
        await pilot.press("w")
        assert said(browser, "#state").endswith("waste")
        await pilot.press("w")
        assert said(browser, "#state").endswith("waste: secret") or "waste: " in said(browser, "#state")
        await pilot.press("escape", "tab")
        assert browser.query_one(TreeView).has_focus

    driven(browser, steps)


def test_a_file_tells_its_story(tmp_path) -> None:
    browser = ImageBrowser(ledger(), None, directory=tmp_path)

    async def steps(pilot: Pilot) -> None:
        await pilot.press("down", "down", "tab", "slash", *"a[.]c", "enter", "end")
        await pilot.pause()
        assert said(browser, "#state") == "layer 3 · 1 file, 5MB · /a[.]c/"
        told = said(browser, "#story")
        assert "/opt/src/a.c" in told
        assert "5MB added by lines 3-6: RUN apt-get update && apt-get install -y gcc" in told
        assert (
            "hidden by line 9: RUN chown -R app /app && rm -rf /opt/src: a whiteout of a directory above (/opt/src)"
            in told
        )
        await pilot.press("slash", "escape")
        assert said(browser, "#state") == "layer 3 · 4 files, 86MB"
        await pilot.press("slash", "[", "enter")  # no expression yet: nothing changes
        assert said(browser, "#state") == "layer 3 · 4 files, 86MB"

    driven(browser, steps)


def test_directories_open_close_and_are_sorted(tmp_path) -> None:
    browser = ImageBrowser(ledger(), None, directory=tmp_path)

    async def steps(pilot: Pilot) -> None:
        await pilot.press("down", "down", "down", "tab")
        assert lines(browser)[0].split()[-1] == "4"
        names = [re.sub("  ● .*", "", line).split()[-1] for line in lines(browser)[1:]]
        assert names == ["model.bin", "copy.bin", "other.bin", ".env"]
        await pilot.press("s")
        names = [re.sub("  ● .*", "", line).split()[-1] for line in lines(browser)[1:]]
        assert names == [".env", "copy.bin", "model.bin", "other.bin"]
        await pilot.press("home", "space")
        assert len(lines(browser)) == 1
        await pilot.press("right", "down", "left")
        assert len(lines(browser)) == 1

    driven(browser, steps)


@pytest.fixture
def real(image_of, store):
    from lissom.api.world import World
    from lissom.sandbox.ids import current_ownership
    from lissom.store.snapshots import Snapshots

    image = image_of(changeset_of({"opt/a.c": b"hello", "b": b"x"}), name="app:1")
    return LayerFiles(World(store, Snapshots(store, current_ownership()), lambda: None), image)  # type: ignore[arg-type]


def test_a_file_is_extracted_beside_what_is_there(real, tmp_path: Path) -> None:
    from lissom.analysis.ledger.share import Share, Step

    told = ledger((Share("opt/a.c", 5, 0), Share("b", 1, 0)), (Step(0, "COPY . /", 0),))
    browser = ImageBrowser(told, real, directory=tmp_path)
    (tmp_path / "a.c").symlink_to(tmp_path / "elsewhere")

    async def steps(pilot: Pilot) -> None:
        await pilot.press("tab", "b", "slash", *"a.c", "enter", "end", "e")
        await pilot.pause()
        assert any("0644 0:0" in line for line in lines(browser))

    driven(browser, steps)
    assert (tmp_path / "a.c.1").read_bytes() == b"hello"
    assert not (tmp_path / "elsewhere").exists()


def test_names_of_strangers_cannot_steer_the_terminal(tmp_path) -> None:
    from lissom.analysis.ledger.share import Share, Step

    evil = "\x1b]0;x\x07[red]"
    told = ledger((Share(f"d{evil}/f{evil}", 5, 0, package=evil),), (Step(0, f"COPY {evil} /", 0),), name=evil)
    browser = ImageBrowser(told, None, directory=tmp_path)

    async def steps(pilot: Pilot) -> None:
        await pilot.press("tab", "end")
        await pilot.pause()
        assert not any("\x1b" in line for line in [*lines(browser), said(browser, "#story"), browser.title])
        assert any("[red]" in line for line in lines(browser))

    driven(browser, steps)


def test_many_files_are_browsed(tmp_path) -> None:
    browser = ImageBrowser(large(30_000), None, directory=tmp_path)

    async def steps(pilot: Pilot) -> None:
        start = time.process_time()
        await pilot.press("t", "down", "tab", "end", "home")
        assert time.process_time() - start < 5
        assert said(browser, "#state").startswith("layers 1-2 · 6,000 files")

    driven(browser, steps)


def test_a_difference_is_browsed(image_of, tmp_path) -> None:
    trees = [changeset_of(files) for files in ({"a/x": b"1" * 50, "a/y": b"1"}, {"a/x": b"1" * 20, "b/z": b"2" * 900})]
    images = [image_of(tree) for tree in trees]
    found = compare(
        ("app:1", "app:2"), (images[0], images[1]), (Tree().apply(trees[0]), Tree().apply(trees[1])), times=False
    )
    browser = DifferenceBrowser(found)

    async def steps(pilot: Pilot) -> None:
        assert said(browser, "#state") == "3 paths · +869B"
        assert browser.query_one(DataTable).row_count >= 4
        await pilot.press("a")
        assert said(browser, "#state") == "2 paths · -31B · without added"
        await pilot.press("a", "m", "r")
        assert said(browser, "#state") == "1 path · +900B · without changed, removed"
        await pilot.press("m", "r", "slash", *"a/x", "enter", "end")
        assert said(browser, "#state") == "1 path · -30B · /a/x/"
        assert "50B → 20B" in said(browser, "#story")
        await pilot.press("slash", "escape")
        assert said(browser, "#state") == "3 paths · +869B"

    driven(browser, steps)


def test_without_a_terminal_there_is_no_browser(run_cli, image_of) -> None:
    image_of({"a": b"1"}, name="app:1")
    ran = run_cli("analyze", "-i", "app:1")
    assert ran.code == 2
    assert "cannot browse: stdin is not a terminal" in ran.err
    assert run_cli("diff", "-i", "app:1", "app:1").code == 2
    assert "leave out one of -i and --json" in run_cli("analyze", "-i", "--json", "app:1").err


def test_what_draws_is_loaded_only_by_a_browser() -> None:
    code = "import sys, lissom.cli.analyze, lissom.cli.diff, lissom.cli.browse.start; print('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
