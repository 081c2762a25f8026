"""ADD from the outside: URLs and git repositories, as docker does it where docker can."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from oracle import engine
from oracle.builders import lissom_command
from oracle.observe import Built, from_docker_archive, from_oci_layout

pytestmark = pytest.mark.root

DATA = b"from afar\n" * 300


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on loopback, and the directory that it serves."""
    root = tmp_path / "site"
    (root / "dir").mkdir(parents=True)
    (root / "dir" / "file.txt").write_bytes(DATA)
    os.utime(root / "dir" / "file.txt", (1_500_000_000, 1_500_000_000))
    subprocess.run(["tar", "-czf", root / "a.tar.gz", "-C", root, "dir"], check=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", root
    finally:
        server.shutdown()
        server.server_close()


def lissom(store: Path, context: Path, *flags: str) -> tuple[int, str, Built | None]:
    out = context / "out.oci"
    done = subprocess.run(
        [*lissom_command(), "--root", store, "--progress", "plain", "build", "--no-cache", "-o", f"type=oci,dest={out}",
         *flags, context],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stderr, None if done.returncode else from_oci_layout(out)


def docker_build(docker: engine.Docker, context: Path) -> Built:
    docker.check("build", "-q", "--no-cache", "-t", "remote:1", str(context))
    docker.check("save", "-o", str(context / "out.tar"), "remote:1")
    return from_docker_archive(context / "out.tar")


def context_of(tmp_path: Path, text: str) -> Path:
    context = tmp_path / "context"
    context.mkdir(exist_ok=True)
    (context / "Dockerfile").write_text(text)
    return context


@pytest.mark.docker
@pytest.mark.parametrize(
    "instruction",
    [
        "ADD {site}/dir/file.txt /",
        "ADD {site}/dir/file.txt /some/name",
        "ADD {site}/dir/file.txt?query=1 /d/",
        "ADD --chown=1000:7 {site}/dir/file.txt /d/",
        "ADD {site}/a.tar.gz /not-unpacked/",
    ],
)
def test_a_url_as_docker_has_it(
    docker: engine.Docker, store: Path, site: tuple[str, Path], tmp_path: Path, instruction: str
) -> None:
    context = context_of(tmp_path, f"FROM busy:1\n{instruction.format(site=site[0])}\n")
    status, said, built = lissom(store, context)
    assert status == 0, said
    assert built is not None
    assert built.tree == docker_build(docker, context).tree


def test_a_file_has_the_time_of_its_server(store: Path, site: tuple[str, Path], tmp_path: Path) -> None:
    context = context_of(tmp_path, f"FROM busy:1\nADD {site[0]}/dir/file.txt /f\nRUN stat -c %Y /f > /time\n")
    assert lissom(store, context, "-t", "remote:time", "--load")[0] == 0
    done = subprocess.run(
        [*lissom_command(), "--root", store, "run", "--rm", "remote:time", "cat", "/time"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "1500000000"


def test_checksums(store: Path, site: tuple[str, Path], tmp_path: Path) -> None:
    right = hashlib.sha256(DATA).hexdigest()
    line = "FROM busy:1\nADD --checksum=sha256:{digest} {site}/dir/file.txt /f\n"
    status, said, _ = lissom(store, context_of(tmp_path, line.format(digest=right, site=site[0])))
    assert status == 0, said
    status, said, _ = lissom(store, context_of(tmp_path, line.format(digest="0" * 64, site=site[0])))
    assert status == 5
    assert f"its sha256 is {right}, not {'0' * 64}" in said


def test_what_is_not_there(store: Path, site: tuple[str, Path], tmp_path: Path) -> None:
    status, said, _ = lissom(store, context_of(tmp_path, f"FROM busy:1\nADD {site[0]}/nothing /f\n"))
    assert status == 3
    assert f"cannot download `{site[0]}/nothing`: the server answered 404" in said


def test_a_changed_file_is_seen(store: Path, site: tuple[str, Path], tmp_path: Path) -> None:
    context = context_of(tmp_path, f"FROM busy:1\nADD {site[0]}/dir/file.txt /f\n")
    first = lissom(store, context)[2]
    (site[1] / "dir" / "file.txt").write_bytes(b"changed\n")
    second = lissom(store, context)[2]
    assert first is not None
    assert second is not None
    assert first.tree["/f"] != second.tree["/f"]


@pytest.fixture
def repository(site: tuple[str, Path], tmp_path: Path) -> str:
    """A git repository behind the web server, as its dumb protocol serves it; two branches, one with a subdirectory."""
    work, bare = tmp_path / "work", site[1] / "project.git"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]

    def run(*words: str) -> None:
        subprocess.run([*git, "-C", work, *words], check=True, capture_output=True)

    (work / "sub").mkdir(parents=True)
    run("init", "-q")
    (work / "one").write_text("one\n")
    (work / "sub" / "two").write_text("two\n")
    run("add", ".")
    run("commit", "-qm", "first")
    run("checkout", "-qb", "other")
    (work / "three").write_text("three\n")
    run("add", ".")
    run("commit", "-qm", "second")
    run("checkout", "-q", "main")
    subprocess.run([*git, "clone", "-q", "--bare", work, bare], check=True, capture_output=True)
    subprocess.run([*git, "-C", bare, "update-server-info"], check=True)
    return f"{site[0]}/project.git"


@pytest.mark.parametrize(
    ("source", "files"),
    [
        ("{url}", {"/g/one", "/g/sub/two"}),
        ("{url}#other", {"/g/one", "/g/sub/two", "/g/three"}),
        ("{url}#main:sub", {"/g/two"}),
    ],
)
def test_git(store: Path, repository: str, tmp_path: Path, source: str, files: set[str]) -> None:
    context = context_of(tmp_path, f"FROM busy:1\nADD {source.format(url=repository)} /g\n")
    status, said, built = lissom(store, context)
    assert status == 0, said
    assert built is not None
    found = {path for path, word in built.tree.items() if path.startswith("/g/") and word.startswith("file")}
    assert found == files


def test_git_with_its_history(store: Path, repository: str, tmp_path: Path) -> None:
    context = context_of(tmp_path, f"FROM busy:1\nADD --keep-git-dir=true {repository} /g\n")
    status, said, built = lissom(store, context)
    assert status == 0, said
    assert built is not None
    assert "/g/.git/HEAD" in built.tree


def test_a_repository_as_context(store: Path, repository: str, tmp_path: Path) -> None:
    out = tmp_path / "out.oci"
    context = f"{repository}#main:sub"
    done = subprocess.run(
        [*lissom_command(), "--root", store, "build", "-f", "-", "-o", f"type=oci,dest={out}", context],
        input=b"FROM busy:1\nCOPY . /c\n", capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert "/c/two" in from_oci_layout(out).tree
