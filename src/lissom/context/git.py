"""Git repositories named in a Dockerfile or on the command line, and their checkout by the git program."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["GitName", "parse_git"]

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
