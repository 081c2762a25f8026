"""Reading and writing layer tars: formats, whiteouts, hostile input, reproducible output."""

import io
import tarfile

import pytest

from lissom.errors import IntegrityError
from lissom.rootfs.entry import Entry, HostFile, Kind
from lissom.rootfs.header import Header, pack_header
from lissom.rootfs.tar import Limits, read_changeset, write_layer
from lissom.rootfs.tree import Changeset
from memory_images import a_directory, a_file, a_link


def tar_of(*members, form=tarfile.PAX_FORMAT):
    """A tar that Python's own tarfile writes: (name, type, fields…) or (name, bytes)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, what, *rest in members:
            info = tarfile.TarInfo(name)
            fields = rest[0] if rest else {}
            data = what if isinstance(what, bytes) and len(what) != 1 else b""
            info.type = what if isinstance(what, bytes) and len(what) == 1 else tarfile.REGTYPE
            info.size = len(data)
            for key, value in fields.items():
                setattr(info, key, value)
            tar.addfile(info, io.BytesIO(data))
    return io.BytesIO(out.getvalue())


def raw(name, kind=b"0", size=0, link=b"", data=b""):
    return pack_header(Header(name, 0o644, 0, 0, size, 0, kind, link, (0, 0)), {}) + data + bytes(-len(data) % 512)


def read(stream, **options):
    if isinstance(stream, bytes):
        stream = io.BytesIO(stream + bytes(1024))
    return read_changeset(stream, origin="layer", **options)


def written(changeset, **options):
    out = io.BytesIO()
    write_layer(changeset, out, **options)
    return out.getvalue()


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names_big_numbers_and_links(form):
    long = "d/" * 60 + "n" * 200
    found = read(
        tar_of(
            (long, b"data", {"uid": 1 << 24, "gid": 3, "mtime": 12, "mode": 0o4755}),
            ("link", tarfile.SYMTYPE, {"linkname": "t" * 150}),
            ("hard", tarfile.LNKTYPE, {"linkname": long}),
            ("old", b"x1", {"mtime": -5}),
            ("grüße", b"x2"),
            form=form,
        )
    )
    first = found.entries[long]
    assert (first.kind, first.mode, first.uid, first.gid, first.size, first.mtime) == (
        Kind.FILE,
        0o4755,
        1 << 24,
        3,
        4,
        12,
    )
    assert found.entries["link"].link == "t" * 150
    assert found.entries["hard"].inode == first.inode != ""
    assert found.entries["hard"].size == 4
    assert found.entries["old"].mtime == -5
    assert "grüße" in found.entries


def test_pax_xattrs_are_kept_except_those_that_steer_the_overlay():
    headers = {
        "SCHILY.xattr.security.capability": "\x01\x02",
        "SCHILY.xattr.trusted.overlay.redirect": "/etc",
        "SCHILY.xattr.user.lissom.owner": "1:1",
        "LIBARCHIVE.xattr.user.x": "eA==",
    }
    found = read(tar_of(("f", b"xx", {"pax_headers": headers})))
    assert dict(found.entries["f"].xattrs) == {"security.capability": b"\x01\x02"}


def test_fractional_times_are_rounded_down():
    found = read(tar_of(("a", b"xx", {"mtime": 1.75}), ("b", b"xx", {"mtime": -1.25})))
    assert (found.entries["a"].mtime, found.entries["b"].mtime) == (1, -2)


@pytest.mark.parametrize(
    ("name", "path"),
    [("./a", "a"), ("/a", "a"), ("a/../b", "b"), ("./", ""), ("a//b/.", "a/b"), ("..a/b..", "..a/b..")],
)
def test_harmless_names_are_cleaned(name, path):
    assert list(read(raw(name.encode(), b"5")).entries) == [path]


@pytest.mark.parametrize(
    ("archive", "cause"),
    [
        (raw(b"../x"), "cannot read `../x` of layer: its path leaves the root"),
        (raw(b"a/../../x"), "cannot read `a/../../x` of layer: its path leaves the root"),
        (raw(b"x", b"1", link=b"../../etc/passwd"), "cannot read `x` of layer: its path leaves the root"),
        (
            raw(b"d", b"5") + raw(b"x", b"1", link=b"d"),
            "cannot read `x` of layer: the hard link's target is a directory",
        ),
        (raw(b".wh."), "cannot read `.wh.` of layer: the whiteout names no file"),
        (raw(b".wh.."), "cannot read `.wh..` of layer: the whiteout names no file"),
        (raw(b"a/.wh..."), "cannot read `a/.wh...` of layer: the whiteout names no file"),
        (raw(b".wh.a/b"), "cannot read `.wh.a/b` of layer: a whiteout cannot be a directory"),
        (raw(b".", b"2", link=b"x"), "cannot read `.` of layer: the root is not a directory"),
        (raw(b"s", b"S"), "cannot read `s` of layer: sparse files are not supported"),
        (raw(b"s", b"Q"), "cannot read `s` of layer: type `Q` is not supported"),
        (raw(b"a") + raw(b"a/b"), "cannot read `a/b` of layer: its parent `a` is not a directory"),
        (raw(b"a/b") + raw(b"a"), "cannot read `a` of layer: it replaces a directory that has entries in this layer"),
        (
            raw(b"l", b"2", link=b"l") + raw(b"l/x"),
            "cannot read `l/x` of layer: its parents are a loop of symbolic links",
        ),
        (raw(b"d" + b"/d" * 300, b"5"), "cannot read `" + "d/" * 50 + "` of layer: its path is too long or too deep"),
    ],
)
def test_hostile_members(archive, cause):
    with pytest.raises(IntegrityError) as caught:
        read(archive)
    assert caught.value.message == cause


def test_checksum_truncation_and_limits():
    good = raw(b"file", size=1000, data=b"x" * 1000)
    with pytest.raises(IntegrityError, match="checksum is wrong"):
        read(good.replace(b"file", b"fILE"))
    with pytest.raises(IntegrityError, match="truncated"):
        read(io.BytesIO(good[:900]))
    with pytest.raises(IntegrityError, match="truncated"):
        read(io.BytesIO(good[:300]))
    assert read(io.BytesIO(good)).entries["file"].size == 1000, "the end mark may be missing"
    with pytest.raises(IntegrityError, match="more than 3 entries"):
        read(raw(b"a") * 4, limits=Limits(entries=3))
    with pytest.raises(IntegrityError, match="more than 1000 bytes"):
        read(good, limits=Limits(size=1000))


def test_negative_and_absurd_sizes():
    block = bytearray(raw(b"x"))
    block[124:136] = b"\xff" * 11 + b"\xf0"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    with pytest.raises(IntegrityError, match="negative or absurd"):
        read(bytes(block))
    with pytest.raises(IntegrityError, match="truncated"):
        read(raw(b"x", size=1 << 40))
    with pytest.raises(IntegrityError, match="not a number"):
        read(tar_of(("x", b"xx", {"pax_headers": {"size": "-3"}})))


def test_whiteouts_are_read_wherever_they_stand():
    found = read(
        raw(b"d/new") + raw(b"d/.wh..wh..opq") + raw(b"e/.wh.gone") + raw(b".wh..wh.plnk/1.2") + raw(b".wh..wh.aufs")
        + raw(b"both/x") + raw(b"both", b"5") + raw(b".wh.both") + raw(b"node", b"3")
    )  # fmt: skip
    assert found.whiteouts == {"e/gone", "node"}
    assert found.opaques == {"d", "both"}
    assert list(found.entries) == ["both", "both/x", "d/new"]


def test_entries_below_a_link_of_the_same_layer_land_where_it_leads():
    found = read(raw(b"usr/bin", b"5") + raw(b"bin", b"2", link=b"usr/bin") + raw(b"bin/sh") + raw(b"bin/.wh.old"))
    assert list(found.entries) == ["bin", "usr/bin", "usr/bin/sh"]
    assert found.whiteouts == {"usr/bin/old"}


def test_of_two_members_for_one_path_the_later_wins():
    found = read(raw(b"a", b"2", link=b"x") + raw(b"a", size=1, data=b"1"))
    assert found.entries["a"].kind is Kind.FILE


def test_written_layer_is_sorted_with_whiteouts_first_and_links_to_the_first_name():
    changeset = Changeset.of(
        [
            a_file("d/b", b"data", inode="1", mtime=50),
            a_file("d/a", b"data", inode="1", mtime=50),
            a_directory("d", mtime=200),
            a_file("d/!", b"!"),
            a_link("l", "/d/a"),
            Entry("null", Kind.CHARACTER, 0o666, device=(1, 3)),
        ],
        whiteouts=["d/z", "y"],
        opaques=["d"],
    )
    with tarfile.open(fileobj=io.BytesIO(written(changeset, timestamp=100))) as tar:
        members = tar.getmembers()
    assert [m.name for m in members] == [".wh.y", "d", "d/.wh..wh..opq", "d/.wh.z", "d/!", "d/a", "d/b", "l", "null"]
    by_name = {m.name: m for m in members}
    assert (by_name["d/b"].type, by_name["d/b"].linkname) == (tarfile.LNKTYPE, "d/a")
    assert (by_name["d"].mtime, by_name["d/a"].mtime) == (100, 50)
    assert {(m.uname, m.gname) for m in members} == {("", "")}
    assert not any(m.pax_headers for m in members)


def test_what_ustar_cannot_hold_goes_to_pax():
    xattrs = {"security.capability": b"\x00\x01\xff=\n", "user.z": b""}
    entry = a_file("x" * 120 + "/" + "ü" * 90, b"1", uid=1 << 30, mtime=-3, xattrs=xattrs)
    (back,) = read(io.BytesIO(written(Changeset.of([entry])))).entries.values()
    assert (back.path, back.uid, back.mtime, dict(back.xattrs)) == (entry.path, 1 << 30, -3, xattrs)


def test_names_that_are_no_utf8_survive():
    name = b"caf\xe9".decode("utf-8", "surrogateescape")
    assert list(read(io.BytesIO(written(Changeset.of([a_file(name)])))).entries) == [name]


def test_a_file_that_changes_its_size_is_refused(tmp_path):
    place = tmp_path / "f"
    for size in (4, 6, 3_000_000):
        place.write_bytes(b"x" * size)
        for content in (HostFile(place), _Plain(place)):
            entry = Entry("f", Kind.FILE, size=5, content=content)
            with pytest.raises(IntegrityError, match="cannot pack `/f`: its size changed while it was read"):
                written(Changeset.of([entry]))


class _Plain:
    def __init__(self, path):
        self.path = path

    def open(self):
        return self.path.open("rb")


def test_a_real_file_named_like_a_whiteout_is_refused():
    with pytest.raises(IntegrityError, match=r"cannot pack `/a/.wh.x`: a layer cannot hold"):
        written(Changeset.of([a_file("a/.wh.x")]))
