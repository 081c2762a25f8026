"""``lissom diff``, as a process of the real console script."""

from __future__ import annotations

import json
import re

import pytest

from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Changeset

STATUS = b"Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\n\n"


@pytest.fixture
def two(image_of) -> None:
    base = {"usr/bin/tool": b"1" * 5000, "etc/conf": b"one\ntwo\nthree\n", "etc/link": "conf"}
    image_of(base, {"var/lib/dpkg/status": STATUS % b"1.0"}, name="app:1", Cmd=["/a"], Env=["A=1", "B=2"])
    image_of(
        base,
        {"etc/conf": b"one\n2\nthree\n", "etc/link": "other", "new/a": b"1234", "var/lib/dpkg/status": STATUS % b"2.0"},
        name="app:2",
        Cmd=["/a"],
        Env=["A=1", "B=3"],
        User="1000",
    )


def test_equal_images_exit_with_0(run_cli, image_of) -> None:
    image_of({"a": b"1"}, {"b": b"2"}, name="app:1", User="")
    image_of({"b": b"2", "a": b"1"}, name="app:2")
    ran = run_cli("diff", "app:1", "app:2", check=True)
    assert ran.out == "app:1 and app:2 have the same files and the same config\n"
    assert json.loads(run_cli("diff", "--json", "app:1", "app:2", check=True).out)["equal"] is True


def test_what_differs_is_told(run_cli, two) -> None:
    ran = run_cli("diff", "app:1", "app:2")
    assert ran.code == 1
    figures, *rest = ran.out.split("\n\n")
    lines = [line.split() for line in figures.splitlines()]
    assert lines[1] == ["size", "5.09kB", "5.09kB", "+0.0%"]
    assert lines[3] == ["files", "4", "5", "+25.0%"]
    assert lines[4][:5] == ["layers", "2", "2", "1", "shared"]
    assert "\n\n".join(rest) == (
        "config: 1 added, 1 changed\n"
        "  ~ Env B   2 → 3\n"
        "  + User    1000\n"
        "\n"
        "packages: 1 changed\n"
        "  ~ deb libc6   1.0 → 2.0\n"
        "\n"
        "files: 2 added, 3 changed, +2B\n"
        "  ~ /etc/conf              -2B   14B → 12B\n"
        "  ~ /etc/link                    link conf → other\n"
        "  + /new/\n"
        "  + /new/a                 +4B\n"
        "  ~ /var/lib/dpkg/status         content\n"
    )
    quiet = run_cli("diff", "-q", "app:1", "app:2")
    assert (quiet.code, quiet.out) == (1, "")


def test_contents_are_shown_line_by_line(run_cli, two) -> None:
    out = run_cli("diff", "--content", "app:1", "app:2").out
    assert "\n--- a/etc/conf\n+++ b/etc/conf\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n" in out
    assert "-Version: 1.0\n+Version: 2.0\n" in out
    document = json.loads(run_cli("diff", "--json", "--content", "app:1", "app:2").out)
    assert "+2" in document["content"]


def test_json(run_cli, two) -> None:
    document = json.loads(run_cli("diff", "--json", "app:1", "app:2").out)
    assert document["equal"] is False
    assert document["config"] == [
        {"name": "Env B", "before": "2", "after": "3"}, {"name": "User", "before": None, "after": "1000"},
    ]  # fmt: skip
    assert document["shared_layers"]["count"] == 1
    by_path = {row["path"]: row for row in document["files"]}
    assert (by_path["/new/a"]["change"], by_path["/new/a"]["bytes"]) == ("added", 4)
    assert by_path["/etc/conf"]["what"] == ["size", "content"]


def test_many_changes_are_told_by_directory(run_cli, image_of) -> None:
    image_of({f"usr/{n % 7}/{n}": b"1" for n in range(700)}, name="app:1")
    image_of({f"usr/{n % 7}/{n}": b"2" for n in range(700)}, name="app:2")
    out = run_cli("diff", "app:1", "app:2").out
    assert "files: 700 changed (--all shows each)\n" in out
    assert re.search(r"^    /usr/0/ +100 changed$", out, re.MULTILINE)
    assert len(run_cli("diff", "--all", "app:1", "app:2").out.splitlines()) > 700


def test_names_that_are_no_text_do_no_harm(run_cli, image_of, store) -> None:
    odd = [Entry(name, Kind.FILE, size=1, content=Inline(b"1")) for name in ("a\udcff", "b\x1b[2J", "c\nd")]
    image_of({"x": b""}, name="app:1")
    image_of(Changeset.of([Entry("x", Kind.FILE, size=0, content=Inline(b"")), *odd]), name="app:2")
    out = run_cli("diff", "app:1", "app:2").out
    for shown in ("+ /a\\xff ", "+ /b\\x1b[2J ", "+ /c\\x0ad "):
        assert shown in out
    paths = [row["path"] for row in json.loads(run_cli("diff", "--json", "app:1", "app:2").out)["files"]]
    assert "/a\udcff" in paths


def test_help_has_examples(run_cli) -> None:
    assert "Examples:" in run_cli("diff", "--help", check=True).out


def test_a_page(run_cli, two, tmp_path) -> None:
    ran = run_cli("diff", "--html", tmp_path / "diff.html", "app:1", "app:2")
    assert ran.code == 1
    text = (tmp_path / "diff.html").read_text()
    assert "<title>app:1 → app:2</title>" in text
    assert "deb libc6" in text


def test_steps(run_cli, two) -> None:
    out = run_cli("diff", "--steps", "app:1", "app:2").out
    assert re.search(r"\nsteps\n  BEFORE +AFTER +CHANGE +LINE +INSTRUCTION\n", out)
    told = json.loads(run_cli("diff", "--steps", "--json", "app:1", "app:2").out)
    assert sum(step["growth"] for step in told["steps"]) == sum(
        step["after"] - step["before"] for step in told["steps"]
    )
    assert [step["text"] for step in told["steps"]] == ["COPY 0", "COPY 1"]
