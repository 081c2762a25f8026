"""Builds and registries: bases pulled, images pushed, caches shared; and settings of the host that leave no trace."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oracle.builders import lissom_command
from oracle.observe import from_oci_layout
from oracle.registry import running

pytestmark = [pytest.mark.root, pytest.mark.registry]

UUID = "cat /proc/sys/kernel/random/uuid"
Lissom = Callable[..., str]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, store: Path) -> Iterator[str]:
    """A registry that serves the suite's base as ``base:1``."""
    with running(tmp_path_factory.mktemp("registry")) as host:
        subprocess.run(
            [*lissom_command(), "--root", store, "copy", "busy:1", f"docker://{host}/base:1"],
            check=True, capture_output=True,
        )  # fmt: skip
        yield host


@pytest.fixture
def lissom(tmp_path: Path) -> Lissom:
    def call(*arguments: str | Path, root: str = "store", **env: str) -> str:
        done = subprocess.run(
            [*lissom_command(), "--root", tmp_path / root, "--progress", "plain", *arguments],
            capture_output=True, text=True, check=False, timeout=120, env={**os.environ, **env},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def context_of(tmp_path: Path, text: str) -> Path:
    context = tmp_path / "context"
    context.mkdir(exist_ok=True)
    (context / "Dockerfile").write_text(text)
    return context


def test_a_base_is_pulled_once_and_the_result_pushed(lissom: Lissom, host: str, tmp_path: Path) -> None:
    context = context_of(tmp_path, f"FROM {host}/base:1\nRUN echo x > /x\n")
    lissom("build", "-t", f"{host}/made:1", "--push", context)
    skopeo = ["skopeo", "copy", "-q", "--src-tls-verify=false", f"docker://{host}/made:1", f"oci:{tmp_path}/o:1"]
    subprocess.run(skopeo, check=True)
    assert "/x" in from_oci_layout(tmp_path / "o").tree
    assert f"{host}/base" in lissom("images")


def test_a_changed_base_is_seen_on_request(lissom: Lissom, host: str, tmp_path: Path) -> None:
    for number in "12":
        text = f"FROM {host}/base:1\nRUN echo {number} > /number\n"
        lissom("build", "-t", f"{host}/moving:1", "--push", context_of(tmp_path, text), root="publisher")
        context = context_of(tmp_path, f"FROM {host}/moving:1\nRUN cp /number /seen\n")
        lissom("build", "-t", "plain:1", context)
        lissom("build", "--pull", "-t", "pulled:1", context)
        assert lissom("run", "--rm", "plain:1", "cat", "/seen").strip() == "1"
        assert lissom("run", "--rm", "pulled:1", "cat", "/seen").strip() == number


@pytest.mark.parametrize("mode", ["min", "max"])
def test_a_cache_in_a_registry_serves_another_machine(lissom: Lissom, host: str, tmp_path: Path, mode: str) -> None:
    text = f"FROM {host}/base:1 AS a\nRUN {UUID} > /ua\nFROM {host}/base:1\nRUN {UUID} > /ub\nCOPY --from=a /ua /\n"
    context = context_of(tmp_path, text)
    place = f"type=registry,ref={host}/cache:{mode}"
    trees = []
    for root, flags in (("first", ["--cache-to", f"{place},mode={mode}"]), ("second", ["--cache-from", place])):
        lissom("build", *flags, "-o", f"type=oci,dest={tmp_path}/{root}.oci", context, root=root)
        trees.append(from_oci_layout(tmp_path / f"{root}.oci").tree)
    assert trees[0]["/ub"] == trees[1]["/ub"]
    assert (trees[0]["/ua"] == trees[1]["/ua"]) == (mode == "max")


def test_a_missing_cache_is_only_a_warning(lissom: Lissom, host: str, tmp_path: Path) -> None:
    context = context_of(tmp_path, f"FROM {host}/base:1\nRUN true\n")
    lissom("build", "--cache-from", f"type=registry,ref={host}/nothing:1", "-t", "made:1", context)


def test_several_platforms_make_an_index(lissom: Lissom, tmp_path: Path) -> None:
    text = "FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /from-$TARGETARCH\n"
    context = context_of(tmp_path, text)
    out = tmp_path / "both.oci"
    lissom("build", "--platform", "linux/amd64,linux/arm64", "-o", f"type=oci,dest={out}", "-t", "both:1", context)
    outer = json.loads((out / "index.json").read_text())["manifests"][0]
    index = json.loads((out / "blobs" / "sha256" / outer["digest"].split(":")[1]).read_text())
    found = {entry["platform"]["architecture"]: entry["digest"] for entry in index["manifests"]}
    assert set(found) == {"amd64", "arm64"}
    for architecture, digest in found.items():
        manifest = json.loads((out / "blobs" / "sha256" / digest.split(":")[1]).read_text())
        config = json.loads((out / "blobs" / "sha256" / manifest["config"]["digest"].split(":")[1]).read_text())
        assert config["architecture"] == architecture
        layer = (out / "blobs" / "sha256" / manifest["layers"][0]["digest"].split(":")[1]).read_bytes()
        assert f"from-{architecture}".encode() in gzip.decompress(layer)


def test_settings_of_the_host_leave_no_trace(lissom: Lissom, host: str, tmp_path: Path) -> None:
    bundle = tmp_path / "company.crt"
    bundle.write_text("-----BEGIN CERTIFICATE-----\nVGhlIGNvbXBhbnk=\n-----END CERTIFICATE-----\n")
    # The step tells what it saw by its length: the words themselves must stand nowhere in the image.
    seen = '$(wc -c < "$SSL_CERT_FILE") $(grep -c index-url "$PIP_CONFIG_FILE") ${#https_proxy}'
    context = context_of(tmp_path, f"FROM {host}/base:1\nRUN echo {seen} > /seen\n")
    settings = {
        "SSL_CERT_FILE": "",
        "REQUESTS_CA_BUNDLE": str(bundle),
        "PIP_INDEX_URL": "http://pip.company.test/simple",
        "https_proxy": "http://proxy.company.test:3128",
        "no_proxy": "127.0.0.1",
    }
    out = tmp_path / "o"
    lissom("build", "--host-settings", "-t", "settings:1", "--load", "-o", f"type=oci,dest={out}", context, **settings)
    proxy = len(settings["https_proxy"])
    assert lissom("run", "--rm", "settings:1", "cat", "/seen").split() == [str(bundle.stat().st_size), "1", str(proxy)]
    image = from_oci_layout(out)
    assert not image.leaks(["VGhlIGNvbXBhbnk", "pip.company.test", "proxy.company.test", "lissom-host"])
    assert not [path for path in image.tree if "lissom-host" in path or path.startswith("/dev/shm/")]
