"""The ledger: what hides what, and planted waste of each kind, found to the byte in the right layer."""

import itertools
import random
import struct

import pytest

from elf_files import a_program
from ledger_scenes import layer, ledger, share, wasted
from lissom.analysis.ledger.fingerprint import Fingerprint, fingerprint
from lissom.analysis.ledger.share import Effort, Fate, How, WasteKind
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Changeset


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def entry(path, data, **fields):
    return Entry(path, Kind.FILE, size=len(data), content=Inline(data), **{"mode": 0o644, **fields})


def fate(found, path, number=0):
    one = share(found, path, number)
    return one.fate, one.hidden_by, one.how, one.hidden_at


HIDDEN = {
    "overwritten": (layer({"d/f": b"new"}), (Fate.OVERWRITTEN, 1, How.FILE, "d/f")),
    "mode changed": (layer({"d/f": entry("d/f", b"old", mode=0o755)}), (Fate.REWRITTEN, 1, How.FILE, "d/f")),
    "whiteout": (layer(gone=["d/f"]), (Fate.DELETED, 1, How.WHITEOUT, "d/f")),
    "whiteout of the directory": (layer(gone=["d"]), (Fate.DELETED, 1, How.PARENT, "d")),
    "opaque": (layer({"d/other": b"x"}, opaque=["d"]), (Fate.DELETED, 1, How.OPAQUE, "d")),
    "opaque, the same again": (layer({"d/f": b"old"}, opaque=["d"]), (Fate.REWRITTEN, 1, How.OPAQUE, "d")),
    "opaque, another again": (layer({"d/f": b"two"}, opaque=["d"]), (Fate.OVERWRITTEN, 1, How.OPAQUE, "d")),
    "a file in the directory's place": (layer({"d": b"file"}), (Fate.DELETED, 1, How.REPLACED, "d")),
    "a directory in its place": (layer({"d/f/g": b"x"}), (Fate.OVERWRITTEN, 1, How.REPLACED, "d/f")),
    "brought up by a link": (
        Changeset.of([
            Entry("d", Kind.DIRECTORY, 0o755), entry("d/f", b"old", inode="1"), entry("d/g", b"old", inode="1")
        ]),
        (Fate.REWRITTEN, 1, How.COPY_UP, "d/f"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("unpacked", [False, True], ids=["packed", "unpacked"])
def test_what_hides_a_file_is_told(name, unpacked):
    above, expected = HIDDEN[name]
    found = ledger(layer({"d/f": b"old"}), above, unpacked=unpacked)
    assert fate(found, "d/f") == expected
    assert found.live == found.size - 3


def test_a_file_in_its_place_keeps_living():
    found = ledger(layer({"d/f": b"old"}), layer({"e": b"x"}, gone=["z"]))
    assert fate(found, "d/f") == (Fate.LIVE, None, None, "")
    assert found.efficiency == 1.0


def test_what_changed_of_a_rewritten_file_is_told():
    rows = layer({"f": entry("f", b"old", mode=0o700, uid=5, mtime=9)})
    [row] = wasted(ledger(layer({"f": b"old"}), rows), WasteKind.REWRITTEN)
    assert (row.size, row.layer, row.hidden_by, row.detail, row.paths) == (3, 0, 1, "mode, owner, times", ("f",))


def test_the_name_that_lives_carries_the_bytes():
    linked = Changeset.of([entry(name, b"12345", inode="1") for name in ("a", "b", "c")])
    found = ledger(linked, layer(gone=["a"]))
    assert [(one.path, one.size, one.link, one.fate) for one in found.shares] == [
        ("a", 0, "b", Fate.DELETED),
        ("b", 5, "", Fate.LIVE),
        ("c", 0, "b", Fate.LIVE),
    ]
    assert found.live == found.size == 5


def test_a_link_to_a_lower_layer_brings_no_bytes():
    link = Changeset.of([Entry("b", Kind.HARDLINK, link="a")])
    found = ledger(layer({"a": b"12345"}), link, layer(gone=["a"]))
    assert found.live == found.size == 5
    assert [(one.number, one.size, one.live) for one in found.layers] == [(0, 5, 5), (1, 0, 0), (2, 0, 0)]


def test_equal_layers_hide_each_other_once():
    one = Changeset.of([entry("a", b"12345", inode="1"), entry("b", b"12345", inode="1")])
    found = ledger(one, one)
    assert (found.size, found.live, found.wasted()) == (10, 5, {WasteKind.REWRITTEN: 5})


def an_elf_with_symbols(debug, table, names):
    """A program with sections that only debuggers and linkers read."""
    program = a_program()
    texts = b"\0.debug_info\0.symtab\0.strtab\0.shstrtab\0.debug_line\0"
    parts = [
        (".debug_info", 1, debug, 0), (".debug_line", 1, b"l" * 10, 0), (".symtab", 2, table, 4),
        (".strtab", 3, names, 0), (".shstrtab", 3, texts, 0),
    ]  # fmt: skip
    rows, body = [bytes(64)], program
    for name, kind, data, link in parts:
        at = texts.index(b"\0" + name.encode() + b"\0") + 1
        rows.append(struct.pack("<IIQQQQIIQQ", at, kind, 0, 0, len(body), len(data), link, 0, 1, 24))
        body += data
    at = len(body)
    header = bytearray(body[:64])
    struct.pack_into("<Q", header, 40, at)
    struct.pack_into("<HHH", header, 58, 64, len(rows), len(rows) - 1)
    return bytes(header) + body[64:] + b"".join(rows)


@pytest.mark.parametrize("size", [900, 3 << 20], ids=["small", "large"])
@pytest.mark.parametrize("unpacked", [False, True], ids=["packed", "unpacked"])
def test_debugging_sections_and_symbol_tables_are_measured(size, unpacked):
    program = an_elf_with_symbols(noise(size), bytes(48), b"\0name\0")
    found = ledger(layer({"app/tool": entry("app/tool", program, mode=0o755)}), unpacked=unpacked)
    rows = {row.detail: row.size for row in wasted(found, WasteKind.DEBUG)}
    assert rows == {"debug sections": size + 10, "symbol tables": 54}
    assert share(found, "app/tool").wasted == size + 64
    assert found.live == len(program)


def test_broken_programs_break_nothing():
    program, chance = an_elf_with_symbols(noise(500), bytes(48), b"\0name\0"), random.Random(1)
    for _ in range(150):
        data = bytearray(program)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.choice([0, 255, chance.randrange(256)])
        struct.pack_into("<Q", data, 40, chance.choice([0, 64, 1 << 40, (1 << 64) - 1, len(data) - 64]))
        found = ledger(layer({"app/x": entry("app/x", bytes(data), mode=0o755)}), unpacked=chance.random() < 0.5)
        assert found.live == len(data) >= share(found, "app/x").wasted


PLANTED = {
    "var/lib/apt/lists/deb.debian.org_dists": (WasteKind.PACKAGE_LISTS, "apt lists"),
    "var/cache/apt/archives/curl.deb": (WasteKind.PACKAGE_LISTS, "apt archives"),
    "var/cache/apt/pkgcache.bin": (WasteKind.PACKAGE_LISTS, "apt package cache"),
    "var/cache/apk/APKINDEX.1.tar.gz": (WasteKind.PACKAGE_LISTS, "apk cache"),
    "var/cache/dnf/x.solv": (WasteKind.PACKAGE_LISTS, "dnf cache"),
    "var/cache/libdnf5/x.solv": (WasteKind.PACKAGE_LISTS, "dnf cache"),
    "var/cache/yum/x86_64/base": (WasteKind.PACKAGE_LISTS, "yum cache"),
    "var/cache/zypp/raw/x": (WasteKind.PACKAGE_LISTS, "zypper cache"),
    "var/cache/pacman/pkg/x.zst": (WasteKind.PACKAGE_LISTS, "pacman cache"),
    "root/.cache/pip/http/a": (WasteKind.LANGUAGE_CACHE, "pip cache"),
    "root/.cache/uv/wheels/a": (WasteKind.LANGUAGE_CACHE, "uv cache"),
    "root/.npm/_cacache/content-v2/a": (WasteKind.LANGUAGE_CACHE, "npm cache"),
    "usr/local/share/.cache/yarn/v6/a": (WasteKind.LANGUAGE_CACHE, "yarn cache"),
    "root/.local/share/pnpm/store/v3/a": (WasteKind.LANGUAGE_CACHE, "pnpm store"),
    "go/pkg/mod/cache/a": (WasteKind.LANGUAGE_CACHE, "Go module cache"),
    "root/.cache/go-build/00/a": (WasteKind.LANGUAGE_CACHE, "Go build cache"),
    "usr/local/cargo/registry/cache/a": (WasteKind.LANGUAGE_CACHE, "cargo registry"),
    "root/.m2/repository/a": (WasteKind.LANGUAGE_CACHE, "Maven repository"),
    "root/.gradle/caches/a": (WasteKind.LANGUAGE_CACHE, "Gradle cache"),
    "root/.ivy2/cache/a": (WasteKind.LANGUAGE_CACHE, "Ivy cache"),
    "usr/local/lib/ruby/gems/3.1.0/cache/a.gem": (WasteKind.LANGUAGE_CACHE, "gem cache"),
    "root/.composer/cache/files/a": (WasteKind.LANGUAGE_CACHE, "composer cache"),
    "root/.nuget/packages/a": (WasteKind.LANGUAGE_CACHE, "NuGet cache"),
    "opt/conda/pkgs/a.conda": (WasteKind.LANGUAGE_CACHE, "conda packages"),
    "app/__pycache__/a.cpython-311.pyc": (WasteKind.LANGUAGE_CACHE, "compiled Python"),
    "app/.git/objects/pack/a.pack": (WasteKind.VCS, "git repository"),
    "app/.hg/store/a": (WasteKind.VCS, "Mercurial repository"),
    "app/.svn/pristine/a": (WasteKind.VCS, "Subversion data"),
    "usr/local/go/src/a.go": (WasteKind.BUILD_TOOLS, "Go toolchain"),
    "usr/local/rustup/toolchains/a": (WasteKind.BUILD_TOOLS, "Rust toolchain"),
    "usr/lib/gcc/x86_64-linux-gnu/12/cc1": (WasteKind.BUILD_TOOLS, "compiler"),
    "usr/lib/libx.a": (WasteKind.DEBUG, "static libraries"),
    "usr/include/x.h": (WasteKind.DEBUG, "headers"),
    "usr/lib/debug/.build-id/a.debug": (WasteKind.DEBUG, "debug files"),
    "usr/share/doc/x/README": (WasteKind.DOCS, "documentation"),
    "usr/share/man/man1/x.1.gz": (WasteKind.DOCS, "manual pages"),
    "usr/share/info/x.info": (WasteKind.DOCS, "info pages"),
    "usr/share/locale/de/LC_MESSAGES/x.mo": (WasteKind.DOCS, "locales"),
    "var/log/dpkg.log": (WasteKind.JUNK, "logs"),
    "var/cache/debconf/templates.dat-old": (WasteKind.JUNK, "debconf"),
    "etc/passwd-": (WasteKind.JUNK, "old copies"),
    "tmp/left": (WasteKind.JUNK, "temporary files"),
    "app/.env": (WasteKind.SECRET, "environment file"),
}


@pytest.mark.parametrize("path", PLANTED)
def test_planted_waste_is_found_with_its_exact_size(path):
    kind, detail = PLANTED[path]
    data = noise(12345)
    found = ledger(layer({"app/main": b"needed"}), layer({path: data}))
    [row] = found.wastes
    assert (row.kind, row.detail, row.size, row.layer, row.hidden_by) == (kind, detail, 12345, 1, None)
    assert row.paths == (path,)
    assert found.reclaimable()[kind.effort] == 12345


def test_all_kinds_together_count_each_byte_once():
    files = {path: noise(1000 + number, number) for number, path in enumerate(PLANTED)}
    found = ledger(layer(files))
    expected = {}
    for path, (kind, _) in PLANTED.items():
        expected[kind] = expected.get(kind, 0) + len(files[path])
    assert found.wasted() == {kind: expected[kind] for kind in WasteKind if kind in expected}


def test_the_first_kind_that_fits_counts():
    data = noise(500)
    found = ledger(layer({"app/.git/x/__pycache__/a.pyc": data, "usr/share/doc/x.h": noise(7, 2)}))
    assert found.wasted() == {WasteKind.LANGUAGE_CACHE: 500, WasteKind.DEBUG: 7}


def test_equal_contents_are_found_across_paths_and_layers():
    model = noise(5000)
    found = ledger(layer({"a/m": model}), layer({"b/m": model, "c/other": noise(5000, 2)}), layer({"d/m": model}))
    rows = wasted(found, WasteKind.DUPLICATE)
    assert sorted((row.layer, row.size, row.paths, row.detail) for row in rows) == [
        (1, 5000, ("b/m",), "in a lower layer"),
        (2, 5000, ("d/m",), "in a lower layer"),
    ]
    assert share(found, "d/m", 2).same_as == "a/m"
    assert found.efficiency == 0.5


@pytest.mark.parametrize("cuts", [[], [1], [4095, 4097], [4096], [10, 20, 9000]], ids=str)
def test_a_fingerprint_does_not_depend_on_the_pieces(cuts):
    data = noise(10_000)
    mark = Fingerprint()
    for start, end in itertools.pairwise([0, *cuts, len(data)]):
        mark.update(data[start:end])
    assert mark.digest() == fingerprint(data)
    assert mark.digest() != fingerprint(data[:-1] + b"?") != fingerprint(data[:-2])


def test_what_was_moved_is_told_where_it_went():
    model = noise(5000)
    found = ledger(layer({"a/m": model}), layer({"b/m": model}, gone=["a/m"]))
    assert (share(found, "a/m").fate, share(found, "a/m").same_as) == (Fate.DELETED, "b/m")
    assert found.wasted() == {WasteKind.DELETED: 5000}


def test_a_deleted_secret_is_found_in_its_layer():
    key = b"-----BEGIN PRIVATE KEY-----\n" + b"A" * 60 + b"\n"
    found = ledger(layer({"app/key": key, "app/.env": b"A=1"}), layer(gone=["app"]))
    assert found.wasted() == {WasteKind.DELETED: len(key) + 3}
    assert [(one.path, one.what, one.layer, one.hidden) for one in found.secrets] == [
        ("app/.env", "environment file", 1, True),
        ("app/key", "private key", 1, True),
    ]


def test_efforts_tell_what_it_takes():
    assert {kind for kind in WasteKind if kind.effort is Effort.SAME} == {
        WasteKind.OVERWRITTEN, WasteKind.REWRITTEN, WasteKind.DELETED, WasteKind.DUPLICATE,
    }  # fmt: skip


def test_links_are_what_docker_counts_besides():
    found = ledger(Changeset.of([Entry("l", Kind.SYMLINK, 0o777, link="/a/ü"), entry("f", b"123")]))
    assert (found.size, found.links) == (3, 5)


def test_no_layers_make_an_empty_ledger():
    found = ledger()
    assert (found.size, found.live, found.efficiency, found.dive_efficiency, found.wastes) == (0, 0, 1.0, 1.0, ())
