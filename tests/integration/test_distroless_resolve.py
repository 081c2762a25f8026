"""What packages need, held against apt, which is asked what it would install on an empty system."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from lissom.api.distroless import apt_settings
from lissom.distroless.archive.apt import Archive
from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.archive.sources import read_sources, select
from lissom.distroless.supply.resolve import resolve

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(not shutil.which("apt-get"), reason="needs apt-get"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
]
SETS = (
    "python3", "openjdk-17-jre-headless", "nodejs", "nginx", "postgresql", "php-fpm", "ruby-sinatra", "default-jre",
    "perl", "git", "build-essential", "mailutils", "exim4", "ffmpeg", "curl python3-minimal usr-is-merged mawk",
    "python3-django", "python3-flask", "podman", "php-tideways", "libtesseract-dev", "notmuch-vim", "sa-exim",
    "default-mta mutt", "librust-concread-dev",
)  # fmt: skip
"""Alternatives, virtual packages, versions; those of the last lines are chosen by order alone."""


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    fetcher = Fetcher(apt_settings({}))
    sources = select(read_sources(Path("/etc/apt")), "bookworm", ("main",), "amd64")
    archive = Archive(sources, fetcher, tmp_path_factory.mktemp("cache"), now=int(time.time()), origin="Debian")
    yield archive.index("amd64")
    fetcher.close()


@pytest.fixture(scope="module")
def apt(tmp_path_factory):
    """Asks apt about a list of packages, with lists of its own and nothing installed; gives the names."""
    state = tmp_path_factory.mktemp("apt")
    (state / "lists/partial").mkdir(parents=True)
    (state / "none").mkdir()
    (state / "status").touch()
    settings = {
        "APT::Architecture": "amd64", "APT::Architectures": "amd64", "APT::Sandbox::User": "root",
        "Dir::State": state, "Dir::State::Lists": state / "lists", "Dir::State::status": state / "status",
        "Dir::Cache": state, "Dir::Log": state, "Acquire::Languages": "none", "Acquire::GzipIndexes": "false",
        "Dir::Etc::parts": state / "none", "Dir::Etc::main": state / "none/no.conf",
        "Dir::Etc::preferencesparts": state / "none", "Dir::Etc::preferences": state / "none/no",
    }  # fmt: skip
    reached = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout.splitlines()
    lines = [line for line in reached if line.startswith("Acquire::") and not line.startswith("Acquire::IndexTargets")]
    lines += [f'{name} "{value}";' for name, value in settings.items()]
    (state / "apt.conf").write_text("\n".join(lines) + "\n")
    environment = {**os.environ, "APT_CONFIG": str(state / "apt.conf"), "LC_ALL": "C.UTF-8"}

    def ask(*words):
        done = subprocess.run(["apt-get", *words], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return {line.split()[1].partition(":")[0] for line in done.stdout.splitlines() if line.startswith("Inst ")}

    ask("update")
    return lambda packages: ask("--simulate", "--no-install-recommends", "install", *packages)


@pytest.mark.parametrize("packages", SETS)
def test_the_closure_is_apts(index, apt, packages):
    ours = {one.package.name for one in resolve(index, packages.split())}
    theirs = apt(packages.split())
    assert theirs
    assert ours == theirs
