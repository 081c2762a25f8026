"""Dockerfiles that other fixers break: what ``lissom fix`` writes builds to the same image, by text and by proof.

Each trap is a file that looks as if it could be mended. By default the image must not change at all; with ``--verify``
an edit is made only if it does not, and one that would is told with what it does.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from lissom.api.build import build
from lissom.api.build_request import BuildRequest
from lissom.api.diff import diff
from lissom.api.fix import fix_text, verify
from lissom.api.lint_context import context_of
from lissom.api.lint_target import Target
from lissom.api.world import World
from lissom.dockerfile.parser import parse
from lissom.dockerfile.source import Source
from lissom.lint.fix import Equivalence
from lissom.lint.fixed import Draft
from lissom.lint.settings import Settings
from lissom.lint.subject import ContextFacts
from lissom.oci.reference import Reference
from local_world import local_world

pytestmark = [pytest.mark.root, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Trap:
    """A Dockerfile with its context. ``never`` are texts that no fix may bring about."""

    text: str
    files: dict[str, bytes] = field(default_factory=dict)
    never: tuple[str, ...] = ()


def _archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo("inner.txt")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"inner"))
    return buffer.getvalue()


TRAPS = {
    "cd-is-no-workdir": Trap(
        "FROM busy:1\nRUN mkdir -p /opt/app\nRUN cd /opt/app && touch here\nRUN touch there\nCMD pwd\n",
        never=("WORKDIR",),
    ),
    "pipefail-under-dash": Trap(
        "FROM busy:1\nRUN cat /etc/passwd | grep root > /out\nRUN false | true\n", never=("pipefail", "SHELL")
    ),
    "hard-link-written-later": Trap(
        "FROM busy:1\nRUN echo one > /a && ln /a /b\nRUN echo two >> /a\nRUN rm -f /none\n"
    ),
    "hard-link-removed-later": Trap("FROM busy:1\nRUN echo one > /a && ln /a /b\nRUN rm /a\n"),
    "errexit-in-a-subshell": Trap("FROM busy:1\nRUN (set -e; true; echo a > /a)\nRUN set -e; echo b > /b; true\n"),
    "errexit-swallowed": Trap("FROM busy:1\nRUN false; echo a > /a\nRUN false || true; echo b > /b\n"),
    "exit-ends-one-run": Trap("FROM busy:1\nRUN echo a > /a; exit 0\nRUN echo b > /b\n"),
    "variables-end-with-the-run": Trap('FROM busy:1\nRUN x=1; echo $x > /a\nRUN echo "x=$x" > /b\n'),
    "comment-at-the-end": Trap("FROM busy:1\nRUN echo a > /a # all is well\nRUN echo b > /b\n"),
    "umask-ends-with-the-run": Trap("FROM busy:1\nRUN umask 077; touch /a\nRUN touch /b\n"),
    "background-job": Trap("FROM busy:1\nRUN sleep 1 & echo a > /a\nRUN echo b > /b\n"),
    "shared-memory-is-empty-again": Trap(
        "FROM busy:1\nRUN echo a > /dev/shm/x\nRUN test -e /dev/shm/x && echo kept > /out || echo gone > /out\n"
    ),
    "chown-owns-no-parents": Trap(
        "FROM busy:1\nCOPY f /srv/deep/f\nRUN chown app /srv/deep/f\nCOPY d /srv/d\nRUN chown -R app:app /srv/d\n",
        {"f": b"1", "d/x": b"2", "d/y/z": b"3"},
    ),
    "relative-modes": Trap(
        "FROM busy:1\nCOPY d /srv/d\nRUN chmod -R go-r,u+X /srv/d\nCOPY f /srv/f\nRUN chmod +x /srv/f\n",
        {"d/x": b"2", "d/y/z": b"3", "f": b"#!/bin/sh\n"},
    ),
    "moved-later": Trap(
        "FROM busy:1\nCOPY f /tmp/f\nRUN mv /tmp/f /srv-f\nRUN mkdir -p /opt/d && mv /srv-f /opt/d/f\n", {"f": b"12345"}
    ),
    "archive-is-unpacked-by-add-only": Trap(
        "FROM busy:1\nADD a.tar.gz /added/\nCOPY a.tar.gz /copied/\nADD f /added/f\n", {"a.tar.gz": _archive(), "f": b"1"}
    ),
    "directory-with-an-archive": Trap("FROM busy:1\nADD d /added/\n", {"d/a.tar.gz": _archive(), "d/f": b"1"}),
    "written-after-volume": Trap("FROM busy:1\nVOLUME /data\nRUN echo a > /data/a\nRUN rm -f /data/a\nRUN echo b > /b\n"),
    "onbuild": Trap("FROM busy:1\nONBUILD RUN cat /kept\nRUN echo kept > /kept\nONBUILD COPY . /src\n", {"f": b"1"}),
    "no-healthcheck-no-user": Trap(
        'FROM busy:1\nRUN mkdir -m 700 /private && echo a > /private/a\nEXPOSE 8080\nCMD ["cat", "/private/a"]\n',
        never=("HEALTHCHECK", "USER"),
    ),
    "shell-form-with-variables": Trap("FROM busy:1\nENV NAME=you\nCMD echo hello $NAME\n", never=("CMD [",)),
    "deleted-in-another-stage": Trap(
        "FROM busy:1 AS a\nRUN echo big > /big && echo small > /small\nFROM a\nRUN rm /big\nCOPY --from=a /big /copy\n"
    ),
    "file-used-then-removed": Trap(
        "FROM busy:1\nCOPY f /tmp/f\nRUN cat /tmp/f > /out\nRUN cat /tmp/f >> /out\nRUN rm /tmp/f\n", {"f": b"1\n"}
    ),
    "copies-of-a-tree-that-a-run-reads": Trap(
        "FROM busy:1\nCOPY . /src\nRUN ls /src > /listed\nRUN cat /src/package.json > /out\n",
        {"package.json": b"{}\n", "index.js": b"1\n", "x.log": b"log\n", ".git/HEAD": b"ref\n"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def world(store: Path) -> Iterator[World]:
    """The suite's store, open: what follows is the library without its command line."""
    with local_world(store) as opened:
        yield opened


@dataclass(frozen=True)
class Workshop:
    """A trap laid out in a directory, and what is done with it."""

    world: World
    here: Path

    @property
    def request(self) -> BuildRequest:
        return BuildRequest(str(self.here / "context"), dockerfile=str(self.here / "Dockerfile"), network="none")

    @property
    def facts(self) -> ContextFacts | None:
        found = context_of(parse(self.source.text), Target("Dockerfile", None, self.here / "context", guessed=False))
        return found[0]

    @property
    def source(self) -> Source:
        return Source("Dockerfile", (self.here / "Dockerfile").read_text())

    def lay(self, trap: Trap) -> None:
        for path, data in {"keep": b"", **trap.files}.items():
            (self.here / "context" / path).parent.mkdir(parents=True, exist_ok=True)
            (self.here / "context" / path).write_bytes(data)
        (self.here / "Dockerfile").write_text(trap.text)

    def build(self, name: str) -> str:
        build(replace(self.request, tags=(Reference.parse(name),)), self.world)
        return name

    def write(self, draft: Draft) -> None:
        (self.here / "Dockerfile").write_text(draft.text)
        for name, text in draft.files.items():
            (self.here / "context" / name).write_text(text)


@pytest.fixture
def workshop(world: World, tmp_path: Path) -> Workshop:
    return Workshop(world, tmp_path)


@pytest.mark.parametrize("name", TRAPS)
def test_the_text_alone_leaves_the_same_image(workshop, name):
    trap = TRAPS[name]
    workshop.lay(trap)
    original = workshop.build(f"trap/{name}:original")
    done = fix_text(workshop.source, Settings(), workshop.facts)
    assert not [word for word in trap.never if word in done.draft.text], done.draft.text
    workshop.write(done.draft)
    found = diff(workshop.world, original, workshop.build(f"trap/{name}:safe"))
    assert found.config == ()
    assert [change.path for change in found.files] == [], done.draft.text


@pytest.mark.parametrize("name", TRAPS)
def test_the_proof_keeps_only_what_leaves_the_same_image(workshop, name):
    trap = TRAPS[name]
    workshop.lay(trap)
    original = workshop.build(f"trap/{name}:original")
    proof = verify(workshop.source, Settings(), workshop.facts, workshop.request, workshop.world)
    assert not [word for word in trap.never if word in proof.draft.text], proof.draft.text
    assert all(one.reason for one in proof.dropped)
    assert all(one.level in (Equivalence.E0, Equivalence.E1) for one in proof.kept)
    workshop.write(proof.draft)
    found = diff(workshop.world, original, workshop.build(f"trap/{name}:proven"))
    assert found.config == ()
    assert [change.path for change in found.files if change.path not in proof.gone] == [], proof.draft.text
