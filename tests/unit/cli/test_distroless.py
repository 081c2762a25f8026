"""``lissom distroless``, as far as it gets without an archive."""

from __future__ import annotations

import json
import re

import pytest

from lissom.cli.main import run
from lissom.distroless.spec.file import parse
from lissom.distroless.spec.include import ready_specs


def test_the_schema_is_printed(capsys):
    assert run(["distroless", "--schema"]) == 0
    assert "packages" in json.loads(capsys.readouterr().out)["$defs"]["settings"]["properties"]


def test_slices_are_printed_as_a_spec_has_them(capsys):
    assert run(["distroless", "--slices"]) == 0
    (libc6,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("libc6:")]
    (wish,) = parse(f"packages: [{{{libc6}}}]", "x.yaml").packages
    assert "libs" in wish.slices


def test_help_names_every_ready_spec(capsys):
    assert run(["distroless", "--help"]) == 0
    listed = capsys.readouterr().out.partition("Ready specs:\n")[2]
    assert re.findall("^  ([a-z]\\S+)", listed, re.MULTILINE) == ready_specs()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["base:dbug"], "cannot use spec `base:dbug`: it has no variant `dbug`\n\nhint: did you mean `debug`?"),
        (
            ["base", "--variant", "dbug"],
            "cannot use spec `base`: it has no variant `dbug`\n\nhint: did you mean `debug`?",
        ),
        (["base:debug", "--variant", "debug"], "cannot use variant `debug`: `base:debug` already names one"),
        (["bsae"], "cannot use spec `bsae`: there is neither a file nor a ready spec of this name"),
        (["base", "--add", "git"], "cannot add packages to `base`: it would be another image of the same name"),
        (["base", "--add", "Git", "-t", "x"], "cannot use package `Git`: it is neither NAME nor NAME=VERSION"),
        (["none.yaml"], "cannot use spec `none.yaml`: No such file or directory"),
    ],
)
def test_a_spec_that_is_not_there(capsys, monkeypatch, tmp_path, words, error):
    monkeypatch.setenv("LISSOM_ROOT", str(tmp_path))
    assert run(["distroless", *words]) == 2
    assert capsys.readouterr().err.startswith(f"error: {error}")
