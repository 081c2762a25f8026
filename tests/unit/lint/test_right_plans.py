"""Safe fixes that touch no command: the build has the same plan before and after."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lissom.build.plan import PlanOptions, plan
from lissom.build.step import BaseInput
from lissom.dockerfile.parser import parse
from lissom.errors import LissomError
from lissom.image.image import Image
from lissom.lint.fix import Safety
from lissom.lint.rules.all import RULES
from lissom.lint.subject import Subject
from lissom.lint.views import subject_of
from lissom.oci.digest import Digest
from lissom.oci.document import CONFIG, Descriptor, ImageConfig, Manifest
from lissom.oci.platform import Platform

DATA = Path(__file__).parents[2] / "data"
CODES = (
    "stage-name-casing",
    "duplicate-stage-name",
    "from-as-casing",
    "instruction-casing",
    "empty-continuation",
    "legacy-key-value",
    "redundant-platform",
    "several-cmd",
    "several-entrypoint",
    "several-healthcheck",
    "relative-workdir",
    "expose-proto-casing",
    "stage-comment",
)
MORE = (
    'FROM a:1 AS B\nENV A  b  $C\nLABEL x "y z"\nWORKDIR /a/../b\nWORKDIR c/.\nCMD ["a"]\nCMD b\nFROM B\nCOPY --from=B a /b\n',
    "FROM --platform=$TARGETPLATFORM a:1 as x\nfrom x AS x\nENTRYPOINT a\nCMD b\nENTRYPOINT c\nFROM x\nEXPOSE 1/UDP 2\n",
    "FROM a:1 AS x\nCMD c\nHEALTHCHECK NONE\nHEALTHCHECK --retries=2 CMD a\nFROM x AS X\nEXPOSE 9/TCP\nFROM x\nCMD d\nCMD e\n",
    "FROM a:1\nENV A one ${U-two}\nENV B $A/x y\nWORKDIR /\nWORKDIR x//y\nONBUILD ENV C d e\nRUN a && \\\n\n\n  b\n",
)


class Nothing:
    """A place that holds no blobs."""

    def has(self, digest: Digest) -> bool:
        return False


@cache
def resolve(name: str, platform: Platform) -> BaseInput:
    document = {
        "architecture": platform.architecture,
        "os": platform.os,
        "config": {"Env": ["PATH=/bin"], "Cmd": ["base"], "WorkingDir": "/base"},
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    config = ImageConfig.make(document)
    return BaseInput(
        name, Image(Manifest.make(Descriptor(CONFIG, config.digest, len(config.raw)), []), config, Nothing())
    )


@cache
def planned(text: str) -> list[Any] | None:
    """What the plan of a text does, without names and history; None when it cannot be planned."""
    try:
        found = plan(parse(text), PlanOptions(), resolve)
    except LissomError:
        return None
    return [
        (
            stage.platform,
            [step.operations for step in stage.steps],
            json.dumps({key: value for key, value in stage.config.items() if key != "history"}, sort_keys=True),
        )
        for stage in found.stages
    ]


@cache
def texts() -> tuple[str, ...]:
    parts = (DATA / "lint" / "hadolint.txt").read_text().split("=== ")
    suite = (path.read_bytes().decode("utf-8", "surrogateescape") for path in sorted(DATA.rglob("Dockerfile")))
    return (*MORE, *(part.partition("\n")[2] for part in parts if part), *suite)


@cache
def subject(text: str) -> Subject | None:
    try:
        return subject_of(parse(text))
    except LissomError:
        return None


def changed(code: str, text: str) -> str | None:
    """The text with the rule's safe fixes, one after the other; None when there are none."""
    rule = next(rule for rule in RULES if rule.code == code)
    before = text
    for _ in range(40):
        read = subject(text)
        fixes = [] if read is None else [found.fix for found in rule.check(read) if found.fix]
        fixes = [fix for fix in fixes if fix.safety is Safety.SAFE]
        if read is None or not fixes:
            return text if text != before else None
        text = read.dockerfile.source.apply(fixes[0].edits)
    raise AssertionError("the fix never ends")


@pytest.mark.parametrize("code", CODES)
def test_a_safe_fix_leaves_the_plan_as_it_is(code):
    compared = 0
    for text in texts():
        fixed = changed(code, text)
        if fixed is None or planned(text) is None:
            continue
        compared += 1
        assert planned(fixed) == planned(text), f"{text}\n---\n{fixed}"
    assert compared
