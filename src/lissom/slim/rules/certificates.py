"""Certificates of authorities, for whatever speaks TLS."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.slim.keep import Keep
from lissom.slim.rule import Rule
from lissom.slim.scene import Scene

__all__ = ["RULES"]

_SPEAKERS = re.compile(r"^lib(?:ssl|gnutls|nss3|ssl3|mbedtls|wolfssl|tls|rustls)[-\w]*\.so[\d.]*$")
_PROGRAMS = re.compile(r"^(?:node|nodejs|java|deno|bun)$")
_MARKS = (b"ssl/certs", b"ca-bundle", b"tls/certs")
_BUNDLES = """
etc/ssl/certs/ca-certificates.crt etc/ssl/cert.pem etc/pki/tls/certs/ca-bundle.crt etc/ssl/ca-bundle.pem
etc/pki/tls/cacert.pem etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem usr/share/ssl/cert.pem usr/lib/ssl/cert.pem
etc/pki/tls/cert.pem usr/local/ssl/cert.pem
"""
_DIRECTORIES = ("etc/ssl/certs", "etc/pki/tls/certs", "usr/lib/ssl/certs", "usr/local/share/ca-certificates")
_TRUSTED = ("usr/share/ca-certificates", "usr/local/share/ca-certificates")
_PRIVATE = ("usr/lib/ssl/private", "etc/ssl/private", "usr/lib/ssl", "etc/ssl")
_LARGEST = 64 << 20


def _follow(scene: Scene, keep: Keep) -> Iterator[Keep]:
    name = keep.path.rpartition("/")[2]
    if _SPEAKERS.match(name) or _PROGRAMS.match(name):
        yield from _bundles(keep.path)
        for directory in (*_DIRECTORIES, *_TRUSTED):
            for entry in scene.below(directory):
                yield Keep(entry.path, "certificates", keep.path)
    elif _speaks_alone(scene, keep.path):
        yield from _bundles(keep.path)


def _bundles(because_of: str) -> Iterator[Keep]:
    for path in (*_BUNDLES.split(), *_DIRECTORIES, *_PRIVATE):
        yield Keep(path, "certificates", because_of)


def _speaks_alone(scene: Scene, path: str) -> bool:
    """Whether a program brings its own TLS, as those in Go and Rust do: it then names a bundle's place."""
    elf = scene.elf(path)
    if elf is None or elf.type not in ("exec", "dyn") or not (elf.is_go or elf.static or _is_program(scene, path)):
        return False
    data = scene.read(path, _LARGEST)
    return any(mark in data for mark in _MARKS)


def _is_program(scene: Scene, path: str) -> bool:
    elf = scene.elf(path)
    return elf is not None and bool(elf.interpreter) and not elf.soname and scene.owner(path) is None


RULES = (Rule("certificates", "Certificates of authorities, which a kept program that speaks TLS asks for.", _follow),)
