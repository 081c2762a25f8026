"""``lissom surface``, as a process of the real console script."""

from __future__ import annotations

import json
import re

import pytest

from conftest import changeset_of
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Changeset


def programs(*paths: str, mode: int = 0o755) -> Changeset:
    entries = [Entry(path, Kind.FILE, mode, size=1, content=Inline(b"x")) for path in paths]
    return Changeset.of([*changeset_of(dict.fromkeys(paths, b"x")).entries.values(), *entries])


@pytest.fixture
def two(image_of, store) -> None:
    image_of(
        programs("usr/bin/dash", "usr/bin/apt-get", *(f"usr/bin/python3.{n}" for n in range(20))),
        programs("usr/bin/su", mode=0o4755),
        {"app/.env": b"A=1", "app/main.py": b"pass"},
        Changeset(whiteouts=frozenset({"app/.env"})),
        name="app:1",
        ExposedPorts={"80/tcp": {}},
        Env=["TOKEN=abc"],
    )
    image_of(programs("usr/bin/python3.1"), name="app:slim", User="1000")


def test_one_image(run_cli, two) -> None:
    out = run_cli("surface", "app:1", check=True).out
    assert re.match(
        "WHAT         FOUND\nuser         root\nports        80/tcp\npackages     none\n"
        "size         27B\ncompressed   [0-9.]+kB\nfiles        24\n\nshells \\(1\\)\n",
        out,
    )
    assert "interpreters (20)\n" in out
    assert "  … and 8 more: --all shows them\n" in out
    assert "setuid files (1)\n  /usr/bin/su\n" in out
    assert out.endswith(
        "secrets (2)\n  config: variable TOKEN\n  /app/.env: environment file, in layer 3, hidden by a later one\n"
    )
    assert "more" not in run_cli("surface", "--all", "app:1", check=True).out


def test_two_images_side_by_side(run_cli, two) -> None:
    assert without_sizes(run_cli("surface", "app:1", "app:slim", check=True).out).startswith(
        "WHAT               app:1    app:slim\n"
        "user               root     1000\n"
        "ports              80/tcp   none\n"
        "packages           none     none\n"
        "shells             1        0\n"
        "package managers   1        0\n"
        "interpreters       20       1\n"
        "setuid files       1        0\n"
        "secrets            2        0\n"
        "\n"
        "only in app:1\n"
        "  shells: /usr/bin/dash\n"
        "  package managers: /usr/bin/apt-get\n"
    )


def test_three_images_side_by_side(run_cli, two, image_of) -> None:
    image_of(programs("usr/bin/dash", "usr/bin/python3.1"), name="app:2")
    out = run_cli("surface", "app:1", "app:slim", "app:2", check=True).out
    assert [line.split()[1:] for line in out.splitlines() if line.startswith(("WHAT", "shells", "interpreters"))] == [
        ["app:1", "app:slim", "app:2"],
        ["1", "0", "1"],
        ["20", "1", "1"],
    ]
    assert "only in app:1\n  package managers: /usr/bin/apt-get\n  interpreters: /usr/bin/python3.0, " in out
    assert "only in app:2" not in out


def without_sizes(text: str) -> str:
    """``text`` without the lines whose numbers depend on compression."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(("size", "compr", "files")))


def test_json(run_cli, two) -> None:
    document = json.loads(run_cli("surface", "--json", "app:1", check=True).out)
    assert document["shells"] == ["/usr/bin/dash"]
    assert document["secrets"][1] == {"path": "/app/.env", "what": "environment file", "layer": 3, "hidden": True}
    both = json.loads(run_cli("surface", "--json", "app:1", "app:slim", check=True).out)
    assert [(one["image"], one["user"], one["files"]) for one in both] == [("app:1", "", 24), ("app:slim", "1000", 1)]


def test_help_has_examples(run_cli) -> None:
    assert "Examples:" in run_cli("surface", "--help", check=True).out
