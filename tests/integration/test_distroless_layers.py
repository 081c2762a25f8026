"""Layers that real images share, and what they tell of themselves."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from process import calling

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
]


@pytest.fixture(scope="module")
def lissom(tmp_path_factory):
    return calling(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def family(lissom, tmp_path_factory):
    """Reports of images on base, by spec, and of one that a user put on top of it."""
    directory = tmp_path_factory.mktemp("reports")
    (directory / "own.yaml").write_text("name: own:1\ninclude: base\npackages: [libexpat1]\n")
    specs = {name: name for name in ("static", "base", "cc", "python3")} | {"own": str(directory / "own.yaml")}
    for name, spec in specs.items():
        done = lissom("distroless", spec, "-t", f"{name}:1", "--report", str(directory / f"{name}.json"))
        assert "\nLAYER " in done.stderr
        assert done.stdout.startswith("sha256:")
    return {name: json.loads((directory / f"{name}.json").read_text()) for name in specs}


def layers(report) -> dict[str, str]:
    """Diff IDs by name, without what is made for the image alone."""
    own = ("other packages", "accounts and settings")
    return {layer["name"]: layer["diff_id"] for layer in report["layers"] if layer["name"] not in own}


def test_images_on_base_have_its_layers(family):
    static, base = layers(family["static"]), layers(family["base"])
    assert static
    assert {"libc6", "libssl3"} <= base.keys()
    assert static.items() <= base.items()
    for name in ("cc", "python3", "own"):
        assert base.items() <= layers(family[name]).items(), name
    assert all(len(report["layers"]) <= 10 for report in family.values())


def test_layers_are_those_of_the_image(lissom, family):
    (document,) = json.loads(lissom("inspect", "python3:1").stdout)
    assert document["RootFS"]["Layers"] == [layer["diff_id"] for layer in family["python3"]["layers"]]
    history = lissom("history", "--no-trunc", "python3:1").stdout
    version = next(one["version"] for one in family["python3"]["packages"] if one["name"] == "libssl3")
    assert f"lissom distroless: libssl3 {version}" in history


def test_why(lissom, family):
    (row,) = json.loads(lissom("why", "--json", "own:1", "/lib/x86_64-linux-gnu/libexpat.so.1").stdout)
    assert (row["package"], row["source"], row["chain"][0]["wish"]) == ("libexpat1", "expat", "libexpat1")
    (row,) = json.loads(lissom("why", "--json", "own:1", "/etc/passwd").stdout)
    assert (row["package"], row["reason"]) == ("", "computed from the accounts")
    rows = json.loads(lissom("why", "--json", "own:1", "/usr/share/doc/libexpat1/*").stdout)
    stays = {row["path"].rpartition("/")[2]: row["stays"] for row in rows}
    assert (stays["copyright"], stays["changelog.gz"]) == (True, False)
    assert all(row["reason"].startswith("trim: ") for row in rows if not row["stays"])
    assert lissom("why", "own:1", "/usr/bin/nothing", check=False).returncode == 1


def test_surfaces_side_by_side(lissom, family):
    static, python = json.loads(lissom("surface", "--json", "static:1", "python3:1").stdout)
    for one in (static, python):
        found = {
            name: one[name] for name in ("shells", "package_managers", "setuid", "setgid", "capabilities", "secrets")
        }
        assert not any(found.values()), found
        assert one["world_writable"] == ["/tmp"]
    assert static["interpreters"] == []
    assert [path.rpartition("/")[2] for path in python["interpreters"]] == ["python3.11"]
    assert python["packages"]["deb"] == len(family["python3"]["packages"])
    assert python["size"] > static["size"]
