"""Which names a prefix stands for, and how it is put in another's place."""

from __future__ import annotations

from lissom.errors import UsageError
from lissom.oci.reference import Reference

__all__ = ["matched", "moved", "sample"]


def matched(prefix: str, name: str) -> int:
    """How many characters of an image's name a prefix covers; 0 when it is another's.

    ``host[:port][/path…[:tag|@digest]]`` covers what goes on with a separator; ``*.example.com`` hosts below it.
    """
    if prefix.startswith("*."):
        host, ending = name.partition("/")[0], prefix[1:]
        at = host.find(ending)
        end = at + len(ending)
        return end if at > 0 and name[end : end + 1] in ("", ":", "/", "@") else 0
    if not name.startswith(prefix):
        return 0
    # A port makes another registry of a host: `example.com` says nothing of `example.com:5000`.
    separators = ("", "/", "@", ":") if "/" in prefix else ("", "/")
    return len(prefix) if name[len(prefix) : len(prefix) + 1] in separators else 0


def moved(reference: Reference, covered: int, location: str) -> Reference:
    """The reference with ``location`` in place of its first ``covered`` characters. Raises UsageError."""
    text = location + str(reference)[covered:]
    there = Reference.parse(text)
    if there.registry != location.partition("/")[0].replace("index.docker.io", "docker.io"):
        raise UsageError(f"cannot reach `{reference}` at `{text}`: `{location.partition('/')[0]}` is not a host")
    if (there.tag, there.digest) != (reference.tag, reference.digest):
        raise UsageError(
            f"cannot reach `{reference}` at `{text}`: another tag would be another image",
            hint="a location may move an image, not rename its tag",
        )
    return there


def sample(prefix: str) -> Reference | None:
    """The name of an image that a prefix covers, for showing what is done with such; None when it covers none."""
    named = prefix.replace("*.", "any.", 1) if prefix.startswith("*.") else prefix
    _, slash, path = named.partition("/")
    if ":" not in path and "@" not in path:
        named = f"{named}/image" if slash or named != "docker.io" else "docker.io/library/image"
    try:
        reference = Reference.parse(named)
    except UsageError:
        return None
    return reference if matched(prefix, str(reference)) else None
