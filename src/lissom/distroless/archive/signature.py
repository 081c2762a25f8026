"""Whether a Release file is signed by a key that the machine trusts; asked of gpgv, or of sqv."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path

from lissom.errors import IntegrityError, UsageError

__all__ = ["DEBIAN_KEYRING", "armoured", "has_gpgv", "require_verifier", "verify_detached", "verify_inline"]

DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_ARMOUR = re.compile(r"-----BEGIN PGP PUBLIC KEY BLOCK-----(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL)


def armoured(files: Sequence[str]) -> str:
    """The keys of ``files`` as one armoured block, with its empty line as deb822 has it. Raises UsageError."""
    data = b"".join(_binary(_read(file)) for file in files)
    body = textwrap.fill(base64.b64encode(data).decode(), 64)
    return f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n.\n{body}\n-----END PGP PUBLIC KEY BLOCK-----"


def has_gpgv() -> bool:
    """Whether gpgv is there, which alone reads inline signatures."""
    return shutil.which("gpgv") is not None


def require_verifier() -> None:
    """Raise UsageError when no program can check a signature: unsigned archives are never used."""
    if not has_gpgv() and shutil.which("sqv") is None:
        raise UsageError(
            "cannot check the archive's signature: neither gpgv nor sqv is installed", hint="apt install gpgv"
        )


def verify_inline(name: str, signed: bytes, keys: Sequence[str]) -> bytes:
    """The text of an InRelease file that its signature is of, nothing outside it. Raises IntegrityError."""
    with tempfile.TemporaryDirectory(prefix="lissom-") as directory:
        place = Path(directory)
        (place / "signed").write_bytes(signed)
        _gpgv(name, place, keys, ["--output", str(place / "text"), str(place / "signed")])
        try:
            return (place / "text").read_bytes()
        except FileNotFoundError:
            raise IntegrityError(f"cannot trust `{name}`: it holds no signed text") from None


def verify_detached(name: str, text: bytes, signature: bytes, keys: Sequence[str]) -> None:
    """Check Release against Release.gpg. Raises IntegrityError."""
    with tempfile.TemporaryDirectory(prefix="lissom-") as directory:
        place = Path(directory)
        (place / "text").write_bytes(text)
        (place / "signature").write_bytes(signature)
        files = [str(place / "signature"), str(place / "text")]
        if has_gpgv():
            _gpgv(name, place, keys, files)
            return
        command = ["sqv", *(f"--keyring={key}" for key in _keyrings(place, keys)), *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise IntegrityError(f"cannot trust `{name}`: {_last(done.stderr) or 'its signature is not valid'}")


def _gpgv(name: str, place: Path, keys: Sequence[str], files: Sequence[str]) -> None:
    rings = [word for key in _keyrings(place, keys) for word in ("--keyring", str(key))]
    command = ["gpgv", "--homedir", str(place), "--status-fd", "1", *rings, *files]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    said = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("[GNUPG:] ")}
    if "BADSIG" in said:
        raise IntegrityError(f"cannot trust `{name}`: its signature does not fit its content")
    if {"GOODSIG", "VALIDSIG"} <= said:
        return
    if "EXPKEYSIG" in said or "REVKEYSIG" in said:
        cause = "the key of its signature has expired or was revoked"
    elif "NO_PUBKEY" in said:
        cause = "it is not signed by a key of " + ", ".join("the source's own" if "\n" in key else key for key in keys)
    else:
        cause = "it holds no valid signature"
    raise IntegrityError(
        f"cannot trust `{name}`: {cause}", hint="the mirror may be tampered with, or its keyring package out of date"
    )


def _keyrings(place: Path, keys: Sequence[str]) -> list[Path]:
    """Key files in the binary form that gpgv reads."""
    found = []
    for number, key in enumerate(keys):
        ring = place / f"keys-{number}.gpg"
        ring.write_bytes(_binary(key.encode() if "\n" in key else _read(key)))
        found.append(ring)
    return found


def _read(key: str) -> bytes:
    try:
        return Path(key).read_bytes()
    except OSError as error:
        hint = "apt install debian-archive-keyring" if key == DEBIAN_KEYRING else None
        raise UsageError(f"cannot read keyring `{key}`: {error.strerror}", hint=hint) from error


def _binary(data: bytes) -> bytes:
    blocks = _ARMOUR.findall(data.decode("utf-8", "replace"))
    return b"".join(_dearmoured(block) for block in blocks) or data


def _dearmoured(block: str) -> bytes:
    lines = [line.strip() for line in block.strip().splitlines()]
    body = [line for line in lines if line not in ("", ".") and ":" not in line and not line.startswith("=")]
    return base64.b64decode("".join(body))


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
