"""``lissom lint`` as a user meets it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from process import Lissom

FAT = "FROM debian:bookworm\nRUN apt-get update \\\n    && apt-get install -y --no-install-recommends 'curl=7*'\n"
LEAN = 'FROM debian:bookworm-slim\nUSER 1000\nCMD ["sleep", "1"]\n'


@pytest.fixture
def lissom(tmp_path: Path) -> Lissom:
    (tmp_path / "here").mkdir()
    return Lissom(tmp_path / "store", tmp_path / "here")


def found(result) -> list[tuple[str, str, int]]:
    return [(one["file"], one["code"], one["line"]) for one in json.loads(result.out)["findings"]]


def test_text(lissom):
    lissom.write({"Dockerfile": FAT})
    result = lissom("lint", "--select", "apt-lists")
    assert str(result) == (
        "exit 1\n"
        "Dockerfile:2:5: warning: apt's package lists stay in this layer [apt-lists DL3009]\n"
        " 2 | RUN apt-get update \\\n"
        "   |     ^^^^^^^^^^^^^^\n"
        "fix (safe): end with rm -rf /var/lib/apt/lists/*\n"
        "\n"
        "Dockerfile: 1 warning\n"
        "1 with a safe fix: `lissom fix Dockerfile` shows what it would change\n"
    )


def test_nothing_found(lissom):
    lissom.write({"Dockerfile": LEAN})
    assert str(lissom("lint")) == "exit 0\nDockerfile: nothing found\n"


def test_json(lissom):
    lissom.write({"Dockerfile": FAT})
    result = lissom("lint", "--select", "apt-lists", "--json")
    document = json.loads(result.out)
    (one,) = document["findings"]
    (edit,) = one["fix"]["edits"]
    place = {"line": 2, "column": 5, "end_line": 2, "end_column": 19, "start": 25, "end": 39}
    assert {name: one[name] for name in place} == place
    assert (one["code"], one["aliases"], one["category"], one["severity"], one["file"], one["saves"]) == (
        "apt-lists",
        ["DL3009"],
        "size",
        "warning",
        "Dockerfile",
        None,
    )
    assert (one["fix"]["safety"], one["fix"]["equivalence"], one["fix"]["files"]) == ("safe", "E1", {})
    assert (edit["line"], edit["start"], edit["end"]) == (3, len(FAT) - 1, len(FAT) - 1)
    assert "rm -rf /var/lib/apt/lists/*" in edit["replacement"]
    assert document["summary"] == {
        "files": 1,
        "findings": 1,
        "error": 0,
        "warning": 1,
        "info": 0,
        "fixes": {"safe": 1, "provable": 0, "unsafe": 0},
        "saves": 0,
        "failed": True,
    }


def test_sarif(lissom):
    lissom.write({"a b/Dockerfile": f"# {chr(0x1F433)}\n{FAT}", "broken": "FROM a b\n"})
    result = lissom("lint", "--format", "sarif", "a b", "broken")
    assert result.code == 2
    document = json.loads(result.out)
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules) > 50
    assert run["columnKind"] == "unicodeCodePoints"
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "FROM takes one image" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    by_code = {one["ruleId"]: one for one in run["results"]}
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert all(one["level"] in ("error", "warning", "note") and one["message"]["text"] for one in run["results"])
    lists = by_code["apt-lists"]
    (location,) = lists["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b/Dockerfile"},
        "region": {
            "startLine": 3,
            "startColumn": 5,
            "endLine": 3,
            "endColumn": 19,
            "snippet": {"text": "apt-get update"},
        },
    }
    (fix,) = lists["fixes"]
    (change,) = fix["artifactChanges"]
    (replacement,) = change["replacements"]
    assert replacement["deletedRegion"]["startLine"] == 4
    assert "rm -rf" in replacement["insertedContent"]["text"]


def test_standard_input_and_several_files(lissom):
    lissom.write({"a/Dockerfile": FAT, "b/Containerfile": LEAN, "c.Dockerfile": FAT})
    result = lissom("lint", "--json", "--select", "apt-lists", "a", "b", "c.Dockerfile")
    assert found(result) == [("a/Dockerfile", "apt-lists", 2), ("c.Dockerfile", "apt-lists", 2)]
    assert json.loads(result.out)["summary"]["files"] == 3
    result = lissom("lint", "--json", "--select", "apt-lists", "-", stdin=FAT.encode())
    assert found(result) == [("stdin", "apt-lists", 2)]


def test_a_file_that_does_not_parse(lissom):
    lissom.write({"Dockerfile": "FROM a b\n", "other": FAT})
    result = lissom("lint", "--json", "Dockerfile", "other")
    assert result.code == 2
    assert {file for file, _, _ in found(result)} == {"other"}
    (error,) = json.loads(result.out)["errors"]
    assert error["file"] == "Dockerfile"
    assert "error: Dockerfile:1:8: FROM takes one image" in result.err
    assert lissom("lint").out == ""


def test_the_build_context(lissom):
    text = 'FROM debian:bookworm-slim\nCOPY app /app\nUSER 1000\nCMD ["/app/run"]\n'
    lissom.write({"docker/Dockerfile": text, "app/run": "x", "app/debug.log": "y" * 1000})
    rule = ("--json", "--select", "dockerignore")
    assert found(lissom("lint", *rule, "-f", "docker/Dockerfile", ".")) == [("docker/Dockerfile", "dockerignore", 2)]
    assert found(lissom("lint", *rule, "--context", ".", "docker/Dockerfile")) == [
        ("docker/Dockerfile", "dockerignore", 2)
    ]
    # Nothing that is copied lies beside the Dockerfile: that directory is not its context.
    assert found(lissom("lint", *rule, "docker/Dockerfile")) == []
    lissom.write({"docker/Dockerfile.dockerignore": "**/*.log\n"})
    assert found(lissom("lint", *rule, "-f", "docker/Dockerfile", ".")) == []


def test_a_wrong_ignore_file_is_told(lissom):
    lissom.write({"Dockerfile": "FROM a:1\nCOPY . /a\n", ".dockerignore": "a[\n", "x": ""})
    result = lissom("lint")
    assert "note: the build context was left out: cannot read `.dockerignore:1`" in result.out


def test_settings(lissom):
    lissom.write({"Dockerfile": FAT, ".lissom.toml": '[lint]\nfail-on = "error"\nselect = ["apt-lists"]\n'})
    result = lissom("lint", "--json")
    assert (result.code, found(result)) == (0, [("Dockerfile", "apt-lists", 2)])
    assert lissom("lint", "--fail-on", "info").code == 1
    assert lissom("lint", "--severity", "DL3009=error").code == 1
    assert found(lissom("lint", "--json", "--ignore", "DL3009")) == []
    lissom.write({"other.toml": '[lint]\nselect = ["apt-lits"]\n'})
    result = lissom("lint", "--config", "other.toml")
    assert str(result) == (
        "exit 2\n"
        "error: cannot use settings: other.toml:2:12: there is no rule `apt-lits`\n"
        ' 2 | select = ["apt-lits"]\n'
        "   |            ^^^^^^^^\n"
        "hint: did you mean `apt-lists`?\n"
    )


WRONG = {
    "no-file": (("lint", "Dockerfil"), "error: cannot read `Dockerfil`: there is no such file"),
    "no-dockerfile": (("lint", "empty"), "error: cannot find a Dockerfile in `empty`"),
    "no-context": (("lint", "--context", "nowhere"), "error: cannot use build context `nowhere`"),
    "two-contexts": (("lint", "-f", "Dockerfile", "empty", "."), "error: cannot use -f"),
    "no-rule": (("lint", "--ignore", "x"), "error: there is no rule `x`"),
    "no-level": (("lint", "--fail-on", "x"), "error: there is no severity `x`"),
    "explain": (("lint", "--explain", "apt-list"), "error: there is no rule `apt-list`"),
    "image-of-two": (("lint", "--image", "a", "Dockerfile", "."), "error: cannot use --image"),
    "binary": (("lint", "binary"), "error: binary:1:1: "),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_mistakes(lissom, arguments, message):
    lissom.write({"Dockerfile": FAT, "empty/x": "", "binary": bytes(range(256)) * 10})
    result = lissom(*arguments)
    assert result.code == 2
    assert message in result.err
    assert "Traceback" not in result.err


def test_names_cannot_steer_the_terminal(lissom):
    lissom.write({"\x1b[2Jx": "FROM a:1\nRUN apt-get update # \x1b[31m\n"})
    result = lissom("lint", "\x1b[2Jx")
    assert result.code == 1
    assert "\x1b" not in result.out + result.err


def test_rules_and_their_pages(lissom):
    assert "DL3009" in lissom("lint", "--rules").out
    page = lissom("lint", "--explain", "dl3009").out
    assert page.startswith("apt-lists: ")
    assert "\nGood:\n    FROM debian" in page
    rules = json.loads(lissom("lint", "--rules", "--json").out)
    assert {"code", "aliases", "what", "why", "bad", "good", "fix"} <= rules[0].keys()


def test_rules_that_the_help_names_exist(lissom):
    text = lissom("lint", "--help").out
    names = re.findall(r"--(?:ignore|explain) ([a-z][a-z-]+)", text)
    assert len(names) == 2
    for name in names:
        assert lissom("lint", "--explain", name).code == 0


def test_linting_loads_neither_the_store_nor_the_http_client(lissom):
    lissom.write({"Dockerfile": FAT})
    program = (
        "import sys\n"
        "from lissom.cli.main import run\n"
        "run(['lint', '--format', 'json'])\n"
        "wrong = ('lissom.store', 'lissom.registry', 'lissom.sandbox', 'urllib3', 'rich', 'yaml', 'zstandard')\n"
        "sys.exit([name for name in sys.modules if name.startswith(wrong)] and 'loaded too much' or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=lissom.here, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.root
def test_what_the_image_shows(tmp_path: Path, store: Path):
    here = tmp_path / "app"
    lissom = Lissom(store, tmp_path)
    lissom.write(
        {
            "app/big": b"x" * 100_000,
            "app/Dockerfile": 'FROM busy:1\nCOPY big /srv/big\nRUN rm -r /srv/big\nUSER 1000\nCMD ["sh"]\n',
        }
    )
    built = lissom("build", "-t", "shown:1", str(here))
    assert built.code == 0, built.raw_err
    rule = ("--json", "--select", "deleted-later")
    (plain,) = json.loads(lissom("lint", *rule, str(here)).out)["findings"]
    (measured,) = json.loads(lissom("lint", *rule, "--image", "shown:1", str(here)).out)["findings"]
    assert (plain["line"], plain["saves"]) == (2, None)
    assert (measured["line"], measured["saves"]) == (2, 100_000)
