"""lissom as an ordinary user, with subordinate ids and without: the store, what steps see, what reaches the image."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from ordinary import Ordinary

pytestmark = pytest.mark.userns
DOCKERFILE = """\
FROM busy:1
RUN mkdir -p /o/a && touch /o/a/f && chown -R 5:6 /o && chmod 700 /o
COPY --chown=7:8 a /c
RUN --mount=type=secret,id=k cp /run/secrets/k /told
"""


@dataclass(frozen=True)
class Place:
    """A user with an empty home, base images and a context."""

    user: Ordinary
    home: Path
    mapped: bool

    def __call__(self, *words: str | Path, code: int = 0, env: dict[str, str] | None = None) -> str:
        done = self.user.lissom(*words, cwd=self.home, env={"HOME": str(self.home), **(env or {})})
        said = (done.stdout + done.stderr).decode(errors="replace")
        assert done.returncode == code, said
        return said

    def context(self, dockerfile: str) -> Path:
        shutil.rmtree(self.home / "context", ignore_errors=True)
        (self.home / "context").mkdir()
        (self.home / "context/Dockerfile").write_text(dockerfile)
        (self.home / "context/a").write_text("a")
        return self.user.own(self.home / "context")


@pytest.fixture(params=["mapped", "lone"])
def place(request: pytest.FixtureRequest, base_archive: Path, tmp_path: Path) -> Place:
    user: Ordinary = request.getfixturevalue(request.param)
    home = user.home / tmp_path.name
    home.mkdir()
    shutil.copy(base_archive, home / "bases.tar")
    home.chmod(0o700)
    user.own(home)
    made = Place(user, home, request.param == "mapped")
    made("load", "-q", "-i", "bases.tar")
    return made


def owners(archive: Path) -> dict[str, tuple[int, int]]:
    """Who owns what in the layers of a docker-archive."""
    found = {}
    with tarfile.open(archive) as outer:
        stream = outer.extractfile("manifest.json")
        assert stream is not None
        for layer in json.load(stream)[0]["Layers"]:
            with tarfile.open(fileobj=outer.extractfile(layer)) as inner:
                found.update({member.name.rstrip("/"): (member.uid, member.gid) for member in inner})
    return found


def test_owners_reach_the_image(place: Place) -> None:
    (place.home / "secret").write_text("word")
    context = place.context(DOCKERFILE)
    place(
        "build",
        "-t",
        "x:1",
        "--network",
        "none",
        "--secret",
        f"id=k,src={place.user.own(place.home / 'secret')}",
        context,
    )
    place("save", "x:1", "-o", "x.tar")
    found = owners(place.home / "x.tar")
    assert found["c"] == (7, 8)
    assert found["home/app"] == (1000, 1000)
    assert found["o/a/f"] == ((5, 6) if place.mapped else (0, 0))
    assert "word" in place("run", "--rm", "x:1", "cat", "/told")


def test_working_directories_belong_to_who_works_there(place: Place) -> None:
    place("build", "-q", "-t", "w:1", place.context("FROM busy:1\nUSER app\nWORKDIR /new/here\nRUN true\n"))
    place("save", "w:1", "-o", "w.tar")
    assert owners(place.home / "w.tar")["new/here"] == (1000, 1000)


def test_mounts_with_owners(place: Place) -> None:
    place("build", "-q", place.context("""\
FROM busy:1
RUN --mount=type=cache,target=/c,uid=1000,gid=1000,mode=0750 touch /c/x && stat -c %a /c | grep 750
RUN --mount=type=tmpfs,target=/t touch /t/x
"""))  # fmt: skip


def test_the_store_is_the_users_own(place: Place) -> None:
    place("images", env={"XDG_DATA_HOME": str(place.home / "data")})
    assert (place.home / "data/lissom/index.json").stat().st_uid == place.user.uid
    store = place.home / ".local/share/lissom"
    done = subprocess.run(
        [sys.executable, "-m", "lissom", "--root", str(store), "images"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 5
    assert f"it belongs to user {place.user.uid}, this is user 0" in done.stderr


def test_roots_store_is_closed(place: Place, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lissom", "--root", str(tmp_path / "store"), "images"]
    subprocess.run(command, check=True, capture_output=True)
    assert "cannot open store" in place("--root", tmp_path / "store", "images", code=5)


def test_everything_can_be_removed(place: Place) -> None:
    place("build", "-q", "-t", "x:1", "--secret", "id=k,env=HOME", place.context(DOCKERFILE))
    place("rm", "x:1", "busy:1", "merged:1", "rich:1", "trigger:1")
    place("gc", "--keep-bytes", "0")
    store = place.home / ".local/share/lissom"
    assert not [*(store / "lissom/snapshots").iterdir()]
    assert not [*(store / "blobs/sha256").iterdir()]


def test_several_at_once(place: Place) -> None:
    context = place.context(DOCKERFILE)
    with ThreadPoolExecutor(4) as pool:
        calls = [
            pool.submit(place, "build", "-q", "-t", f"x:{number % 2}", "--secret", "id=k,env=HOME", context)
            for number in range(4)
        ]
    assert all(call.result().startswith("sha256:") for call in calls)
    assert place("images").count("\nx ") == 2


def test_copies_and_directories(place: Place) -> None:
    context = place.context(DOCKERFILE)
    place("build", "-q", "--secret", "id=k,env=HOME", "-o", place.home / "tree", "-t", "x:1", context)
    assert (place.home / "tree/c").stat().st_size == 1
    place("copy", "busy:1", "oci:layout:one")
    place("copy", "oci:layout:one", "again:1")
    assert "again" in place("images")


def test_a_home_that_nobody_names(place: Place) -> None:
    done = place.user.run("env", "-u", "HOME", *place.user.command, "inspect", "nothing:1")
    assert str(place.user.home / ".local/share/lissom").encode() in done.stderr
    assert (place.user.home / ".local/share/lissom").is_dir()


def test_files_that_a_group_opens(place: Place) -> None:
    """A supplementary group is lost to the namespace's eyes, but what it opens stays open."""
    secret = place.home / "secret"
    secret.write_text("word")
    os.chown(secret, 0, 44)
    secret.chmod(0o640)
    context = place.context("FROM busy:1\nRUN --mount=type=secret,id=k grep word /run/secrets/k\n")
    command = [*place.user.command, "build", "-q", "--secret", f"id=k,src={secret}", str(context)]
    done = subprocess.run(
        command, user=place.user.uid, group=place.user.gid, extra_groups=[44], capture_output=True, text=True,
        check=False, cwd=place.home, env={**place.user.environment, "HOME": str(place.home)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_configuration_of_registries(place: Place) -> None:
    """The user's own counts; what root keeps to itself is passed over, as docker's and containerd's files may be."""
    closed = place.home / "closed"
    for name in ("docker/daemon.json", "docker/certs.d/docker.io/hosts.toml", "containers/registries.conf"):
        (closed / name).parent.mkdir(parents=True, exist_ok=True)
        (closed / name).write_text("broken")
    closed.chmod(0o700)
    no_mirrors = {"CONTAINERS_REGISTRIES_CONF": "/dev/null"}
    assert '"mirror": true' not in place(
        "mirrors", "--json", "debian", env={"XDG_CONFIG_HOME": str(closed)} | no_mirrors
    )
    own = place.home / ".config/docker"
    own.mkdir(parents=True)
    (own / "daemon.json").write_text('{"registry-mirrors": ["http://127.0.0.1:1"]}')
    place.user.own(place.home / ".config")
    assert "127.0.0.1:1" in place("mirrors", "debian", env=no_mirrors)
    assert "mirrors said `127.0.0.1:1`: connection refused" in place("pull", "debian", env=no_mirrors, code=4)
    assert "put back" in place("mirrors", "debian", env=no_mirrors)


@pytest.mark.skipif(shutil.which("ssh-agent") is None, reason="ssh-agent is not installed")
def test_agents(place: Place) -> None:
    key = place.home / "key"
    place.user.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    context = place.context(
        "FROM busy:1\nRUN --mount=type=ssh,uid=1000,gid=1000,mode=0666 test -S $SSH_AUTH_SOCK && ls -ln $SSH_AUTH_SOCK > /s\n"
    )
    place("build", "-t", "s:1", "--ssh", f"default={key}", context)
    said = place("run", "--rm", "s:1", "cat", "/s")
    assert said.split()[2:4] == (["1000", "1000"] if place.mapped else ["0", "0"])


def test_low_ports(place: Place) -> None:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) < 1024:
        pytest.skip("every port is everyone's here")
    assert "from 1024 on" in place("run", "--rm", "-p", "127.0.0.1:80:8080", "busy:1", "true", code=125)


def test_steps_can_be_tried_again(place: Place) -> None:
    said = place("build", place.context("FROM busy:1\nRUN touch /x && chown 5 /x && stat -c %u /x && false\n"), code=3)
    again = place.user.run("sh", said.split("try it again: sh ")[1].split()[0])
    assert (again.returncode, again.stdout) == (1, b"5\n" if place.mapped else b"0\n")


def test_ranges_that_come_and_go(base_archive: Path, mapped: Ordinary) -> None:
    """Directories that one way of keeping owners made are no good for the other: told, not read wrongly."""
    store = mapped.home / "both"
    mapped.lissom("--root", store, "load", "-i", mapped.own(Path(shutil.copy(base_archive, mapped.home / "both.tar"))))
    context = mapped.home / "both-context"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM busy:1\nRUN touch /x\n")
    build = [*mapped.command, "--root", str(store), "build", "-q", str(context)]
    alone = mapped.run("unshare", "-Ur", *build)
    assert alone.returncode == 0, alone.stderr
    ranged = mapped.run(*build)
    assert ranged.returncode == 5
    assert b"images stay, caches go" in ranged.stderr
    shutil.rmtree(store / "lissom")
    assert mapped.run(*build).returncode == 0
    assert b"granted again" in mapped.run("unshare", "-Ur", *build).stderr


@pytest.mark.network
@pytest.mark.skipif(shutil.which("gpgv") is None, reason="needs gpgv")
def test_packages_as_for_root(place: Place, tmp_path: Path) -> None:
    """Packages laid out make root's image, byte for byte; in a full base apt and pip work with the host's settings."""
    command = [sys.executable, "-m", "lissom", "--root", str(tmp_path / "store"), "distroless", "-q", "busybox"]
    roots = subprocess.run([*command, "-t", "bb:1"], capture_output=True, text=True, check=True).stdout
    settings = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "CURL_"))}
    proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    assert place("distroless", "-q", "busybox", "-t", "bb:1", env=proxies) == roots
    place("distroless", "-q", "debian-slim", "-t", "slim:1", env=proxies)
    place("build", "-q", "--host-settings", "-t", "app:1", place.context("""\
FROM slim:1
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip hello && hello
RUN pip install --break-system-packages idna && python3 -c 'import idna'
"""), env={**settings, **proxies})  # fmt: skip
    assert "Hello" in place("run", "--rm", "app:1", "hello")
