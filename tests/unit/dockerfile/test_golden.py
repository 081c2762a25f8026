"""Whole files against what is recorded: parses in data/dockerfile-parse, errors in data/dockerfile-errors.

``pytest --update-golden`` writes the records anew.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from lissom.dockerfile.parser import parse
from lissom.dockerfile.source import Source, Span
from lissom.dockerfile.syntax import Comment, Directive, Dockerfile, Instruction
from lissom.errors import DockerfileError

DATA = Path(__file__).parents[2] / "data"
PARSES = sorted(path for path in (DATA / "dockerfile-parse").iterdir())
ERRORS = sorted(path for path in (DATA / "dockerfile-errors").iterdir())
QUIET = {"keyword", "span", "text", "image_span", "name_span"}


def check(request: pytest.FixtureRequest, path: Path, text: str) -> None:
    if request.config.getoption("--update-golden", default=False):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


def place(source: Source, span: Span) -> str:
    start, end = source.line_col(span.start), source.line_col(span.end)
    return f"{start[0]}:{start[1]}-{end[0]}:{end[1]}"


def value_of(source: Source, value: object) -> str:
    if isinstance(value, Span):
        return place(source, value)
    if isinstance(value, Instruction):
        return one_line(source, value)
    if isinstance(value, tuple) and not isinstance(value, Span):
        return "(" + " ".join(value_of(source, one) for one in value) + ")"
    if hasattr(value, "__dataclass_fields__"):
        inner = " ".join(f"{f.name}={value_of(source, getattr(value, f.name))}" for f in fields(value))
        return f"{type(value).__name__}[{inner}]"
    return repr(value)


def one_line(source: Source, one: Instruction) -> str:
    shown = [
        f"{f.name}={value_of(source, getattr(one, f.name))}"
        for f in fields(one)
        if f.name not in QUIET and getattr(one, f.name) not in (None, (), False, 0, "")
    ]
    return f"{one.keyword} {' '.join(shown)}".rstrip()


def dump(dockerfile: Dockerfile) -> str:
    source = dockerfile.source
    lines = [f"escape {dockerfile.escape}"]
    first = {id(stage.from_): stage for stage in dockerfile.stages}
    for item in dockerfile.items:
        if isinstance(item, Directive):
            lines.append(f"directive {item.name}={item.value!r}")
        elif isinstance(item, Comment):
            lines.append(f"comment {item.text!r}")
        elif isinstance(item, Instruction):
            if stage := first.get(id(item)):
                lines.append(f"stage {stage.index} {stage.name or ''}".rstrip())
            lines += (f"{place(source, item.span)} {one_line(source, item)}", f"  text {item.text!r}")
    lines += (f"warning {w.code} {place(source, w.span)}: {w.message}" for w in dockerfile.warnings)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("case", PARSES, ids=lambda case: case.name)
def test_parse(case: Path, request: pytest.FixtureRequest) -> None:
    data = (case / "Dockerfile").read_bytes()
    dockerfile = parse(data)
    assert "".join(dockerfile.source.cut(item.span) for item in dockerfile.items) == data.decode(
        "utf-8", "surrogateescape"
    )
    check(request, case / "parse.txt", dump(dockerfile))


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case.name)
def test_error(case: Path, request: pytest.FixtureRequest) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse((case / "Dockerfile").read_bytes())
    check(request, case / "error.txt", caught.value.message + "\n")


def test_there_are_many_cases() -> None:
    assert len(PARSES) >= 40
    assert len(ERRORS) >= 40
