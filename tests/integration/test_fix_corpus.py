"""Every app's fat Dockerfile, fixed and proven with its own probes; and the traps that need a real package manager."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from oracle.corpus import CORPUS, EACH_APP, MARKS, Corpus

pytestmark = MARKS

# What these run comes as packages of the last stage's own: nothing is built, so nothing is split.
WHOLE = {"nginx-site", "php-guestbook", "redis-cache", "shell-report"}
GIT = "FROM debian:bookworm\nRUN apt-get update && apt-get install -y git\n"


def fixed(corpus: Corpus, directory: Path, *flags: str | Path) -> dict[str, object]:
    words = ["fix", directory, "--verify", "--write", "--json", "--builds", "0", "--host-settings", *corpus.flags]
    return json.loads(corpus(*words, *flags))


@EACH_APP
def test_what_fixing_leaves_passes_the_apps_probes(corpus: Corpus, tmp_path: Path, app: str) -> None:
    context = tmp_path / app
    subprocess.run([sys.executable, CORPUS / "build-apps", "--context", app, context], check=True, capture_output=True)
    probes = CORPUS / "apps" / app / "probe.json"
    account = fixed(corpus, context, "--probes", probes, "--patience", "3")
    assert account["probes"]["outcome"] == "passed"
    split = any(one["code"] == "single-stage" for one in account["applied"])
    assert split == (app not in WHOLE)
    assert account["after"]["size"] * (2 if split else 1) < account["before"]["size"]
    assert all(one["proved"] for one in account["applied"])
    again = json.loads(corpus("fix", context, "--json"))
    assert again["applied"] == []


@pytest.mark.parametrize("inside", [True, False], ids=["in-the-build", "by-a-probe"])
def test_a_recommended_package_that_is_used_stays(corpus: Corpus, tmp_path: Path, inside: bool) -> None:
    """git recommends less, and something calls it."""
    text = GIT + ("RUN less --version > /version\n" if inside else "") + 'CMD ["sleep", "100"]\n'
    (tmp_path / "Dockerfile").write_text(text)
    probe = ("--exec", "git --version") if inside else ("--exec", "less --version")
    account = fixed(corpus, tmp_path, *probe, "--select", "apt-recommends,apt-lists")
    assert [one["code"] for one in account["applied"]] == ["apt-lists"]
    dropped = {one["code"]: one["reason"] for one in account["dropped"]}
    assert ("less: not found" if inside else "probe `less --version` fails") in dropped["apt-recommends"]


def test_lists_that_a_later_step_reads_stay(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM debian:bookworm\nRUN apt-get update && apt-get install -y --no-install-recommends jq\n"
        "RUN apt-cache policy jq > /policy\n"
    )
    account = fixed(corpus, tmp_path, "--select", "apt-lists")
    assert "RUN apt-get update && apt-get install -y --no-install-recommends jq\n" in account["text"]
