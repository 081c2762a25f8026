"""The library of slices, held against the packages that the archive has now."""

import os
import re
import shutil
from pathlib import Path

import pytest

from lissom.api.distroless import apt_settings
from lissom.distroless.archive.deb import Deb
from lissom.distroless.archive.fetch import Fetcher
from lissom.distroless.spec.slices import LIBRARY, library, sliced
from lissom.distroless.spec.spec import Spec, Wish
from lissom.distroless.supply.supply import supply

pytestmark = [
    pytest.mark.root,
    pytest.mark.network,
    pytest.mark.xdist_group("distroless"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(not shutil.which("gpgv"), reason="needs gpgv"),
    pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl"),
]
DOCUMENTATION = re.compile(r"usr/share/(doc|man|info|groff|lintian|linda|locale|bug|doc-base)/")
NAMES = sorted(path.stem for path in LIBRARY.glob("*.yaml"))


@pytest.fixture(scope="module")
def debs(ready):
    spec = Spec(packages=tuple(Wish(name, dependencies=False) for name in NAMES))
    fetcher = Fetcher(apt_settings(os.environ))
    cache = ready.store / "lissom/debian"
    try:
        return supply(spec, "amd64", apt=Path("/etc/apt"), fetcher=fetcher, cache=cache, beside=ready.directory).debs
    finally:
        fetcher.close()


@pytest.mark.skipif("x86" not in os.uname().machine, reason="some packages have more on amd64 than elsewhere")
@pytest.mark.parametrize("name", NAMES)
def test_every_glob_finds_something_and_together_they_are_the_package(debs, tmp_path, name):
    files = Deb.open(debs[name]).data(tmp_path)
    slices = library(name)
    globs = [glob for one in slices.values() for glob in one.paths]
    for glob in globs:
        assert sliced(files, Wish(name, slices=(glob,))).entries, glob
    whole = sliced(files, Wish(name, slices=tuple(slices))).entries
    left = [path for path, one in files.entries.items() if path not in whole and not one.is_directory]
    assert [path for path in left if not DOCUMENTATION.match(path)] == []
