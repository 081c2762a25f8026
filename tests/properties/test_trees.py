"""Properties of trees, changesets and their tars."""

import io
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lissom.errors import IntegrityError
from lissom.rootfs.disk import Ownership, scan, write
from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tar import read_changeset, write_layer
from lissom.rootfs.tree import Changeset, Tree
from treedump import treedump

NAMES = st.sampled_from(["a", "b", "c-", "d.e", "ü", "x" * 101, "\udcff"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
XATTRS = st.dictionaries(st.sampled_from(["user.a", "user.b"]), st.binary(max_size=4), max_size=2)


@st.composite
def trees(draw, origin="a"):
    """A tree with hard links, whose inodes are ``origin``'s own; every parent is a directory."""
    entries = {}
    files = []
    for path in draw(st.lists(PATHS, max_size=8, unique=True)):
        parents = []
        while parent := parent_of(parents[-1] if parents else path):
            parents.append(parent)
        if path in entries or any(entries.get(p) and not entries[p].is_directory for p in parents):
            continue
        for parent in parents:
            entries.setdefault(parent, Entry(parent, Kind.DIRECTORY, 0o755))
        entry = draw(leaves(path, files, origin))
        if entry.kind is Kind.FILE and entry.inode:
            files.append(entry)
        entries[path] = entry
    return Tree(entries)


@st.composite
def leaves(draw, path, files, origin):
    kind = draw(st.sampled_from(["file", "linked", "again", "link", "directory"]))
    mode, mtime = draw(st.sampled_from([0o644, 0o4755, 0o600])), draw(st.integers(0, 1 << 33))
    if kind == "again" and files:
        leader = draw(st.sampled_from(files))
        return Entry(path, leader.kind, leader.mode, 0, 0, leader.mtime, leader.size, "", (0, 0), leader.xattrs, leader.inode, leader.content)  # fmt: skip
    if kind == "link":
        return Entry(path, Kind.SYMLINK, 0o777, mtime=mtime, link=draw(st.sampled_from(["a", "/b", "../c"])))
    if kind == "directory":
        return Entry(path, Kind.DIRECTORY, 0o711, mtime=mtime)
    data = draw(st.binary(max_size=600))
    return Entry(path, Kind.FILE, mode, 0, 0, mtime, len(data), "", (0, 0), draw(XATTRS), f"{origin}:{path}" if kind == "linked" else "", Inline(data))  # fmt: skip


@given(trees(), trees("b"))
@settings(max_examples=150, deadline=None)
def test_a_difference_applied_gives_the_other(a, b):
    difference = a.diff(b)
    expected = treedump(b, times=True)
    assert treedump(a.apply(difference), times=True) == expected
    complete = difference.complete(a)
    assert treedump(a.apply(complete), times=True) == expected
    assert not a.diff(a)


def packed(changeset):
    out = io.BytesIO()
    write_layer(changeset, out)
    return out.getvalue()


@given(trees(), trees("b"))
@settings(max_examples=100, deadline=None)
def test_a_changeset_survives_its_tar(a, b):
    difference = a.diff(b)
    tar = packed(difference)
    contents = {}
    back = read_changeset(
        io.BytesIO(tar),
        origin="layer",
        content=lambda offset, size: contents.setdefault(offset, Inline(tar[offset : offset + size])),
    )
    assert (back.whiteouts, back.opaques) == (difference.whiteouts, difference.opaques)
    assert treedump(back.entries, times=True) == treedump(difference.entries, times=True)
    assert treedump(a.apply(back), times=True) == treedump(b, times=True)
    assert packed(back) == tar, "reading and writing again gives the same bytes"


@given(trees())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_tree_survives_the_disk(tmp_path_factory, tree):
    directory = tmp_path_factory.mktemp("tree")
    write(Changeset.of(tree[path] for path in tree if path), directory, ownership=Ownership.RECORDED)
    found = scan(directory, ownership=Ownership.RECORDED)
    expected = treedump(tree, times=True)
    assert {**treedump(found, times=True), "/": ""} == {**expected, "/": ""}


@given(st.binary(max_size=1500), st.integers(0, 2000), st.binary(max_size=3))
@settings(max_examples=200, deadline=None)
def test_no_bytes_make_the_reader_fail_in_another_way(noise, at, patch):
    """Damaged archives are IntegrityErrors or read fine; nothing else is raised."""
    good = packed(Changeset.of([Entry("ü" * 80, Kind.FILE, size=3, content=Inline(b"abc"), xattrs={"user.x": b"1"})]))
    for data in (noise, good[:at] + patch + good[at + len(patch) :], good[:at]):
        with suppress(IntegrityError):
            read_changeset(io.BytesIO(data), origin="noise")
