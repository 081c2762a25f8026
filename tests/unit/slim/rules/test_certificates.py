"""Certificates of authorities."""

import pytest

from elf_files import a_program, an_elf
from lissom.slim.rules.certificates import RULES
from slim_scenes import a_scene, directories, seen, stays

BUNDLE = "etc/ssl/certs/ca-certificates.crt"
FILES = {
    BUNDLE: "x",
    "etc/ssl/certs/1234abcd.0": "-> ROOT.pem",
    "etc/ssl/certs/ROOT.pem": "-> /usr/share/ca-certificates/mozilla/ROOT.crt",
    "usr/share/ca-certificates/mozilla/ROOT.crt": "x",
    "usr/lib/ssl/certs": "-> /etc/ssl/certs",
    "usr/share/ca-certificates/other": "x",
}


def found(files, *paths):
    kept = stays(a_scene({**FILES, **files}, sightings=seen(*paths)), *RULES)
    return {path for path, reason in kept.items() if reason == "certificates"}


@pytest.mark.parametrize(
    "path", ["usr/lib/libssl.so.3", "usr/lib/libgnutls.so.30.34.3", "usr/lib/libnss3.so", "usr/local/bin/node"]
)
def test_what_speaks_tls_by_a_library(path):
    assert found({path: an_elf()}, path) == set(FILES)


def test_what_brings_its_own_tls_names_the_bundle():
    own = a_program(texts=["/etc/ssl/certs/ca-certificates.crt"])
    assert found({"app/run": own}, "app/run") == {BUNDLE, "usr/lib/ssl/certs"}


@pytest.mark.parametrize("path", ["usr/lib/libsslx.txt", "usr/bin/nodejs-doc", "app/run"])
def test_who_does_not(path):
    assert found({path: a_program()}, path) == set()


def test_directories_for_certificates_that_are_mounted_later():
    scene = a_scene({"usr/lib/libssl.so.3": an_elf(), "etc/ssl/certs/": ""}, sightings=seen("usr/lib/libssl.so.3"))
    assert "etc/ssl/certs" in directories(scene, *RULES)
