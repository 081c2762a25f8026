"""COPY and ADD on trees: what the differential record does not reach, and the texts of refusals."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

import pytest

from lissom.build.chmod import Mode
from lissom.build.copy import copy, owner_of, select
from lissom.build.step import ContextInput, CopyOp, StageInput
from lissom.errors import SandboxError, StepError
from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tree import Tree
from lissom.sandbox.user import Account, find_account

PASSWD = "root:x:0:0::/:\napp:x:1000:33::/:\n"
GROUP = "root:x:0:\nstaff:x:50:\n"


def tree(files: Mapping[str, str]) -> Tree:
    """``a/`` is a directory, ``-> x`` a link, anything else content; ``0755 1:2 `` may come before it."""
    entries: dict[str, Entry] = {}
    for name, text in files.items():
        path = name.rstrip("/")
        above = parent_of(path)
        while above:
            entries.setdefault(above, Entry(above, Kind.DIRECTORY, 0o755))
            above = parent_of(above)
        if name.endswith("/"):
            entries[path] = Entry(path, Kind.DIRECTORY, int(text or "755", 8))
        elif text.startswith("-> "):
            entries[path] = Entry(path, Kind.SYMLINK, 0o777, link=text[3:])
        else:
            entries[path] = Entry(path, Kind.FILE, 0o644, size=len(text), content=Inline(text.encode()))
    return Tree(entries)


def dump(entries: Mapping[str, Entry]) -> dict[str, str]:
    found = {}
    for path, entry in entries.items():
        if entry.kind is Kind.SYMLINK:
            found[path] = f"-> {entry.link}"
            continue
        owner = f" {entry.uid}:{entry.gid}" if entry.uid or entry.gid else ""
        content = ""
        if entry.content is not None:
            with entry.content.open() as stream:
                content = " " + stream.read().decode()
        found[path] = f"{entry.mode:o}{owner}{'/' if entry.is_directory else ''}{content}"
    return found


def account(name: str) -> Account:
    return find_account(name, PASSWD, GROUP)


def done(operation: CopyOp, source: Mapping[str, str], there: Mapping[str, str]) -> dict[str, str]:
    return dump(copy(operation, tree(source), tree({"etc/": "", **there}), account=account, now=7).entries)


def op(*sources: str, to: str, **flags: object) -> CopyOp:
    return CopyOp(ContextInput(), sources, to, **flags)  # type: ignore[arg-type]


MONOREPO = {"a/pom.xml": "1", "a/src/x": "2", "b/c/pom.xml": "3", "b/c/y": "4", "pom.xml": "5"}

CASES: list[tuple[str, CopyOp, dict[str, str], dict[str, str], dict[str, str]]] = [
    ("a file to a new name", op("a", to="/x/b"), {"a": "1"}, {}, {"x": "755/", "x/b": "644 1"}),
    ("a file into a directory", op("a", to="/x"), {"a": "1"}, {"x/": ""}, {"x/a": "644 1"}),
    ("a link as destination is followed", op("a", to="/l"), {"a": "1"}, {"l": "-> /etc/b"}, {"etc/b": "644 1"}),
    ("a directory's content", op("d", to="/x"), {"d/e/f": "1", "d/g/": "700"}, {},
     {"x": "755/", "x/e": "755/", "x/e/f": "644 1", "x/g": "700/"}),
    ("the destination keeps its mode, what is in it does not", op("d", to="/x"), {"d/": "700", "d/e/": "700"},
     {"x/": "711", "x/e/": "711"}, {"x/e": "700/"}),
    ("the whole context", op("/", to="/"), {"a": "1", "d/": ""}, {}, {"a": "644 1", "d": "755/"}),
    ("above the root is the root", op("../../a", to="/x"), {"a": "1"}, {}, {"x": "644 1"}),
    ("a pattern in the middle", op("*/pom.xml", to="/x/"), {**MONOREPO}, {}, {"x": "755/", "x/pom.xml": "644 1"}),
    ("an escaped bracket", op("[[]x]", to="/x/"), {"[x]": "1"}, {}, {"x": "755/", "x/[x]": "644 1"}),
    ("chown makes directories too", op("a", to="/x/y/", chown="7"), {"a": "1"}, {},
     {"x": "755 7:7/", "x/y": "755 7:7/", "x/y/a": "644 7:7 1"}),
    ("chown by name and group", op("a", to="/x", chown="app:staff"), {"a": "1"}, {}, {"x": "644 1000:50 1"}),
    ("a symbolic chmod", op("d", to="/x", chmod="u=rwX,go=rX"), {"d/e/": "777", "d/f": "1"}, {},
     {"x": "755/", "x/e": "755/", "x/f": "644 1"}),
    ("chmod leaves links", op("d", to="/x/", chmod="600"), {"d/l": "-> f"}, {"x/": ""}, {"x/l": "-> f"}),
    ("link does not look at the destination", op("a", to="/l/b", link=True), {"a": "1"}, {"l": "-> etc"},
     {"l": "755/", "l/b": "644 1"}),
    ("parents", op("**/pom.xml", to="/x/", parents=True), MONOREPO, {},
     {"x": "755/", "x/a": "755/", "x/a/pom.xml": "644 1", "x/b": "755/", "x/b/c": "755/", "x/b/c/pom.xml": "644 3",
      "x/pom.xml": "644 5"}),
    ("parents with a pivot", op("b/./c/y", to="/x/", parents=True), MONOREPO, {},
     {"x": "755/", "x/c": "755/", "x/c/y": "644 4"}),
    ("parents of a directory", op("./a", to="/x", parents=True), MONOREPO, {},
     {"x": "755/", "x/a": "755/", "x/a/pom.xml": "644 1", "x/a/src": "755/", "x/a/src/x": "644 2"}),
    ("exclude", op(".", to="/x", excludes=("**/pom.xml", "b")), MONOREPO, {},
     {"x": "755/", "x/a": "755/", "x/a/src": "755/", "x/a/src/x": "644 2"}),
    ("exclude with an exception", op(".", to="/x", excludes=("b", "!b/c/y", "a", "pom.xml")), MONOREPO, {},
     {"x": "755/", "x/b": "755/", "x/b/c": "755/", "x/b/c/y": "644 4"}),
    ("exclude of a file that a pattern found", op("*", to="/x/", excludes=("*.md",)), {"a.md": "1", "b": "2"}, {},
     {"x": "755/", "x/b": "644 2"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "source", "there", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_copy(operation: CopyOp, source: dict[str, str], there: dict[str, str], expected: dict[str, str]) -> None:
    assert done(operation, source, there) == expected


@pytest.mark.parametrize(
    ("operation", "source", "there", "message"),
    [
        (op("nothing", to="/x"), {}, {}, "cannot copy `nothing`: it is not in the build context"),
        (op("a/./nothing", to="/x", parents=True), {"a/b": ""}, {}, "cannot copy `nothing`: it is not in the build context"),
        (CopyOp(StageInput(2), ("/x/y",), "/"), {}, {}, "cannot copy `/x/y`: it is not in stage 2"),
        (op("d", to="/f"), {"d/": ""}, {"f": "1"}, "cannot copy to non-directory: /f"),
        (op("d", to="/x"), {"d/e/f": ""}, {"x/e": "1"}, "cannot copy to non-directory: /x/e"),
        (op("d", to="/x"), {"d/e/f": ""}, {"x/e": "-> /etc"}, "cannot copy to non-directory: /x/e"),
        (op("d", to="/x"), {"d/e": ""}, {"x/e/": ""}, "cannot replace to directory /x/e with file"),
        (op("a", to="/f/b"), {"a": ""}, {"f": "1"}, "cannot make directory `/f`: `/f` is not a directory"),
        (op("a", to="/l/b"), {"a": ""}, {"l": "-> m", "m": "-> l"}, "cannot resolve `/l`: too many levels of symbolic links"),
    ],
)  # fmt: skip
def test_refusals(operation: CopyOp, source: dict[str, str], there: dict[str, str], message: str) -> None:
    with pytest.raises(StepError) as caught:
        done(operation, source, there)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", None), ("5", (5, 5)), ("5:6", (5, 6)), ("app", (1000, 33)), ("app:staff", (1000, 50)), ("app:7", (1000, 7)),
        ("nobody-knows", (0, 0)), ("app:nobody-knows", (1000, 33)), (":staff", (0, 50)),
    ],
)  # fmt: skip
def test_owners(text: str, ids: tuple[int, int] | None) -> None:
    assert owner_of(text, account) == ids


def test_names_need_an_image_that_has_them() -> None:
    with pytest.raises(StepError) as caught:
        copy(op("a", to="/", chown="app"), tree({"a": ""}), Tree(), account=account)
    assert str(caught.value) == "cannot copy with --chown=app: the image is empty, it has no names of users"


def test_hard_links_stay_within_one_copy() -> None:
    linked = Entry("d/a", Kind.FILE, inode="i", content=Inline(b""))
    source = Tree(
        {"d": Entry("d", Kind.DIRECTORY), "d/a": linked, "d/b": Entry("d/b", Kind.FILE, inode="i", content=Inline(b""))}
    )
    first = copy(op("d", to="/x/"), source, Tree(), account=account).entries
    second = copy(op("d", to="/x/"), source, Tree(), account=account).entries
    assert first["x/a"].inode == first["x/b"].inode
    assert first["x/a"].inode not in ("i", second["x/a"].inode)


def test_what_is_selected_has_unique_names() -> None:
    chosen = select(op("d", "e/../d", "*.txt", to="/x/"), tree({"d/a": "", "b.txt": ""}))
    assert [name for name, _ in chosen] == ["d/a", "1:d/a", "2:b.txt"]


def archive(*members: tuple[str, bytes, str]) -> str:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, kind, link in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.uid, info.mode = kind, link, 5, 0o640
            tar.addfile(info)
    return buffer.getvalue().decode("latin-1")


@pytest.mark.parametrize(
    ("members", "there", "expected"),
    [
        ([("../../e", tarfile.REGTYPE, "")], {}, {"x": "755/", "x/e": "640 5:0 "}),
        ([("l", tarfile.SYMTYPE, "/etc"), ("l/e", tarfile.REGTYPE, "")], {},
         {"x": "755/", "x/l": "-> /etc", "x/etc": "755/", "x/etc/e": "640 5:0 "}),
        ([("a", tarfile.REGTYPE, ""), ("b", tarfile.LNKTYPE, "a")], {},
         {"x": "755/", "x/a": "640 5:0 ", "x/b": "640 5:0 "}),
        ([("a", tarfile.REGTYPE, "")], {"x/a/b": ""}, {"x/a": "640 5:0 "}),
    ],
    ids=["never out of its place", "absolute links count from its place", "hard link", "a file replaces a directory"],
)  # fmt: skip
def test_unpacking(members: list[tuple[str, bytes, str]], there: dict[str, str], expected: dict[str, str]) -> None:
    data = archive(*members)
    source = Tree({"a.tar": Entry("a.tar", Kind.FILE, size=len(data), content=Inline(data.encode("latin-1")))})
    made = copy(op("a.tar", to="/x", unpack=True), source, tree({"etc/": "", **there}), account=account, now=7)
    assert dump(made.entries) == dict(sorted(expected.items()))


@pytest.mark.parametrize(
    ("text", "before", "directory", "after"),
    [
        ("755", 0o4600, False, 0o755), ("4755", 0o600, False, 0o4755), ("u+x", 0o644, False, 0o744),
        ("+x", 0o644, False, 0o755), ("go-rwx", 0o777, True, 0o700), ("a=rX", 0o640, False, 0o444),
        ("a=rX", 0o640, True, 0o555), ("u=rw,go=r", 0o777, False, 0o644), ("u+s,g+s,+t", 0o755, True, 0o7755),
        ("g=u", 0o740, False, 0o770), ("u+w-x", 0o555, False, 0o655),
    ],
)  # fmt: skip
def test_modes(text: str, before: int, directory: bool, after: int) -> None:
    assert Mode.parse(text).apply(before, directory=directory) == after


@pytest.mark.parametrize("text", ["8", "77777", "u", "x+r", "u=z", "rwx", "u+x,", "0x1ff"])
def test_what_is_no_mode(text: str) -> None:
    with pytest.raises(ValueError, match="octal mode"):
        Mode.parse(text)


def test_unknown_names_come_as_errors_of_the_lookup() -> None:
    with pytest.raises(SandboxError):
        account("nobody-knows")
