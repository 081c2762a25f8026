"""What the parser warns of, a rule tells at the same instruction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lissom.dockerfile.parser import parse
from lissom.dockerfile.syntax import Dockerfile, Instruction
from lissom.errors import LissomError
from lissom.lint.rules.all import RULES
from lissom.lint.views import subject_of

DATA = Path(__file__).parents[2] / "data"
OWN = {"TrailingComment": "trailing-comment"}
OTHERS = """FROM a:1 AS B
MAINTAINER x
ENV A b
USER app # x
VOLUME /a # b
RUN a \\

  b
FROM a:1 AS b
FROM a:1 AS context
ONBUILD LABEL a b
"""


def dockerfiles() -> Iterator[Dockerfile]:
    yield parse(OTHERS)
    for path in sorted(DATA.rglob("Dockerfile")):
        try:
            yield parse(path.read_bytes())
        except LissomError:
            continue


def holder(dockerfile: Dockerfile, at: int) -> Instruction:
    return next(one for one in dockerfile.instructions if one.span.start <= at <= one.span.end)


def test_every_warning_of_the_parser_is_a_finding():
    seen = set()
    for dockerfile in dockerfiles():
        subject = subject_of(dockerfile)
        for warning in dockerfile.warnings:
            seen.add(warning.code)
            (rule,) = [rule for rule in RULES if warning.code in rule.aliases or rule.code == OWN.get(warning.code)]
            told = [holder(dockerfile, found.span.start) for found in rule.check(subject)]
            assert holder(dockerfile, warning.span.start) in told, f"{warning}\n{dockerfile.source.text}"
    assert seen == {
        "DuplicateStageName",
        "LegacyKeyValueFormat",
        "MaintainerDeprecated",
        "NoEmptyContinuation",
        "ReservedStageName",
        "StageNameCasing",
        "TrailingComment",
    }
