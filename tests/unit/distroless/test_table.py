"""Packages files as tables: what is found is what a reader of the whole would find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lissom.distroless.archive.table import Table

NAMES = st.text("ab+.-0", min_size=1, max_size=4).map(lambda text: "p" + text)
PACKAGES = st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=3), st.sampled_from(["required", "optional"])))


def written(packages):
    return "\n".join(
        f"Package: {name}\nVersion: {number}\nPriority: {priority}\n"
        + (f"Provides: {', '.join(provided)} (= 1)\n" if provided else "")
        + "Description: x\n  Package: none\n"
        for number, (name, provided, priority) in enumerate(packages)
    ).encode()


@given(PACKAGES)
def test_what_is_found_is_what_is_there(tmp_path_factory, packages):
    path = tmp_path_factory.mktemp("table") / "t.table"
    made = Table.of(written(packages))
    made.write(path)
    for table in (made, Table.read(path)):
        for name in {
            "p",
            "q",
            "zz",
            *(name for name, _, _ in packages),
            *(one for _, provided, _ in packages for one in provided),
        }:
            versions = [text.partition("Version: ")[2].partition("\n")[0] for text in table.paragraphs(name)]
            assert sorted(versions) == sorted(str(n) for n, one in enumerate(packages) if one[0] == name)
            assert table.providers(name) == sorted({one for one, provided, _ in packages if name in provided})
        assert table.essential() == sorted({name for name, _, priority in packages if priority == "required"})
        assert sorted(table.names()) == sorted(name for name, _, _ in packages)


def test_where_a_name_is_first_said():
    table = Table.of(
        b"Package: a\nDepends: bb, x:any (>= 1) | y\nSuggests: z\nDescription: q\nProvides: v\n\nPackage: b\nBreaks: q (<< 1)\n"
    )
    places = [table.mention(name) for name in ("a", "bb", "x", "y", "z", "b", "q")]
    assert places == sorted(places)
    assert table.mention("v") is None, "what is provided is no package"
    assert table.mention("none") is None


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data + b"x", lambda data: b"", lambda data: b"x\n"]
)
def test_a_damaged_table_is_not_read(tmp_path, damage):
    path = tmp_path / "t.table"
    Table.of(b"Package: a\nVersion: 1\n").write(path)
    assert Table.read(path).names() == ["a"]
    path.write_bytes(damage(path.read_bytes()))
    assert Table.read(path) is None
    path.unlink()
    assert Table.read(path) is None
