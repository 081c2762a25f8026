"""The parser: nothing lost, nothing raised but DockerfileError, fast; and what single instructions mean."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lissom.dockerfile.health import parse_duration
from lissom.dockerfile.lexer import lex
from lissom.dockerfile.parser import parse, parse_instruction
from lissom.dockerfile.source import Source
from lissom.dockerfile.syntax import Copy, Instruction, Onbuild, Run
from lissom.errors import DockerfileError

PIECES = st.sampled_from(
    [
        *(
            "FROM busybox",
            "FROM a AS b",
            "RUN ",
            "COPY ",
            "ADD ",
            "ENV ",
            "ARG ",
            "LABEL ",
            "CMD ",
            "ONBUILD ",
            "SHELL ",
        ),
        *("HEALTHCHECK ", "EXPOSE ", "VOLUME ", "USER ", "WORKDIR ", "# syntax=x", "# escape=`", "# comment", "\ufeff"),
        *(
            "\n",
            "\r\n",
            "\r",
            " ",
            "\t",
            "\\\n",
            "`\n",
            "\\ \n",
            "<<EOF",
            "<<-'E'",
            "EOF\n",
            "\tE\n",
            "3<<A",
            "--from=b",
        ),
        *(
            "--mount=type=cache,target=/x",
            "--link",
            "--",
            '["a", "b"]',
            "[",
            "]",
            '"',
            "'",
            "a=b",
            "=",
            "$x",
            "${x",
            "#",
        ),
        *("CMD", "NONE", "--interval=1s", "值", "\u3000", "\x85", "\udcff", "\0", "as", "x", "/y"),
    ]
)


def whole(source: Source) -> str:
    return "".join(source.cut(piece.span) for piece in lex(source).pieces)


@given(st.lists(PIECES, max_size=25).map("".join))
@settings(max_examples=400)
def test_pieces_tile_the_text_and_only_dockerfile_errors_are_raised(text: str) -> None:
    assert whole(Source("x", text)) == text
    try:
        dockerfile = parse(text)
    except DockerfileError as error:
        assert error.message.startswith("Dockerfile:")  # noqa: PT017
        return
    assert "".join(dockerfile.source.cut(item.span) for item in dockerfile.items) == text
    ends = [0, *(item.span.end for item in dockerfile.items)]
    assert [item.span.start for item in dockerfile.items] == ends[:-1]


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    assert whole(Source("x", text)) == text
    try:
        parse(text)
    except DockerfileError as error:
        assert str(error)  # noqa: PT017


@given(st.binary(max_size=200).map(lambda data: b"FROM a\n" + data))
def test_any_bytes(data: bytes) -> None:
    try:
        dockerfile = parse(data)
    except DockerfileError as error:
        assert error.message.encode()  # noqa: PT017
        return
    shown = "".join(dockerfile.source.cut(item.span) for item in dockerfile.items)
    assert shown.encode("utf-8", "surrogateescape") == data


@given(st.text(max_size=60))
def test_any_trigger(text: str) -> None:
    try:
        found = parse_instruction(text)
    except DockerfileError:
        return
    assert isinstance(found, Instruction)


@pytest.mark.corpus
def test_the_corpus() -> None:
    where = os.environ.get("LISSOM_CORPUS")
    if not where:
        pytest.skip("LISSOM_CORPUS is not set")
    files = sorted(Path(where).glob("apps/*/Dockerfile*"))
    assert files
    for file in files:
        dockerfile = parse(file.read_bytes(), file.name)
        shown = "".join(dockerfile.source.cut(item.span) for item in dockerfile.items)
        assert shown.encode() == file.read_bytes()


def test_a_long_file_is_read_fast() -> None:
    lines = [
        f"RUN --mount=type=cache,target=/x{i} echo ${{x:-{i}}} && \\\n  true 'x'\nENV A{i}='b c'\n" for i in range(340)
    ]
    text = "FROM a\n" + "".join(lines)
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        parse(text)
        best = min(best, time.perf_counter() - start)
    assert best < 0.05


@pytest.mark.parametrize(
    "text", ["FROM a\n" + "RUN x\\\n" * 20000, "FROM a\nRUN " + "x" * 10**6, "FROM a\nENV " + "A=b " * 20000]
)
def test_large_instructions_take_linear_time(text: str) -> None:
    start = time.perf_counter()
    parse(text)
    assert time.perf_counter() - start < 3


def test_messages_stay_short() -> None:
    with pytest.raises(DockerfileError) as caught:
        parse("FROM a\n" + "X" * 10**6)
    assert len(caught.value.message) < 1200


def test_deep_json_is_no_json() -> None:
    dockerfile = parse("FROM a\nCMD " + "[" * 100_000)
    assert dockerfile.stages[0].instructions[0].command.shell


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0", 0),
        ("1ns", 1),
        ("1us", 1000),
        ("1µs", 1000),
        ("1.5s", 1_500_000_000),
        ("1h2m3s4ms", 3_723_004_000_000),
        (".5m", 30_000_000_000),
        ("1.s", 1_000_000_000),
        ("+2s", 2_000_000_000),
        ("-2s", -2_000_000_000),
        ("-0", 0),
    ],
)
def test_durations(text: str, wanted: int) -> None:
    assert parse_duration(text) == wanted


@pytest.mark.parametrize("text", ["", "1", "s", ".s", "1 s", "1d", "1s2", "1e3s", "--1s", "999999999999999999h"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="`"):
        parse_duration(text)


def test_triggers_come_back() -> None:
    dockerfile = parse("FROM a\nONBUILD COPY --from=b <<E /x\nhello\nE\nONBUILD RUN <<-E\n\techo\n\tE\n")
    copy, run = dockerfile.stages[0].instructions
    assert isinstance(copy, Onbuild)
    assert isinstance(run, Onbuild)
    again = parse_instruction(copy.trigger_text)
    assert isinstance(again, Copy)
    assert (again.from_, again.heredocs[0].data) == ("b", "hello\n")
    script = parse_instruction(run.trigger_text)
    assert isinstance(script, Run)
    assert script.script == "echo\n"


@pytest.mark.parametrize("text", ["", "FROM a", "RUN a\nRUN b", "# only", "RUM x", "COPY <<E /x\n"])
def test_triggers_that_are_wrong(text: str) -> None:
    with pytest.raises(DockerfileError):
        parse_instruction(text)


def test_errors_name_the_file() -> None:
    with pytest.raises(DockerfileError, match=r"^sub/My\.Dockerfile:1:1: unknown instruction `X`"):
        parse("X", "sub/My.Dockerfile")
