"""A single stage becomes two as the cases in tests/data/stages say, and where it does not, the reason is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lissom.dockerfile.parser import parse
from lissom.lint.build_context.facts import context_facts
from lissom.lint.fix import Equivalence, Safety
from lissom.lint.rule import Found, Severity
from lissom.lint.rules.single_stage import RULE
from lissom.lint.subject import ContextFacts
from lissom.lint.views import subject_of
from lissom.rootfs.entry import Entry, HostFile, Inline, Kind, parent_of
from lissom.rootfs.tree import Tree

DATA = Path(__file__).parents[2] / "data" / "stages"
CASES = sorted(path for path in DATA.iterdir() if (path / "fixed.Dockerfile").exists())
REFUSED = sorted(path for path in DATA.iterdir() if not (path / "fixed.Dockerfile").exists())
BARE = sorted(path for path in DATA.iterdir() if (path / "distroless.Dockerfile").exists())
by_name = {"ids": lambda path: path.name}


def facts(text: str) -> ContextFacts:
    """Files of a context: a line each, behind the path their size, or their text as a JSON string."""
    entries = {"": Entry("", Kind.DIRECTORY, 0o755)}
    for line in text.splitlines():
        path, _, rest = line.partition(" ")
        above = parent_of(path)
        while above and above not in entries:
            entries[above] = Entry(above, Kind.DIRECTORY, 0o755)
            above = parent_of(above)
        value = json.loads(rest)
        data = value.encode() if isinstance(value, str) else b""
        entries[path] = Entry(path, Kind.FILE, size=len(data) or value, content=Inline(data))
    return context_facts(Tree(dict(sorted(entries.items()))), None)


def found(text: str, context: str = "", settings: dict[str, object] | None = None) -> list[Found]:
    return list(RULE.check(subject_of(parse(text), context=facts(context), settings=settings)))


def look(case: Path, settings: dict[str, object] | None = None) -> tuple[str, list[Found]]:
    text = (case / "Dockerfile").read_text()
    return text, found(text, (case / "context.txt").read_text(), settings)


@pytest.mark.parametrize("case", CASES, **by_name)
def test_a_stage_is_split_as_written_down(case):
    text, [one] = look(case)
    assert one.fix is not None, one.message
    assert (one.fix.safety, one.fix.equivalence) == (Safety.UNSAFE, Equivalence.E3)
    fixed = parse(text).source.apply(one.fix.edits)
    assert fixed == (case / "fixed.Dockerfile").read_text()
    assert found(fixed, (case / "context.txt").read_text()) == []


@pytest.mark.parametrize("case", REFUSED, **by_name)
def test_what_is_not_understood_is_left_with_the_reason(case):
    _, [one] = look(case)
    assert one.fix is None
    assert one.severity is Severity.INFO
    assert one.message == (case / "reason.txt").read_text().strip()


@pytest.mark.parametrize("case", BARE, **by_name)
def test_a_stage_is_split_onto_a_distroless_image(case):
    text, [one] = look(case, {"runtime": "distroless"})
    assert one.fix is not None, one.message
    assert parse(text).source.apply(one.fix.edits) == (case / "distroless.Dockerfile").read_text()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('FROM python:3.11\nWORKDIR /a\nCOPY . .\nRUN pip install .\nCMD ["sh", "a"]\n', "needs a shell"),
        ("FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm i\nCMD node a.js | tee log\n", "may need npm"),
        ('FROM python:3.12\nWORKDIR /a\nCOPY . .\nRUN pip install .\nCMD ["a"]\n', "has Python 3.11"),
        (
            'FROM golang:1.22\nWORKDIR /a\nCOPY . .\nRUN go build -o /s .\nHEALTHCHECK CMD curl x\nCMD ["/s"]\n',
            "health check",
        ),
        ('FROM golang:1.22\nWORKDIR /a\nCOPY . .\nRUN locale-gen && go build -o /s .\nCMD ["/s"]\n', "locale-gen"),
    ],
    ids=["shell", "pipe", "python", "healthcheck", "setting"],
)
def test_no_distroless_image_will_do(text, reason):
    [one] = found(text, "a 1\n", {"runtime": "distroless"})
    assert one.fix is None
    assert reason in one.message


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get update && apt-get install -y redis\n",
        "FROM node:20-slim\nWORKDIR /a\nCOPY . .\nRUN npm ci\nCMD node a.js\n",
        "FROM python:3.12-slim\nWORKDIR /a\nCOPY . .\nRUN pip install .\nCMD a\n",
        "FROM golang:1.22 AS build\nRUN go build -o /s .\nFROM scratch\nCOPY --from=build /s /s\n",
        "FROM golang:1.22\nONBUILD RUN go build .\nRUN go install x@v1\n",
        "FROM golang:1.22\n",
        "FROM php:8.2-apache\nCOPY . /var/www/html\n",
    ],
    ids=["packages", "slim node", "slim python", "two stages", "onbuild", "nothing", "php"],
)
def test_what_builds_nothing_or_is_split_already_is_fine(text):
    assert found(text, "a.js 1\n") == []


def test_lines_and_comments_of_the_build_stay_as_they_are():
    crlf = 'FROM golang:1.22\r\nWORKDIR /a\r\nCOPY . .\r\n# build\r\nRUN  go build \\\r\n   -o /s .\r\nCMD ["/s"]'
    [one] = found(crlf, "go.mod 1\n")
    assert one.fix is not None
    fixed = parse(crlf).source.apply(one.fix.edits)
    assert fixed.startswith(crlf.removesuffix('CMD ["/s"]').replace("1.22", "1.22 AS build", 1))
    assert "\n" not in fixed.replace("\r\n", "")


def test_without_a_context_a_build_is_split_where_the_text_tells_enough():
    text = 'FROM golang:1.22\nWORKDIR /a\nCOPY . .\nRUN go build -o /s .\nCMD ["/s"]\n'
    [one] = RULE.check(subject_of(parse(text)))
    assert one.fix is not None


def fixed(text: str, context: str) -> str:
    [one] = found(text, context)
    assert one.fix is not None, one.message
    return parse(text).source.apply(one.fix.edits)


NODE = "FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm ci\nRUN npm run build\nCMD {}\n"


@pytest.mark.parametrize(
    ("cmd", "package", "pruned"),
    [
        ('["node", "dist/a.js"]', {}, True),
        ("npm start", {"scripts": {"start": "node dist/a.js"}, "devDependencies": {"@types/node": "20"}}, True),
        ("npm run preview", {"scripts": {"preview": "vite preview"}, "devDependencies": {"vite": "5"}}, False),
        ("npm start", {"scripts": {"start": "ts-node src/a.ts"}}, False),
        ('["npx", "serve", "dist"]', {}, False),
        ('["sh", "-c", "node a.js; sleep 1"]', {}, False),
    ],
    ids=["node", "script", "tool", "compiler", "npx", "shell"],
)
def test_packages_for_development_go_where_nothing_starts_them(cmd, package, pruned):
    text = fixed(NODE.format(cmd), f"package.json {json.dumps(json.dumps(package))}\n")
    assert ("RUN npm prune --omit=dev" in text) is pruned


@pytest.mark.parametrize(
    ("text", "context", "reason"),
    [
        (NODE.format("node a.js"), 'package.json "{\\"dependencies\\": {\\"puppeteer\\": \\"22\\"}}"', "a browser"),
        ("FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm i\nCMD nginx & node a\n", "a 1", "several programs"),
        ("FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm i\nCMD supervisord -n\n", "a 1", "several programs"),
        ("FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm i && make install\nCMD node a\n", "a 1", "what `make` writes"),
        ("FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm i && ./setup.sh\nCMD node a\n", "a 1", "what `setup.sh` writes"),
        ("FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm i && sudo mkdir /x\nCMD node a\n", "a 1", "by another program"),
        (
            "FROM node:20\nWORKDIR /etc\nCOPY a.conf x.conf\nWORKDIR /a\nCOPY . .\nRUN npm i\nCMD node a\n",
            "a.conf 1",
            "an earlier WORKDIR",
        ),
        (
            "FROM python:3.12\nWORKDIR /a\nCOPY . .\nRUN pip install . && python setup_data.py\nCMD a\n",
            "a.py 1",
            "`python setup_data.py`",
        ),
        ("FROM python:3.12\nWORKDIR /a\nCOPY . .\nRUN pip install --user .\nCMD a\n", "a.py 1", "where packages go"),
        ("FROM python:3.12\nWORKDIR /a\nCOPY . .\nUSER me\nRUN pip install .\nCMD a\n", "a.py 1", "by `me`"),
        (
            (
                "FROM python:3.12\nRUN apt-get install -y -t bookworm-backports ffmpeg\nWORKDIR /a\nCOPY . .\n"
                "RUN pip install .\nCMD a\n"
            ),
            "a.py 1",
            "another release",
        ),
        (
            "FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm i\nRUN if [ -n x ]; then useradd me; fi\nCMD node a\n",
            "a 1",
            "under a condition",
        ),
        (
            "FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm i\nRUN cd /etc && touch x\nCMD node a\n",
            "a 1",
            "that it runs in",
        ),
        (
            'FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm i\nRUN useradd -u "$(cat uid)" me\nCMD node a\n',
            "uid 1",
            "is given cannot be told",
        ),
        ("FROM node:20\nWORKDIR /\nCOPY . .\nRUN npm i\nCMD node a\n", "a 1", "among the system's files"),
        (
            'FROM openjdk:8\nWORKDIR /a\nCOPY . .\nRUN javac A.java\nCMD ["java", "-cp", "/a", "A"]\n',
            "A.java 1",
            "out of Java 8",
        ),
    ],
    ids=[
        "browser",
        "behind",
        "supervisor",
        "made",
        "script-file",
        "sudo",
        "workdir",
        "script",
        "user-site",
        "user",
        "release",
        "condition",
        "cd",
        "substitution",
        "root",
        "java8",
    ],
)
def test_doubts_are_told_with_their_reason(text, context, reason):
    [one] = found(text, context)
    assert one.fix is None
    assert reason in one.message


def test_what_django_collects_stays_in_the_app():
    text = "FROM python:3.12\nWORKDIR /a\nCOPY . .\nRUN pip install .\nRUN python manage.py collectstatic\nCMD gunicorn a\n"
    assert "COPY --from=build /a /a" in fixed(text, "a.py 1\n")


def test_a_tool_that_the_container_starts_is_installed_again():
    text = (
        "FROM python:3.12\nRUN apt-get update && apt-get install -y make gcc\nWORKDIR /a\nCOPY . .\nRUN pip install .\n"
    )
    assert "recommends make \\\n" in fixed(text + "CMD make serve\n", "Makefile 1\n")


def test_paths_of_the_build_are_not_touched_before_they_are_there():
    text = (
        "FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm i\nRUN mkdir -p /a/cache /data && chown node /a/cache /data\n"
        'USER node\nCMD ["node", "a.js"]\n'
    )
    assert " && mkdir -p /data \\\n && chown node /data\n" in fixed(text, "a.js 1\n")


def test_what_configures_a_copied_file_comes_behind_its_copy():
    text = (
        "FROM node:20\nRUN useradd web\nCOPY ca.crt /usr/local/share/ca-certificates/\nRUN update-ca-certificates\n"
        'WORKDIR /a\nCOPY . .\nRUN npm i\nCMD ["node", "a.js"]\n'
    )
    lines = fixed(text, "a.js 1\nca.crt 1\n").splitlines()
    last = lines[lines.index("FROM node:20-slim") :]
    assert last.index(" && useradd web") < last.index("COPY ca.crt /usr/local/share/ca-certificates/")
    assert last[last.index("COPY ca.crt /usr/local/share/ca-certificates/") + 1] == "RUN update-ca-certificates"


def test_sources_that_a_run_brings_stay_in_the_build():
    text = (
        "FROM ubuntu:22.04\nRUN apt-get update && apt-get install -y build-essential cmake git\n"
        "RUN git clone https://example.com/tool.git /src\nWORKDIR /src/build\nRUN cmake .. && make && make install\nCMD tool\n"
    )
    copies = [line for line in fixed(text, "a 1\n").splitlines() if line.startswith("COPY")]
    assert copies == ["COPY --from=build /usr/local /usr/local"]


def test_classes_are_found_where_java_starts():
    text = 'FROM openjdk:17\nWORKDIR /app\nCOPY . .\nRUN javac Main.java\nCMD ["java", "-Xmx64m", "Main"]\n'
    assert "COPY --from=build /app /app" in fixed(text, "Main.java 1\n").splitlines()


def test_what_lies_in_a_directory_for_scraps_is_not_the_app():
    text = "FROM python:3.12\nCOPY requirements.txt /tmp/r.txt\nRUN pip install -r /tmp/r.txt\nCOPY . /code\nCMD python /code/a.py\n"
    copies = [line for line in fixed(text, "a.py 1\nrequirements.txt 1\n").splitlines() if "--from" in line]
    assert copies == ["COPY --from=build /venv /venv", "COPY --from=build /code /code"]


def test_a_file_of_the_context_that_cannot_be_read_is_as_if_it_were_not_there(tmp_path):
    entries = dict(facts("package.json 1\na.js 1\n").tree.items())
    entries["package.json"] = Entry("package.json", Kind.FILE, size=5, content=HostFile(tmp_path / "gone"))
    text = "FROM node:8\nWORKDIR /a\nCOPY . .\nRUN npm i\nCMD npm start\n"
    [one] = RULE.check(subject_of(parse(text), context=context_facts(Tree(entries), None)))
    assert "starts cannot be told" in one.message
