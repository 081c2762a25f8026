"""Lint takes any Dockerfile that can be parsed: it never raises, and what it gives can be used."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings

from lissom.dockerfile.parser import parse
from lissom.dockerfile.syntax import Dockerfile
from lissom.errors import DockerfileError
from lissom.lint.fix import Equivalence, Safety
from lissom.lint.lint import lint
from lissom.lint.rule import Finding
from lissom.lint.settings import Settings
from lissom.lint.views import subject_of
from odd_dockerfiles import altered_dockerfiles, given_dockerfiles, odd_dockerfiles

EVERY = Settings(select=("all",))


def found(dockerfile: Dockerfile) -> tuple[Finding, ...]:
    return lint(subject_of(dockerfile, settings={"allowed-registries": ("*.example.com",)}), EVERY)


def check(dockerfile: Dockerfile) -> None:
    source = dockerfile.source
    for one in found(dockerfile):
        assert 0 <= one.span.start <= one.span.end <= len(source.text), one.rule.code
        assert source.line_col(one.span.start)[0] <= source.text.count("\n") + 1
        assert one.message
        assert "\n" not in one.message, one.rule.code
        assert not one.message.endswith("."), one.rule.code
        if one.fix is None:
            continue
        assert one.fix.edits or one.fix.files, one.rule.code
        if one.fix.safety is Safety.SAFE:
            assert one.fix.equivalence in (Equivalence.E0, Equivalence.E1), one.rule.code
        fixed = source.apply(one.fix.edits)
        try:
            parse(fixed)
        except DockerfileError as error:
            pytest.fail(f"{one.rule.code} makes what cannot be parsed: {error.message}\n{fixed}")


def test_dockerfiles_of_the_test_data():
    parsed: list[Dockerfile] = []
    for path in odd_dockerfiles():
        try:
            parsed.append(parse(path.read_bytes(), str(path)))
        except DockerfileError:
            continue
    assert len(parsed) > 500
    before = time.process_time()
    for dockerfile in parsed:
        check(dockerfile)
    assert time.process_time() - before < 60


@given(given_dockerfiles())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_generated_dockerfiles(text):
    try:
        dockerfile = parse(text)
    except DockerfileError:
        return
    check(dockerfile)


@given(altered_dockerfiles())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_altered_dockerfiles(text):
    try:
        dockerfile = parse(text)
    except DockerfileError:
        return
    check(dockerfile)


LONG = {
    "instructions": "RUN apt-get update && apt-get install -y curl\n" * 700,
    "stages": "FROM a AS b\nCOPY --from=b x y\nFROM b AS c\nRUN rm x\n" * 500,
    "commands": "RUN " + " && ".join(["apt-get install -y a"] * 4000) + "\n",
    "words": "RUN apt-get install -y " + " ".join(f"p{number}" for number in range(8000)) + "\n",
    "variables": "".join(f"ENV A{number}=$A{number - 1}\n" for number in range(1000)),
    "doubling": "ENV A=aaaaaaaaaa\n" + "ENV A=$A$A$A$A$A$A$A$A$A$A\n" * 30 + "WORKDIR $A\nUSER $A\n",
    "copies": "".join(f"COPY f{number} /d{number}\nRUN rm /d{number}\n" for number in range(1000)),
    "continuations": "RUN a \\\n" + " && b \\\n" * 5000 + " && c\n",
    "nested": "RUN " + "(" * 5000 + "\n",
    "one-word": "RUN a" + "b" * 200_000 + "\n",
    "blanks": "RUN a" + " " * 200_000 + "b\n",
    "quotes": "RUN a '" + "b" * 200_000 + "\n",
    "comments": "# lissom ignore=" + "a," * 50_000 + "\nRUN a\n",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_files_take_no_long_time(text):
    dockerfile = parse(f"FROM debian:bookworm AS b\n{text}")
    before = time.process_time()
    found(dockerfile)
    assert time.process_time() - before < 20
