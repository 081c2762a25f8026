"""``lissom fix`` as a process: what it shows, what it writes, how it ends."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from process import Lissom

pytestmark = pytest.mark.root

TEXT = 'from busy:1\nCMD echo a\n# kept\nCMD ["echo", "b"]\n'
MENDED = 'FROM busy:1\n# kept\nCMD ["echo", "b"]\n'


@pytest.fixture
def lissom(store: Path, tmp_path: Path) -> Lissom:
    return Lissom(store, tmp_path)


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    path = tmp_path / "Dockerfile"
    path.write_text(TEXT)
    return path


def test_the_difference_is_on_stdout_and_the_reasons_on_stderr(lissom, dockerfile):
    done = lissom("fix")
    assert done.code == 0
    assert dockerfile.read_text() == TEXT
    applied = subprocess.run(
        ["patch", "-p0", "--dry-run", "-o", "-"],
        cwd=lissom.here,
        input=done.out,
        capture_output=True,
        text=True,
        check=True,
    )
    assert applied.stdout.endswith(MENDED)
    assert "E0, safe: " in done.err
    assert "edits for equal images" in done.err


def test_diff_alone_tells_by_its_exit_status(lissom, dockerfile):
    done = lissom("fix", "--diff")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("--- Dockerfile\n+++ Dockerfile\n")
    assert lissom("fix", "--write").code == 0
    assert str(lissom("fix", "--diff")) == "exit 0\n"


def test_writing_keeps_the_mode_and_twice_is_once(lissom, dockerfile):
    dockerfile.chmod(0o640)
    assert lissom("fix", "--write").code == 0
    assert dockerfile.read_text() == MENDED
    assert dockerfile.stat().st_mode & 0o777 == 0o640
    before = dockerfile.stat().st_mtime_ns
    done = lissom("fix", "--write")
    assert (done.code, done.out) == (0, "")
    assert dockerfile.stat().st_mtime_ns == before


def test_stdin_and_other_places(lissom, dockerfile):
    done = lissom("fix", "-", "--output", "-", stdin=TEXT.encode())
    assert (done.code, done.out) == (0, MENDED)
    assert lissom("fix", "-f", "Dockerfile", "--output", "other").code == 0
    assert (lissom.here / "other").read_text() == MENDED
    assert dockerfile.read_text() == TEXT


def test_bytes_that_are_no_text_survive(lissom, dockerfile):
    dockerfile.write_bytes(b'from busy:1\r\n# \xff\xfe\r\nCMD ["a"]')
    done = subprocess.run(lissom.command("fix", "--write"), cwd=lissom.here, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"+FROM busy:1\r\n" in done.stdout
    assert dockerfile.read_bytes() == b'FROM busy:1\r\n# \xff\xfe\r\nCMD ["a"]'


def test_rules_are_chosen(lissom, dockerfile):
    done = lissom("fix", "--ignore", "instruction-casing", "--output", "-")
    assert done.out.startswith("from busy:1\n# kept")
    done = lissom("fix", "--select", "instruction-casing", "--output", "-")
    assert done.out == TEXT.replace("from", "FROM")
    dockerfile.write_text("# lissom global ignore=several-cmd\n" + TEXT)
    assert "CMD echo a" in lissom("fix", "--output", "-").out


def test_json_has_every_edit_with_its_equivalence(lissom, dockerfile):
    account = json.loads(lissom("fix", "--json").out)
    assert account["changed"] is True
    assert account["text"] == MENDED
    first = account["applied"][0]
    assert (first["code"], first["line"], first["equivalence"], first["safety"]) == (
        "instruction-casing",
        1,
        "E0",
        "safe",
    )
    assert (first["before"], first["after"]) == (["from busy:1"], ["FROM busy:1"])


def test_a_comment_behind_an_instruction_gets_a_line_of_its_own(lissom, dockerfile):
    dockerfile.write_text('FROM busy:1 AS one # why\nCMD ["a"]\n')
    done = lissom("fix", "--write")
    assert done.code == 0
    assert dockerfile.read_text().endswith('FROM busy:1 AS one\nCMD ["a"]\n')
    assert "could not be read" in done.err


def test_a_proof_is_told_and_written(lissom, dockerfile):
    dockerfile.write_text('FROM busy:1\nRUN echo one > /one\nCMD echo $HOME\nCMD ["echo", "b"]\n')
    done = lissom("fix", "--verify", "--network", "none", "--write")
    assert done.code == 0, done
    assert "proof" in done.err
    assert "E0: every path has the type, mode, owner, content and links that it had" in done.err
    assert dockerfile.read_text().count("CMD") == 1


def test_probes_prove_what_files_cannot(lissom, dockerfile):
    dockerfile.write_text("FROM busy:1\nSTOPSIGNAL SIGKILL\nCMD sleep 30\n")
    words = ["fix", "--verify", "--network", "none", "--json", "--select", "json-args"]
    account = json.loads(lissom(*words).out)
    assert (account["changed"], account["probes"]) == (False, None)
    assert ["probes" in one["reason"] for one in account["left"]] == [True]
    account = json.loads(lissom(*words, "--exec", "true").out)
    assert [one["proved"] for one in account["applied"]] == ["E3"]
    assert account["probes"]["outcome"] == "passed"
    assert account["before"]["size"] == account["after"]["size"] > 0


def test_a_file_that_does_not_build_ends_with_3_and_nothing_is_written(lissom, dockerfile):
    text = "from busy:1\nRUN echo why; exit 7\n"
    dockerfile.write_text(text)
    done = lissom("fix", "--verify", "--network", "none", "--write")
    assert done.code == 3
    assert dockerfile.read_text() == text
    assert "Dockerfile:2" in done.err
    assert "exit status 7" in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "no such file"),
        (["-", "--write"], "comes from stdin"),
        (["--write", "--output", "x"], "--write and --output"),
        (["--json", "--diff"], "stdout holds one thing"),
        (["--http", "GET /"], "nothing is built"),
        (["--verify", "--wait", "3"], "there is no probe"),
        (["--verify", "--http", "GET"], "the path"),
        (["--select", "no-such-rule"], "there is no rule"),
        (["-", "--verify"], "build context"),
        (["--verify", "--secret", "id=x,src=nowhere"], "nowhere"),
    ],
    ids=["missing", "stdin-write", "two-places", "json-diff", "probe-alone", "wait-alone", "probe", "rule", "context", "secret"],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_before_any_work(lissom, dockerfile, words, said):
    done = lissom("fix", *words, stdin=b"FROM busy:1\n")
    assert done.code == 2, done
    assert said in done.err
    assert dockerfile.read_text() == TEXT


def test_a_dockerfile_that_is_wrong_is_shown(lissom, dockerfile):
    dockerfile.write_text("FROM busy:1\nBOGUS x\n")
    done = lissom("fix")
    assert done.code == 2
    assert "Dockerfile:2" in done.err
