"""What rules look at: bases, what is in force, which stages count."""

from __future__ import annotations

import pytest

from lissom.dockerfile.parser import parse
from lissom.errors import UsageError
from lissom.lint.images.base import outside_base, shell_of
from lissom.lint.subject import Subject
from lissom.lint.views import subject_of

BASES = """
node                                                node debian node
node:18-alpine                                      node alpine node
node:${V}-alpine                                    node alpine node
node:${V}-slim                                      node debian node
node:$V                                             node - node
python:3.12-slim@sha256:00                          python debian python
python@sha256:00                                    python - python
docker.io/library/debian:12                         debian debian -
index.docker.io/library/alpine                      alpine alpine -
public.ecr.aws/docker/library/node:20               node debian node
arm64v8/alpine:3                                    alpine alpine -
registry.example.com/library/python:3.1             registry.example.com/library/python debian python
registry.example.com:5000/app                       registry.example.com:5000/app - -
myorg/app:slim                                      myorg/app - -
ghcr.io/org/ubuntu-base:1                           ghcr.io/org/ubuntu-base debian -
$BASE                                               - - -
$BASE:alpine                                        - alpine -
scratch                                             scratch scratch -
debian:$V                                           debian debian -
ubuntu:22.04                                        ubuntu debian -
fedora:40                                           fedora redhat -
rockylinux:9                                        rockylinux redhat -
amazonlinux:2023                                    amazonlinux redhat -
registry.access.redhat.com/ubi9/ubi-minimal:9.4     registry.access.redhat.com/ubi9/ubi-minimal redhat -
opensuse/leap:15.6                                  opensuse/leap suse -
archlinux:base                                      archlinux arch -
busybox                                             busybox busybox -
gcr.io/distroless/static-debian12:nonroot           gcr.io/distroless/static-debian12 distroless -
gcr.io/distroless/java17-debian12:debug             gcr.io/distroless/java17-debian12 distroless java
gcr.io/distroless/nodejs20-debian12                 gcr.io/distroless/nodejs20-debian12 distroless node
cgr.dev/chainguard/node                             cgr.dev/chainguard/node distroless node
cgr.dev/chainguard/node:latest-dev                  cgr.dev/chainguard/node alpine node
openjdk:8-jdk                                       openjdk debian java
openjdk:17                                          openjdk redhat java
openjdk:17-slim                                     openjdk debian java
openjdk:17-alpine                                   openjdk alpine java
eclipse-temurin:21-jre                              eclipse-temurin debian java
eclipse-temurin:21-jre-ubi9-minimal                 eclipse-temurin redhat java
amazoncorretto:21                                   amazoncorretto redhat java
maven:3.9-amazoncorretto-17                         maven redhat java
gradle:8-jdk17                                      gradle debian java
tomcat:9-jdk17-corretto                             tomcat redhat java
golang:1.22-bookworm                                golang debian go
golang:1.22-windowsservercore                       golang windows go
ruby:3                                              ruby debian ruby
php:8.3-fpm-alpine                                  php alpine php
composer:2                                          composer alpine php
rust:1                                              rust debian rust
nginx:alpine                                        nginx alpine -
nginx:1.27                                          nginx debian -
httpd                                               httpd debian -
redis:7                                             redis debian -
postgres:16-bookworm                                postgres debian -
mysql:8                                             mysql redhat -
mysql:5.7                                           mysql - -
nvidia/cuda:12.4-base-ubuntu22.04                   nvidia/cuda debian -
nvidia/cuda:12.4-base-rockylinux8                   nvidia/cuda redhat -
mcr.microsoft.com/dotnet/sdk:8.0                    mcr.microsoft.com/dotnet/sdk debian dotnet
mcr.microsoft.com/dotnet/aspnet:8.0-alpine3.19      mcr.microsoft.com/dotnet/aspnet alpine dotnet
mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled  mcr.microsoft.com/dotnet/aspnet distroless dotnet
mcr.microsoft.com/windows/nanoserver:ltsc2022       mcr.microsoft.com/windows/nanoserver windows -
""".strip().splitlines()


@pytest.mark.parametrize("row", BASES, ids=lambda row: row.split()[0])
def test_names_of_images_tell_family_and_language(row):
    image, *expected = row.split()
    base = outside_base(image)
    assert [base.name or "-", base.family or "-", base.language or "-"] == expected


def test_parts_of_a_name():
    base = outside_base("a.b:5000/c/d:1.2-x@sha256:0f")
    assert (base.image, base.name, base.tag, base.digest) == (
        "a.b:5000/c/d:1.2-x@sha256:0f",
        "a.b:5000/c/d",
        "1.2-x",
        "sha256:0f",
    )
    assert outside_base("node:$V").image is None


def test_shells_of_families():
    assert [shell_of(outside_base(one)) for one in ("debian", "alpine", "fedora", "x/y")] == [
        "dash",
        "busybox",
        "bash",
        "",
    ]


def subject(text: str) -> Subject:
    return subject_of(parse(text))


def test_defaults_of_arguments_are_expanded_in_from():
    stages = subject("ARG V=20\nARG B=node:$V\nARG X\nFROM $B-slim\nFROM ${X:-alpine}:3\nFROM $X\n").stages
    assert [stage.base.image for stage in stages] == ["node:20-slim", "alpine:3", None]


def test_a_stage_on_a_stage_has_its_base_and_what_was_in_force():
    found = subject(
        'FROM debian:12 AS one\nENV A=1\nWORKDIR /x\nUSER app\nSHELL ["/bin/bash", "-c"]\nFROM one\nWORKDIR y\nRUN a\n'
    )
    base = found.stages[1].base
    assert (base.image, base.parent) == ("debian:12", 0)
    run = found.stages[1].steps[-1]
    assert (dict(run.env), run.user, run.workdir, run.shell) == ({"A": "1"}, "app", "/x/y", ("/bin/bash", "-c"))
    first = found.stages[0].steps[0]
    assert (dict(first.env), first.user, first.workdir, first.shell) == ({}, None, None, None)


def test_values_of_variables():
    found = subject(
        "ARG V=1\nARG W\nFROM a\nARG V\nARG W\nARG X=x$V\nENV A=$V B=$A\nENV B=b$A C=$Q\nENV A=2\nARG A=3\nRUN a\n"
    )
    assert dict(found.stages[0].steps[-1].env) == {"V": "1", "W": None, "X": "x1", "A": "2", "B": "b1", "C": None}
    assert dict(found.stages[0].steps[4].env) == {"V": "1", "W": None, "X": "x1", "A": "1", "B": None}


def test_working_directories():
    found = subject("FROM scratch\nWORKDIR a\nWORKDIR ../b/.\nFROM x\nWORKDIR c\nWORKDIR $D/e\nWORKDIR /f/\nRUN a\n")
    assert [step.workdir for step in found.stages[0].steps] == [None, "/a"]
    assert [step.workdir for step in found.stages[1].steps] == [None, "c", "$D/e", "/f"]


def test_stages_that_are_shipped_and_used():
    found = subject(
        "FROM a AS base\nFROM b AS tools\nFROM c AS other\nFROM d AS copied\nFROM base AS app\n"
        "RUN --mount=type=bind,from=tools,target=/t x\nCOPY --from=3 / /\nFROM app\n"
    )
    assert [stage.shipped for stage in found.stages] == [True, False, False, False, True, True]
    assert [stage.used for stage in found.stages] == [True, True, False, True, True, True]
    assert found.final.final
    assert not found.stages[0].final


def test_a_target_is_what_is_built():
    dockerfile = parse("FROM a AS base\nFROM base AS test\nFROM b AS tools\nFROM base AS App\nCOPY --from=tools / /\n")
    found = subject_of(dockerfile, target="test")
    assert [stage.shipped for stage in found.stages] == [True, True, False, False]
    assert [stage.used for stage in found.stages] == [True, True, False, False]
    assert found.final.stage.name == "test"
    assert subject_of(dockerfile, target="app").final.stage.index == 3
    with pytest.raises(UsageError, match="no stage of that name"):
        subject_of(dockerfile, target="nobody")


def test_references_to_stages_that_are_not_there_are_no_trouble():
    found = subject("FROM a AS b\nCOPY --from=7 x y\nCOPY --from=nobody x y\nCOPY --from=b x y\n")
    assert [stage.used for stage in found.stages] == [True]


def test_scripts_are_read_where_the_shell_is_one_like_sh():
    found = subject(
        'FROM a\nRUN a\nSHELL ["pwsh", "-c"]\nRUN b\nSHELL ["/bin/bash", "-c"]\nRUN c\nRUN ["d"]\n'
        "FROM mcr.microsoft.com/windows/nanoserver\nRUN e\n"
    )
    assert [[command.name for command in step.commands] for step in found.steps()] == [
        ["a"],
        [],
        [],
        [],
        ["c"],
        [],
        [],
    ]


def test_a_heredoc_may_name_its_shell():
    found = subject(
        "FROM a\nRUN <<E\n#!/bin/bash -eu\na\nE\nRUN <<E\n#!/usr/bin/env bash\na\nE\n"
        "RUN <<E\n#!/bin/sh\na\nE\nRUN <<E\n#!/bin/cat\na\nE\n"
    )
    assert [(step.shell, len(step.commands)) for step in found.steps()] == [
        (("/bin/bash", "-eu"), 1),
        (("bash",), 1),
        (None, 1),
        (None, 0),
    ]


def test_lines_and_what_was_measured():
    from lissom.lint.subject import Shown

    dockerfile = parse("FROM a\n\nRUN a \\\n  b\nRUN c\n")
    shown = [
        Shown("package_lists", (3, 4), 10, detail="apt lists"),
        Shown("package_lists", (3, 4), 5, detail="apk index"),
        Shown("deleted", (5, 5), 7),
    ]
    found = subject_of(dockerfile, shown=shown)
    run = found.stages[0].steps[0].instruction
    assert found.lines(run) == (3, 4)
    assert found.measured(run, "package_lists") == 15
    assert found.measured(run, "package_lists", "apt lists") == 10
    assert found.measured(run, "deleted") == 0
    assert subject_of(dockerfile).measured(run, "deleted") is None
