"""What is told of an image of packages: from what it was made of, to the store and back."""

from __future__ import annotations

import pytest
import zstandard

from lissom.distroless.archive.control import Package
from lissom.distroless.evidence.layers import grouped
from lissom.distroless.evidence.provenance import Provenance
from lissom.distroless.evidence.provenance_json import find_provenance, pack, parse, put_provenance, to_json, unpack
from lissom.distroless.evidence.provenance_rows import provenance
from lissom.distroless.spec.spec import Spec, Wish
from lissom.distroless.supply.supply import Supply
from lissom.errors import IntegrityError
from lissom.image.image import Image, Layer
from lissom.oci.digest import Digest
from lissom.oci.document import LAYER, Descriptor
from unit.distroless.fake_debs import assembled, deb

SPEC = Spec(
    name="x",
    packages=(Wish("app", slices=("/usr/bin/*",)), Wish("extra")),
    trim=("man",),
    exclude=("/usr/share/junk*",),
)


@pytest.fixture
def told(tmp_path, store) -> Provenance:
    debs = [
        deb(
            tmp_path,
            "app",
            {"usr/bin/app": b"app", "usr/bin/also": "=usr/bin/app", "usr/share/data": b"d"},
            Section="web",
        ),
        deb(tmp_path, "extra", {"usr/share/man/x": b"man", "usr/share/junk1": b"12", "usr/share/x": b"x"}),
        deb(tmp_path, "libapp", {"lib/libapp.so": b"12345"}, Source="app (2)"),
    ]
    made = assembled(tmp_path, *debs, spec=SPEC)
    packages = tuple(Package({**package.fields, "Sha256": "0" * 64}) for package, _ in debs)
    supplied = Supply("amd64", packages, (), {}, 0, (), {"libapp": "app"})
    groups = grouped(made, packages, layers=9)
    layers = [Layer(Descriptor(LAYER, Digest.of(group.name.encode()), 7), Digest.of(b"x")) for group in groups]
    image = Image.make(layers, {"architecture": "amd64", "os": "linux", "created": "now"}, store)
    return provenance(SPEC, supplied, made, groups, image, version="1")


def test_packages_say_who_needs_them(told) -> None:
    assert [(one.name, one.wish, one.needed_by, one.source, one.section) for one in told.packages] == [
        ("app", "app: /usr/bin/*", "", "app", "web"),
        ("extra", "extra", "", "extra", ""),
        ("libapp", "", "app", "app", ""),
    ]
    assert [one.name for one in told.chain("libapp")] == ["libapp", "app"]
    assert told.chain("nothing") == ()


def test_paths_say_where_they_come_from(told) -> None:
    rows = told.present_paths
    assert (rows["usr/lib/libapp.so"].package, rows["usr/lib/libapp.so"].size) == ("libapp", 5)
    assert {rows["usr/bin/app"].kind, rows["usr/bin/also"].kind} == {"file", "hardlink"}
    assert (rows["etc/passwd"].package, rows["etc/passwd"].reason) == ("", "computed from the accounts")
    assert rows["etc/passwd"].layer == len(told.layers)
    assert rows["usr/share"].package == ""
    assert sum(one.size for one in told.packages) + sum(r.size for r in told.present if not r.package) == told.size


def test_what_was_left_out_says_why(told) -> None:
    assert {row.path: (row.package, row.reason, row.size) for row in told.left_out} == {
        "usr/share/data": ("app", "not in the slices of app: /usr/bin/*", 1),
        "usr/share/junk1": ("extra", "exclude: /usr/share/junk*", 2),
        "usr/share/man/x": ("extra", "trim: man", 3),
    }
    assert [saving.reason for saving in told.savings] == [
        "trim: man",
        "exclude: /usr/share/junk*",
        "not in the slices of app: /usr/bin/*",
    ]


def test_the_store_keeps_it(told, store) -> None:
    assert unpack(pack(told)) == told
    assert find_provenance(store, Digest(told.digest)) is None
    put_provenance(store, told)
    assert find_provenance(store, Digest(told.digest)) == told


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"packages": None},
        {"packages": [{"name": "x"}]},
        {"present": [{"path": 5}]},
        {"present": [{"path": "/x", "size": "5"}]},
        {"present": [{"path": "/x", "more": "5"}]},
        {"left_out": {"a": 1}},
        {"layers": [{}]},
        {"digest": 7},
    ],
)
def test_what_is_no_account_is_refused(told, change) -> None:
    with pytest.raises(IntegrityError, match="cannot read the account of a distroless image"):
        parse({**to_json(told), **change})


@pytest.mark.parametrize("data", [b"", b"no zstd", zstandard.compress(b"[]"), zstandard.compress(b"{")])
def test_bytes_that_are_no_account_are_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        unpack(data)
