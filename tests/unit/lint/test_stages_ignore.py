"""What the context brings, and the ignore file that keeps it out."""

from __future__ import annotations

import pytest

from lissom.context.ignore import Ignore
from lissom.dockerfile.parser import parse
from lissom.lint.build_context.facts import context_facts
from lissom.lint.fix import Equivalence, Safety
from lissom.lint.rule import Found, Severity
from lissom.lint.rules.dockerignore import RULE
from lissom.lint.views import subject_of
from lissom.rootfs.entry import Entry, HostFile, Inline, Kind, parent_of
from lissom.rootfs.tree import Tree

JUNK = {
    ".git/HEAD": 21,
    "debug.log": 1_000_000,
    "tmp/core.dump": 2_000_000,
    ".app.swp": 9,
    "app.py": 500,
    "Dockerfile": 80,
}


def tree(files: dict[str, int | bytes]) -> Tree:
    entries = {"": Entry("", Kind.DIRECTORY, 0o755)}
    for path, value in files.items():
        above = parent_of(path)
        while above and above not in entries:
            entries[above] = Entry(above, Kind.DIRECTORY, 0o755)
            above = parent_of(above)
        data = value if isinstance(value, bytes) else b""
        size = value if isinstance(value, int) else len(value)
        entries[path] = Entry(path, Kind.FILE, size=size, content=Inline(data))
    return Tree(dict(sorted(entries.items())))


def found(text: str, files: dict[str, int | bytes] | None = None, ignore: str | None = None) -> list[Found]:
    context = None if files is None else context_facts(tree(files), ignore)
    return list(RULE.check(subject_of(parse(text), context=context)))


def patterns(one: Found) -> list[str]:
    assert one.fix is not None
    text = one.fix.files[".dockerignore"]
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_finding_counts_bytes_by_sort_and_the_fix_names_what_is_there():
    [one] = found("FROM debian\nWORKDIR /srv\nCOPY . app\nCMD app/app.py\n", JUNK)
    assert one.message == (
        "files that nothing reads go into the image: core dumps (2.0 MB), logs (1.0 MB), settings of the build (80 B), "
        "version control (21 B), editors' leftovers (9 B)"
    )
    assert one.saves == 3_000_110
    assert patterns(one) == ["**/.git", "**/*.swp", "**/*.log", "**/core.dump", "**/Dockerfile*"]
    assert one.fix is not None
    assert (one.fix.safety, one.fix.equivalence, one.fix.edits) == (Safety.PROVABLE, Equivalence.E1, ())
    assert {"srv/app/.git", "srv/app/.git/**", "srv/app/**/*.log"} <= set(one.fix.paths)


def test_the_ignore_file_that_it_writes_leaves_what_the_app_needs():
    [one] = found("FROM debian\nCOPY . /app\n", JUNK)
    ignore = Ignore.parse("\n".join(patterns(one)))
    assert [path for path in JUNK if not ignore.ignores(path)] == ["app.py"]


def test_a_second_look_finds_nothing():
    [one] = found("FROM debian\nCOPY . /app\n", JUNK)
    assert one.fix is not None
    assert found("FROM debian\nCOPY . /app\n", JUNK, one.fix.files[".dockerignore"]) == []


def test_what_the_ignore_file_has_stays():
    [one] = found("FROM debian\nCOPY . /app\n", JUNK, "*.md\n.git")
    assert one.fix is not None
    assert one.fix.files[".dockerignore"].startswith("*.md\n.git\n\n# No build and no app reads these.\n")
    assert "**/.git" not in patterns(one)


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nCOPY . /app\nCOPY debug.log /var/log/\n",
        "FROM debian\nCOPY . /app\nRUN grep -c x /app/debug.log\n",
        'FROM debian\nCOPY . /app\nWORKDIR /app\nCMD ["tail", "-f", "debug.log"]\n',
        "FROM debian\nCOPY . /app\nRUN --mount=type=bind,source=debug.log,target=/x cat /x\n",
    ],
    ids=["copy", "run", "cmd", "mount"],
)
def test_what_an_instruction_names_is_never_ignored(text):
    [one] = found(text, JUNK)
    assert "**/*.log" not in patterns(one)
    assert "**/core.dump" in patterns(one)


def test_a_log_elsewhere_is_not_that_of_the_context():
    [one] = found("FROM debian\nCOPY . /app\nRUN ln -sf /dev/stdout /var/log/nginx/access.log\n", JUNK)
    assert "**/*.log" in patterns(one)


def test_an_exception_of_the_ignore_file_is_kept():
    [one] = found("FROM debian\nCOPY . /app\n", JUNK, "*.log\n!debug.log\n")
    assert "**/*.log" not in patterns(one)


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nCOPY . /app\nRUN git -C /app describe > /version\n",
        "FROM golang\nCOPY . /app\nRUN go build -o /serve /app\n",
    ],
    ids=["git", "go"],
)
def test_what_the_build_asks_version_control_for_goes_only_unsafely(text):
    [unsafe] = found(text, JUNK)
    assert patterns(unsafe)[0] == "**/.git"
    assert "**/*.log" in patterns(unsafe)
    assert unsafe.fix is not None
    assert (unsafe.fix.safety, unsafe.fix.equivalence) == (Safety.UNSAFE, Equivalence.E3)
    [junk] = found(text, JUNK, "**/.git\n")
    assert junk.fix is not None
    assert junk.fix.safety is Safety.PROVABLE


def test_a_project_that_asks_git_for_its_version_is_seen():
    files = JUNK | {"pyproject.toml": b'requires = ["setuptools-scm"]\n'}
    [one] = found("FROM python\nCOPY . /app\nRUN pip install /app\n", files)
    assert one.fix is not None
    assert one.fix.safety is Safety.UNSAFE


@pytest.mark.parametrize(
    ("run", "junk"),
    [("npm ci", ["**/node_modules"]), ("true", [])],
    ids=["installed", "brought along"],
)
def test_packages_are_junk_only_where_the_build_installs_them(run, junk):
    files: dict[str, int | bytes] = {"index.js": 10, "node_modules/a/index.js": 1000}
    assert [patterns(one) for one in found(f"FROM node\nCOPY . /app\nRUN {run}\n", files)] == [junk] * bool(junk)


def test_secrets_are_told_apart_from_junk():
    files: dict[str, int | bytes] = {"app.py": 10, ".env": 52, "certs/key.pem": 100, "old.log": 10}
    junk, secrets = found("FROM debian\nCOPY . /app\n", files)
    assert patterns(junk) == ["**/*.log"]
    assert patterns(secrets) == ["**/.env", "**/*.pem"]
    assert secrets.fix is not None
    assert secrets.fix.safety is Safety.UNSAFE


def test_a_directory_without_junk_is_fine():
    assert found("FROM debian\nCOPY site /srv\n", JUNK | {"site/index.html": 5}) == []
    assert found("FROM debian\nCOPY app.py /srv/\n", JUNK) == []


def test_only_the_directory_that_is_copied_counts():
    files: dict[str, int | bytes] = {"a/x.log": 10, "b/y.log": 1000}
    [one] = found("FROM debian\nCOPY a /srv/a\n", files)
    assert one.saves == 10


def test_without_a_context_a_copy_of_all_of_it_is_worth_a_look():
    [one] = found("FROM debian\nCOPY a /a\nCOPY . /app\nADD . /b\n")
    assert (one.severity, one.fix) == (Severity.INFO, None)
    assert found("FROM debian AS a\nFROM debian\nCOPY --from=a . /app\n") == []


def test_a_stage_that_is_thrown_away_saves_nothing():
    [one] = found("FROM debian AS build\nCOPY . /app\nFROM debian\nCOPY --from=build /app/app.py /\n", JUNK)
    assert one.saves is None


def test_a_file_that_cannot_be_read_may_ask_for_the_history(tmp_path):
    entries = dict(tree(JUNK).items())
    entries["setup.py"] = Entry("setup.py", Kind.FILE, size=5, content=HostFile(tmp_path / "gone"))
    subject = subject_of(parse("FROM debian\nCOPY . /app\n"), context=context_facts(Tree(entries), None))
    [one] = RULE.check(subject)
    assert one.fix is not None
    assert one.fix.safety is Safety.UNSAFE
