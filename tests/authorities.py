"""Certificate authorities of our own, made by the openssl program."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry_server import RegistryServer


@dataclass(frozen=True)
class Authority:
    """One that nobody else knows; ``certificate`` is what its friends are given."""

    directory: Path
    name: str

    @property
    def certificate(self) -> Path:
        return self.directory / f"{self.name}.crt"

    @property
    def key(self) -> Path:
        return self.directory / f"{self.name}.authority"

    def issue(self, name: str, subject: str = "IP:127.0.0.1,DNS:localhost") -> tuple[Path, Path]:
        """A certificate and its key, for a server of these names or for a client."""
        certificate, key = self.directory / f"{name}.cert", self.directory / f"{name}.key"
        (self.directory / "names").write_text(f"subjectAltName={subject}\n")
        _run("req", "-newkey", "ec", *_CURVE, "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out",
             self.directory / "request")  # fmt: skip
        _run("x509", "-req", "-in", self.directory / "request", "-CA", self.certificate, "-CAkey",
             self.key, "-CAcreateserial", "-days", "2", "-extfile",
             self.directory / "names", "-out", certificate)  # fmt: skip
        return certificate, key


_CURVE = ("-pkeyopt", "ec_paramgen_curve:prime256v1")


def authority(directory: Path, name: str = "authority") -> Authority:
    """Make one; skips where openssl is missing."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    made = Authority(directory, name)
    # RSA, for tokens are signed with it too
    _run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", made.key, "-out", made.certificate)  # fmt: skip
    return made


def speak_tls(server: RegistryServer, pair: tuple[Path, Path], *, clients: Path | None = None) -> None:
    """From now on the server speaks TLS; with ``clients`` it asks for certificates of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    server.socket = context.wrap_socket(server.socket, server_side=True)


def _run(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
