"""Base images that mean harm, or are wrong: refused with the cause, exit code 5, and nothing outside is touched."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from process import Lissom

pytestmark = [pytest.mark.root]

Member = tuple[tarfile.TarInfo, bytes]
Make = Callable[..., str]


def member(name: str, kind: bytes = tarfile.REGTYPE, data: bytes = b"", **fields: Any) -> Member:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mode = kind, len(data), 0o755 if kind == tarfile.DIRTYPE else 0o644
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def tar_of(members: Sequence[Member]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@pytest.fixture
def lissom(tmp_path: Path) -> Lissom:
    made = Lissom(tmp_path / "store", tmp_path / "context")
    made.here.mkdir()
    made.write({"Dockerfile": "FROM evil:1\nCOPY Dockerfile /x\n"})
    return made


@pytest.fixture
def layout(tmp_path: Path) -> Make:
    """Writes an OCI layout with one layer and gives its place."""

    def make(plain: bytes, blob: bytes | None = None, config: Any = None, **changes: Any) -> str:
        root = tmp_path / "evil"
        (root / "blobs/sha256").mkdir(parents=True)

        def put(data: bytes, media_type: str, named: str | None = None) -> dict[str, Any]:
            name = named or digest(data)
            (root / "blobs/sha256" / name[7:]).write_bytes(data)
            return {"mediaType": media_type, "digest": name, "size": len(data)}

        packed = gzip.compress(plain, mtime=0) if blob is None else blob
        layer = put(packed, "application/vnd.oci.image.layer.v1.tar+gzip", changes.get("layer_digest"))
        layer["size"] = changes.get("layer_size", layer["size"])
        document = {
            "architecture": "amd64",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": changes.get("diff_ids", [digest(plain)])},
            **({"config": config} if config is not None else {}),
            **changes.get("document", {}),
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": put(json.dumps(document).encode(), "application/vnd.oci.image.config.v1+json"),
            "layers": [layer],
        }
        entry = put(json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")
        (root / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
        (root / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        return f"oci:{root}"

    return make


LINK_OUT = [member("etc", tarfile.SYMTYPE, linkname="/OUTSIDE"), member("etc/passwd", data=b"evil")]
REFUSED: dict[str, tuple[list[Member], str]] = {
    "dots": ([member("../outside", data=b"evil")], "cannot read `../outside` of LAYER: its path leaves the root"),
    "inner dots": ([member("a/../../outside", data=b"x")], "cannot read `a/../../outside` of LAYER: its path leaves the root"),
    "hard link to dots": (
        [member("a", tarfile.LNKTYPE, linkname="../../etc/shadow")],
        "cannot read `a` of LAYER: its path leaves the root",
    ),
    "hard link to nothing": ([member("a", tarfile.LNKTYPE, linkname="")], "cannot read `a` of LAYER: the hard link has no target"),
    "whiteout of nothing": ([member(".wh.")], "cannot read `.wh.` of LAYER: the whiteout names no file"),
    "whiteout of the root": ([member(".wh..")], "cannot read `.wh..` of LAYER: the whiteout names no file"),
    "whiteout of the parent": ([member(".wh...")], "cannot read `.wh...` of LAYER: the whiteout names no file"),
    "root as a file": ([member("./", tarfile.SYMTYPE, linkname="/etc")], "cannot read `./` of LAYER: the root is not a directory"),
    "link loop": (
        [member("a", tarfile.SYMTYPE, linkname="b"), member("b", tarfile.SYMTYPE, linkname="a"), member("a/x", data=b"")],
        "cannot read `a/x` of LAYER: its parents are a loop of symbolic links",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("step", ["COPY Dockerfile /x", "RUN true"])
def test_refused(lissom: Lissom, layout: Make, case: str, step: str) -> None:
    members, message = REFUSED[case]
    plain = tar_of(members)
    lissom.write({"Dockerfile": f"FROM evil:1\n{step}\n"})
    assert lissom("copy", layout(plain), "evil:1").code == 0
    failed = lissom("build", ".")
    said = failed.err.replace(f"`{digest(plain)[7:]}`", "LAYER")
    assert (failed.code, failed.out) == (5, "")
    assert message.replace("LAYER", "DIGEST") in said.replace("LAYER", "DIGEST")
    assert sorted(path.name for path in lissom.root.parent.iterdir()) == ["context", "evil", "store"]


@pytest.mark.parametrize("kind", ["symbolic link", "hard link", "device"])
def test_what_looks_outside_stays_inside(lissom: Lissom, layout: Make, tmp_path: Path, kind: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    members = {
        "symbolic link": [
            member("etc", tarfile.SYMTYPE, linkname=str(outside)),
            member("etc/passwd", data=b"evil"),
        ],
        "hard link": [member("a", tarfile.LNKTYPE, linkname=f"{outside}/secret")],
        "device": [member("disk", tarfile.BLKTYPE, devmajor=8, devminor=0), member("b", data=b"x")],
    }[kind]
    lissom.write({"Dockerfile": 'FROM evil:1\nCOPY Dockerfile /etc/x\nCOPY --from=evil:1 / /all\nRUN ["true"]\n'})
    assert lissom("copy", layout(tar_of(members)), "evil:1").code == 0
    done = lissom("build", ".")
    assert done.code in (3, 5), done
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").stat().st_nlink == 1
    assert "Traceback" not in done.err


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another diff ID": ({"diff_ids": ["sha256:" + "0" * 64]}, "its diff ID is `DIGEST`, its content has `DIGEST`"),
    "another digest": ({"layer_digest": "sha256:" + "1" * 64}, "cannot read `DIGEST` from"),
    "a shorter size": ({"layer_size": 10}, "more bytes instead of 10"),
    "an absurd size": ({"layer_size": 1 << 62}, f"bytes instead of {1 << 62}"),
    "too many diff IDs": ({"diff_ids": ["sha256:" + "0" * 64] * 3}, "1 layers, 3 diff IDs"),
    "no diff IDs": ({"diff_ids": []}, "1 layers, 0 diff IDs"),
    "truncated gzip": ({"blob": gzip.compress(tar_of([member("a", data=b"x" * 5000)]))[:-30]}, "cannot decompress layer"),
    "no gzip": ({"blob": b"\x1f\x8b\x08\0garbage"}, "cannot decompress layer"),
    "no tar": ({"blob": gzip.compress(b"no tar " * 400)}, "cannot read"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong(lissom: Lissom, layout: Make, case: str) -> None:
    changes, message = WRONG[case]
    lissom.write({"Dockerfile": "FROM evil:1\nRUN true\n"})
    failed = lissom("copy", layout(tar_of([member("a", data=b"x")]), **changes), "evil:1")
    if failed.code == 0:
        failed = lissom("build", ".")
    assert (failed.code, failed.out) == (5, ""), failed
    assert message in failed.err
    assert lissom("images", "--json").code == 0  # one bad image does not hide the others
    assert lissom("gc").code == 0


def test_absurd_size_in_a_tar(lissom: Lissom, layout: Make) -> None:
    plain = bytearray(tar_of([member("a", data=b"x")]))
    plain[124:136] = b"77777777777\0"
    plain[148:156] = b"        "
    plain[148:156] = b"%06o\0 " % sum(plain[:512])
    lissom.write({"Dockerfile": "FROM evil:1\nRUN true\n"})
    assert lissom("copy", layout(bytes(plain)), "evil:1").code == 0
    failed = lissom("build", ".")
    assert failed.code == 5
    assert "the archive is truncated" in failed.err


def test_bomb(lissom: Lissom, layout: Make) -> None:
    plain = tar_of([member("zeros", data=b"\0" * (80 << 20))])
    assert lissom("copy", layout(plain), "evil:1").code == 0
    lissom.write({"Dockerfile": 'FROM evil:1\nRUN ["/nothing"]\n'})
    failed = lissom("build", ".", env={"LISSOM_LAYER_LIMIT": "64m"})
    assert failed.code == 5
    assert failed.err == (
        "error: cannot read `DIGEST`: it unpacks to more than 67108864 bytes\n\n"
        "hint: if you trust the image, allow more: LISSOM_LAYER_LIMIT=BYTES, as 128g\n"
    )
    assert lissom("build", ".").code == 3


ODD: list[Any] = [
    {"Env": "PATH=/bin"}, {"Env": [1, None]}, {"Env": {"a": "b"}}, {"Env": ["=x", "a"]}, {"Cmd": {"a": 1}}, {"Cmd": "sh"},
    {"Cmd": [1]}, {"Entrypoint": 5}, {"Entrypoint": "x"}, {"WorkingDir": 7}, {"WorkingDir": ["/"]}, {"User": 0}, {"User": None},
    {"Labels": ["a"]}, {"Labels": {"a": 1}}, {"ExposedPorts": ["80"]}, {"ExposedPorts": "80"}, {"Volumes": "/x"}, {"Volumes": []},
    {"OnBuild": "RUN x"}, {"OnBuild": [5]}, {"OnBuild": ["RUM x"]}, {"OnBuild": ["FROM x"]}, {"OnBuild": [""]}, {"Shell": "sh"},
    {"Shell": [1]}, {"Healthcheck": "x"}, {"StopSignal": 9}, [], "x", 7, None,
]  # fmt: skip
WHOLE = """\
FROM evil:1
ARG A=1
ENV B=$A C=$PATH
LABEL a=b
EXPOSE 80
VOLUME /v
USER 1
WORKDIR w
COPY Dockerfile .
CMD x
HEALTHCHECK CMD x
"""


@pytest.mark.parametrize("config", ODD, ids=[json.dumps(config) for config in ODD])
def test_odd_config(lissom: Lissom, layout: Make, config: Any) -> None:
    lissom.write({"Dockerfile": WHOLE})
    done = lissom("copy", layout(tar_of([member("a", data=b"x")]), config=config), "evil:1")
    done = lissom("build", "-t", "odd:1", ".") if done.code == 0 else done
    for command in ("inspect", "history"):
        assert lissom(command, "evil:1").code in (0, 5)
    assert done.code in (0, 2, 5), done
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "document",
    [
        {"history": "x"}, {"history": [1]}, {"history": [{"created_by": 5}]}, {"history": [{"created": 5}]}, {"rootfs": []},
        {"rootfs": {"diff_ids": "x"}}, {"rootfs": {"diff_ids": [5]}}, {"os": 5}, {"architecture": None}, {"variant": []},
        {"created": 5}, {"author": {}},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_odd_document(lissom: Lissom, layout: Make, document: Any) -> None:
    lissom.write({"Dockerfile": WHOLE})
    done = lissom("copy", layout(tar_of([member("a", data=b"x")]), document=document), "evil:1")
    done = lissom("build", "-t", "odd:1", ".") if done.code == 0 else done
    for command in ("inspect evil:1", "history evil:1", "images"):
        assert lissom(*command.split()).code in (0, 5)
    assert done.code in (0, 4, 5), done
    assert "Traceback" not in done.err
