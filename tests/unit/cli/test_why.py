"""``lissom why``, as a process of the real console script."""

from __future__ import annotations

import json

import pytest

from lissom.oci.digest import Digest
from lissom.slim.account import Account, Kept, Removed, Side
from lissom.slim.account_json import put_account

KEPT = (
    Kept("lib", "on the way", "lib/libssl.so.3", kind="symlink"),
    Kept("usr", "on the way", "usr/bin/python3", kind="directory"),
    Kept("usr/bin/python3", "entrypoint", "the image's entry point", 6000, 9000, "deb python3"),
    Kept("usr/lib", "on the way", "usr/lib/libssl.so.3", kind="directory"),
    Kept("usr/lib/_ssl.so", "python-module", "usr/bin/python3", 150, 150),
    Kept("usr/lib/libssl.so.3", "elf-needs", "usr/lib/_ssl.so", 50, 50, "deb libssl3"),
)
REMOVED = (
    Removed("usr/share/doc/a/b/copyright", 10, "deb libssl3"),
    Removed("usr/share/doc/a/changelog", 30, "deb libssl3", reason="--drop '**/changelog'"),
    Removed("usr/share/doc/a/dir", kind="directory"),
)


@pytest.fixture
def slimmed(image_of, store) -> None:
    image = image_of({"usr/lib/libssl.so.3": b"1", "lib": "usr/lib"}, name="app:slim")
    account = Account(
        Side("app:1", str(Digest.of(b"before"))),
        Side("app:slim", image.digest),
        "file",
        KEPT,
        REMOVED,
        {"elf-needs": "A library that a program is linked with.", "python-module": "A module that is imported."},
    )
    put_account(store, account)


def test_a_file_that_stays_has_the_chain_of_its_reasons(run_cli, slimmed) -> None:
    ran = run_cli("why", "app:slim", "/usr/lib/libssl.so.3", check=True)
    assert ran.out == (
        "/usr/lib/libssl.so.3 stays: 50B of deb libssl3\n"
        "\n"
        "  REASON          BECAUSE OF                WHAT IT MEANS\n"
        "  elf-needs       /usr/lib/_ssl.so          A library that a program is linked with.\n"
        "  python-module   /usr/bin/python3          A module that is imported.\n"
        "  entrypoint      the image's entry point\n"
    )
    assert run_cli("why", "app:slim", "lib/libssl.so.3", check=True).out == ran.out
    assert "stays: 6kB of deb python3 (9kB before)" in run_cli("why", "app:slim", "/usr/bin/python3", check=True).out


def test_a_file_that_went_says_how_to_keep_it(run_cli, slimmed) -> None:
    assert run_cli("why", "app:slim", "/usr/share/doc/a/b/copyright", check=True).out == (
        "/usr/share/doc/a/b/copyright was removed: 10B of deb libssl3\n"
        "  nothing was seen to use it, and no rule reached it\n"
        "\n"
        "`lissom slim --keep '/usr/share/doc/a/b/copyright' app:1` keeps it\n"
    )
    assert "--drop '**/changelog'" in run_cli("why", "app:slim", "/usr/share/doc/a/changelog", check=True).out


def test_a_directory_lists_what_is_below(run_cli, slimmed) -> None:
    assert run_cli("why", "app:slim", "/usr/lib/", check=True).out == (
        "/usr/lib stays: a directory\n"
        "\n"
        "  REASON          BECAUSE OF                WHAT IT MEANS\n"
        "  on the way      /usr/lib/libssl.so.3\n"
        "  elf-needs       /usr/lib/_ssl.so          A library that a program is linked with.\n"
        "  python-module   /usr/bin/python3          A module that is imported.\n"
        "  entrypoint      the image's entry point\n"
        "\n"
        "PATH                   SIZE   REASON          BECAUSE OF\n"
        "/usr/lib/_ssl.so       150B   python-module   /usr/bin/python3\n"
        "/usr/lib/libssl.so.3   50B    elf-needs       /usr/lib/_ssl.so\n"
        "\n"
        "2 stay (200B), 0 went (0B)\n"
    )


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("/usr/share/doc/**", {"a/b/copyright", "a/changelog", "a/dir"}),
        ("/usr/share/doc/*", set()),
        ("/usr/share/doc/*/*", {"a/changelog", "a/dir"}),
        ("**/c*", {"a/b/copyright", "a/changelog"}),
        ("/usr/**/a/**/b/**/copyright", {"a/b/copyright"}),
        ("**/**/**/**/**/**/**/**/**/**/**/zzz", set()),
    ],
)
def test_globs(run_cli, slimmed, pattern: str, paths: set[str]) -> None:
    ran = run_cli("why", "--json", "app:slim", pattern)
    found = {row["path"].removeprefix("/usr/share/doc/") for row in json.loads(ran.out)}
    assert found == paths
    assert ran.code == (0 if paths else 1)


def test_json_has_the_chain(run_cli, slimmed) -> None:
    (row,) = json.loads(run_cli("why", "--json", "app:slim", "/usr/lib/_ssl.so", check=True).out)
    assert (row["stays"], row["reason"], row["size"]) == (True, "python-module", 150)
    assert row["chain"][-1] == {
        "path": "/usr/bin/python3", "reason": "entrypoint", "because_of": "the image's entry point",
    }  # fmt: skip


def test_a_path_of_neither_image_exits_with_1(run_cli, slimmed) -> None:
    ran = run_cli("why", "app:slim", "/nowhere")
    assert (ran.code, ran.out) == (
        1, "/nowhere is in neither image: not in `app:slim`, nor in what it was made of\n"
    )  # fmt: skip


def test_an_image_of_which_nothing_is_known_is_told(run_cli, image_of) -> None:
    image_of({"a": b"1"}, name="app:1")
    ran = run_cli("why", "app:1", "/a")
    assert ran.code == 5
    assert "error: cannot tell why files of `app:1` are there: the store has no account of it" in ran.err


def test_help_has_examples(run_cli) -> None:
    assert "Examples:" in run_cli("why", "--help", check=True).out
