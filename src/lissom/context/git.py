"""Git repositories named in a Dockerfile or on the command line, and their checkout by the git program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lissom.errors import IntegrityError, StepError

__all__ = ["GitName", "clone", "parse_git"]

_SCP = re.compile(r"(?:[a-zA-Z0-9._-]+@)?[a-zA-Z0-9.-]+:(?!//)[^?#]+")
_HOSTS = ("github.com/", "www.github.com/", "gitlab.com/", "bitbucket.org/")


@dataclass(frozen=True, slots=True)
class GitName:
    """A repository: ``remote`` for git, ``ref`` (branch, tag, commit; empty: the default), ``subdir`` in it."""

    remote: str
    ref: str = ""
    subdir: str = ""


def parse_git(text: str) -> GitName | None:
    """``https://….git#ref:dir``, ``git@host:path``, ``ssh://``, ``git://``, ``github.com/…``; else None."""
    body, _, fragment = text.partition("#")
    body, _, query = body.partition("?")
    ref, _, subdir = fragment.partition(":")
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        if name in ("ref", "branch", "tag", "checksum", "commit"):
            ref = value
        elif name == "subdir":
            subdir = value
    if body.startswith(("http://", "https://")):
        if not re.search(r"\.git/?$", body):
            return None
        return GitName(body, ref, subdir.strip("/"))
    if body.startswith(("git://", "ssh://", "git+ssh://")):
        return GitName(body, ref, subdir.strip("/"))
    if body.startswith("git@") and _SCP.fullmatch(body):
        return GitName(body, ref, subdir.strip("/"))
    if body.startswith(_HOSTS):
        return GitName(f"https://{body}", ref, subdir.strip("/"))
    return None


def clone(name: GitName, directory: Path, *, keep_git_dir: bool = False, checksum: str = "") -> Path:
    """Check ``name`` out below ``directory`` by the git program, without history; returns the (sub)directory.

    ``checksum`` is the commit that must come, or its beginning. Raises StepError with what git said, IntegrityError
    when another commit came.
    """
    work = directory / "checkout"
    work.mkdir(parents=True)
    _git(work, name, "init", "-q", "-b", "main")
    _git(work, name, "remote", "add", "origin", name.remote)
    wanted = name.ref or "HEAD"
    target = _fetch(work, name, wanted)
    _git(work, name, "-c", "advice.detachedHead=false", "checkout", "-q", target)
    _git(work, name, "submodule", "update", "-q", "--init", "--recursive", "--depth", "1")
    commit = _git(work, name, "rev-parse", "HEAD").strip()
    if checksum and not commit.startswith(checksum):
        raise IntegrityError(f"cannot use `{name.remote}`: `{wanted}` is commit {commit}, not {checksum}")
    if not keep_git_dir:
        for found in [work / ".git", *work.rglob(".git")]:
            if found.is_dir() and not found.is_symlink():
                shutil.rmtree(found)
            else:
                found.unlink(missing_ok=True)
    return _below(work, name)


def _fetch(work: Path, name: GitName, wanted: str) -> str:
    """Get ``wanted`` without history where the server can, else with all of it; returns what to check out."""
    commit = _is_commit(wanted)
    try:
        # After `--` nothing is an option, whatever a reference looks like.
        _git(work, name, "fetch", "-q", "--depth", "1", "--", "origin", wanted)
    except StepError as error:
        if not commit and "shallow" not in error.message:
            raise
        refs = "+refs/heads/*:refs/remotes/origin/*" if commit else wanted
        _git(work, name, "fetch", "-q", "--tags", "--", "origin", refs)
    return wanted if commit else "FETCH_HEAD"


def _below(work: Path, name: GitName) -> Path:
    found = (work / name.subdir).resolve()
    if not found.is_relative_to(work.resolve()) or not found.is_dir():
        raise StepError(f"cannot use `{name.remote}`: it has no directory `{name.subdir}`")
    return found


def _is_commit(ref: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", ref) is not None


def _git(work: Path, name: GitName, *arguments: str) -> str:
    command = ["git", "-c", "protocol.ext.allow=never", "-C", os.fspath(work), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=1800
        )
    except FileNotFoundError as error:
        raise StepError(f"cannot fetch `{name.remote}`: there is no git program", hint="install git") from error
    except subprocess.TimeoutExpired as error:
        raise StepError(f"cannot fetch `{name.remote}`: git took longer than 30 minutes") from error
    if done.returncode:
        said = done.stderr.strip().replace("\n", "\n  ")
        raise StepError(f"cannot fetch `{name.remote}`: git {arguments[0]} failed: {said}")
    return done.stdout
