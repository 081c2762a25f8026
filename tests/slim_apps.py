"""Small images to slim: a static busybox with a program of a few lines, put into a store of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conftest import layer_of
from lissom.image.image import Image
from lissom.image.layers import tree, unpack_layer
from lissom.oci.reference import Reference
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Changeset, Tree
from lissom.store.store import Store
from oracle import bases
from process import Lissom, Result
from treedump import treedump

APPLETS = (
    "sh",
    "ls",
    "cat",
    "echo",
    "sleep",
    "httpd",
    "nc",
    "yes",
    "true",
    "touch",
    "rm",
    "wc",
    "grep",
    "find",
    "mount",
    "wget",
)
PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:7:8:an app:/home/app:/bin/sh\n"
PATH = "PATH=/usr/local/bin:/usr/bin:/bin"
EARLIER, NOON = 1_500_000_000, 1_600_000_000
SERVE = """\
trap 'echo bye; exit 0' TERM
httpd -p 8080 -h /www
sleep 1000 & wait
"""
SERVED = {"Entrypoint": ["/run"], "ExposedPorts": {"8080/tcp": {}}}
SITE = {
    "www/index.html": "<a href='/about.html'>about</a>",
    "www/about.html": "about",
    "www/unlinked.html": "nobody links here",
    "www/img/logo.png": b"\x89PNG",
    "www/img/other.png": b"\x89PNG other",
}
JUNK = {
    "usr/bin/gcc": b"\x7fELF" + bytes(100_000),
    "usr/share/games/chess.dat": bytes(50_000),
    "opt/tool/run": "#!/bin/false\n",
}

Content = bytes | str | None


def entry(path: str, content: Content = None, **fields: Any) -> Entry:
    """A file of these bytes; None is a directory."""
    if content is None:
        return Entry(path, Kind.DIRECTORY, **{"mode": 0o755, "mtime": EARLIER, **fields})
    data = content.encode() if isinstance(content, str) else content
    mode = 0o755 if data[:2] in (b"#!", b"\x7fE") else 0o644
    return Entry(path, Kind.FILE, size=len(data), content=Inline(data), **{"mode": mode, "mtime": NOON, **fields})


def link(path: str, target: str) -> Entry:
    return Entry(path, Kind.SYMLINK, 0o777, mtime=NOON, link=target)


def twins(content: Content, *paths: str, **fields: Any) -> list[Entry]:
    """Hard links: several names of one file."""
    return [entry(path, content, inode=f"twins:{paths[0]}", **fields) for path in paths]


def files(contents: Mapping[str, Content], **fields: Any) -> list[Entry]:
    return [entry(path, content, **fields) for path, content in contents.items()]


def changeset(entries: Iterable[Entry], whiteouts: Sequence[str] = ()) -> Changeset:
    """The entries, with directories above them."""
    found = {one.path: one for one in entries}
    for path in list(found):
        while path := path.rpartition("/")[0]:
            found.setdefault(path, entry(path))
    return Changeset.of(found.values(), whiteouts)


def userland() -> list[Entry]:
    """A root file system of one busybox, links to it, users, /tmp."""
    program = bases.busybox()
    if program is None:
        pytest.skip("needs a static busybox")
    found = [entry("bin/busybox", program.read_bytes()), *(link(f"bin/{name}", "busybox") for name in APPLETS)]
    found += files({"etc/passwd": PASSWD, "etc/group": "root:x:0:\napp:x:8:\n", "home/app": None})
    found += [entry("", None), entry("tmp", None, mode=0o1777), entry("root", None, mode=0o700)]
    return found


def program(script: str) -> Entry:
    """``/run`` as a shell script."""
    return entry("run", f"#!/bin/sh\n{script}\n")


@dataclass(frozen=True)
class Shelf:
    """A store with images, and the real command on it."""

    lissom: Lissom

    @classmethod
    def at(cls, directory: Path) -> Shelf:
        (directory / "here").mkdir(parents=True)
        return cls(Lissom(directory / "store", directory / "here"))

    @property
    def here(self) -> Path:
        return self.lissom.here

    @contextmanager
    def store(self) -> Iterator[Store]:
        with Store.at(self.lissom.root) as store:
            yield store

    def put(self, name: str, *layers: Iterable[Entry] | Changeset, document: Mapping[str, Any] | None = None,
            **config: Any) -> str:  # fmt: skip
        """An image of these layers; its digest."""
        with self.store() as store:
            stored = [layer_of(store, one if isinstance(one, Changeset) else changeset(one)) for one in layers]
            history = [
                {"created": "2020-09-13T12:26:40Z", "created_by": f"COPY {number}"} for number in range(len(stored))
            ]
            whole = {
                "created": "2020-09-13T12:26:40Z",
                "author": "the suite",
                "architecture": "amd64",
                "os": "linux",
                "config": {"Env": [PATH], **config},
                "history": [*history, {"created_by": "CMD", "empty_layer": True}],
                **(document or {}),
            }
            image = Image.make(stored, whole, store)
            store.put_manifest(image.manifest.raw, image.manifest.media_type, Reference.parse(name))
            return str(image.digest)

    def site(self, name: str, *more: Entry, **config: Any) -> str:
        """A web server with five pages and things that it does not need."""
        everything = [*files(SITE), program(SERVE), *more]
        return self.put(name, [*userland(), *files(JUNK)], everything, **{**SERVED, **config})

    def script(self, name: str, script: str, *more: Entry, **config: Any) -> str:
        """An image whose entry point is a shell script."""
        return self.put(name, [*userland(), program(script), *files(JUNK), *more], **{"Entrypoint": ["/run"], **config})

    def __call__(self, *words: str | Path, code: int = 0, **options: Any) -> Result:
        """Run the command; it must exit with ``code``."""
        done = self.lissom(*map(str, words), **options)
        assert done.code == code, f"lissom {' '.join(map(str, words))}\n{done}"
        return done

    def slim(self, *words: str | Path, code: int = 0, **options: Any) -> Result:
        return self("slim", *words, code=code, **options)

    def digest(self, name: str) -> str | None:
        """The digest that a name has, None when nothing has it."""
        with self.store() as store:
            found = dict(store.references())
            descriptor = found.get(Reference.parse(name))
            return str(descriptor.digest) if descriptor else None

    def names(self) -> list[str]:
        with self.store() as store:
            return sorted(reference.familiar for reference, _ in store.references())

    @contextmanager
    def image(self, name: str) -> Iterator[Image]:
        with self.store() as store:
            yield store.image(store.resolve(name))

    def config(self, name: str) -> dict[str, Any]:
        with self.image(name) as image:
            return dict(image.config.document)

    def diff_ids(self, name: str) -> list[str]:
        return list(self.config(name)["rootfs"]["diff_ids"])

    def dump(self, name: str, *, times: bool = True) -> dict[str, str]:
        """The image's tree in words."""
        with self.image(name) as image:
            found: Tree = tree(image, directory=self.here)
            return treedump(found, times=times)

    def layer_dumps(self, name: str) -> list[dict[str, str]]:
        """What each layer brings, in words."""
        with self.image(name) as image:
            return [
                treedump(unpack_layer(layer, image.blobs, self.here / "layer.tar").entries, times=True)
                for layer in image.layers
            ]

    def temporary(self) -> list[str]:
        with self.store() as store:
            return sorted(one.name for one in store.temporary.iterdir())

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self(*words, code=code).out)
