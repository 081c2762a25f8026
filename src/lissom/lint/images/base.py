"""What the name behind FROM tells of the image: its parts, its distribution, its language."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lissom.dockerfile.expand import ExpandError, process
from lissom.dockerfile.syntax import Dockerfile
from lissom.lint.images.known import CODENAMES, FAMILY_MARKS, IMAGES, REPOSITORIES
from lissom.lint.subject import Base
from lissom.lint.values import bounded

__all__ = ["expanded_images", "outside_base", "shell_of"]

_HUBS = ("docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/")
_MIRRORS = ("public.ecr.aws/docker/", "mirror.gcr.io/")
_ARCHITECTURES = (
    "amd64",
    "arm32v5",
    "arm32v6",
    "arm32v7",
    "arm64v8",
    "i386",
    "mips64le",
    "ppc64le",
    "riscv64",
    "s390x",
)
_PARTS = re.compile(r"[-_./]|(?<=[a-z])(?=[0-9])")
_SHELLS = {
    "debian": "dash",
    "alpine": "busybox",
    "busybox": "busybox",
    "redhat": "bash",
    "suse": "bash",
    "arch": "bash",
}
_VARIABLE = "$"
_DEFAULTED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*):?-([^${}]*)\}")


def expanded_images(dockerfile: Dockerfile) -> tuple[str, ...]:
    """What each FROM names, variables replaced by the defaults of the ARGs above it; others stay as written."""
    values: dict[str, str] = {}
    for instruction in dockerfile.meta_args:
        for name, default in instruction.pairs:
            if default is not None:
                values[name] = _expanded(default, values, dockerfile.escape)
    return tuple(_expanded(stage.from_.image, values, dockerfile.escape) for stage in dockerfile.stages)


def outside_base(image: str) -> Base:
    """What an image's name tells; variables that stay in it hide the part that they stand in."""
    rest, _, digest = image.partition("@")
    head, colon, tail = rest.rpartition(":")
    name, tag = (head, tail) if colon and "/" not in tail else (rest, "")
    name = _familiar(name)
    family, language = _known(name, tag, whole=not tag and bool(digest))
    return Base(
        image=None if _VARIABLE in image else image,
        name="" if _VARIABLE in name else name,
        tag="" if _VARIABLE in tag else tag,
        digest="" if _VARIABLE in digest else digest,
        family=family,
        language=language,
        parent=None,
    )


def shell_of(base: Base) -> str:
    """Which program is /bin/sh in images of its family: dash, busybox or bash; "" when that is not known."""
    return _SHELLS.get(base.family, "")


def _expanded(text: str, values: Mapping[str, str], escape: str) -> str:
    text = _DEFAULTED.sub(lambda found: found[0] if found[1] in values else found[2], text)
    try:
        return process(text, bounded(values), escape=escape, keep_unset=True).text
    except ExpandError:
        return text


def _familiar(name: str) -> str:
    """The name as people write it: ``docker.io/library/debian`` and an official mirror's copy are ``debian``."""
    for prefix in (*_HUBS, *_MIRRORS):
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            break
    name = name.removeprefix("library/")
    architecture, slash, rest = name.partition("/")
    return rest if slash and architecture in _ARCHITECTURES else name


def _known(name: str, tag: str, *, whole: bool) -> tuple[str, str]:
    """Family and language. ``whole``: there is no tag to tell of a variant, only a digest."""
    if name == "scratch":
        return "scratch", ""
    usual, language = _entry(name)
    if usual == "distroless":
        return ("alpine" if name.startswith("cgr.dev/") and tag.endswith("-dev") else usual), language
    marked = _marked(tag) or _marked(name.rpartition("/")[2])
    if marked or _VARIABLE in name:
        return marked, language
    if usual and "slim" in _parts(tag):
        return "debian", language
    if language and (whole or _VARIABLE in tag):
        return "", language
    return _by_version(name, tag, usual), language


def _by_version(name: str, tag: str, usual: str) -> str:
    """The family where it changed from one version to another."""
    number = re.match(r"[0-9]+", tag)
    if name == "openjdk" and number:
        return usual if int(number[0][:4]) < 12 else "redhat"
    if name == "openjdk":
        return "redhat" if tag in ("", "latest", "jdk") else ""
    if name == "mysql" and not re.match(r"(8|9|latest|lts|innovation|$)", tag):
        return ""
    return usual


def _entry(name: str) -> tuple[str, str]:
    if name in IMAGES:
        return IMAGES[name]
    fitting = [prefix for prefix in REPOSITORIES if name.startswith(prefix)]
    if fitting:
        return REPOSITORIES[max(fitting, key=len)]
    # A registry of one's own that holds copies of the official images.
    copied = name.rpartition("library/")
    return IMAGES.get(copied[2], ("", "")) if copied[1] else ("", "")


def _marked(text: str) -> str:
    parts = _parts(text)
    for family, marks in FAMILY_MARKS:
        if any(mark in parts for mark in marks):
            return family
    return "debian" if any(part in CODENAMES for part in parts) else ""


def _parts(text: str) -> list[str]:
    return [part for part in _PARTS.split(text.lower()) if part]
