"""What images and packages an app runs with, told by the names of those that it is built with."""

from __future__ import annotations

import pytest

from lissom.lint.images.base import outside_base
from lissom.lint.stages.packages import has_tools, runtime_packages
from lissom.lint.stages.runtimes import plain, release_of, slim_of


@pytest.mark.parametrize(
    ("image", "slim"),
    [
        ("python", "python:slim"),
        ("python:latest", "python:slim"),
        ("python:3.12", "python:3.12-slim"),
        ("python:3.12-bookworm", "python:3.12-slim-bookworm"),
        ("ruby:3.3-bookworm", "ruby:3.3-slim-bookworm"),
        ("node:20", "node:20-slim"),
        ("node:20-bookworm", "node:20-bookworm-slim"),
        ("node:20-slim", "node:20-slim"),
        ("docker.io/library/python:3.11", "docker.io/library/python:3.11-slim"),
        ("node:lts", None),
        ("node:20-alpine", "node:20-alpine"),
        ("python:3.12-windowsservercore", None),
        ("python@sha256:" + "a" * 64, None),
        ("python:3.12@sha256:" + "a" * 64, None),
    ],
)
def test_the_slim_variant_of_an_image(image, slim):
    assert slim_of(outside_base(image), image) == slim


@pytest.mark.parametrize(
    ("written", "slim"),
    [("python:${V}", "python:${V}-slim"), ("python:${V:-3.12}", "python:${V:-3.12}-slim"), ("${BASE}", None)],
)
def test_variables_stay_in_the_name_of_the_slim_variant(written, slim):
    assert slim_of(outside_base("python:3.12"), written) == slim


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("debian", "bookworm"),
        ("debian:12", "bookworm"),
        ("debian:12.5-slim", "bookworm"),
        ("debian:trixie", "trixie"),
        ("debian:stable", ""),
        ("node:20", "bookworm"),
        ("node:24", ""),
        ("node:20-bullseye", "bullseye"),
        ("node:10-stretch", ""),
        ("golang:1.22", "bookworm"),
        ("golang:1", ""),
        ("golang:1.30", ""),
        ("golang:1.22-alpine", "alpine"),
        ("rust:1.75.0", "bookworm"),
        ("rust", ""),
        ("python:3.12", ""),
    ],
)
def test_the_release_of_debian_that_programs_run_on(image, release):
    assert release_of(outside_base(image)) == release


def test_tools_go_and_libraries_stay():
    packages = ("vim", "gcc-12", "g++", "curl", "libpq-dev", "libssl-dev", "libunknown-dev", "curl", "openjdk-17-jdk")
    assert runtime_packages(packages, "bookworm") == ("curl", "libpq5", "libssl3", "libunknown-dev")
    assert runtime_packages(packages, "") == ("curl", "libpq5", "libssl-dev", "libunknown-dev")


def test_packages_of_alpine_have_names_of_their_own():
    packages = ("build-base", "postgresql-dev", "tini", "unknown-dev", "curl>8")
    assert runtime_packages(packages, "alpine") == ("libpq", "tini", "unknown-dev", "curl>8")


@pytest.mark.parametrize(
    ("image", "small"),
    [
        ("golang:1.22-bookworm", "debian:bookworm-slim"),
        ("golang:1.22-alpine", "alpine:3"),
        ("rust:1.75-alpine3.18", "alpine:3.18"),
    ],
)
def test_an_image_without_any_language(image, small):
    base = outside_base(image)
    assert plain(base, release_of(base)) == small


def test_versions_of_packages_stay():
    assert runtime_packages(("curl=7.88.1-10", "make=4.3"), "bookworm") == ("curl=7.88.1-10",)


@pytest.mark.parametrize(
    ("packages", "tools"),
    [((), False), (("curl",), False), (("curl", "git"), False), (("gcc",), True), (("libfoo-dev",), True)],
)
def test_whether_packages_are_for_building(packages, tools):
    assert has_tools(packages) is tools
