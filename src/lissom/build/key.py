"""Cache keys: what a step's result depends on, as a digest and as named parts.

Keys are by content. COPY depends on paths, kinds, modes, owners, link targets and bytes of what it selects, never on
times; RUN depends on its command, environment, user, directory and on the content that its mounts show. Secrets,
proxies and the content of cache mounts are part of no key. The named parts make a miss explainable.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lissom.build.step import CopyOp, RunMount, RunOp, WorkdirOp
from lissom.rootfs.entry import Entry, Kind

__all__ = ["CacheKey", "Selection", "copy_parts", "explain", "listing", "run_parts", "workdir_parts"]

_VERSION = "2"
_NAMED_FILES = 2000

Selection = Mapping[str, str]
"""What an input shows: relative path → digest of kind, mode, owner, link target and content."""


@dataclass(frozen=True, slots=True)
class CacheKey:
    """The digest of ``parts``; ``parts`` maps a name that a user understands to what it was."""

    digest: str
    parts: Mapping[str, str]

    @classmethod
    def of(cls, parts: Mapping[str, str], files: Selection | None = None) -> CacheKey:
        """The key of named parts.

        ``files`` name what a part digests as a whole, so that a miss can be explained; they are no part of the key.
        """
        named = dict(parts)
        if files is not None and len(files) <= _NAMED_FILES:
            named.update({f"file {path}": digest[:16] for path, digest in files.items()})
        return cls(_digest([_VERSION, *sorted(parts.items())]), named)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode("utf-8", "surrogatepass")).hexdigest()


def listing(entries: Iterable[tuple[str, Entry]], digests: Mapping[str, str]) -> dict[str, str]:
    """The selection of ``entries`` (relative path, entry); ``digests`` has the content digest of each regular file."""
    found: dict[str, str] = {}
    for relative, entry in entries:
        content = digests[entry.path] if entry.kind is Kind.FILE else ""
        what = f"{entry.kind.value} {entry.mode} {entry.uid}:{entry.gid} {entry.device} {content} {entry.link!r}"
        if entry.xattrs:
            what += f" {sorted(entry.xattrs.items())}"
        found[relative] = hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()
    return found


def workdir_parts(operation: WorkdirOp) -> dict[str, str]:
    """What a WORKDIR depends on."""
    return {"directory": operation.path, "user": operation.user}


def copy_parts(operation: CopyOp) -> dict[str, str]:
    """What a COPY or ADD depends on besides the files that it selects.

    The sources as they are written count too: a directory without files is made, a pattern without a match is not.
    """
    return {
        "destination": operation.destination,
        "flags": _digest(
            [
                operation.chown,
                operation.chmod,
                operation.link,
                operation.parents,
                list(operation.excludes),
                operation.unpack,
                list(operation.sources),
            ]
        ),
    }


def run_parts(operation: RunOp, machine: str) -> dict[str, str]:
    """What a RUN depends on besides the files that its mounts show; ``machine`` digests hosts, limits and so on."""
    parts = {
        "command": _digest([list(operation.argv), [[p, d.hex()] for p, d in operation.files]]),
        "working directory": operation.cwd,
        "user": operation.user,
        "network": operation.network,
        "mounts": _digest([_mount(mount) for mount in operation.mounts]),
        "build flags": machine,
    }
    parts.update({f"variable {name}": _digest(value) for name, value in operation.env})
    return parts


def _mount(mount: RunMount) -> list[object]:
    return [
        mount.type,
        mount.target,
        mount.source,
        mount.id,
        mount.sharing,
        mount.readonly,
        mount.size,
        mount.mode,
        mount.uid,
        mount.gid,
        mount.env,
    ]


def explain(before: Mapping[str, str] | None, now: Mapping[str, str]) -> str:
    """Why a key is not the one of last time, in words for a user."""
    if before is None:
        return "not built here before"
    if before.get("parent") != now.get("parent"):
        return "the step before it changed"
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name) and name != "content"]
    files = sorted(name.removeprefix("file ") for name in changed if name.startswith("file "))
    if files:
        more = f" and {len(files) - 3} more" if len(files) > 3 else ""
        return ", ".join(f"`{path}`" for path in files[:3]) + more + " changed"
    if changed:
        return ", ".join(changed[:3]) + " changed"
    if before.get("content") != now.get("content"):
        return "files changed"
    return "its cached result is gone"
