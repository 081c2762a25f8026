"""The build context: where a build's Dockerfile and files come from.

A directory, ``-`` (a tar archive or a bare Dockerfile on stdin), a git repository, or the URL of an archive or of a
Dockerfile. The Dockerfile and the ignore file are read even where the ignore file names them. As in BuildKit, only
directories of this machine have ignore rules.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from lissom.context.files import scan_files
from lissom.context.git import GitName, clone, parse_git
from lissom.context.named import open_named, read_ignore
from lissom.dockerfile.fault import nearest
from lissom.errors import UsageError
from lissom.rootfs.entry import Entry, HostFile, Kind
from lissom.rootfs.tree import Tree

if TYPE_CHECKING:
    from lissom.context.url import Pools

__all__ = ["Context", "GitSource", "UrlSource", "open_context", "open_named"]

_LARGEST_DOCKERFILE = 16 << 20


class UrlSource(Protocol):
    """A remote file of ADD."""

    @property
    def url(self) -> str: ...

    @property
    def checksum(self) -> str: ...


class GitSource(Protocol):
    """A git repository of ADD."""

    @property
    def remote(self) -> str: ...

    @property
    def ref(self) -> str: ...

    @property
    def subdir(self) -> str: ...

    @property
    def keep_git_dir(self) -> bool: ...

    @property
    def checksum(self) -> str: ...


@dataclass(frozen=True)
class Context:
    """An open context. ``name`` tells contexts apart between builds; ``tree`` gives the files that the build sees.

    ``hidden_by`` names the ignore rule because of which ``tree`` lacks a path that exists. ``pools`` reach what is
    downloaded.
    """

    name: str
    dockerfile_name: str
    dockerfile_text: bytes
    tree: Callable[[], Tree]
    scratch: Path
    hidden_by: Callable[[str], str | None] = lambda _path: None
    pools: Pools | None = None

    def download(self, source: UrlSource) -> Tree:
        """The file behind ``source``. Raises StepError, IntegrityError."""
        from lissom.context.url import fetch

        return fetch(source.url, _directory(self.scratch), checksum=source.checksum, pools=self.pools)

    def clone(self, source: GitSource) -> Tree:
        """The files of a repository. Raises StepError, IntegrityError."""
        name = GitName(source.remote, source.ref, source.subdir)
        place = clone(name, _directory(self.scratch), keep_git_dir=source.keep_git_dir, checksum=source.checksum)
        return scan_files(place)


def open_context(
    text: str, *, dockerfile: str | None, stdin: BinaryIO | None, scratch: Path, pools: Pools | None = None
) -> Context:
    """Open the context that the command line names; what is downloaded, by ``pools``, stays below ``scratch``.

    ``dockerfile`` is the value of -f: ``-`` is stdin, else a path from here or in the context. Raises UsageError.
    """
    return replace(_opened(text, dockerfile, stdin, scratch, pools), pools=pools)


def _opened(text: str, dockerfile: str | None, stdin: BinaryIO | None, scratch: Path, pools: Pools | None) -> Context:
    if text == "-":
        if dockerfile == "-":
            raise UsageError("cannot read both the context and the Dockerfile from stdin")
        return _from_archive("-", _spooled(stdin, scratch), dockerfile, scratch)
    git = parse_git(text) if not Path(text).is_dir() else None
    if git is not None:
        root = clone(git, _directory(scratch))
        return _from_directory(text, root, dockerfile, stdin, scratch, local=False)
    if text.startswith(("http://", "https://")):
        from lissom.context.url import fetch

        fetched = fetch(text, _directory(scratch), pools=pools)
        return _from_archive(text, next(e for p, e in fetched.items() if p), dockerfile, scratch)
    root = Path(text)
    if not root.is_dir():
        cause = "it is not a directory" if root.exists() else "there is no such directory"
        raise UsageError(f"cannot open build context `{text}`: {cause}")
    return _from_directory(str(root.resolve()), root, dockerfile, stdin, scratch, local=True)


def _from_directory(
    name: str, root: Path, dockerfile: str | None, stdin: BinaryIO | None, scratch: Path, *, local: bool
) -> Context:
    beside: Path | None = None
    if dockerfile == "-":
        shown, data = "stdin", _limited(stdin, "stdin")
    else:
        path = _find_dockerfile(root, dockerfile, local=local)
        shown = dockerfile or path.name
        data = _read_file(path)
        beside = path.with_name(f"{path.name}.dockerignore")
    ignored = beside if beside is not None and beside.is_file() else root / ".dockerignore"
    ignore = read_ignore(ignored) if local else None

    def hidden_by(path: str) -> str | None:
        number = ignore.deciding_below(path) if ignore else -1
        if not ignore or not ignore.is_ignoring(number) or not os.path.lexists(root / path):
            return None
        return f"`{ignore.patterns[number].text}` in {ignored.name}"

    return Context(name, shown, data, lru_cache(maxsize=1)(lambda: scan_files(root, ignore)), scratch, hidden_by)


def _find_dockerfile(root: Path, dockerfile: str | None, *, local: bool) -> Path:
    if dockerfile is None:
        found = next((p for p in (root / "Dockerfile", root / "dockerfile") if p.is_file()), None)
        if found is None:
            raise UsageError(f"cannot open `{root / 'Dockerfile'}`: there is no such file", hint=_similar(root))
    elif local:
        candidates = (Path(dockerfile), root / dockerfile)
        found = next((p for p in candidates if p.is_file()), candidates[0])
        if not os.path.lexists(found):
            near = nearest(found.name, _names(found.parent))
            hint = f"did you mean -f {found.parent / near}?" if near else None
            raise UsageError(f"cannot open `{found}`: there is no such file", hint=hint)
    else:
        found = root / dockerfile
    if not local and not found.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"cannot open `{found}`: it leads out of the build context")
    return found


def _similar(root: Path) -> str:
    """What to write instead when a context has no Dockerfile."""
    names = _names(root)
    named = [n for n in names if "dockerfile" in n.lower() or n.lower() == "containerfile"]
    deeper = [f"{n}/Dockerfile" for n in names if (root / n / "Dockerfile").is_file()]
    found = [n for n in named if not n.endswith("ignore") and (root / n).is_file()] or deeper
    return f"did you mean -f {root / found[0]}?" if found else "name it with -f FILE"


def _names(directory: Path) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return _limited(stream, str(path))
    except OSError as error:
        raise UsageError(f"cannot open `{path}`: {error.strerror}") from error


def _limited(stream: BinaryIO | None, name: str) -> bytes:
    data = stream.read(_LARGEST_DOCKERFILE + 1) if stream is not None else b""
    if len(data) > _LARGEST_DOCKERFILE:
        raise UsageError(f"cannot read `{name}`: it is larger than 16 MiB, which no Dockerfile is")
    return data


def _from_archive(name: str, entry: Entry, dockerfile: str | None, scratch: Path) -> Context:
    """A context from one file: an archive, or a Dockerfile alone."""
    from lissom.context.tarball import tree_of_archive

    tree = tree_of_archive(entry)
    assert isinstance(entry.content, HostFile)
    if tree is None:
        data = _read_file(Path(entry.content.path))
        if not data.strip():
            raise UsageError(f"cannot use context `{name}`: it is empty")
        if dockerfile is not None:
            raise UsageError(f"cannot open `{dockerfile}`: the context is no archive but a Dockerfile itself")
        return Context(name, "stdin" if name == "-" else name, data, Tree, scratch)
    found = _dockerfile_of(tree, dockerfile)
    return Context(name, found, _content(tree, found), lambda: tree, scratch)


def _dockerfile_of(tree: Tree, dockerfile: str | None) -> str:
    for candidate in (dockerfile,) if dockerfile else ("Dockerfile", "dockerfile"):
        path = tree.resolve(candidate)
        if path in tree and tree[path].kind is Kind.FILE:
            return path
    raise UsageError(
        f"cannot open `{dockerfile or 'Dockerfile'}`: it is not in the archive", hint="name it with -f FILE"
    )


def _content(tree: Tree, path: str) -> bytes:
    content = tree[path].content
    assert content is not None
    with content.open() as stream:
        return _limited(stream, path)


def _spooled(stdin: BinaryIO | None, scratch: Path) -> Entry:
    if stdin is None:
        raise UsageError("cannot read the context from stdin: stdin is closed")
    place = _directory(scratch) / "stdin"
    with place.open("wb") as file:
        shutil.copyfileobj(stdin, file, 1 << 20)
    return Entry("stdin", Kind.FILE, size=place.stat().st_size, content=HostFile(place))


def _directory(scratch: Path) -> Path:
    return Path(tempfile.mkdtemp(prefix="context-", dir=scratch))
