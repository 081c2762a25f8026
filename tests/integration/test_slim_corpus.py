"""Real applications slimmed with their own probes as the only exercise: they work in docker, and syft sees what is left.

LISSOM_CORPUS names the corpus; LISSOM_CORPUS_BASES an OCI layout with its base images.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lissom.errors import IntegrityError
from lissom.image.layers import tree
from lissom.rootfs.tree import Tree
from lissom.store.store import Store
from oracle import engine
from oracle.corpus import APPS, MARKS, Corpus, each

pytestmark = MARKS

CHOSEN = [app for app in APPS if re.search(os.environ.get("LISSOM_TEST_CORPUS_APPS", "."), app)]
TIGHT = [app for app in ("nginx-site", "node-seed") if app in CHOSEN]
CASES = [*((app, "file") for app in CHOSEN), *((app, "strict") for app in TIGHT)]
SYFT = shutil.which("syft", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
PAPERS = re.compile(r"usr/share/(doc|man|info|lintian|doc-base|bug)/")


@each(CASES, "app", "level")
def test_a_slim_app_works(
    app: str, level: str, corpus: Corpus, docker: engine.Docker, record_property: Callable[[str, object], None]
) -> None:
    name, account = corpus.slim(app, level)
    assert account["verdict"] == "passed"
    sides = (account["before"], account["after"])
    record_property("slim", [app, level, *(side[key] for key in ("size", "compressed") for side in sides),
                             sum(account["timing"][phase] for phase in ("watched run", "decide", "second run", "write", "proof"))])  # fmt: skip
    corpus.check(app, name, docker)


@pytest.mark.foreign
@pytest.mark.skipif(SYFT is None, reason="syft is not installed")
@each([(app,) for app in ("nginx-site", "flask-notes", "node-express") if app in CHOSEN], "app")
def test_syft_finds_what_is_left(app: str, corpus: Corpus, tmp_path: Path) -> None:
    """Packages of Debian and Python that still have a file, and no others."""
    name, _ = corpus.slim(app, "file")
    corpus("copy", name, f"oci:{tmp_path}/layout:x")
    assert SYFT is not None
    done = subprocess.run([SYFT, "-q", "-o", "json", f"oci-dir:{tmp_path}/layout"], capture_output=True, check=True,
                          env={**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"})  # fmt: skip
    found = json.loads(done.stdout)["artifacts"]
    debs = {one["name"] for one in found if one["type"] == "deb"}
    wheels = {one["name"].lower() for one in found if ".dist-info/" in one["locations"][0]["path"]}
    before, after = files_of(corpus, f"corpus/{app}:lissom", tmp_path), files_of(corpus, name, tmp_path)
    assert debs == debs_left(before, after)
    assert wheels == distributions_left(before, after)
    assert after["etc/os-release"]


def files_of(corpus: Corpus, name: str, directory: Path) -> Tree:
    """The tree of an image, its contents readable."""
    place = directory / name.replace("/", "-")
    place.mkdir()
    with Store.at(corpus.directory / "store") as store:
        return tree(store.image(store.resolve(name)), directory=place)


def text(files: Tree, path: str) -> str:
    content = files[path].content
    assert content is not None
    with content.open() as stream:
        return stream.read().decode(errors="replace")


def is_left(files: Tree, path: str) -> bool:
    """Whether something is at the path that is no directory and leads to none, its directory reached through links."""
    directory, _, name = path.strip("/").rpartition("/")
    try:
        place = f"{files.resolve(directory)}/{name}".strip("/")
        end = files.get(files.resolve(place))
    except IntegrityError:
        return False
    return place in files and not (end is not None and end.is_directory)


def debs_left(before: Tree, after: Tree) -> set[str]:
    """Debian packages of which a file is there that is no documentation, by dpkg's own lists in the original."""
    lists = [path for path in before if path.startswith("var/lib/dpkg/info/") and path.endswith(".list")]
    return {
        path.rpartition("/")[2].removesuffix(".list").partition(":")[0]
        for path in lists
        if any(is_left(after, one) for one in text(before, path).split("\n") if not PAPERS.match(one.strip("/")))
    }


def distributions_left(before: Tree, after: Tree) -> set[str]:
    """Python distributions of which a file is there besides their own records."""
    left = set()
    for path in before:
        directory, _, name = path.rpartition("/")
        if name == "RECORD" and directory.endswith(".dist-info"):
            site, records = directory.rpartition("/")[0], directory.rpartition("/")[2]
            rows = [line.partition(",")[0] for line in text(before, path).split("\n")]
            if any(is_left(after, f"{site}/{row}") for row in rows if row and not row.startswith((records, ".."))):
                found = re.search(r"^Name: (.+)$", text(before, f"{directory}/METADATA"), re.MULTILINE)
                left |= {found[1].strip().lower()} if found else set()
    return left
