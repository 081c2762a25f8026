"""Images made by lissom are accepted by the tools of others."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oracle import engine
from oracle.builders import lissom_command
from oracle.observe import from_docker_archive, from_oci_layout

pytestmark = [pytest.mark.foreign, pytest.mark.root]

DOCKERFILE = """\
FROM busy:1
LABEL made-by=lissom
ENV GREETING=hello
RUN rm /data/two && mkdir -p /srv/d && echo made > /srv/d/file && chmod 4755 /srv/d/file && ln /srv/d/file /srv/d/hard && ln -s file /srv/d/soft
RUN rm -r /data/sub && mkdir /data/sub && echo new > /data/sub/new && chown app:app /srv
COPY --chown=33:33 note /srv/note
USER app
WORKDIR /srv
CMD ["cat", "d/file", "note"]
"""


def need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def sh(*arguments: str | Path, **kwargs: object) -> str:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=300, **kwargs)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return str(done.stdout)


@pytest.fixture(scope="module")
def image(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OCI layout and, beside it, a docker-archive of the same image; its path is the layout's."""
    directory = tmp_path_factory.mktemp("foreign")
    (directory / "note").write_text("noted\n")
    (directory / "Dockerfile").write_text(DOCKERFILE)
    lissom = [*lissom_command(), "--root", str(store), "--progress", "plain"]
    layout, archive = directory / "oci", directory / "image.tar"
    sh(*lissom, "build", "-t", "made:1", "-o", f"type=oci,dest={layout}", "-o", "type=store", str(directory))
    sh(*lissom, "save", "made:1", "-o", archive)
    return layout


@pytest.fixture
def storage() -> Iterator[Callable[[str], list[str]]]:
    """podman's or buildah's flags for a storage of this test's own; podman refuses long paths."""
    with tempfile.TemporaryDirectory(prefix="lsm") as directory:
        yield lambda program: [
            program, "--root", f"{directory}/root", "--runroot", f"{directory}/run", "--storage-driver", "vfs"
        ]  # fmt: skip


def test_skopeo_reads_and_copies(image: Path, tmp_path: Path) -> None:
    skopeo = need("skopeo")
    seen = json.loads(sh(skopeo, "inspect", f"oci:{image}"))
    assert seen["Labels"]["made-by"] == "lissom"
    assert "GREETING=hello" in seen["Env"]
    sh(skopeo, "copy", "--insecure-policy", f"oci:{image}", f"docker-archive:{tmp_path}/out.tar:made:1")
    assert from_docker_archive(tmp_path / "out.tar").tree == from_oci_layout(image).tree
    assert seen["Digest"] == json.loads((image / "index.json").read_text())["manifests"][0]["digest"]


def test_skopeo_reads_the_archive(image: Path, tmp_path: Path) -> None:
    skopeo = need("skopeo")
    sh(skopeo, "copy", "--insecure-policy", f"docker-archive:{image.parent}/image.tar", f"oci:{tmp_path}/out:latest")
    assert from_oci_layout(tmp_path / "out").config["rootfs"] == from_oci_layout(image).config["rootfs"]


def test_skopeo_reads_the_store_itself(store: Path, image: Path) -> None:
    skopeo = need("skopeo")
    listed = json.loads((store / "index.json").read_text())["manifests"]
    names = [each["annotations"]["org.opencontainers.image.ref.name"] for each in listed if each.get("annotations")]
    name = next(name for name in names if "made" in name)
    digest = next(each["digest"] for each in listed if name in (each.get("annotations") or {}).values())
    assert digest == json.loads((image / "index.json").read_text())["manifests"][0]["digest"]
    assert json.loads(sh(skopeo, "inspect", f"oci:{store}:{name}"))["Digest"] == digest


def test_umoci_unpacks(image: Path, tmp_path: Path) -> None:
    umoci = need("umoci")
    tag = json.loads((image / "index.json").read_text())["manifests"][0]["annotations"][
        "org.opencontainers.image.ref.name"
    ]
    sh(umoci, "unpack", "--image", f"{image}:{tag}", tmp_path / "bundle")
    rootfs = tmp_path / "bundle" / "rootfs"
    file = rootfs / "srv" / "d" / "file"
    assert file.read_text() == "made\n"
    assert file.stat().st_nlink == 2
    assert not (rootfs / "data" / "two").exists()
    assert sorted(path.name for path in (rootfs / "data" / "sub").iterdir()) == ["new"]
    assert (rootfs / "srv" / "note").stat().st_uid == 33


def test_podman_loads_and_runs(image: Path, storage: Callable[[str], list[str]]) -> None:
    podman = storage(need("podman"))
    sh(*podman, "load", "-i", str(image.parent / "image.tar"))
    run = [*podman, "--runtime", need("runc"), "--cgroup-manager", "cgroupfs", "run", "--rm", "--network", "none"]
    run += ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
    assert sh(*run, "made:1") == "made\nnoted\n"


def test_buildah_builds_on_it(image: Path, storage: Callable[[str], list[str]]) -> None:
    buildah = storage(need("buildah"))
    container = sh(*buildah, "from", "--signature-policy", policy(image.parent), f"oci:{image}").strip()
    config = json.loads(sh(*buildah, "inspect", container))["OCIv1"]["config"]
    assert config["User"] == "app"
    assert config["WorkingDir"] == "/srv"
    mounted = Path(sh(*buildah, "mount", container).strip())
    assert (mounted / "srv" / "d" / "hard").read_text() == "made\n"


def policy(directory: Path) -> str:
    file = directory / "policy.json"
    file.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    return str(file)


@pytest.mark.docker
def test_docker_loads_and_runs(image: Path, docker: engine.Docker) -> None:
    docker.check("load", "-i", str(image.parent / "image.tar"))
    try:
        assert docker.check("run", "--rm", "--network", "none", "made:1") == "made\nnoted\n"
        ids = json.loads(docker.check("image", "inspect", "made:1"))[0]["RootFS"]["Layers"]
        assert ids == from_oci_layout(image).config["rootfs"]["diff_ids"]
    finally:
        docker.check("rmi", "-f", "made:1")
