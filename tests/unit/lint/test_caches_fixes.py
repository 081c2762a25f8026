"""How safe the fixes of caches are: what comes later, where the file ends up, and that a second time changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lissom.dockerfile.parser import parse
from lissom.dockerfile.source import Source
from lissom.dockerfile.syntax import Dockerfile
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.fixing import fix
from lissom.lint.rule import Finding
from lissom.lint.rules.all import RULES
from lissom.lint.views import subject_of

BY_CODE = {rule.code: rule for rule in RULES}
MINE = [
    rule for rule in RULES if rule.code.endswith("-cache") or rule.code in ("apt-lists", "apt-update-alone", "gem-docs")
]


def find(dockerfile: Dockerfile, _files: Mapping[str, str]) -> list[Finding]:
    subject = subject_of(dockerfile)
    return [
        Finding(rule, one.span, one.message, one.severity or rule.severity, one.fix, one.saves)
        for rule in MINE
        for one in rule.check(subject)
    ]


def fixed(text: str, *safeties: Safety) -> str:
    return fix(Source("Dockerfile", text), find, allowed=safeties or (Safety.SAFE,)).draft.text


def offered(code: str, text: str) -> Fix | None:
    """The fix of the first finding."""
    found = next(iter(BY_CODE[code].check(subject_of(parse(text)))))
    return found.fix


UPDATE = "RUN apt-get update && apt-get install -y --no-install-recommends jq\n"
LATER: dict[str, tuple[str, Safety | None]] = {
    "nothing": ("", Safety.SAFE),
    "an install": ("RUN apt-get install -y less\n", None),
    "an install in a branch": ("RUN if true; then apt-get install -y less; fi\n", None),
    "an install behind sudo": ("RUN sudo apt-get install -y less\n", None),
    "an install in exec form": ('RUN ["apt-get", "install", "-y", "less"]\n', None),
    "an install in a stage on it": ("FROM a\nRUN apt-get install -y less\n", Safety.PROVABLE),
    "an install in a stage on a stage on it": ("FROM a AS b\nFROM b\nRUN apt-get install -y less\n", Safety.PROVABLE),
    "an install in ONBUILD": ("ONBUILD RUN apt-get install -y less\n", None),
    "an install at the start of a container": ("CMD apt-get install -y less\n", None),
    "a look at the lists": ("RUN apt-cache policy jq\n", None),
    "an upgrade": ("RUN apt-get upgrade -y\n", None),
    "an install with an update": ("RUN apt-get update && apt-get install -y less\n", Safety.SAFE),
    "a removal of packages": ("RUN apt-get purge -y jq && apt-get autoremove -y\n", Safety.SAFE),
    "a script of the context": ("COPY x.sh /\nRUN /x.sh\n", Safety.PROVABLE),
    "a shell that runs a file": ("RUN sh setup.sh\n", Safety.PROVABLE),
    "make": ("RUN make install\n", Safety.PROVABLE),
    "a download that is run": ("RUN curl -fsS https://example.com/x | bash\n", Safety.PROVABLE),
    "a program that a variable names": ("RUN $X\n", Safety.PROVABLE),
    "another interpreter": ("RUN <<EOF\n#!/usr/bin/env perl\nprint 1\nEOF\n", Safety.PROVABLE),
    "a removal without force": ("RUN rm /var/lib/apt/lists/*_*\n", Safety.PROVABLE),
    "a removal with force": ("RUN rm -rf /var/lib/apt/lists/*\n", Safety.SAFE),
    "a copy of the lists": ("RUN cp -r /var/lib/apt/lists /keep\n", Safety.PROVABLE),
    "a stage that copies all": ("FROM scratch AS b\nCOPY --from=a / /\nFROM a\n", Safety.PROVABLE),
    "a stage that copies a file": ("FROM scratch AS b\nCOPY --from=a /usr/bin/jq /jq\nFROM a\n", Safety.SAFE),
    "a stage that mounts it": ("FROM debian AS b\nRUN --mount=from=a,target=/a ls /a\nFROM a\n", Safety.PROVABLE),
    "what is harmless": ('ENV A=b\nRUN mkdir /a && pip install x\nUSER 1000\nCMD ["jq"]\n', Safety.SAFE),
}


@pytest.mark.parametrize(("later", "safety"), LATER.values(), ids=LATER)
def test_what_comes_later_decides(later, safety):
    found = offered("apt-lists", f"FROM debian:bookworm AS a\n{UPDATE}{later}")
    assert (found.safety if found else None) is safety
    assert safety is not Safety.SAFE or (found and found.equivalence is Equivalence.E1)


def test_lists_that_are_used_again_are_fetched_again_when_a_build_proves_it():
    text = f"FROM debian\n{UPDATE}COPY . /x\nRUN apt-get install -y less\n"
    found = offered("apt-lists", text)
    assert found
    assert (found.safety, found.equivalence) == (Safety.PROVABLE, Equivalence.E2)
    after = parse(text).source.apply(found.edits)
    assert after == text.replace("jq", "jq && rm -rf /var/lib/apt/lists/*").replace(
        "RUN apt-get install -y less", "RUN apt-get update && apt-get install -y less"
    )


MOVES = {
    "to the next RUN": (
        "RUN apt-get update\nRUN apt-get install -y jq\n",
        "RUN apt-get update && apt-get install -y jq\n",
    ),
    "past what changes no file": (
        "RUN apt-get -qq update\n# why\nENV A=b\nRUN apt-get install -y \\\n  jq\n",
        "# why\nENV A=b\nRUN apt-get -qq update && apt-get install -y \\\n  jq\n",
    ),
    "not past COPY": ("RUN apt-get update\nCOPY a /etc/apt/\nRUN apt-get install -y jq\n", None),
    "not past a RUN": ("RUN apt-get update\nRUN true\nRUN apt-get install -y jq\n", None),
    "not past a proxy": ("RUN apt-get update\nENV http_proxy=x\nRUN apt-get install -y jq\n", None),
    "not past USER": ("RUN apt-get update\nUSER a\nRUN apt-get install -y jq\n", None),
    "not with a comment": ("RUN apt-get update # why\nRUN apt-get install -y jq\n", None),
    "not with a mount": ("RUN --mount=type=tmpfs,target=/t apt-get update\nRUN apt-get install -y jq\n", None),
    "not with more": ("RUN apt-get update && touch /a\nRUN apt-get install -y jq\n", None),
    "not before a list of another kind": ("RUN apt-get update\nRUN apt-get install -y jq; true\n", None),
}


@pytest.mark.parametrize(("before", "after"), MOVES.values(), ids=MOVES)
def test_a_lone_update_moves(before, after):
    text = f"FROM debian\n{before}"
    found = offered("apt-update-alone", text)
    if after is None:
        assert found is None
    else:
        assert found
        assert found.safety is Safety.SAFE
        assert parse(text).source.apply(found.edits) == f"FROM debian\n{after}"


FLAGS = {
    "pip": ("pip install a", "pip install --no-cache-dir a", Safety.SAFE),
    "pip behind options": ("pip -q install \\\n  a", "pip -q install --no-cache-dir \\\n  a", Safety.SAFE),
    "python -m pip": ("python3 -m pip install a", "python3 -m pip install --no-cache-dir a", Safety.SAFE),
    "pip behind sudo": ("sudo pip install a", "sudo pip install --no-cache-dir a", Safety.SAFE),
    "pip behind xargs": ("echo a | xargs pip install", "echo a | xargs pip install --no-cache-dir", Safety.SAFE),
    "npm behind sudo": ("sudo npm ci", None, None),
    "npm by somebody else": ("su-exec node npm ci", None, None),
    "npm in sh -c": ("sh -c 'npm ci'", "sh -c 'npm ci' && rm -rf ~/.npm/_*", Safety.PROVABLE),
    "dnf behind sudo": ("sudo dnf install -y a", "sudo dnf install -y a && sudo dnf clean all", Safety.SAFE),
    "dnf behind sudo -u": ("sudo -u a dnf install b", "", Safety.PROVABLE),
    "pip in sh -c": ("sh -c 'pip install a'", None, None),
    "pip and a later pip cache": ("pip install a\nRUN pip cache purge", None, None),
    "pip without a network": ("pip install a\nRUN --network=none pip install b", "", Safety.PROVABLE),
    "apk": ("apk add a", "apk add --no-cache a", Safety.SAFE),
    "apk before a script": ("apk add a\nRUN ./x.sh", "", Safety.PROVABLE),
    "apk before one that uses its index": ("apk add a\nRUN apk add b", None, None),
    "npm": ("npm ci", "npm ci && rm -rf ~/.npm/_*", Safety.SAFE),
    "npm with a cache of its own": ("npm_config_cache=/c npm ci", "", Safety.PROVABLE),
    "npm before an offline one": ("npm ci\nRUN npm ci --offline", None, None),
    "npm before a start by npx": ("npx serve -h\nCMD npx serve", None, None),
    "yarn 1": ("yarn --production", "yarn --production && yarn cache clean", Safety.SAFE),
    "yarn of any version": ("yarn install", "", Safety.PROVABLE),
    "uv": ("uv sync", "", Safety.PROVABLE),
    "go of any version": ("go build .", "go build . && go clean -cache -modcache", Safety.PROVABLE),
    "go before go": ("go mod download\nRUN go build .", None, None),
    "go that runs": ("go mod download\nCMD go run .", None, None),
    "maven and a start from its repository": ("mvn install\nCMD java -jar ~/.m2/repository/a.jar", None, None),
    "maven before maven": ("mvn dependency:go-offline\nRUN mvn package", None, None),
    "gem": ("gem install rack", "gem install --no-document rack", Safety.SAFE),
    "dnf": ("dnf install -y a", "dnf install -y a && dnf clean all", Safety.SAFE),
    "dnf in a branch": ("if a; then dnf install -y b; fi", "", Safety.PROVABLE),
    "dnf or another": ("dnf install -y a || true", "", Safety.PROVABLE),
    "dnf that may fail": ("dnf install -y a; true", "", Safety.PROVABLE),
    "dnf under errexit": ("set -e; dnf install -y a; b", "set -e; dnf install -y a; b; dnf clean all", Safety.SAFE),
    "dnf in a list under errexit": ("set -e; dnf install -y a && b; c", "", Safety.PROVABLE),
    "dnf by sudo in a branch": ("if a; then sudo dnf install -y b; fi", "", Safety.PROVABLE),
    "npm in a branch": ("if a; then npm i; fi", "if a; then npm i; fi && rm -rf ~/.npm/_*", Safety.SAFE),
    "microdnf": ("microdnf install a", "microdnf install a && microdnf clean all", Safety.SAFE),
}
CODES = {
    "pip": "pip-cache",
    "python": "pip-cache",
    "apk": "apk-cache",
    "npm": "npm-cache",
    "yarn": "yarn-cache",
    "uv": "uv-cache",
    "go": "go-cache",
    "maven": "maven-cache",
    "gem": "gem-docs",
    "dnf": "dnf-cache",
    "microdnf": "dnf-cache",
}


@pytest.mark.parametrize(("name", "before", "after", "safety"), [(k, *v) for k, v in FLAGS.items()], ids=FLAGS)
def test_what_mends_a_command(name, before, after, safety):
    text = f"FROM debian\nRUN {before}\n"
    found = offered(CODES[name.split()[0]], text)
    assert (found.safety if found else None) is safety
    if found and after:
        assert parse(text).source.apply(found.edits) == f"FROM debian\nRUN {after}\n"


BASES = [
    ("go-cache", "FROM golang:1.22-alpine\nRUN go build .\n", Safety.SAFE),
    ("go-cache", "FROM golang\nRUN go build .\n", Safety.SAFE),
    ("go-cache", "FROM golang:1.9\nRUN go build .\n", Safety.PROVABLE),
    ("apk-cache", "FROM alpine:3.2\nRUN apk add a\n", Safety.PROVABLE),
    ("apk-cache", "FROM alpine:edge\nRUN apk add a\n", Safety.SAFE),
]


@pytest.mark.parametrize(("code", "text", "safety"), BASES, ids=[text.split("\n")[0][5:] for _, text, _ in BASES])
def test_the_base_tells_what_a_tool_knows(code, text, safety):
    found = offered(code, text)
    assert found
    assert found.safety is safety


FILES = {
    "apt, pip and npm in one RUN": (
        "FROM python\nRUN apt-get update \\\n && apt-get install -y npm \\\n && pip install a \\\n && npm i\n",
        (
            "FROM python\nRUN apt-get update \\\n && apt-get install -y npm \\\n && pip install --no-cache-dir a"
            " \\\n && npm i \\\n && rm -rf /var/lib/apt/lists/* \\\n && rm -rf ~/.npm/_*\n"
        ),
    ),
    "a lone update": (
        'FROM debian\nRUN apt-get update\nRUN apt-get install -y jq\nCMD ["jq"]\n',
        'FROM debian\nRUN apt-get update && apt-get install -y jq && rm -rf /var/lib/apt/lists/*\nCMD ["jq"]\n',
    ),
    "an update that nothing uses": (
        "FROM debian\nRUN true\n  RUN apt-get update\nCMD a\n",
        "FROM debian\nRUN true\nCMD a\n",
    ),
    "lists that are used twice stay": (
        "FROM debian\nRUN apt-get update && apt-get install -y jq\nRUN apt-get install -y less\n",
        "FROM debian\nRUN apt-get update && apt-get install -y jq\nRUN apt-get install -y less\n",
    ),
    "apk's update goes": (
        "FROM alpine\nRUN apk update && \\\n    apk add a && \\\n    apk add b\n",
        "FROM alpine\nRUN apk add --no-cache a && \\\n    apk add --no-cache b\n",
    ),
    "apk's update stays where a variable may use it": (
        "FROM alpine\nRUN apk update; apk add a\n",
        "FROM alpine\nRUN apk update; apk add --no-cache a\n",
    ),
    "apk's update stays behind ||": (
        "FROM alpine\nRUN a || apk update && apk add b\n",
        "FROM alpine\nRUN a || apk update && apk add --no-cache b\n",
    ),
    "a later apk uses the index": (
        "FROM alpine\nRUN apk update && apk add a\nRUN apk add b\n",
        "FROM alpine\nRUN apk add --no-cache a\nRUN apk add --no-cache b\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), FILES.values(), ids=FILES)
def test_where_a_file_ends_up(before, after):
    assert fixed(before) == after


@pytest.mark.parametrize("before", [before for before, _ in FILES.values()], ids=FILES)
@pytest.mark.parametrize("safeties", [(Safety.SAFE,), tuple(Safety)], ids=["safe", "all"])
def test_a_second_time_changes_nothing(before, safeties):
    once = fixed(before, *safeties)
    assert fixed(once, *safeties) == once
