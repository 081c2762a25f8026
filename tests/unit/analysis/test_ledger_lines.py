"""Lines of a Dockerfile for lines of a history, as builders write them."""

import pytest

from ledger_scenes import layer, ledger
from lissom.analysis.ledger.ledger import Origin
from lissom.analysis.ledger.lines import match_lines
from lissom.analysis.ledger.steps import instruction_of, read_steps
from lissom.dockerfile.parser import parse

TEXT = """\
ARG V=12
FROM debian:$V AS deps
# a comment
ARG MIRROR=x
ENV A=1 \\
    B="two words"
RUN apt-get update && \\
    # why
    apt-get install -y curl
FROM golang AS other
RUN make
FROM deps
WORKDIR /app/$A
COPY --chown=1:1 package.json ./
COPY . .
RUN ["npm", "ci"]
USER 1000
EXPOSE 80
CMD ["node", "server.js"]
"""
BASE = ["/bin/sh -c #(nop) ADD file:0123 in / ", '/bin/sh -c #(nop)  CMD ["bash"]']
BUILDKIT = [
    "ARG MIRROR=x",
    "ENV A=1 B=two words",
    "RUN |1 MIRROR=x /bin/sh -c apt-get update &&     apt-get install -y curl # buildkit",
    "WORKDIR /app/1",
    "COPY --chown=1:1 package.json ./ # buildkit",
    "COPY . . # buildkit",
    "RUN |1 MIRROR=x npm ci # buildkit",
    "USER 1000",
    "EXPOSE map[80/tcp:{}]",
    'CMD ["node" "server.js"]',
]
LEGACY = [
    "/bin/sh -c #(nop)  ARG MIRROR=x",
    "/bin/sh -c #(nop)  ENV A=1 B=two words",
    "|1 MIRROR=x /bin/sh -c apt-get update &&     apt-get install -y curl",
    "/bin/sh -c #(nop) WORKDIR /app/1",
    "/bin/sh -c #(nop) COPY --chown=1:1file:ab12 in ./ ",
    "/bin/sh -c #(nop) COPY dir:cd34 in . ",
    "|1 MIRROR=x npm ci",
    "/bin/sh -c #(nop)  USER 1000",
    "/bin/sh -c #(nop)  EXPOSE 80",
    '/bin/sh -c #(nop)  CMD ["node" "server.js"]',
]
LINES = [(4, 4), (5, 6), (7, 9), (13, 13), (14, 14), (15, 15), (16, 16), (17, 17), (18, 18), (19, 19)]


def matched(texts, text=TEXT):
    return match_lines([{"created_by": each} for each in texts], parse(text, "Dockerfile"))


@pytest.mark.parametrize("history", [BUILDKIT, LEGACY], ids=["buildkit", "legacy"])
def test_every_line_is_found_through_the_stages(history):
    found = matched([*BASE, *history])
    assert [found.steps.get(number) for number in range(2, 12)] == LINES
    assert found.first == 2
    assert not {0, 1} & found.steps.keys()


def test_another_target_is_known_by_its_instructions():
    found = matched([*BASE, *BUILDKIT[:3]])
    assert found.steps == {2: (4, 4), 3: (5, 6), 4: (7, 9)}


def test_equal_instructions_keep_their_order():
    text = "FROM x\nRUN a\nRUN b\nRUN a\nRUN a\n"
    found = matched([f"RUN /bin/sh -c {each} # buildkit" for each in "abaa"], text)
    assert found.steps == {0: (2, 2), 1: (3, 3), 2: (4, 4), 3: (5, 5)}


def test_a_changed_instruction_has_no_lines_and_the_others_keep_theirs():
    found = matched(["RUN /bin/sh -c one # buildkit", "RUN /bin/sh -c old # buildkit"], "FROM x\nRUN one\nRUN new\n")
    assert found.steps == {0: (2, 2)}


def test_a_here_document_has_all_its_lines():
    text = "FROM x\nRUN <<EOF\nfirst\nsecond\nEOF\nCOPY <<a /a\nx\na\n"
    history = ["RUN /bin/sh -c first\nsecond\n # buildkit", "COPY a /a # buildkit"]
    assert matched(history, text).steps == {0: (2, 5), 1: (6, 8)}


def test_a_foreign_file_gives_no_lines():
    found = matched(BASE, "FROM x\nRUN something\n")
    assert found.steps == {}
    assert found.first is None


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("RUN /bin/sh -c x # buildkit", "RUN"),
        ("RUN |2 A=1 B=2 /bin/sh -c x # buildkit", "RUN"),
        ("/bin/sh -c #(nop) COPY dir:x in / ", "COPY"),
        ('/bin/sh -c #(nop)  CMD ["x"]', "CMD"),
        ("/bin/sh -c apt-get update", "RUN"),
        ("|1 A=b /bin/sh -c x", "RUN"),
        ("/bin/bash -o pipefail -c x", "RUN"),
        ("WORKDIR /app", "WORKDIR"),
        ("bazel build ...", ""),
        ("", ""),
        ("COPYRIGHT", ""),
    ],
)  # fmt: skip
def test_keywords_are_told_from_any_builders_history(text, keyword):
    assert instruction_of(text) == keyword


def test_steps_and_layers_are_paired_and_what_is_missing_is_filled():
    history = [{"created_by": "ADD x"}, {"created_by": "ENV A=1", "empty_layer": True}, {"created_by": "RUN x"}]
    steps = read_steps(history, 3, base_layers=1)
    assert [(s.number, s.layer, s.base) for s in steps] == [
        (0, 0, True), (1, None, False), (2, 1, False), (3, 2, False),
    ]  # fmt: skip
    assert [(s.number, s.layer) for s in read_steps(history, 1)] == [(0, 0), (1, None), (2, None)]
    assert read_steps(history, 3, base_layers=1, base_steps=2)[1].base


def test_the_ledger_gives_steps_lines_and_sizes():
    origin = Origin("base:1", 1, 1, {1: (3, 4)}, "Dockerfile")
    found = ledger(layer({"a": b"12"}), layer({"b": b"345"}), layer(gone=["b"]), origin=origin)
    assert [(s.layer, s.lines, s.file, s.base, s.size, s.live) for s in found.steps] == [
        (0, None, None, True, 2, 2), (1, (3, 4), "Dockerfile", False, 3, 0), (2, None, None, False, 0, 0),
    ]  # fmt: skip
    assert [one.base for one in found.layers] == [True, False, False]
    assert found.step_of(1) == found.steps[1]
    assert found.marginal == sum(one.compressed for one in found.layers[1:])
