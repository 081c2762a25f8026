"""What the parser warns of reaches the plan, as ``# check=`` says."""

from __future__ import annotations

import pytest

from lissom.build.plan import PlanOptions, plan
from lissom.build.step import BaseInput
from lissom.dockerfile.parser import parse
from lissom.errors import DockerfileError
from lissom.oci.platform import Platform

TEXT = "FROM scratch\nMAINTAINER me\nWORKDIR /app # 目录\n"


def no_image(name: str, platform: Platform) -> BaseInput:
    raise AssertionError(name)


def warnings(text: str) -> list[str]:
    made = plan(parse(text), PlanOptions(), no_image)
    return [message.partition(": ")[0] + " " + message.rpartition(" ")[2] for message in made.warnings]


@pytest.mark.parametrize(
    ("directive", "wanted"),
    [
        ("", ["Dockerfile:2:1 (MaintainerDeprecated)", "Dockerfile:3:14 (TrailingComment)"]),
        ("# check=skip=TrailingComment\n", ["Dockerfile:3:1 (MaintainerDeprecated)"]),
        ("# check=skip=TrailingComment, MaintainerDeprecated;error=true\n", []),
        ("# check=skip=all\n", []),
    ],
)
def test_warnings(directive: str, wanted: list[str]) -> None:
    assert warnings(directive + TEXT) == wanted


def test_warnings_can_be_errors() -> None:
    with pytest.raises(DockerfileError, match=r"(?s)3:1: MaintainerDeprecated: .*4:14: TrailingComment: "):
        warnings("# check=error=true\n" + TEXT)
