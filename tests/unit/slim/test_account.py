"""What a slim did, as a value and as JSON."""

from __future__ import annotations

import json

import pytest
import zstandard

from lissom.analysis.surface import Secret, Surface
from lissom.errors import IntegrityError
from lissom.oci.digest import Digest
from lissom.rootfs.tree import Tree
from lissom.slim.account import Account, Kept, ProbeRow, Removed, Repair, Side
from lissom.slim.account_json import find_account, pack, parse, put_account, to_json, unpack
from lissom.slim.accounting import kept_rows, removed_rows
from lissom.slim.keep import Keep
from memory_images import a_directory, a_file, a_link

DIGEST = str(Digest.of(b"after"))


def an_account(**fields) -> Account:
    return Account(
        **{
            "before": Side("app:1", str(Digest.of(b"before")), 1000, 400, 5, 3),
            "after": Side("app:slim", DIGEST, 300, 120, 3, 1),
            "level": "file",
            "kept": (
                Kept("etc", "on the way", "etc/passwd", kind="directory"),
                Kept("etc/passwd", "accounts", "user 1000", 100, 120, "deb base-files"),
                Kept("usr/bin/app", "entrypoint", "", 150, 150),
                Kept("usr/lib/libz.so.1", "elf-needs", "usr/bin/app", 50, 50, "deb zlib1g"),
                Kept("usr/lib/\udcff", "same file", "usr/bin/app", 0, 0, "", "hardlink"),
            ),
            "removed": (
                Removed("usr/share/doc/zlib1g/copyright", 10, "deb zlib1g"),
                Removed("usr/bin/vim", 690, reason="--drop vim"),
            ),
            "rules": {"elf-needs": "A library that a program is linked with."},
            "probes": (ProbeRow("GET /", "200, 12 bytes", "200, 12 bytes", "passed", 0.25, 0.5),),
            "repairs": (Repair("etc/passwd", 1, "GET /"),),
            "surface_before": Surface(shells=("usr/bin/dash",), packages={"deb": 90}, secrets=(Secret("k", "key", 2),)),
            "surface_after": Surface(user="1000", root=False),
            "warnings": ("one",),
            "timing": {"before": 1.5, "prove": 2.0},
            **fields,
        }
    )


def test_an_account_survives_json_and_the_store(store) -> None:
    account = an_account()
    assert parse(json.loads(json.dumps(to_json(account)))) == account
    assert unpack(pack(account)) == account
    assert find_account(store, Digest(DIGEST)) is None
    put_account(store, account)
    assert find_account(store, Digest(DIGEST)) == account


def test_json_is_readable() -> None:
    rows = to_json(an_account())["kept"]
    assert rows[1] == {
        "path": "/etc/passwd", "reason": "accounts", "because_of": "user 1000", "size": 100, "original": 120,
        "package": "deb base-files",
    }  # fmt: skip
    assert rows[3]["because_of"] == "/usr/bin/app"


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"kept": [{"path": "/a"}]},
        {"kept": [{"path": 1, "reason": "x"}]},
        {"removed": "no list"},
        {"rules": []},
        {"surface": {}},
        {"surface": {"before": {"user": ""}, "after": None}},
        {"timing": {"a": "soon"}},
        {"probes": [{"name": "x"}]},
    ],
)
def test_what_is_no_account_is_refused(change) -> None:
    with pytest.raises(IntegrityError, match="cannot read"):
        parse({**to_json(an_account()), **change})


@pytest.mark.parametrize("data", [b"", b"no zstd", zstandard.compress(b"[]"), zstandard.compress(b"{")])
def test_bytes_that_are_no_account_are_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        unpack(data)


def test_a_chain_ends_where_it_began_and_does_not_go_in_circles() -> None:
    account = an_account(kept=(Kept("a", "r", "b"), Kept("b", "r", "a"), Kept("c", "r", "GET /")))
    assert [kept.path for kept in account.chain("a")] == ["a", "b"]
    assert [kept.path for kept in account.chain("c")] == ["c"]
    assert account.chain("d") == ()


def test_groups_and_packages_are_summed() -> None:
    account = an_account()
    assert [(g.reason, g.files, g.size) for g in account.groups] == [
        ("entrypoint", 1, 150), ("accounts", 1, 100), ("elf-needs", 1, 50), ("same file", 1, 0), ("on the way", 0, 0),
    ]  # fmt: skip
    assert [(g.package, g.files, g.size, g.files_kept, g.size_kept) for g in account.gone] == [
        ("", 1, 690, 2, 150), ("deb zlib1g", 1, 10, 1, 50),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("results", "verdict"),
    [(("passed", "passed"), "passed"), (("passed", "inconclusive"), "inconclusive"),
     (("inconclusive", "failed"), "failed"), ((), "unproven")],
)  # fmt: skip
def test_one_failure_is_the_verdict(results, verdict) -> None:
    account = an_account(probes=tuple(ProbeRow("p", "", "", result) for result in results))
    assert account.verdict == verdict


def test_rows_come_from_trees_and_keeps() -> None:
    entries = [
        a_directory("usr"), a_directory("usr/bin"), a_link("bin", "usr/bin"),
        a_file("usr/bin/a", b"123", inode="1"), a_file("usr/bin/b", b"123", inode="1"), a_file("usr/bin/c", b"1234"),
        a_file("usr/bin/d", b"12345"),
    ]  # fmt: skip
    before = Tree({entry.path: entry for entry in entries})
    after = Tree({entry.path: entry for entry in [*entries[:5], a_file("usr/bin/c", b"1"), a_file("usr/new", b"12")]})
    keeps = {"usr/bin/a": Keep("usr/bin/a", "traced", "/bin/c"), "usr/bin/c": Keep("usr/bin/c", "entrypoint", "sh -c")}
    rows = {row.path: row for row in kept_rows(before, after, keeps, lambda path: "deb c" if path[-1] == "c" else "")}
    assert list(rows) == ["bin", "usr", "usr/bin", "usr/bin/a", "usr/bin/b", "usr/bin/c", "usr/new"]
    assert rows["usr/bin/a"] == Kept("usr/bin/a", "traced", "usr/bin/c", 3, 3)
    assert rows["usr/bin/b"] == Kept("usr/bin/b", "made", kind="hardlink")
    assert rows["usr/bin/c"] == Kept("usr/bin/c", "entrypoint", "sh -c", 1, 4, "deb c")
    assert rows["usr/new"] == Kept("usr/new", "made", "", 2, 0)
    assert rows["bin"].kind == "symlink"
    assert removed_rows(before, after, lambda _: "") == (Removed("usr/bin/d", 5),)


def test_forty_thousand_paths_take_little_room() -> None:
    kept = tuple(Kept(f"usr/lib/python3/{n // 50}/module{n}.py", "r", "usr/bin/python3", n, n) for n in range(20_000))
    removed = tuple(Removed(f"usr/share/doc/{n // 7}/file{n}", n, f"deb package{n // 7}") for n in range(20_000))
    account = an_account(kept=kept, removed=removed)
    data = pack(account)
    assert len(data) < 1_000_000
    assert unpack(data) == account
