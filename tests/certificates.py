"""Certificates for tests: an authority, and what it vouches for; made with the openssl program."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """Signs certificates; ``file`` is what has to be trusted."""

    file: Path
    key: Path

    @classmethod
    def make(cls, folder: Path, name: str = "authority") -> Authority:
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder / f"{name}.pem", folder / f"{name}.key")
        _openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name} of the tests"),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature"),
            *("-keyout", made.key, "-out", made.file),
        )
        return made

    def issue(self, name: str, *names: str) -> Certificate:
        """A certificate for a server with these names, such as ``DNS:registry.test``, or for a client without any."""
        folder = self.file.parent
        made, request = Certificate(folder / f"{name}.cert", folder / f"{name}.key"), folder / f"{name}.csr"
        _openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}"),
            *("-keyout", made.key, "-out", request),
        )
        extension = folder / f"{name}.ext"
        extension.write_text(
            f"subjectAltName={','.join(names)}\nextendedKeyUsage=serverAuth\n"
            if names
            else "extendedKeyUsage=clientAuth\n"
        )
        _openssl(
            *("x509", "-req", "-days", "2", "-in", request, "-CA", self.file, "-CAkey", self.key),
            *("-set_serial", str(abs(hash(name)) + 1), "-extfile", extension, "-out", made.certificate),
        )
        return made


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)
