"""Which stages a target needs, and what is wrong with how they refer to each other."""

from __future__ import annotations

import pytest

from lissom.dockerfile.parser import parse
from lissom.dockerfile.stages import StageGraph, find_stage, find_target
from lissom.errors import DockerfileError, UsageError

FILE = """\
FROM golang AS build
RUN make
FROM build AS test
RUN make test
FROM node AS web
COPY --from=BUILD /a /a
FROM scratch AS unused
COPY --from=nginx:1 / /
FROM scratch AS final
COPY --from=0 /a /a
RUN --mount=type=bind,from=web,target=/w --mount=type=tmpfs,from=unused,target=/t cp /w /x
"""


def names(text: str, target: str | None = None) -> list[str]:
    dockerfile = parse(text)
    stages = StageGraph.of(dockerfile).needed(find_target(dockerfile, target))
    return [stage.name or str(stage.index) for stage in stages]


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        (None, ["build", "web", "final"]),
        ("final", ["build", "web", "final"]),
        ("TEST", ["build", "test"]),
        ("build", ["build"]),
        ("unused", ["unused"]),
    ],
)
def test_needed(target: str | None, wanted: list[str]) -> None:
    assert names(FILE, target) == wanted


def test_a_stage_below_cannot_be_copied_from() -> None:
    text = "FROM a AS first\nCOPY --from=later x y\nRUN --mount=from=1 x\nFROM b AS later\nFROM c AS last\n"
    assert names(text) == ["last"]
    with pytest.raises(DockerfileError) as caught:
        names(text, "first")
    assert (
        caught.value.message
        == """\
Dockerfile:2:6: the stage `later` stands below the stage that needs it
 2 | COPY --from=later x y
   |      ^^^^^^^^^^^^
hint: move its FROM block above

Dockerfile:3:5: the stage `later` stands below the stage that needs it
 3 | RUN --mount=from=1 x
   |     ^^^^^^^^^^^^^^
hint: move its FROM block above"""
    )


def test_of_two_stages_with_one_name_from_takes_the_one_above_and_copy_the_last() -> None:
    text = "FROM a AS x\nFROM x AS y\nCOPY --from=x a b\nFROM b AS x\nFROM y\n"
    dockerfile = parse(text)
    assert [[need for need, _ in edges] for edges in StageGraph.of(dockerfile).edges] == [[], [0, 2], [], [1]]


def test_a_stage_may_have_the_name_of_its_image() -> None:
    assert names("FROM busybox AS busybox\nRUN true\n") == ["busybox"]


def test_bases_may_come_expanded() -> None:
    dockerfile = parse("ARG B=one\nFROM a AS one\nFROM $B\n")
    assert [len(edges) for edges in StageGraph.of(dockerfile, ["a", "one"]).edges] == [0, 1]


def test_find_stage() -> None:
    dockerfile = parse(FILE)
    web = find_stage(dockerfile, "Web")
    assert web is not None
    assert web.index == 2
    assert find_stage(dockerfile, "web", before=2) is None
    assert find_stage(dockerfile, "2") is None


@pytest.mark.parametrize(
    ("text", "target", "message", "hint"),
    [
        (FILE, "finale", "cannot build target `finale`: `Dockerfile` has no stage of that name", "did you mean final?"),
        (
            FILE,
            "0",
            "cannot build target `0`: `Dockerfile` has no stage of that name",
            "the stages are build, test, web, unused, final",
        ),
        (
            "FROM a\n",
            "x",
            "cannot build target `x`: `Dockerfile` has no stage of that name",
            "name a stage with FROM image AS name",
        ),
    ],
)
def test_unknown_targets(text: str, target: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_target(parse(text), target)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "FROM a AS x\nCOPY --from=x a b\n",
            """\
Dockerfile:2:6: the stage `x` needs itself
 2 | COPY --from=x a b
   |      ^^^^^^^^
hint: copy from a stage above it, or from an image""",
        ),
        (
            "FROM a\nCOPY --from=0 a b\n",
            """\
Dockerfile:2:6: the stage `0` needs itself
 2 | COPY --from=0 a b
   |      ^^^^^^^^
hint: copy from a stage above it, or from an image""",
        ),
        (
            "FROM a AS x\nCOPY --from=z a b\nFROM x AS y\nFROM y AS z\n",
            """\
Dockerfile:2:6: the stage `x` needs itself: x needs z needs y needs x
 2 | COPY --from=z a b
   |      ^^^^^^^^""",
        ),
        (
            "FROM a AS x\nRUN --mount=target=/x,from=y true\nFROM a AS y\nRUN --mount=from=x,target=/x true\n",
            """\
Dockerfile:2:5: the stage `x` needs itself: x needs y needs x
 2 | RUN --mount=target=/x,from=y true
   |     ^^^^^^^^^^^^^^^^^^^^^^^^""",
        ),
        (
            "FROM a\nCOPY --from=1 a b\nCOPY --from=-1 a b\n",
            """\
Dockerfile:2:6: there is no stage 1
 2 | COPY --from=1 a b
   |      ^^^^^^^^
hint: the file has one stage: its number is 0

Dockerfile:3:6: there is no stage -1
 3 | COPY --from=-1 a b
   |      ^^^^^^^^^
hint: the file has one stage: its number is 0""",
        ),
        (
            "FROM a\nFROM b\nCOPY --from=7 a b\n",
            """\
Dockerfile:3:6: there is no stage 7
 3 | COPY --from=7 a b
   |      ^^^^^^^^
hint: the stages are numbered from 0 to 1""",
        ),
    ],
)
def test_wrong_references(text: str, wanted: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        StageGraph.of(parse(text))
    assert caught.value.message == wanted


def test_a_thousand_stages_in_a_chain() -> None:
    text = "FROM a AS s0\n" + "".join(f"FROM s{i} AS s{i + 1}\nCOPY --from={i} a b\n" for i in range(1000))
    assert len(names(text)) == 1001
