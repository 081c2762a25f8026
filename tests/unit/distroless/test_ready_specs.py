"""The specs that lissom brings along, as they are read."""

import pytest

from lissom.distroless.spec.file import load
from lissom.distroless.spec.include import purpose, ready_specs
from lissom.distroless.spec.slices import LIBRARY, library

MINIMAL = ["base", "cc", "java-jlink", "java17", "nodejs", "perl", "python3", "ruby", "static"]
FULL = ["busybox", "debian", "debian-slim"]


def test_they_are_these_and_say_what_for():
    assert ready_specs() == sorted([*MINIMAL, *FULL])
    for name in ready_specs():
        assert purpose(name).startswith(("For ", "One ", "The ", name[:4].capitalize())), name
        assert len(purpose(name)) < 120, name


@pytest.mark.parametrize("name", MINIMAL)
def test_each_has_the_same_variants(name):
    plain, nonroot = load(name), load(f"{name}:nonroot")
    debug, both = load(f"{name}:debug"), load(f"{name}:debug-nonroot")
    assert [one.user for one in (plain, nonroot, debug, both)] == ["", "65532", "", "65532"]
    assert [one.debug for one in (plain, nonroot, debug, both)] == [False, False, True, True]
    assert [one.workdir for one in (plain, nonroot, debug, both)] == ["/", "/home/nonroot", "/", "/home/nonroot"]
    assert nonroot.name == f"distroless/{name}:nonroot"
    assert nonroot.packages == plain.packages
    assert nonroot.entrypoint == plain.entrypoint


@pytest.mark.parametrize("name", MINIMAL)
def test_packages_come_alone_and_slices_are_of_the_library(name):
    for wish in load(name).packages:
        assert not wish.dependencies, wish
        for one in wish.slices:
            assert one.startswith("/") or one in library(wish.name), (wish.name, one)


def test_a_package_that_is_added_brings_what_it_needs(tmp_path):
    (tmp_path / "app.yaml").write_text("include: python3\npackages: [git, libssl3]\nwithout: [perl]\n")
    wishes = {wish.name: wish for wish in load(str(tmp_path / "app.yaml")).packages}
    assert wishes["git"].dependencies
    assert wishes["libssl3"].slices == ()
    assert not wishes["libc6"].dependencies


def test_several_dozen_packages_have_slices():
    assert len(list(LIBRARY.glob("*.yaml"))) >= 40
