"""A small Debian archive of the test's own, signed with a throw-away key."""

import gzip
import hashlib
import io
import lzma
import subprocess
import tarfile
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path

NOW = 1_700_000_000


def deb(control: str, files: dict[str, bytes] | None = None) -> bytes:
    """A package file; a name of ``files`` is written as it is given."""
    parts = [("debian-binary", b"2.0\n")]
    parts.append(("control.tar.xz", lzma.compress(_tar({"./control": control.encode()}))))
    parts.append(("data.tar.xz", lzma.compress(_tar(files or {}))))
    out = b"!<arch>\n"
    for name, data in parts:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


def _tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


@dataclass
class FakeArchive:
    root: Path
    home: Path
    keyring: Path
    packages: list[str] = field(default_factory=list)
    release: dict[str, str] = field(default_factory=dict)
    architectures: tuple[str, ...] = ("amd64",)

    @classmethod
    def create(cls, root: Path, home: Path) -> "FakeArchive":
        root.mkdir(exist_ok=True)
        return cls(root, home, home / "keys.gpg")

    def add(self, name: str, version: str = "1", *, files: dict[str, bytes] | None = None, **fields: str) -> Path:
        lines = {"Package": name, "Version": version, "Architecture": "all", **fields}
        control = "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in lines.items())
        data = deb(control, files)
        path = self.root / "pool" / f"{name}_{version}.deb"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        self.packages.append(f"{control}Filename: pool/{path.name}\nSize: {len(data)}\nSHA256: {digest}\n")
        return path

    def forms(self, plain: bytes) -> dict[str, bytes]:
        """The files that an index is in."""
        return {"Packages": plain, "Packages.gz": gzip.compress(plain, mtime=0)}

    @property
    def source(self) -> str:
        """A line for apt's sources."""
        return f"deb [signed-by={self.keyring}] file:{self.root} bookworm main"

    def sign(self, suite: str = "bookworm", *, key: str = "archive@example", detached: bool = False) -> Path:
        """Write index and Release of ``suite``; it is a flat one when its name ends with a slash."""
        directory = self.root / suite if suite.endswith("/") else self.root / "dists" / suite
        lines = []
        plain = "\n".join(self.packages).encode()
        for place in ("",) if suite.endswith("/") else (f"main/binary-{one}/" for one in self.architectures):
            (directory / place).mkdir(parents=True, exist_ok=True)
            for name, data in self.forms(plain).items():
                (directory / place / name).write_bytes(data)
                by_hash = directory / place / "by-hash/SHA256" / hashlib.sha256(data).hexdigest()
                by_hash.parent.mkdir(parents=True, exist_ok=True)
                by_hash.write_bytes(data)
                lines.append(f" {by_hash.name} {len(data)} {place}{name}")
        fields = {"Origin": "Debian", "Codename": suite, "Date": formatdate(NOW, usegmt=True), **self.release}
        text = "".join(f"{name}: {value}\n" for name, value in fields.items()) + "SHA256:\n" + "\n".join(lines) + "\n"
        (directory / "Release").write_text(text)
        inline = directory / "InRelease"
        out = directory / "Release.gpg" if detached else inline
        out.unlink(missing_ok=True)
        how = "--detach-sign" if detached else "--clearsign"
        gpg(self.home, "-u", key, "-o", str(out), how, str(directory / "Release"))
        return out


def gpg(home: Path, *words: str) -> None:
    subprocess.run(
        [
            "gpg",
            "--homedir",
            str(home),
            "--batch",
            "--quiet",
            "--passphrase",
            "",
            "--pinentry-mode",
            "loopback",
            *words,
        ],
        check=True,
        capture_output=True,
    )
