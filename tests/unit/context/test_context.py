"""Contexts: directories, archives, named ones."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

from lissom.context.context import open_context, open_named
from lissom.context.files import scan_files
from lissom.context.git import GitName, clone, parse_git
from lissom.context.ignore import Ignore
from lissom.context.url import remote_name
from lissom.errors import IntegrityError, StepError, UsageError
from lissom.rootfs.entry import Kind


def lay(root: Path, **files: str) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def tar_of(**files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo("./" + name.replace("__", "/"))
            info.size, info.uid, info.mode = len(text), 1000, 0o640
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def test_a_directory_is_roots_own_and_links_stay(tmp_path: Path) -> None:
    root = lay(tmp_path / "c", Dockerfile="FROM a", dir__x="x")
    (root / "dir" / "x").chmod(0o4750)
    (root / "out").symlink_to("/etc/passwd")
    os.link(root / "dir" / "x", root / "dir" / "y")
    os.mkfifo(root / "pipe")
    tree = scan_files(root)
    assert list(tree) == ["", "Dockerfile", "dir", "dir/x", "dir/y", "out", "pipe"]
    entry = tree["dir/x"]
    assert (entry.mode, entry.uid, entry.gid, entry.size) == (0o4750, 0, 0, 1)
    assert entry.inode == tree["dir/y"].inode != ""
    assert tree["Dockerfile"].inode == ""
    assert (tree["out"].kind, tree["out"].link) == (Kind.SYMLINK, "/etc/passwd")
    assert tree["pipe"].kind is Kind.FIFO


def test_ignored_directories_are_not_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = lay(tmp_path / "c", a="", big__deep__f="", half__keep="", half__drop="")
    seen: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (seen.append(os.path.basename(path)), scandir(path))[1])
    tree = scan_files(root, Ignore.parse("big\nhalf\n!half/keep"))
    assert list(tree) == ["", "a", "half", "half/keep"]
    assert seen == ["c", "half"]


def test_the_ignore_file_beside_the_dockerfile_comes_first(tmp_path: Path) -> None:
    root = lay(tmp_path / "c", a="", b="")
    (root / ".dockerignore").write_text("a")
    lay(root / "deploy", Dockerfile="FROM x")
    (root / "deploy" / "Dockerfile.dockerignore").write_text("b\ndeploy")
    context = open_context(str(root), dockerfile=str(root / "deploy/Dockerfile"), stdin=None, scratch=tmp_path)
    assert context.dockerfile_text == b"FROM x"
    assert list(context.tree()) == ["", ".dockerignore", "a"]


def test_the_dockerfile_is_read_though_it_is_ignored(tmp_path: Path) -> None:
    root = lay(tmp_path / "c", Dockerfile="FROM x")
    (root / ".dockerignore").write_text("*")
    context = open_context(str(root), dockerfile=None, stdin=None, scratch=tmp_path)
    assert (context.dockerfile_text, list(context.tree())) == (b"FROM x", [""])


def test_a_dockerfile_outside_of_the_context_and_on_stdin(tmp_path: Path) -> None:
    root = lay(tmp_path / "c", a="")
    outside = lay(tmp_path, D="FROM outside")
    context = open_context(str(root), dockerfile=str(outside / "D"), stdin=None, scratch=tmp_path)
    assert context.dockerfile_text == b"FROM outside"
    context = open_context(str(root), dockerfile="-", stdin=io.BytesIO(b"FROM stdin"), scratch=tmp_path)
    assert (context.dockerfile_text, context.dockerfile_name) == (b"FROM stdin", "stdin")


def test_a_tar_on_stdin(tmp_path: Path) -> None:
    data = tar_of(Dockerfile="FROM x", dir__f="hello")
    context = open_context("-", dockerfile=None, stdin=io.BytesIO(data), scratch=tmp_path)
    tree = context.tree()
    assert (context.dockerfile_text, list(tree)) == (b"FROM x", ["", "Dockerfile", "dir", "dir/f"])
    assert (tree["dir/f"].uid, tree["dir/f"].mode) == (0, 0o640)
    content = tree["dir/f"].content
    assert content is not None
    with content.open() as stream:
        assert stream.read() == b"hello"


def test_a_bare_dockerfile_on_stdin(tmp_path: Path) -> None:
    context = open_context("-", dockerfile=None, stdin=io.BytesIO(b"FROM x\n"), scratch=tmp_path)
    assert (context.dockerfile_text, list(context.tree())) == (b"FROM x\n", [""])


@pytest.mark.parametrize(
    ("context", "dockerfile", "message"),
    [
        ("nowhere", None, "cannot open build context `nowhere`: there is no such directory"),
        (".", "nothing", "cannot open `nothing`: there is no such file"),
        ("-", "-", "cannot read both the context and the Dockerfile from stdin"),
        ("-", None, "cannot use context `-`: it is empty"),
    ],
)
def test_what_cannot_be_opened(
    context: str, dockerfile: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        open_context(context, dockerfile=dockerfile, stdin=io.BytesIO(b""), scratch=tmp_path)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://github.com/a/b.git", GitName("https://github.com/a/b.git")),
        ("https://github.com/a/b.git#v1:sub/dir", GitName("https://github.com/a/b.git", "v1", "sub/dir")),
        ("https://example.com/b.git?ref=v2&subdir=x", GitName("https://example.com/b.git", "v2", "x")),
        ("git@github.com:a/b.git#main", GitName("git@github.com:a/b.git", "main")),
        ("ssh://git@host:22/a", GitName("ssh://git@host:22/a")),
        ("github.com/a/b", GitName("https://github.com/a/b")),
        ("https://github.com/a/b", None),
        ("./dir", None),
        ("file.git", None),
    ],
)
def test_names_of_repositories(text: str, expected: GitName | None) -> None:
    assert parse_git(text) == expected


def repository(path: Path) -> str:
    lay(path, a="one", sub__b="two")
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-q", "-m", "first"],
        ["tag", "v1"],
    ):
        subprocess.run(["git", "-C", path, *arguments], check=True)
    done = subprocess.run(["git", "-C", path, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.skipif(
    subprocess.run(["git", "version"], capture_output=True, check=False).returncode != 0, reason="no git"
)
class TestClone:
    @pytest.mark.parametrize("ref", ["", "main", "v1", "refs/heads/main"])
    def test_a_ref(self, ref: str, tmp_path: Path) -> None:
        repository(tmp_path / "r")
        place = clone(GitName(f"file://{tmp_path}/r", ref), tmp_path / "out")
        assert list(scan_files(place)) == ["", "a", "sub", "sub/b"]

    def test_a_commit_and_a_directory(self, tmp_path: Path) -> None:
        commit = repository(tmp_path / "r")
        place = clone(GitName(f"file://{tmp_path}/r", commit, "sub"), tmp_path / "out", checksum=commit[:8])
        assert list(scan_files(place)) == ["", "b"]

    def test_the_git_directory_stays_on_request(self, tmp_path: Path) -> None:
        repository(tmp_path / "r")
        assert (clone(GitName(f"file://{tmp_path}/r"), tmp_path / "out", keep_git_dir=True) / ".git").is_dir()

    def test_another_commit_than_wanted(self, tmp_path: Path) -> None:
        repository(tmp_path / "r")
        with pytest.raises(IntegrityError, match=r"`main` is commit [0-9a-f]{40}, not 0123456"):
            clone(GitName(f"file://{tmp_path}/r", "main"), tmp_path / "out", checksum="0123456")

    def test_no_such_directory(self, tmp_path: Path) -> None:
        repository(tmp_path / "r")
        with pytest.raises(StepError, match=r"has no directory `\.\./\.\.`"):
            clone(GitName(f"file://{tmp_path}/r", "", "../.."), tmp_path / "out")


def test_named_contexts(tmp_path: Path) -> None:
    lay(tmp_path / "d", a="")
    assert open_named("docker-image://alpine:3", tmp_path).image == "alpine:3"
    layout = open_named("oci-layout:///x/y:tag", tmp_path)
    assert (layout.layout, layout.layout_name) == (Path("/x/y"), "tag")
    assert open_named("oci-layout://x/y@sha256:1", tmp_path).layout_name == "sha256:1"
    assert list(open_named(str(tmp_path / "d"), tmp_path).tree()) == ["", "a"]
    with pytest.raises(UsageError, match="cannot use build context `nowhere`: it is not a directory"):
        open_named("nowhere", tmp_path)


def test_remote_names() -> None:
    assert remote_name("https://x.org/a/b.tgz?x=1#y") == "b.tgz"
    assert remote_name("https://x.org/") == "__unnamed__"


def test_ten_thousand_files_in_two_seconds(tmp_path: Path) -> None:
    for number in range(100):
        directory = tmp_path / "c" / f"d{number}"
        directory.mkdir(parents=True)
        for name in range(100):
            (directory / f"f{name}.py").touch()
    rules = Ignore.parse("**/*.pyc\n**/__pycache__\n.git\nnode_modules\n*.log\n!keep.log\n")
    started = time.monotonic()
    assert len(scan_files(tmp_path / "c", rules)) == 10_101
    assert time.monotonic() - started < 2
