"""The reports of ``lissom distroless``: their names, their content, and what cannot be written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lissom.cli.distroless_report import write_reports
from lissom.cli.main import run
from lissom.distroless.evidence.provenance import LeftOut, Provenance
from lissom.distroless.evidence.provenance_json import parse
from lissom.errors import UsageError

TOLD = Provenance("x", "sha256:0", "linux/amd64", left_out=(LeftOut("usr/\udce9", "a", "trim: man"),))


def test_a_name_says_what_a_report_is_to_be(capsys) -> None:
    assert run(["distroless", "base", "--report", "x.txt"]) == 2
    assert capsys.readouterr().err == (
        "error: cannot write report `x.txt`: its name ends neither with .html nor with .json\n"
    )


def test_each_platform_has_its_report(tmp_path: Path) -> None:
    other = replace(TOLD, platform="linux/arm/v7")
    write_reports([tmp_path / "a.json", tmp_path / "a.html"], [TOLD, other])
    assert {path.name for path in tmp_path.iterdir()} == {
        "a.amd64.json", "a.amd64.html", "a.arm-v7.json", "a.arm-v7.html",
    }  # fmt: skip
    assert parse(json.loads((tmp_path / "a.arm-v7.json").read_text())) == other


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot write `.*none/a\.html`: No such file or directory"):
        write_reports([tmp_path / "none" / "a.html"], [TOLD])
