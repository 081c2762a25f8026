"""The page of a difference."""

from __future__ import annotations

import json
import re

import pytest

from conftest import changeset_of
from lissom.analysis.comparison import Difference, compare
from lissom.image.image import Image
from lissom.report.diff_page import page
from lissom.report.diff_rows import owned, paths
from lissom.rootfs.tree import Tree

STATUS = "Package: app\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\n\n"
EVIL = "</script><b>\u2028\x1b"


@pytest.fixture
def found(image_of) -> Difference:
    before = {
        "usr/same": b"s" * 100,
        "usr/gone": b"g" * 70,
        "usr/changed": b"c" * 10,
        "usr/link": "same",
        f"{EVIL}": b"1",
    }
    after = {
        "usr/same": b"s" * 100,
        "usr/new": b"n" * 400,
        "usr/changed": b"c" * 30,
        "usr/link": "same",
        "usr/fresh": "new",
    }
    records = {"var/lib/dpkg/status": STATUS.encode(), "var/lib/dpkg/info/app.list": b"/usr\n/usr/new\n/usr/changed\n"}
    trees = tuple(Tree().apply(changeset_of({**files, **records})) for files in (before, after))
    images: list[Image] = [image_of(files) for files in (before, after)]
    return compare(("app:1", EVIL), tuple(images), trees, times=False)  # type: ignore[arg-type]


def test_bytes_by_package_sum_to_the_images(found) -> None:
    assert [sum(sizes.values()) for sizes in found.sizes] == [found.before.size, found.after.size]
    assert [len(sizes) for sizes in found.sizes] == [found.before.files, found.after.files]
    first = owned(found)[0]
    assert (first.package, first.after - first.before) == ("deb app", 420)
    assert sum(row.after - row.before for row in owned(found)) == found.after.size - found.before.size


def test_columns_sum_to_the_images(found) -> None:
    data = paths(found)
    assert sum(data["b"]) == found.before.size
    assert sum(data["a"]) == found.after.size
    reasons = [one["name"] for one in data["reasons"]]
    by_name = {
        name: reasons[reason] if reason >= 0 else "removed" for name, reason in zip(data["n"], data["r"], strict=True)
    }
    assert by_name["same"] == "same"
    assert by_name["new"] == "added"
    assert by_name["changed"] == "changed"
    assert by_name["gone"] == "removed"
    assert len(data["colours"]) == len(reasons)
    assert reasons[data["fresh"]] == "added"


def test_the_page_holds_its_data_and_no_strangers_markup(found) -> None:
    text = page(found)
    data = re.search('<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data
    assert json.loads(data[1])["n"][0] == ""
    assert "</script><b>" not in text
    assert "\x1b" not in text
    assert "Paths: 2 added, 3 removed, 1 changed." in text
    assert "https://" not in text


def test_equal_images(image_of) -> None:
    image, tree = image_of({"a": b"1"}), Tree().apply(changeset_of({"a": b"1"}))
    text = page(compare(("a", "b"), (image, image), (tree, tree), times=False))
    assert "Same files and same config." in text
    assert "All files are the same." in text
