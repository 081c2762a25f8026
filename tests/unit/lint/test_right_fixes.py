"""What the fixes of the rules of safety and correctness write, and that they keep layout and comments."""

from __future__ import annotations

import pytest

from lissom.dockerfile.expand import process
from lissom.dockerfile.parser import parse
from lissom.dockerfile.syntax import Env, Label
from lissom.lint.build_context.facts import context_facts
from lissom.lint.fix import Safety
from lissom.lint.rules.all import RULES
from lissom.lint.views import subject_of
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Tree

BY_CODE = {rule.code: rule for rule in RULES}
TOP = "FROM debian:bookworm\n"

# Code, what the fix is, before, after.
FIXES = [
    ("stage-name-casing", "safe", "FROM a:1 AS  Build", "FROM a:1 AS  build"),
    (
        "stage-name-casing",
        "safe",
        "FROM a:1 AS B\nFROM B AS c\nCOPY --from=B /B /B\nRUN --mount=from=B,target=/B ls\nCOPY --from=b a b",
        "FROM a:1 AS b\nFROM b AS c\nCOPY --from=b /B /B\nRUN --mount=from=b,target=/B ls\nCOPY --from=b a b",
    ),
    (
        "duplicate-stage-name",
        "safe",
        "FROM a:1 AS x\nFROM x AS x\nCOPY --from=x a b",
        "FROM a:1 AS x-1\nFROM x-1 AS x\nCOPY --from=x a b",
    ),
    (
        "duplicate-stage-name",
        "safe",
        "FROM a:1 AS x\nFROM x\nFROM b:1 AS X\nFROM x",
        "FROM a:1 AS x-1\nFROM x-1\nFROM b:1 AS X\nFROM x",
    ),
    ("from-as-casing", "safe", "FROM a:1 as x", "FROM a:1 AS x"),
    ("from-as-casing", "safe", "from a:1 AS x", "from a:1 as x"),
    ("instruction-casing", "safe", "FROM a:1\nRun \\\n  ls", "FROM a:1\nRUN \\\n  ls"),
    ("instruction-casing", "safe", "from a:1\nrun ls\nCMD b", "from a:1\nrun ls\ncmd b"),
    (
        "empty-continuation",
        "safe",
        TOP + "RUN a && \\\n\n\n  b && \\\n\n  # c\n  d",
        TOP + "RUN a && \\\n  b && \\\n  # c\n  d",
    ),
    (
        "maintainer",
        "provable",
        TOP + "MAINTAINER Ada <a@b.c>",
        TOP + 'LABEL org.opencontainers.image.authors="Ada <a@b.c>"',
    ),
    ("maintainer", "none", TOP + 'MAINTAINER "Ada" $X', ""),
    ("legacy-key-value", "safe", TOP + "ENV A  b", TOP + "ENV A=b"),
    ("legacy-key-value", "safe", TOP + "ENV A b  c $D ", TOP + 'ENV A="b  c $D" '),
    ("legacy-key-value", "safe", TOP + 'LABEL a.b "c d"', TOP + 'LABEL a.b="c d"'),
    ("legacy-key-value", "none", TOP + "ENV A it's", ""),
    ("legacy-key-value", "none", TOP + "ENV A \\\n  b", ""),
    ("legacy-key-value", "none", TOP + "ENV A b\\ c", ""),
    ("legacy-key-value", "provable", TOP + "ONBUILD ENV A b", TOP + "ONBUILD ENV A=b"),
    ("expose-proto-casing", "provable", TOP + "ONBUILD EXPOSE 1/TCP", TOP + "ONBUILD EXPOSE 1/tcp"),
    ("apt-yes", "provable", TOP + "ONBUILD RUN apt-get install a", TOP + "ONBUILD RUN apt-get install -y a"),
    ("redundant-platform", "safe", "FROM --platform=$TARGETPLATFORM a:1 AS b", "FROM a:1 AS b"),
    ("redundant-platform", "safe", "FROM --platform=${TARGETPLATFORM} \\\n  a:1", "FROM  \\\n  a:1"),
    ("several-cmd", "safe", TOP + 'CMD ["a"]\n# b\nRUN ls\nCMD ["c"]', TOP + '# b\nRUN ls\nCMD ["c"]'),
    ("several-cmd", "safe", TOP + "CMD a \\\n  b\nCMD c\nCMD d", TOP + "CMD d"),
    ("several-entrypoint", "safe", TOP + 'ENTRYPOINT ["a"]\nENTRYPOINT ["b"]', TOP + 'ENTRYPOINT ["b"]'),
    ("several-healthcheck", "safe", TOP + "HEALTHCHECK NONE\nHEALTHCHECK CMD a", TOP + "HEALTHCHECK CMD a"),
    (
        "relative-workdir",
        "safe",
        TOP + "WORKDIR /a\nWORKDIR b\nWORKDIR ../c",
        TOP + "WORKDIR /a\nWORKDIR /a/b\nWORKDIR /a/c",
    ),
    ("relative-workdir", "none", TOP + "WORKDIR $A\nWORKDIR b", ""),
    ("relative-workdir", "none", TOP + "WORKDIR b", ""),
    ("copy-to-file", "provable", TOP + "COPY [[]x].txt a b", TOP + "COPY [[]x].txt a b/"),
    ("copy-to-file", "provable", TOP + "COPY [a] [b] c[d]", TOP + "COPY [a] [b] c[d]/"),
    ("copy-to-file", "provable", TOP + "COPY a b c", TOP + "COPY a b c/"),
    ("copy-to-file", "provable", TOP + 'COPY ["a", "b", "/c"]', TOP + 'COPY ["a", "b", "/c/"]'),
    ("copy-to-file", "provable", TOP + 'COPY [ "a", "b", "/c" ]', TOP + 'COPY [ "a", "b", "/c/" ]'),
    ("copy-to-file", "safe", TOP + "COPY a \\\n  b \\\n  .", TOP + "COPY a \\\n  b \\\n  ./"),
    ("expose-proto-casing", "safe", TOP + "EXPOSE 53/UDP 80", TOP + "EXPOSE 53/udp 80"),
    (
        "apt-yes",
        "safe",
        TOP + "RUN apt-get update && \\\n    apt-get install \\\n    a",
        TOP + "RUN apt-get update && \\\n    apt-get install -y \\\n    a",
    ),
    ("zypper-yes", "safe", TOP + "RUN zypper in a", TOP + "RUN zypper in -y a"),
    ("dnf-yes", "safe", TOP + "RUN sudo dnf install a", TOP + "RUN sudo dnf install -y a"),
    ("apt-yes", "none", TOP + "RUN sh -c 'apt-get install a'", ""),
    ("apt-yes", "none", TOP + 'RUN ["apt-get", "install", "a"]', ""),
    ("sudo", "provable", TOP + "RUN a && sudo b c", TOP + "RUN a && b c"),
    ("sudo", "none", TOP + "USER app\nRUN sudo b", ""),
    ("sudo", "none", TOP + "RUN sudo -E b", ""),
    ("sudo", "none", TOP + "RUN sudo A=1 b", ""),
    ("add-for-files", "safe", TOP + "ADD . /x", TOP + "COPY . /x"),
    ("add-for-files", "safe", TOP + "add --chown=1:1 a/ b/ /x/", TOP + "copy --chown=1:1 a/ b/ /x/"),
    ("add-for-files", "provable", TOP + "ADD a /x", TOP + "COPY a /x"),
    ("add-for-files", "none", TOP + "ADD a b.tar /x/", ""),
    ("add-for-files", "none", TOP + "ADD a https://example.com/b /x/", ""),
    ("json-args", "unsafe", TOP + "CMD a  'b c' \\\n   --d=\"e\"", TOP + 'CMD ["a",  "b c", \\\n   "--d=e"]'),
    (
        "json-args",
        "unsafe",
        TOP + "HEALTHCHECK --interval=5s CMD a b",
        TOP + 'HEALTHCHECK --interval=5s CMD ["a", "b"]',
    ),
    ("json-args", "unsafe", TOP + "ENTRYPOINT a", TOP + 'ENTRYPOINT ["a"]'),
    ("json-args", "none", TOP + "CMD a $B", ""),
    ("json-args", "none", TOP + "CMD a && b", ""),
    ("json-args", "none", TOP + "CMD a *.txt", ""),
    ("json-args", "none", TOP + "CMD ~/a", ""),
    ("json-args", "none", TOP + "CMD exec a", ""),
    ("json-args", "none", TOP + "CMD A=1 b", ""),
    ("json-args", "none", TOP + "CMD a > /b", ""),
    ("json-args", "none", TOP + "CMD a &", ""),
    ("json-args", "none", TOP + 'SHELL ["pwsh", "-c"]\nCMD a', ""),
    ("trailing-comment", "unsafe", TOP + "  USER app  # me", TOP + "  # me\nUSER app"),
    ("stage-comment", "safe", "# x\nFROM a:1 AS b", "# x\n\nFROM a:1 AS b"),
    ("cd-in-run", "none", TOP + "RUN cd /x && make", ""),
    ("pipefail", "none", TOP + "RUN a | b", ""),
    ("root-user", "none", TOP + "USER root", ""),
    ("numeric-user", "none", TOP + "USER app", ""),
]


def fixed(code: str, text: str) -> tuple[set[Safety], str]:
    """All fixes of a rule made until there are none, and how safe they were."""
    safeties = set()
    for _ in range(10):
        subject = subject_of(parse(text))
        offered = [found.fix for found in BY_CODE[code].check(subject) if found.fix]
        if not offered:
            return safeties, text
        safeties.add(offered[0].safety)
        text = subject.dockerfile.source.apply(offered[0].edits)
    raise AssertionError("the fix never ends")


@pytest.mark.parametrize(("code", "safety", "before", "after"), FIXES, ids=lambda value: repr(value)[:90])
def test_a_fix_writes_what_it_should(code, safety, before, after):
    assert list(BY_CODE[code].check(subject_of(parse(before))))
    safeties, text = fixed(code, before)
    assert (safeties, text) == ((set(), before) if safety == "none" else ({Safety(safety)}, after))


@pytest.mark.parametrize(
    "value",
    ["a", "a b", "a  b", "$X", "a $X b", "${X:-y z}", '"a b"', '"a $X"', "a=b", "a#b", "http://x/?a=1&b=2", "ä ö"],
)
@pytest.mark.parametrize("keyword", ["ENV", "LABEL"])
def test_the_new_form_of_a_pair_gives_the_same_value(keyword, value):
    before = TOP + f"{keyword} NAME {value}\n"
    _, after = fixed("legacy-key-value", before)
    assert f"{keyword} NAME=" in after
    assert pair_of(after) == pair_of(before)


def pair_of(text: str) -> tuple[str, str]:
    found = parse(text).instructions[1]
    assert isinstance(found, Env | Label)
    ((name, value),) = found.pairs
    return name, process(value, {"X": "x y"}.get).text


@pytest.mark.parametrize(
    ("content", "safety"),
    [
        (b"text", "safe"),
        (b"", "safe"),
        (b"\x7fELF" + b"\0" * 80, "safe"),
        (b"\x1f\x8b\x08", "provable"),
        (b"BZh9", "provable"),
        (b"\xfd7zXZ\0", "provable"),
        (b"\x28\xb5\x2f\xfd", "provable"),
        (b"a" * 257 + b"ustar\0" + b"\0" * 300, "provable"),
        (b"old-tar" + b"\0" * 600, "provable"),
    ],
    ids=["text", "empty", "small-elf", "gzip", "bzip2", "xz", "zstd", "tar", "old-tar"],
)
def test_add_of_a_file_becomes_copy_safely_only_when_it_is_seen_to_be_no_archive(content, safety):
    entries = {
        "": Entry("", Kind.DIRECTORY, 0o755),
        "a": Entry("a", Kind.FILE, size=len(content), content=Inline(content)),
    }
    subject = subject_of(parse(TOP + "ADD a /b\n"), context=context_facts(Tree(entries), None))
    (found,) = BY_CODE["add-for-files"].check(subject)
    assert found.fix is not None
    assert found.fix.safety is Safety(safety)


def test_what_the_context_has_is_looked_at():
    files = {"src/app.py": b"", "src/.env": b"A=b", "notes.md": b"", "secret.pem": b""}
    entries = {"": Entry("", Kind.DIRECTORY, 0o755), "src": Entry("src", Kind.DIRECTORY, 0o755)}
    for path, data in files.items():
        entries[path] = Entry(path, Kind.FILE, size=len(data), content=Inline(data))
    text = TOP + "COPY src /x\nCOPY notes.md /x\nCOPY *.md /x/\nCOPY Src /x\nCOPY *.txt /x/\n"
    facts = context_facts(Tree(dict(sorted(entries.items()))), "*.md\n")
    subject = subject_of(parse(text), context=facts)

    def told(code: str) -> list[tuple[int, str]]:
        line_of = subject.dockerfile.source.line_col
        return [(line_of(found.span.start)[0], found.message) for found in BY_CODE[code].check(subject)]

    assert told("copied-secret") == [(2, "`src/.env` (environment file) is copied with `src`")]
    assert [line for line, _ in told("copy-ignored")] == [3, 4]
    assert told("missing-source")[0] == (5, "`Src` is not in the context; did you mean `src`")
    assert [line for line, _ in told("missing-source")] == [5, 6]


def test_settings_ask_for_registries_and_labels():
    text = 'FROM debian:bookworm AS a\nFROM ghcr.io/x/y:1\nLABEL a=1 b="" c=x d=nope\n'
    settings = {
        "allowed-registries": ["docker.io"],
        "label-schema": {"labels": {"a": "semver", "b": "text", "c": "text", "e": "url"}, "strict": True},
    }
    subject = subject_of(parse(text), settings=settings)
    registries = [found.message for found in BY_CODE["disallowed-registry"].check(subject)]
    assert registries == ["the registry of `ghcr.io/x/y:1` is not allowed"]
    assert [found.message for found in BY_CODE["label-schema"].check(subject)] == [
        "the value of the label `a` is no semver",
        "the label `b` is empty",
        "the label `d` is not among those that are allowed",
        "the image has no label `e`",
    ]
