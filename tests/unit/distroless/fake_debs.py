"""Packages made up for a test, already fetched: what is assembled without an archive."""

import io
import lzma
import tarfile
from pathlib import Path

from lissom.distroless.archive.control import Package, parse_paragraph
from lissom.distroless.spec.spec import Spec
from lissom.distroless.supply.supply import Supply
from lissom.distroless.tree.assemble import assemble

MODES = {"/": tarfile.DIRTYPE, "@": tarfile.SYMTYPE, "=": tarfile.LNKTYPE}


def deb(
    path: Path, name: str, files: dict[str, bytes | str | int], control: dict[str, str] | None = None, **fields: str
):
    """Write package ``name``. Files are bytes, links are ``@TARGET``, hard links ``=TARGET``, directories their mode;
    a name may end with a mode: ``usr/bin/su 4755``."""
    stanza = {"Package": name, "Version": "1", "Architecture": "all", **fields}
    said = "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in stanza.items())
    parts = {
        "debian-binary": b"2.0\n",
        "control.tar.xz": _tar(
            {"control": said.encode(), **{key: one.encode() for key, one in (control or {}).items()}}
        ),
        "data.tar.xz": _tar(files),
    }
    out = b"!<arch>\n"
    for member, data in parts.items():
        out += (
            f"{member:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
        )
    target = path / f"{name}.deb"
    target.write_bytes(out)
    return Package(parse_paragraph(said)), target


def _tar(files) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            path, _, mode = name.partition(" ")
            member = tarfile.TarInfo(f"./{path}")
            member.mode = int(mode or "644", 8)
            if isinstance(content, int):
                member.type, member.mode = tarfile.DIRTYPE, content
            elif isinstance(content, str):
                member.type = MODES[content[0]]
                member.linkname = content[1:] if content[0] == "@" else f"./{content[1:]}"
            else:
                member.size = len(content)
            tar.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return lzma.compress(out.getvalue(), preset=0)


def assembled(tmp_path: Path, *debs, spec: Spec | None = None, architecture: str = "amd64", **options):
    """What lissom makes of ``debs`` for ``spec``."""
    packages = tuple(sorted((package for package, _ in debs), key=lambda package: package.name))
    files = {package.name: path for package, path in debs}
    supplied = Supply(architecture, packages, (), files, 0, ())
    workspace = tmp_path / "workspace"
    workspace.mkdir(exist_ok=True)
    return assemble(spec or Spec(), supplied, workspace, **options)


def text(made, path: str) -> str:
    with made.entries[path].content.open() as stream:
        return stream.read().decode()
