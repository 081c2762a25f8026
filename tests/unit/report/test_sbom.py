"""Bills of materials: valid by their formats, the same each time, and whole whatever names say."""

import json
from dataclasses import replace

import pytest

from bills import check_cyclonedx, check_spdx, purls
from inventory_scenes import APP, DEBIAN, ODD
from lissom.analysis.inventory.reader import Named, read_inventory
from lissom.analysis.packages import read_packages
from lissom.report.sbom_cyclonedx import cyclonedx
from lissom.report.sbom_spdx import spdx
from rule_scenes import tree_of

IMAGE = Named("app:1", f"sha256:{'1' * 64}", "pkg:oci/app@sha256:1?tag=1", 1_600_000_000)


def inventory(tree, **more):
    return read_inventory(read_packages(tree_of(tree)), IMAGE, made={}, **more)


@pytest.mark.parametrize("files", [False, True])
@pytest.mark.parametrize("scene", [{**DEBIAN, **APP}, ODD, {}], ids=["all", "odd", "nothing"])
def test_both_are_valid_and_tell_of_the_same_parts(scene, files):
    found = inventory(scene, files=files)
    left, right = check_spdx(spdx(found, "1.0")), check_cyclonedx(cyclonedx(found, "1.0"))
    assert purls(left) == purls(right) == sorted(one.purl for one in found.components if one.purl)


def test_names_are_told_as_they_are():
    document = json.loads(cyclonedx(inventory(ODD, files=True), "1.0"))
    named = {one["name"] for one in document["components"]}
    assert {"libodd++1.0-dev", "Zope.Odd_Näme", "@sc pe/n%m?e#x", "odd gem", "@odd name%"} <= named
    assert {"/o/?\n\t.txt", "/o/\\\"'"} <= named


def test_the_image_is_the_root_of_both():
    found = inventory({**DEBIAN, **APP})
    left, right = json.loads(spdx(found, "1.0")), json.loads(cyclonedx(found, "1.0"))
    (root,) = [one["relatedSpdxElement"] for one in left["relationships"] if one["relationshipType"] == "DESCRIBES"]
    (image,) = [one for one in left["packages"] if one["SPDXID"] == root]
    assert image["checksums"] == [{"algorithm": "SHA256", "checksumValue": "1" * 64}]
    assert right["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": "1" * 64}]
    assert left["creationInfo"]["created"] == right["metadata"]["timestamp"] == "2020-09-13T12:26:40Z"


def test_everything_in_the_image_is_contained_once():
    found = inventory({**DEBIAN, **APP}, files=True)
    document = json.loads(spdx(found, "1.0"))
    parts = [one["SPDXID"] for one in (*document["packages"][1:], *document["files"])]
    held = [one["relatedSpdxElement"] for one in document["relationships"] if one["relationshipType"] == "CONTAINS"]
    assert sorted(held) == sorted(parts)


def test_every_part_can_be_reached_from_the_image_over_what_needs_what():
    document = json.loads(cyclonedx(inventory({**DEBIAN, **APP}), "1.0"))
    edges = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
    reached, waiting = set(), ["image"]
    while waiting:
        if (ref := waiting.pop()) not in reached:
            reached.add(ref)
            waiting += edges[ref]
    assert reached == set(edges)


def test_one_document_has_one_number():
    found = inventory({**DEBIAN, **APP})
    for write, key in ((spdx, "documentNamespace"), (cyclonedx, "serialNumber")):
        assert write(found, "1.0") == write(found, "1.0")
        numbers = {json.loads(write(each, version))[key]
                   for each in (found, replace(found, name="app:2"), inventory(APP)) for version in ("1.0", "1.1")}  # fmt: skip
        assert len(numbers) == 6


def test_licences_that_spdx_does_not_know_are_explained():
    document = json.loads(spdx(inventory({**DEBIAN, **APP}), "1.0"))
    (six,) = [one for one in document["packages"] if one["name"] == "python3-six"]
    assert six["licenseDeclared"] == "MIT AND LicenseRef-custom-one"
    (own,) = document["hasExtractedLicensingInfos"]
    assert (own["licenseId"], own["name"]) == ("LicenseRef-custom-one", "custom-one")
