from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lissom.distroless.archive.control import Package
from lissom.distroless.evidence.division import Unit, divided
from lissom.distroless.evidence.layers import LAYERS, budget, grouped
from lissom.distroless.spec.spec import Spec
from lissom.distroless.tree.assembled import Assembled, Origin
from lissom.distroless.tree.draft import Draft, file
from lissom.rootfs.entry import Entry, Kind, parent_of
from lissom.rootfs.tree import Tree

MB = 1 << 20
NAMES = ("base-files", "tzdata", "libc6", "libgcc-s1", "python3", "libpython3", "zlib", "tiny", "huge")
SOURCES = {"libpython3": "python3 (3.11)", "libgcc-s1": "gcc-12"}


def package(name: str, version: str = "1") -> Package:
    return Package({"Package": name, "Version": version, "Source": SOURCES.get(name, name)})


def packages(*names: str) -> list[Package]:
    return [package(name) for name in sorted(names)]


def parts(sizes: dict[str, int], room: int = 9) -> list[tuple[str, ...]]:
    units = {Unit(one.name, one.source): sizes[one.name] for one in packages(*sizes)}
    return [tuple(map(str, part.units)) for part in divided(units, room)]


def test_large_sources_are_alone_and_families_lie_below():
    sizes = {"python3": MB // 2, "libpython3": MB, "libc6": 4 * MB, "base-files": MB // 4, "tzdata": MB, "tiny": 9}
    assert parts(sizes) == [("tzdata",), ("base-files",), ("libc6",), ("libpython3", "python3"), ("tiny",)]


def test_where_there_is_no_room_the_smallest_go_together():
    sizes = {"python3": 9 * MB, "libpython3": MB, "libc6": 4 * MB, "base-files": MB // 4, "huge": 2 * MB, "tiny": 9}
    assert parts(sizes, 4) == [("libc6",), ("libpython3", "python3"), ("huge",), ("base-files", "tiny")]
    assert parts(sizes, 3) == [("libc6",), ("libpython3", "python3"), ("base-files", "huge", "tiny")]
    assert parts(sizes, 1) == [tuple(sorted(sizes))]


def test_an_update_of_about_the_same_size_changes_no_group():
    sizes = {"python3": 9 * MB, "libc6": 4 * MB + 7, "huge": 5 * MB, "zlib": 6 * MB, "tiny": 9}
    updated = sizes | {"libc6": 7 * MB, "huge": 6 * MB, "zlib": 5 * MB, "tiny": 700}
    for room in (2, 3, 4, 9):
        assert parts(sizes, room) == parts(updated, room)


def test_configured_images_are_one_layer():
    assert budget(Spec(configure=True)) == 1
    assert budget(Spec(configure=True, layers=3)) == budget(Spec(layers=3)) == 3
    assert budget(Spec()) == LAYERS


def test_without_packages_there_is_one_layer():
    made = Assembled({"etc": Entry("etc", Kind.DIRECTORY, 0o755), "etc/x": file("etc/x", b"1")})
    assert [group.changeset for group in grouped(made, packages("a"), layers=9)] == [made.changeset]


def test_rights_of_directories_come_last():
    draft = Draft()
    draft.put([Entry("var/x", Kind.DIRECTORY, 0o2775, gid=8, mtime=5), file("var/x/a", b"1")], Origin("a"))
    draft.put([Entry("var/empty", Kind.DIRECTORY, 0o755)], Origin("a"))
    draft.put([file("etc/passwd", b"root")], Origin(reason="computed"))
    lower, top = grouped(draft.finished(), packages("a"), layers=9)
    assert {path: entry.mode for path, entry in lower.changeset.entries.items() if entry.is_directory} == {
        "var": 0o755,
        "var/x": 0o755,
    }
    assert {*top.changeset.entries} == {"var", "var/x", "var/empty", "etc", "etc/passwd"}
    assert (top.changeset.entries["var/x"].mode, top.changeset.entries["var/x"].gid) == (0o2775, 8)


def test_what_slices_add_to_a_package_of_many_images_is_apart():
    libraries = file("usr/lib/x/libssl.so.3", bytes(2 * MB))
    legacy, record = file("usr/lib/x/ossl-modules/legacy.so", b"1"), "var/lib/dpkg/status.d/libssl3"
    base, more = Draft(), Draft()
    for draft, sums in ((base, b"libs"), (more, b"libs, legacy")):
        draft.put([libraries, file(record, b"libssl3"), file(f"{record}.md5sums", sums)], Origin("libssl3"))
    more.put([legacy], Origin("libssl3"))
    one, two = (grouped(draft.finished(), packages("libssl3"), layers=9) for draft in (base, more))
    assert one[0].packages == two[0].packages == ("libssl3",)
    assert one[0].changeset == two[0].changeset
    assert record in one[0].changeset.entries
    assert (two[1].packages, two[1].additions) == ((), ("libssl3 (legacy)",))
    assert legacy.path in two[1].changeset.entries
    assert f"{record}.md5sums" in two[2].changeset.entries


def entries_of(name: str, picks: list[tuple[int, int, int]]) -> list[Entry]:
    """A package's files: some in directories of its own, some in shared ones, some of them names of one file."""
    found = []
    for number, (kind, place, size) in enumerate(picks):
        above = ("usr/lib", f"usr/share/{name}", f"opt/{name}/deep")[place]
        path = f"{above}/{name}-{number}"
        if kind == 0:
            found.append(replace(file(path, b"x"), size=size, mtime=number + size % 7))
        elif kind == 1:
            found.append(Entry(path, Kind.FILE, 0o755, size=size, inode=f"{name}:1", content=file("", b"y").content))
        elif kind == 2:
            found.append(Entry(path, Kind.SYMLINK, 0o777, link="x"))
        else:
            found.append(Entry(above, Kind.DIRECTORY, (0o755, 0o700, 0o2775)[size % 3], gid=size % 2, mtime=size))
    return found


PICKS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from((0, 9, MB // 3, MB, 5 * MB))), max_size=5
)
CONTENTS = st.fixed_dictionaries(dict.fromkeys(NAMES, PICKS))
CHOICE = st.lists(st.sampled_from(NAMES), unique=True)


def made_of(names: list[str], contents, computed: bool) -> Assembled:
    draft = Draft()
    for name in sorted(names):
        draft.lay(entries_of(name, contents[name]), Origin(name))
    if computed:
        draft.put([file("etc/passwd", b"root"), Entry("tmp", Kind.DIRECTORY, 0o1777)], Origin(reason="computed"))
        link = [entry for entry in draft.entries.values() if entry.inode][:1]
        draft.put((replace(entry, path=f"{entry.path}-too") for entry in link), Origin(reason="computed"))
    return draft.finished()


def untimed(entries) -> dict[str, Entry]:
    return {path: replace(entry, mtime=0) if entry.is_directory else entry for path, entry in entries.items() if path}


@given(CONTENTS, CHOICE, st.booleans(), st.integers(1, 12))
def test_the_layers_make_the_tree(contents, names, computed, layers):
    made = made_of(names, contents, computed)
    groups = grouped(made, packages(*names), layers=layers)
    tree = Tree()
    for group in groups:
        assert {parent_of(path) for path in group.changeset.entries} <= {"", *group.changeset.entries}
        tree = tree.apply(group.changeset)
    assert len(groups) <= layers
    assert untimed(tree) == untimed(made.entries)
    files = [path for group in groups for path, entry in group.changeset.entries.items() if not entry.is_directory]
    assert len(files) == len(set(files))


@given(CONTENTS, CHOICE, CHOICE, st.booleans())
def test_the_same_packages_are_the_same_layer_whatever_is_beside_them(contents, names, others, computed):
    one, two = layers_of(names, contents, computed), layers_of(others, contents, False)
    for same in one.keys() & two.keys():
        assert one[same] == two[same]


def layers_of(names: list[str], contents, computed: bool) -> dict[tuple[str, ...], dict[str, Entry]]:
    """Layers by their packages, without the name that was computed for a package's file."""
    groups = grouped(made_of(names, contents, computed), packages(*names), layers=10)
    return {
        group.packages: {path: one for path, one in group.changeset.entries.items() if not path.endswith("-too")}
        for group in groups
        if group.reason and group.packages
    }


@given(CONTENTS, CHOICE.filter(bool), st.booleans())
def test_an_update_moves_its_own_layer_alone(contents, names, computed):
    made, updated = made_of(names, contents, computed), names[0]
    files = {path for path, entry in made.entries.items() if not entry.is_directory}
    ours = {path for path in files if made.origins[path].package == updated}
    entries = {path: replace(entry, mtime=99) if path in ours else entry for path, entry in made.entries.items()}
    before = grouped(made, packages(*names), layers=10)
    after = grouped(replace(made, entries=entries), packages(*names), layers=10)
    moved = [new.packages for old, new in zip(before, after, strict=True) if old.changeset != new.changeset]
    assert all(updated in those for those in moved)
    assert len(moved) == bool(ours)
