"""``lissom sbom``, as a process of the real console script."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inventory_scenes import APP, DEBIAN
from lissom.cli.sbom_file import format_of, path_for
from lissom.errors import UsageError
from lissom.oci.document import Index
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference

FILES = {path: data.encode() if isinstance(data, str) else data for path, data in {**DEBIAN, **APP}.items()}


@pytest.fixture
def app(image_of):
    return image_of(FILES, name="team.example/app:1")


def test_the_standard_output_is_spdx(run_cli, app) -> None:
    done = run_cli("sbom", "team.example/app:1", check=True)
    document = json.loads(done.raw)
    image = document["packages"][0]
    assert (document["spdxVersion"], document["name"]) == ("SPDX-2.3", "team.example/app:1")
    assert image["versionInfo"] == str(app.digest)
    purl = f"pkg:oci/app@{app.digest}?arch=amd64&repository_url=team.example%2Fapp&tag=1"
    assert image["externalRefs"][0]["referenceLocator"] == purl
    assert document["creationInfo"]["created"] == "2020-09-13T12:26:40Z"
    assert len(document["packages"]) == 1 + 12
    elsewhere = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    assert run_cli("sbom", "team.example/app:1", env=elsewhere, check=True).raw == done.raw


def test_the_end_of_the_file_says_the_format_unless_a_flag_does(run_cli, app, tmp_path: Path) -> None:
    run_cli("sbom", "team.example/app:1", "-o", "a.cdx.json", check=True)
    assert json.loads((tmp_path / "a.cdx.json").read_text())["specVersion"] == "1.6"
    run_cli("sbom", "team.example/app:1", "-o", "a.cdx.json", "--format", "spdx-json", check=True)
    assert json.loads((tmp_path / "a.cdx.json").read_text())["spdxVersion"] == "SPDX-2.3"
    run_cli("sbom", "team.example/app:1", "-o", "a.bill", "--format", "cyclonedx-json", check=True)
    assert json.loads((tmp_path / "a.bill").read_text())["bomFormat"] == "CycloneDX"


def test_an_end_that_says_nothing_is_refused_before_anything_is_done(run_cli, tmp_path: Path) -> None:
    done = run_cli("sbom", "not-there:1", "-o", "a.xml")
    said = "error: cannot tell the format of `a.xml`: its name ends in none that lissom writes\n\nhint: end it in .spdx"
    assert (done.code, done.err) == (2, f"{said}.json or .cdx.json\n")
    assert not (tmp_path / "a.xml").exists()


def test_distroless_refuses_it_too(run_cli, tmp_path: Path) -> None:
    done = run_cli("distroless", "static", "--sbom", "a.spdx.json", "--sbom", "a.spdx")
    assert (done.code, done.err.splitlines()[0]) == (
        2, "error: cannot tell the format of `a.spdx`: its name ends in none that lissom writes",
    )  # fmt: skip
    assert not (tmp_path / "a.spdx.json").exists()


def test_what_was_there_stays_when_there_is_no_image(run_cli, store, tmp_path: Path) -> None:
    (tmp_path / "a.spdx.json").write_text("before")
    done = run_cli("sbom", "not-there:1", "-o", "a.spdx.json")
    assert done.code == 5
    assert "not-there:1" in done.err
    assert (tmp_path / "a.spdx.json").read_text() == "before"


def test_a_directory_that_is_not_there_is_told(run_cli, app, tmp_path: Path) -> None:
    done = run_cli("sbom", "team.example/app:1", "-o", "no/where.spdx.json")
    assert done.code == 2
    assert done.err.endswith("error: cannot write `no/where.spdx.json`: No such file or directory\n")


def test_a_time_from_outside(run_cli, app) -> None:
    done = run_cli("sbom", "team.example/app:1", env={"SOURCE_DATE_EPOCH": "86400"}, check=True)
    assert json.loads(done.raw)["creationInfo"]["created"] == "1970-01-02T00:00:00Z"
    wrong = run_cli("sbom", "team.example/app:1", env={"SOURCE_DATE_EPOCH": "yesterday"})
    assert (wrong.code, wrong.err) == (
        2, "error: cannot use timestamp `yesterday`: it is not a number of seconds since 1970\n",
    )  # fmt: skip


def test_archives_and_directories_are_called_by_their_own_name(run_cli, app, tmp_path: Path) -> None:
    run_cli("copy", "team.example/app:1", f"oci:{tmp_path}/dir:x", check=True)
    said = json.loads(run_cli("sbom", f"oci:{tmp_path}/dir:x", check=True).raw)
    assert said["name"] == "dir:x"
    assert str(tmp_path) not in json.dumps(said)
    run_cli("copy", "team.example/app:1", f"docker-archive:{tmp_path}/a.tar:other:2", check=True)
    assert json.loads(run_cli("sbom", f"docker-archive:{tmp_path}/a.tar", check=True).raw)["name"] == "a.tar"
    assert json.loads(run_cli("sbom", f"docker-archive:{tmp_path}/a.tar:other:2", check=True).raw)["name"] == "other:2"
    digest = str(app.digest)
    assert json.loads(run_cli("sbom", digest, check=True).raw)["packages"][0]["versionInfo"] == digest


def test_one_image_of_an_index(run_cli, image_of, store) -> None:
    images = [image_of({**FILES, "arch": name.encode()}) for name in ("amd64", "arm64")]
    rows = [replace(image.manifest.descriptor, platform=Platform("linux", name))
            for image, name in zip(images, ("amd64", "arm64"), strict=True)]  # fmt: skip
    index = Index.make(rows)
    store.put_manifest(index.raw, index.media_type, Reference.parse("both:1"))
    said = json.loads(run_cli("sbom", "--platform", "linux/arm64", "both:1", check=True).raw)
    assert said["packages"][0]["versionInfo"] == str(images[1].digest)


def test_files_when_they_are_wished_for(run_cli, app) -> None:
    said = json.loads(run_cli("sbom", "--files", "team.example/app:1", check=True).raw)
    assert sorted(one["fileName"] for one in said["files"]) == sorted(f"./{path}" for path in FILES)


def test_help_has_examples(run_cli) -> None:
    assert "Examples:" in run_cli("sbom", "--help", check=True).out


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.spdx.json", "spdx-json"),
        ("a.cdx.json", "cyclonedx-json"),
        ("a.cyclonedx.json", "cyclonedx-json"),
        ("a.json", "spdx-json"),
    ],
)
def test_ends_and_their_formats(name: str, form: str) -> None:
    assert format_of(Path(name)) == form


@pytest.mark.parametrize("name", ["a", "a.spdx", "a.xml", "json", "a.JSON"])
def test_ends_of_no_format(name: str) -> None:
    with pytest.raises(UsageError):
        format_of(Path(name))


def test_a_name_for_each_platform() -> None:
    assert path_for(Path("out/b.spdx.json"), Platform("linux", "amd64")) == Path("out/b.amd64.spdx.json")
    assert path_for(Path("b.json"), Platform("linux", "arm", "v7")) == Path("b.arm-v7.json")
