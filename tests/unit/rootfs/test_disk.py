"""Directories: unpacking without following links, ownership, overlay marks, reading back."""

import io
import os
import stat
from contextlib import suppress
from dataclasses import replace

import pytest

from lissom.errors import IntegrityError, StoreError
from lissom.rootfs.compress import Compression, compressed
from lissom.rootfs.disk import Ownership, extract, read_upper, scan, write
from lissom.rootfs.entry import Entry, Kind
from lissom.rootfs.header import Header, pack_header
from lissom.rootfs.tar import write_layer
from lissom.rootfs.tree import Changeset, Tree
from memory_images import a_directory, a_file, a_link
from treedump import treedump

ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="chown and mknod need root")
TREE = [
    a_directory("etc", mode=0o750, mtime=7),
    a_file("etc/big", b"x" * 3_000_000, mode=0o600, mtime=8),
    a_file("etc/a", b"same", mode=0o4755, mtime=9, inode="1", uid=12, gid=34),
    a_file("etc/b", b"same", mode=0o4755, mtime=9, inode="1", uid=12, gid=34),
    a_file("etc/caf\udce9", b"", xattrs={"user.colour": b"red"}),
    a_link("lib", "/usr/lib"),
    Entry("pipe", Kind.FIFO, 0o622),
    Entry("null", Kind.CHARACTER, 0o666, device=(1, 3)),
]


def layer_of(changeset, compression="gzip:1"):
    out = io.BytesIO()
    with compressed(out, Compression.parse(compression)) as writer:
        write_layer(changeset, writer)
    return io.BytesIO(out.getvalue())


def unpack(changeset, directory, **options):
    directory.mkdir(exist_ok=True)
    return extract(layer_of(changeset), directory, origin="layer", **options)


@pytest.mark.root
@needs_root
def test_a_layer_unpacks_to_what_it_says(tmp_path):
    changeset = unpack(Changeset.of(TREE), tmp_path / "x")
    expected = treedump(Tree({entry.path: entry for entry in TREE}), times=True)
    found = treedump(scan(tmp_path / "x"), times=True)
    del expected["/"], found["/"]
    assert found == expected
    assert treedump(changeset.entries, times=True) == expected
    assert os.stat(tmp_path / "x/etc/a").st_nlink == 2


@pytest.mark.parametrize("how", [unpack, lambda c, d, **o: (d.mkdir(), write(c, d, **o))])
def test_recorded_ownership_needs_no_privilege(tmp_path, how):
    kept = [replace(entry, uid=0, gid=0) if entry.kind is Kind.FIFO else entry for entry in TREE]
    how(Changeset.of(kept), tmp_path / "x", ownership=Ownership.RECORDED)
    found = treedump(scan(tmp_path / "x", ownership=Ownership.RECORDED), times=True)
    expected = treedump(Tree({entry.path: entry for entry in kept}), times=True)
    del expected["/"], found["/"]
    if not ROOT:
        del found["/pipe"], expected["/pipe"]
    assert found == expected
    assert stat.S_ISREG(os.stat(tmp_path / "x/null").st_mode)


@pytest.mark.root
@needs_root
def test_overlay_marks_go_to_disk_and_come_back(tmp_path):
    changeset = Changeset.of(
        [*TREE, a_directory("var"), a_file("var/new", b"1")], whiteouts=["etc/gone"], opaques=["var"]
    )
    unpack(changeset, tmp_path / "x", overlay=True)
    status = os.lstat(tmp_path / "x/etc/gone")
    assert (stat.S_ISCHR(status.st_mode), status.st_rdev) == (True, 0)
    assert os.getxattr(tmp_path / "x/var", "trusted.overlay.opaque") == b"y"
    back = read_upper(tmp_path / "x", origin="upper")
    assert (back.whiteouts, back.opaques) == (changeset.whiteouts, changeset.opaques)
    assert back.entries["var"].xattrs == {}
    assert treedump(back.entries) == treedump(changeset.entries)


def test_applying_to_what_is_there(tmp_path):
    directory = tmp_path / "x"
    lower = Changeset.of(
        [a_file("a/old", b"1"), a_file("b/old", b"2"), a_file("c/d/e", b"3"), a_link("l", "a"), a_file("f", b"4")]
    )
    unpack(lower, directory, ownership=Ownership.RECORDED)
    upper = Changeset.of(
        [
            a_file("a/new", b"5"),
            a_directory("l"),
            a_file("l/x", b"6"),
            a_link("c", "b"),
            a_directory("f"),
            a_file("b/new", b"7"),
        ],
        whiteouts=["b/old"],
        opaques=["a"],
    )
    unpack(upper, directory, ownership=Ownership.RECORDED)
    assert sorted(scan(directory)) == ["", "a", "a/new", "b", "b/new", "c", "f", "l", "l/x"]


def raw(name, kind=b"0", link=b"", data=b""):
    header = Header(name, 0o644, os.getuid(), os.getgid(), len(data), 0, kind, link, (0, 0))
    return pack_header(header, {}) + data + bytes(-len(data) % 512)


@pytest.mark.parametrize(
    "members",
    [
        lambda outside: raw(b"out", b"2", outside) + raw(b"out/evil", data=b"x"),
        lambda outside: raw(b"out", b"2", b"../../outside") + raw(b"out/evil", data=b"x"),
        lambda outside: raw(b"d/out", b"2", outside) + raw(b"d/l", b"2", b"out") + raw(b"d/l/evil", data=b"x"),
        lambda outside: raw(b"f", b"2", outside + b"/victim") + raw(b"f", data=b"x"),
        lambda outside: raw(b"f", b"2", outside + b"/victim") + raw(b"g", b"1", b"f") + raw(b"g", data=b"x"),
        lambda outside: raw(b"out", b"2", outside) + raw(b"out/victim/.wh.x") + raw(b"out/.wh.victim"),
        lambda outside: raw(b"out", b"2", outside) + raw(b"out/.wh..wh..opq"),
    ],
)
@pytest.mark.parametrize("overlay", [False, True])
def test_nothing_is_written_outside(tmp_path, members, overlay):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim").write_bytes(b"safe")
    inside = tmp_path / "deep" / "x"
    inside.mkdir(parents=True)
    archive = io.BytesIO(members(os.fsencode(outside)) + bytes(1024))
    with suppress(IntegrityError):
        extract(archive, inside, origin="layer", ownership=Ownership.RECORDED, overlay=overlay, userxattr=True)
    assert {p.name: p.read_bytes() for p in outside.iterdir()} == {"victim": b"safe"}


def test_a_link_that_was_there_before_is_not_followed(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "x").mkdir()
    (tmp_path / "x/d").symlink_to(tmp_path / "outside")
    with pytest.raises(IntegrityError, match="cannot unpack `/d/f`"):
        unpack(Changeset.of([a_file("d/f", b"1")]), tmp_path / "x", ownership=Ownership.RECORDED)
    assert not list((tmp_path / "outside").iterdir())


def test_a_hard_link_needs_its_target(tmp_path):
    link = Changeset.of([Entry("d/l", Kind.HARDLINK, link="none")])
    with pytest.raises(IntegrityError, match="cannot link `/d/l`: its target `/none` is not a file"):
        unpack(link, tmp_path / "x", ownership=Ownership.RECORDED)
    assert unpack(link, tmp_path / "y", ownership=Ownership.RECORDED, overlay=True).entries["d/l"].kind is Kind.HARDLINK


def test_a_verifying_stream_is_read_to_its_end(tmp_path):
    class Verifying(io.BytesIO):
        def read(self, size=-1):
            data = super().read(size)
            if not data:
                raise IntegrityError("cannot use blob: digest differs")
            return data

    (tmp_path / "x").mkdir()
    data = layer_of(Changeset.of([a_file("a", b"1")])).getvalue() + bytes(100)
    with pytest.raises(IntegrityError, match="digest differs"):
        extract(Verifying(data), tmp_path / "x", origin="layer", ownership=Ownership.RECORDED)


@pytest.mark.root
@needs_root
def test_what_only_another_mount_understands_is_refused(tmp_path):
    (tmp_path / "d").mkdir()
    os.setxattr(tmp_path / "d", "trusted.overlay.redirect", b"/old")
    with pytest.raises(StoreError, match="only its own overlay mount understands"):
        read_upper(tmp_path, origin="upper")
