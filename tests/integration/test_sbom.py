"""Bills of materials beside syft: it finds the same packages in the same images, and reads ours."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from bills import check_cyclonedx, check_spdx
from go_programs import go_program
from inventory_scenes import APP, DEBIAN

SYFT = shutil.which("syft", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
pytestmark = [pytest.mark.foreign, pytest.mark.skipif(SYFT is None, reason="syft is not installed")]
GO = "mod\texample.org/app\tv1.0.0\ndep\texample.org/lib\tv2.1.0\th1:x=\n"


def syft(*words: str) -> dict:
    command = [str(SYFT), *words, "-q", "-o", "json"]
    environment = {**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"}
    return json.loads(subprocess.run(command, capture_output=True, check=True, env=environment).stdout)


def parts(purls: list[str]) -> list[str]:
    """Kind, name and version of each; what a group or a subpath is called is each tool's own affair."""
    found = [re.fullmatch(r"pkg:(\w+)/(?:.*/)?([^/@?#]+)(?:@([^?#]*))?.*", unquote(re.sub(r"[?#].*", "", purl)))
             for purl in purls if purl]  # fmt: skip
    return sorted(f"{match[1]} {match[2]} {match[3] or ''}" for match in found if match)


def ours(document: dict) -> list[str]:
    return parts([one.get("purl", "") for one in document["components"]])


def theirs(document: dict) -> list[str]:
    return parts([one["purl"] for one in document["artifacts"]])


@pytest.fixture(scope="module")
def lissom(tmp_path_factory):
    root = tmp_path_factory.mktemp("store")

    def call(*words: str | Path) -> bytes:
        command = [sys.executable, "-m", "lissom", "--root", str(root), "--progress", "plain", *map(str, words)]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def agreed(lissom, name: str, directory: Path) -> list[str]:
    """The parts of an image on which both tools agree; our bills of it are left in ``directory``."""
    for path in (directory / "b.spdx.json", directory / "b.cdx.json"):
        lissom("sbom", name, "-o", path)
    lissom("copy", name, f"oci:{directory}/layout:x")
    check_spdx((directory / "b.spdx.json").read_bytes())
    found = ours(check_cyclonedx((directory / "b.cdx.json").read_bytes()))
    assert found == theirs(syft(f"oci-dir:{directory}/layout"))
    return found


def test_a_small_image_of_all_kinds(lissom, tmp_path: Path) -> None:
    for path, data in {**DEBIAN, **APP, "usr/bin/app": go_program(GO)}.items():
        target = tmp_path / "context" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)
    (tmp_path / "context/usr/bin/app").chmod(0o755)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    lissom("build", "-f", tmp_path / "Dockerfile", "-t", "app:1", tmp_path / "context")
    found = agreed(lissom, "app:1", tmp_path)
    assert [part.split()[0] for part in found] == [
        *["deb"] * 3, "gem", *["golang"] * 3, *["maven"] * 2, *["npm"] * 3, *["pypi"] * 2,
    ]  # fmt: skip
    for name in ("b.spdx.json", "b.cdx.json"):
        read = syft("convert", str(tmp_path / name))
        assert theirs(read) == found
        assert read["distro"]["id"] == "debian"
        licences = {one["name"].lower(): [each["value"] for each in one["licenses"]] for one in read["artifacts"]}
        assert (licences["flask"], licences["left-pad"]) == (["BSD-3-Clause"], ["WTFPL"])


@pytest.mark.root
@pytest.mark.network
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv")
@pytest.mark.parametrize("spec", ["base", "debian-slim"])
def test_images_of_debian_packages(spec: str, lissom, tmp_path: Path) -> None:
    bills = tmp_path / "own.spdx.json", tmp_path / "own.cdx.json"
    lissom("distroless", spec, "-t", f"{spec}:1", *(word for path in bills for word in ("--sbom", path)))
    found = agreed(lissom, f"{spec}:1", tmp_path)
    assert len(found) > 5
    for own, later in zip(bills, (tmp_path / "b.spdx.json", tmp_path / "b.cdx.json"), strict=True):
        assert own.read_bytes() == later.read_bytes()
    packages = json.loads(bills[0].read_bytes())["packages"]
    debs = [one for one in packages if "pkg:deb/" in json.dumps(one.get("externalRefs", []))]
    assert len(debs) == len(found)
    assert all(re.fullmatch("[0-9a-f]{64}", one["checksums"][0]["checksumValue"]) for one in debs)
