"""Safe fixes of caches, with real package managers: both files are built, and only what is in caches is gone."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from oracle.builders import lissom_command
from oracle.corpus import BASES, lissom

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("caches"),
    pytest.mark.skipif(not BASES, reason="LISSOM_CORPUS_BASES does not name an OCI layout of the corpus bases"),
]

# What two builds of one file do not have in common either: logs with times, and what is made of times.
NOISE = re.compile(r"/var/log/(apt/|dpkg|alternatives)|/var/cache/ldconfig/aux-cache|/tmp/v8-compile-cache|trim\.txt$")
INSTALL = "apt-get install -y --no-install-recommends jq"
FILES = {
    "apt over several lines": (
        f"FROM debian:bookworm\nRUN apt-get update && \\\n    # why\n    {INSTALL} \\\n      less\n",
        r"/var/lib/apt/lists/",
    ),
    "apt under errexit": (
        f"FROM debian:bookworm\nRUN set -eux; \\\n\tapt-get update; \\\n\t{INSTALL}; \\\n\tfor i in 1 2; do ls; done\n",
        r"/var/lib/apt/lists/",
    ),
    "apt in a heredoc": (
        f"FROM debian:bookworm\nRUN <<EOF\nset -e\napt-get update\n{INSTALL}\nEOF\n",
        r"/var/lib/apt/lists/",
    ),
    "a lone update": (
        f"FROM debian:bookworm\nRUN apt-get update\nENV A=b\nRUN {INSTALL} \\\n && touch /a\n",
        r"/var/lib/apt/lists/",
    ),
    "line ends of Windows": (
        f"FROM debian:bookworm\r\nRUN apt-get update \\\r\n && {INSTALL}\r\n",
        r"/var/lib/apt/lists/",
    ),
    "npm and yarn": (
        "FROM node:20\nWORKDIR /app\nRUN npm init -y && npm install left-pad@1.3.0\nRUN yarn add --non-interactive is-odd\n",
        r"/root/\.npm/_|/usr/local/share/\.cache",
    ),
    "npm of another user": (
        "FROM node:20\nRUN useradd -m -u 300000 app\nUSER app\nWORKDIR /home/app\nRUN npm install left-pad@1.3.0\n",
        r"/home/app/\.npm/_|/var/log/(lastlog|faillog)",
    ),
    "Go": (
        """FROM golang:1.19
WORKDIR /src
RUN printf 'package main\\nfunc main(){println(1)}\\n' > main.go && go mod init x && go build -o /app .
""",
        r"/go/pkg|/root/\.cache/go-build|/root/\.config/go",
    ),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("caches") / "store"
    for name in ("debian:bookworm", "node:20", "golang:1.19"):
        lissom(root, "copy", f"oci:{BASES}:{name}", name)
    return root


@pytest.mark.parametrize(("text", "caches"), FILES.values(), ids=FILES)
def test_only_caches_are_gone(store, tmp_path, text, caches):
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text(text, newline="")
    lissom(store, "fix", "--write", "--ignore", "join-runs", tmp_path / "after")
    for name in ("before", "after"):
        lissom(store, "build", "--host-settings", "-t", f"caches:{name}", tmp_path / name)
    assert (tmp_path / "after" / "Dockerfile").read_text() != text
    account = json.loads(differing(store))
    assert [one["path"] for one in account["files"] if one["change"] == "added"] == []
    others = [one["path"] for one in account["files"] if not NOISE.search(one["path"])]
    assert others
    assert [path for path in others if not re.match(caches, path)] == []
    assert account["after"]["size"] < account["before"]["size"]


def differing(store: Path) -> str:
    """What `diff` says; its exit status is 1 since they differ."""
    words = [*lissom_command(), "--root", str(store), "diff", "--json", "caches:before", "caches:after"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    return done.stdout
