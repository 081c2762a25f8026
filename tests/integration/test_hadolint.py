"""Rules that share a code with hadolint tell the same instructions, or the difference is listed with its reason."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from lissom.dockerfile.parser import parse
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Dockerfile, Instruction
from lissom.errors import DockerfileError
from lissom.lint.rules.all import RULES
from lissom.lint.views import subject_of

HADOLINT = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin")
DATA = Path(__file__).parent.parent / "data"
pytestmark = [pytest.mark.foreign, pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")]

# hadolint tells these only when it is asked to, so what it tells by itself is no measure.
ASKED_FOR = {
    *("DL1001", "DL3026", "DL3049", "DL3050", "DL3051", "DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3057"),
    "DL3058",
}
_AT_ONCE = 32  # one file on which hadolint crashes costs the answer for all of a call
CLAIMED = sorted({name for rule in RULES for name in rule.aliases if name.startswith("DL")} - ASKED_FOR)


@dataclass(frozen=True)
class Difference:
    """A kind of instruction on which the two differ; ``ours`` tells that lissom alone tells it."""

    ours: bool
    code: str
    text: str
    why: str


def differences() -> list[Difference]:
    found = []
    for line in (DATA / "lint" / "hadolint-differences.txt").read_text().splitlines():
        if not line.startswith("#"):
            head, _, rest = line.partition(" | ")
            text, _, why = rest.rpartition(" | ")
            sign, code = head.split()
            found.append(Difference(sign == "+", code, text, why))
    return found


@cache
def dockerfiles() -> dict[str, str]:
    """Every text by its name: the set made for this, those of the differential suite, the article's."""
    found: dict[str, str] = {}
    name = ""
    for line in (DATA / "lint" / "hadolint.txt").read_text().splitlines(keepends=True):
        if line.startswith("=== "):
            name = line[4:].strip()
            found[name] = ""
        else:
            found[name] += line
    for place in ("dockerfile", "article"):
        for path in sorted((DATA / place).rglob("Dockerfile*")):
            text = path.read_bytes().decode("utf-8", "surrogateescape")
            found[f"{place}-{path.parent.name}-{path.name}"] = text
    return found


def hadolint(directory: Path, names: Sequence[str], *flags: str) -> dict[str, set[tuple[int, str]] | None]:
    """What hadolint tells of each file: lines and codes; None where it cannot read the file, or crashes on it."""
    command = [str(HADOLINT), "--no-fail", "--disable-ignore-pragma", "--format", "json", *flags]
    run = subprocess.run([*command, *(str(directory / name) for name in names)], capture_output=True, check=False)
    try:
        told = json.loads(run.stdout)
    except ValueError:
        if len(names) == 1:
            return {names[0]: None}
        half = len(names) // 2
        return hadolint(directory, names[:half], *flags) | hadolint(directory, names[half:], *flags)
    found: dict[str, set[tuple[int, str]] | None] = {name: set() for name in names}
    for one in told:
        name = Path(one["file"]).name
        lines = found[name]
        if one["code"] == "DL1000":
            found[name] = None
        elif lines is not None:
            lines.add((one["line"], one["code"]))
    return found


@cache
def theirs(directory: Path) -> dict[str, set[tuple[int, str]] | None]:
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in dockerfiles().items():
        (directory / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    names = list(dockerfiles())
    found: dict[str, set[tuple[int, str]] | None] = {}
    for start in range(0, len(names), _AT_ONCE):
        found |= hadolint(directory, names[start : start + _AT_ONCE])
    return found


@cache
def ours(name: str) -> tuple[Dockerfile | None, list[tuple[tuple[str, ...], Span]]]:
    """What lissom tells of a file: aliases and places; nothing where it refuses the file."""
    try:
        dockerfile = parse(dockerfiles()[name])
    except DockerfileError:
        return None, []
    subject = subject_of(dockerfile)
    return dockerfile, [(rule.aliases, found.span) for rule in RULES for found in rule.check(subject)]


def lines_of(dockerfile: Dockerfile, instruction: Instruction) -> range:
    source = dockerfile.source
    return range(source.line_col(instruction.span.start)[0], source.line_col(instruction.span.end - 1)[0] + 1)


def compared(directory: Path, code: str) -> Iterator[tuple[bool, str, str]]:
    """Every instruction that one of the two tells and the other does not: whose it is, the file, the text."""
    for name, told in theirs(directory).items():
        dockerfile, findings = ours(name)
        if told is None or dockerfile is None:
            continue
        here = [(aliases, span) for aliases, span in findings if code in aliases]
        for instruction in dockerfile.instructions:
            lines = lines_of(dockerfile, instruction)
            codes = {one for line, one in told if line in lines}
            us = [names for names, span in here if instruction.span.start <= span.start <= instruction.span.end]
            if (code in codes and not us) or (us and not codes.intersection(*us)):
                yield bool(us), name, dockerfile.source.cut(instruction.span)


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("hadolint")


@pytest.mark.parametrize("code", CLAIMED)
def test_a_shared_code_tells_the_same_instructions(directory, code):
    known = [one for one in differences() if one.code == code]
    needed = set()
    for alone, name, text in compared(directory, code):
        fitting = [one for one in known if one.ours is alone and re.search(one.text, text)]
        assert fitting, f"{'lissom' if alone else 'hadolint'} alone tells {code} in {name}: {text}"
        needed.update(fitting)
    assert needed == set(known)


def test_there_is_enough_to_compare(directory):
    told = theirs(directory)
    readable = [name for name, found in told.items() if found is not None and ours(name)[0] is not None]
    assert len(readable) > 400
    codes = {code for name in readable for _, code in told[name] or ()}
    assert set(CLAIMED) <= codes


def test_every_difference_has_a_code_that_is_claimed():
    assert {one.code for one in differences()} <= set(CLAIMED)
    assert all(one.why for one in differences())


SCHEMA = {"v": "semver", "u": "url", "m": "email", "h": "hash", "t": "rfc3339", "l": "spdx", "x": "text"}
FULL = "LABEL v=1.2.3 u=https://example.com/x m=a@b.cd h=abcdef1 t=2024-01-02T03:04:05Z l=MIT x=text\n"


@pytest.mark.parametrize(
    "text",
    [
        f"FROM debian:12\n{FULL}",
        "FROM debian:12\nRUN ls\n",
        f"FROM debian:12\n{FULL}LABEL v=x u=y m=z\nLABEL h=q t=w\nLABEL l= x=\nLABEL other=1\n",
        f"FROM debian:12\n{FULL}LABEL v=v1.2.3\nLABEL v=1.2\nLABEL h=abcdef\nLABEL u=example.com\nLABEL l=None\n",
        f"FROM debian:12 AS base\n{FULL}FROM base\nRUN ls\n",
    ],
    ids=["full", "none", "wrong", "nearly", "inherited"],
)
def test_a_schema_of_labels_tells_the_same_lines(tmp_path, text):
    (tmp_path / "labels").write_text(text)
    required = [word for name, kind in SCHEMA.items() for word in ("--require-label", f"{name}:{kind}")]
    told = hadolint(tmp_path, ["labels"], "--strict-labels", *required)["labels"]
    rule = next(rule for rule in RULES if rule.code == "label-schema")
    subject = subject_of(parse(text), settings={"label-schema": {"labels": SCHEMA, "strict": True}})
    ours = {subject.dockerfile.source.line_col(found.span.start)[0] for found in rule.check(subject)}
    assert told is not None
    assert ours == {line for line, code in told if code in rule.aliases}


def test_registries_that_are_not_allowed_are_the_same(tmp_path):
    text = (
        "FROM debian:12 AS x\nFROM ghcr.io/a/b:1\nFROM x\nFROM scratch\nFROM docker.io/a/b:1\nFROM r.example.com/x:1\n"
    )
    (tmp_path / "registries").write_text(text)
    allowed = ["docker.io", "r.example.com"]
    told = hadolint(tmp_path, ["registries"], *(f"--trusted-registry={name}" for name in allowed))["registries"]
    rule = next(rule for rule in RULES if rule.code == "disallowed-registry")
    subject = subject_of(parse(text), settings={"allowed-registries": allowed})
    ours = {subject.dockerfile.source.line_col(found.span.start)[0] for found in rule.check(subject)}
    assert told is not None
    assert ours == {line for line, code in told if code == "DL3026"} == {2}
