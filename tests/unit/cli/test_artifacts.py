"""attach, referrers, tags, and what tag, rm and sbom do about registries, as processes of the real console script."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bills import check_cyclonedx, check_spdx
from registry_server import RegistryServer

SYFT = Path(sys.executable).with_name("syft")
STATUS = b"""Package: base-files
Status: install ok installed
Version: 12.4
Architecture: amd64
"""


@pytest.fixture
def server():
    server = RegistryServer()
    yield server
    server.stop()


@pytest.fixture
def remote(server, image_of, run_cli) -> str:
    image_of({"var/lib/dpkg/status": STATUS, "etc/os-release": b"ID=debian\n"}, name="app:1")
    run_cli("push", "app:1", f"{server.host}/team/app:1", check=True)
    return f"docker://{server.host}/team/app:1"


@pytest.mark.parametrize("name", ["attach", "referrers", "tags"])
def test_every_command_has_help_with_examples(run_cli, name: str) -> None:
    assert "Examples:" in run_cli(name, "--help", check=True).out


def test_a_report_beside_an_image(run_cli, remote, tmp_path) -> None:
    (tmp_path / "a.txt").write_text("one\x1b[2J")
    (tmp_path / "b.html").write_text("<b>")
    note, kind = "evil=\x1b[2J", "application/vnd.example.report"
    ran = run_cli("attach", remote, "a.txt", "b.html", "--artifact-type", kind, "--annotation", note, check=True)
    digest = ran.out.strip()
    lines = run_cli("referrers", remote, check=True).out.splitlines()
    assert lines[0].split() == ["DIGEST", "TYPE", "SIZE", "CREATED", "CONTENT"]
    assert lines[1].split()[1] == "image"
    assert lines[2].startswith(f"└─ {digest[7:19]}   {kind}   10B ")
    assert lines[2].endswith(r"a.txt; b.html; evil=\x1b[2J")
    (one,) = json.loads(run_cli("referrers", remote, "--json", check=True).out)["referrers"]
    assert (one["descriptor"]["digest"], one["kind"], one["present"], one["size"]) == (digest, "referrer", True, 10)
    assert [content["mediaType"] for content in one["contents"]] == ["text/plain", "text/html"]
    assert run_cli("referrers", remote, "--artifact-type", "x/y", check=True).out.endswith("\nNothing refers to it.\n")
    refused = run_cli("referrers", remote, "--get", kind)
    assert (refused.code, refused.out) == (2, "")
    assert "it holds a.txt, b.html" in refused.err
    assert run_cli("referrers", remote, "--get", kind, "-o", "out", check=True).out == "out/a.txt\nout/b.html\n"
    assert (tmp_path / "out" / "a.txt").read_text() == "one\x1b[2J"


def test_one_file_is_got_as_a_file_or_through_the_output(run_cli, remote, tmp_path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\x00one")
    made = json.loads(run_cli("attach", remote, "a.txt", "--media-type", "x/y", "--json", check=True).out)
    assert run_cli("referrers", remote, "--get", made["digest"], check=True).raw == b"\x00one"
    run_cli("referrers", remote, "--get", "x/y", "-o", "b.txt", check=True)
    assert (tmp_path / "b.txt").read_bytes() == b"\x00one"
    run_cli("referrers", remote, "--get", "x/y", "-o", "new/", check=True)
    assert (tmp_path / "new" / "a.txt").read_bytes() == b"\x00one"


def test_wrong_bytes_are_never_written(run_cli, remote, server, tmp_path) -> None:
    (tmp_path / "a.txt").write_text("one")
    run_cli("attach", remote, "a.txt", check=True)
    digest = next(digest for digest, data in server.state.blobs.items() if data == b"one")
    server.state.blobs[digest] = b"two"
    for output in ([], ["-o", "b.txt"]):
        ran = run_cli("referrers", remote, "--get", "text/plain", *output)
        assert (ran.code, ran.out) == (5, "")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["a.txt"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["attach", "app:1", "missing.txt"], 2, "error: cannot attach `missing.txt`: No such file or directory\n"),
        (["attach", "app:1"], 2, "Missing argument 'FILE...'"),
        (["attach", "app:1", "x", "--annotation", "k"], 2, "cannot use annotation `k`: it is not KEY=VALUE"),
        (["referrers", "app:1", "-o", "x"], 2, "cannot use -o without --get"),
        (["referrers", "app:1", "--get", "x/y", "--json"], 2, "cannot use --get with"),
        (["referrers", "nothing:1"], 5, "cannot find image `nothing:1`"),
        (["tag", "app:1", "docker://localhost/app:1"], 2, "`lissom push app:1 docker://localhost/app:1` moves it"),
        (["tag", "docker://localhost/app:1", "app:1"], 2, "`lissom copy docker://localhost/app:1 app:1` moves it"),
        (["sbom", "--attached", "--attach", "app:1"], 2, "cannot use --attached with --attach"),
        (["sbom", "--attached", "app:1"], 5, "none is attached to it"),
        (["tags", "oci:dir"], 2, "cannot list the tags of `oci:dir`: it is not in a registry"),
    ],
    ids=range(11),
)
def test_mistakes_are_told(run_cli, image_of, arguments, code, message) -> None:
    image_of({"a": b"1"}, name="app:1")
    ran = run_cli(*arguments)
    assert ran.code == code
    assert message in ran.err


def test_names_in_a_registry(run_cli, remote, server) -> None:
    repository = remote.rpartition(":")[0]
    server.state.page = 2
    for name in ("1.10", "1.9", "latest"):
        run_cli("tag", remote, f"{repository}:{name}", check=True)
    sent = len(server.asked("PUT", "/blobs/uploads/"))
    run_cli("tag", remote, f"docker://{server.host}/other/app:1", check=True)
    assert len(server.asked("PUT", "/blobs/uploads/")) == sent
    bare = repository.removeprefix("docker://")
    assert run_cli("tags", bare, check=True).out.split() == ["1", "1.10", "1.9", "latest"]
    ordered = run_cli("tags", repository, "--sort", "version", "--json", check=True).out
    assert json.loads(ordered) == ["latest", "1", "1.9", "1.10"]
    refused = run_cli("rm", f"{repository}:1.9")
    assert refused.code == 4
    assert "this one has more: `1`, `1.10`, `latest`" in refused.err
    server.state.deletes = ("tag",)
    assert run_cli("rm", f"{repository}:1.9", check=True).out == f"Untagged: {repository}:1.9\n"
    server.state.deletes = ("digest",)
    gone = run_cli("rm", "-f", f"{repository}:1", "app:1", check=True).out.splitlines()
    assert gone[:3] == [f"Untagged: {repository}:{tag}" for tag in ("1", "1.10", "latest")]
    assert gone[3].startswith("Deleted: sha256:")
    assert gone[4] == "Untagged: app:1"


def test_a_bill_is_attached_and_taken_again(run_cli, remote, tmp_path) -> None:
    for form, check in (("spdx-json", check_spdx), ("cyclonedx-json", check_cyclonedx)):
        made = run_cli("sbom", "--attach", "--format", form, remote, "-o", f"app.{form}", check=True).out
        assert run_cli("sbom", "--attach", "--format", form, remote, check=True).out == made
        taken = run_cli("sbom", "--attached", "--format", form, remote, check=True).raw
        assert taken == (tmp_path / f"app.{form}").read_bytes()
        assert "base-files" in json.dumps(check(taken))
    found = json.loads(run_cli("referrers", remote, "--json", check=True).out)["referrers"]
    assert {one["artifactType"] for one in found} == {"application/spdx+json", "application/vnd.cyclonedx+json"}
    run_cli("copy", "--referrers", remote, "mine:1", check=True)
    assert run_cli("sbom", "--attached", "--format", form, "mine:1", check=True).raw == taken


@pytest.mark.foreign
@pytest.mark.skipif(not SYFT.exists(), reason="syft is not installed")
def test_syft_reads_the_attached_bill_and_its_own_comes_back(run_cli, remote, tmp_path) -> None:
    run_cli("sbom", "--attach", remote, check=True)
    run_cli("sbom", "--attached", remote, "-o", "app.spdx.json", check=True)
    environment = {"HOME": str(tmp_path), "SYFT_CHECK_FOR_APP_UPDATE": "false", "PATH": "/usr/bin:/bin"}
    command = [str(SYFT), "convert", "app.spdx.json", "-o", "cyclonedx-json"]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120)
    assert "base-files" in {one["name"] for one in json.loads(ran.stdout)["components"]}
    (tmp_path / "theirs.cdx.json").write_bytes(ran.stdout)
    run_cli("attach", remote, "theirs.cdx.json", check=True)
    assert run_cli("sbom", "--attached", "--format", "cyclonedx-json", remote, check=True).raw == ran.stdout
