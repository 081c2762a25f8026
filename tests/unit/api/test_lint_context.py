"""Which directory is taken for the build context of a Dockerfile, and what is read of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lissom.api import lint_context
from lissom.api.lint_context import context_of, uses_context
from lissom.api.lint_shown import shown_of
from lissom.api.lint_target import targets
from lissom.dockerfile.parser import parse
from lissom.errors import UsageError

USES = {
    "copy": ("COPY a /b", True),
    "add": ("ADD a /b", True),
    "trigger": ("ONBUILD COPY a /b", True),
    "mount": ("RUN --mount=type=bind,target=/src make", True),
    "mount-by-default": ("RUN --mount=target=/src make", True),
    "from-stage": ("COPY --from=x a /b", False),
    "heredoc": ("COPY <<E /b\nx\nE", False),
    "address": ("ADD https://example.com/x /b", False),
    "mount-of-stage": ("RUN --mount=type=bind,from=x,target=/src make", False),
    "cache": ("RUN --mount=type=cache,target=/c make", False),
    "nothing": ("RUN make", False),
}


@pytest.mark.parametrize(("line", "expected"), USES.values(), ids=USES)
def test_who_uses_the_context(line, expected):
    assert uses_context(parse(f"FROM x AS x\nFROM y\n{line}\n")) is expected


GUESSES = {
    "all-there": ("COPY src /a\nCOPY p.json .", ["src/x", "p.json"], True),
    "one-missing": ("COPY src /a\nCOPY p.json .", ["src/x"], False),
    "patterns-and-variables": ("COPY *.txt $X /a", ["other"], True),
    "outside": ("COPY ./src/../p.json /a", ["p.json"], True),
    "from-elsewhere": ("COPY --from=x gone /a\nCOPY p.json .", ["p.json"], True),
    "only-dockerfiles": ("COPY . /a", ["web.Dockerfile", "Dockerfile.dev", ".dockerignore", "README.md"], False),
    "nothing-else": ("COPY . /a", [], False),
}


@pytest.mark.parametrize(("lines", "files", "taken"), GUESSES.values(), ids=GUESSES)
def test_a_guessed_context_has_what_is_copied(tmp_path: Path, lines, files, taken):
    for name in ("Dockerfile", *files):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    dockerfile = parse(f"FROM y AS x\n{lines}\n")
    (target,) = targets([str(tmp_path)])
    facts, notes = context_of(dockerfile, target)
    assert (facts is not None, notes) == (taken, ())
    (named,) = targets([str(tmp_path / "Dockerfile")], context=tmp_path)
    assert context_of(dockerfile, named)[0] is not None


def test_the_ignore_file_of_the_dockerfile_comes_first(tmp_path: Path):
    for name, text in {
        "Dockerfile": "",
        "a/b.log": "",
        "a/c": "",
        ".dockerignore": "a/c\n",
        "Dockerfile.dockerignore": "**/*.log\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    dockerfile = parse("FROM x\nCOPY a /a\n")
    (target,) = targets([str(tmp_path)])
    facts, _ = context_of(dockerfile, target)
    assert (facts.ignore_name, facts.ignore_text, facts.ignored) == (
        "Dockerfile.dockerignore",
        "**/*.log\n",
        {"a/b.log"},
    )
    (tmp_path / "Dockerfile.dockerignore").unlink()
    facts, _ = context_of(dockerfile, target)
    assert (facts.ignore_name, facts.ignored) == (".dockerignore", {"a/c"})
    (tmp_path / ".dockerignore").unlink()
    facts, _ = context_of(dockerfile, target)
    assert (facts.ignore_name, facts.ignore_text, facts.ignored) == (".dockerignore", None, frozenset())


def test_a_context_of_too_many_files_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lint_context, "_MOST_FILES", 3)
    for name in ("Dockerfile", "a", "b", "c", "d"):
        (tmp_path / name).write_text("")
    (target,) = targets([str(tmp_path)])
    facts, notes = context_of(parse("FROM x\nCOPY . /a\n"), target)
    assert facts is None
    assert notes == (f"the build context was left out: cannot look through `{tmp_path}`: it holds more than 3 files",)


def test_targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    for name in ("Dockerfile", "sub/Containerfile", "sub/x"):
        (tmp_path / name).write_text("")
    shown = [(one.name, one.context, one.guessed) for one in targets([".", "sub", "sub/x", "-"])]
    assert shown == [
        ("Dockerfile", Path(), True),
        ("sub/Containerfile", Path("sub"), True),
        ("sub/x", Path("sub"), True),
        ("stdin", None, False),
    ]
    assert targets(["sub"], file="x")[0].path == Path("sub/x")
    assert targets([], file="Dockerfile", context=Path("sub"))[0].context == Path("sub")
    with pytest.raises(UsageError, match="there is no such file") as caught:
        targets(["Dockerfil"])
    assert caught.value.hint == "did you mean Dockerfile?"


def test_waste_of_layers_whose_lines_are_known_is_shown():
    from types import SimpleNamespace

    from lissom.analysis.ledger.share import Step, Waste, WasteKind

    steps = (
        Step(0, "base", layer=0, base=True),
        Step(1, "a", layer=1, lines=(2, 4)),
        Step(2, "b", layer=2, lines=(5, 5)),
    )
    wastes = (
        Waste(WasteKind.DELETED, 1, 2, 70, 1, ("x",)),
        Waste(WasteKind.PACKAGE_LISTS, 2, None, 30, 2, ("y", "z"), "apt lists"),
        Waste(WasteKind.DOCS, 0, None, 10, 1, ("w",)),
    )
    found = shown_of(SimpleNamespace(steps=steps, wastes=wastes))
    assert [(one.kind, one.lines, one.size, one.detail, one.hidden_by) for one in found] == [
        ("deleted", (2, 4), 70, "", (5, 5)),
        ("package_lists", (5, 5), 30, "apt lists", None),
    ]
