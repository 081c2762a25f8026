"""``certs.d``: a directory a host, with authorities (``*.crt``) and our own certificates (``*.cert``, ``*.key``)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lissom.errors import UsageError
from lissom.registry.routing.files import names_in
from lissom.registry.trust import Trust

__all__ = ["find_certificates", "trust_in"]


def find_certificates(directories: Iterable[Path], hosts: Iterable[str]) -> Trust:
    """What the first directory that knows one of a host's names holds for it; an empty Trust when none does.

    Raises UsageError for a certificate without its key, or a key without its certificate.
    """
    names = tuple(host for host in hosts if "/" not in host and host not in ("", ".", ".."))
    for directory in directories:
        for name in names:
            found = trust_in(directory / name)
            if found != Trust():
                return found
    return Trust()


def trust_in(directory: Path) -> Trust:
    """What one directory holds. Raises UsageError."""
    names = names_in(directory)
    for name in names:
        stem, dot, ending = name.rpartition(".")
        if dot and ending == "cert" and f"{stem}.key" not in names:
            raise UsageError(
                f"cannot use `{directory / name}`: its key `{stem}.key` is not beside it",
                hint="certificate authorities end in .crt; .cert is a client's own certificate",
            )
        if dot and ending == "key" and f"{stem}.cert" not in names:
            raise UsageError(f"cannot use `{directory / name}`: its certificate `{stem}.cert` is not beside it")
    pairs = [name.removesuffix(".cert") for name in names if name.endswith(".cert")]
    return Trust(
        tuple(directory / name for name in names if name.endswith(".crt")),
        tuple((directory / f"{stem}.cert", directory / f"{stem}.key") for stem in pairs),
    )
