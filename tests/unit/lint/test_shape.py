"""Rules about the structure of a build: what they find, and what they leave alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lissom.dockerfile.parser import parse
from lissom.lint.build_context.facts import context_facts
from lissom.lint.rule import Found
from lissom.lint.rules.all import RULES
from lissom.lint.subject import ContextFacts, Shown
from lissom.lint.views import subject_of
from lissom.rootfs.entry import Entry, Inline, Kind
from lissom.rootfs.tree import Tree

RULE = {rule.code: rule for rule in RULES}
SLIM = "FROM debian:bookworm-slim\n"
FAT = Path(__file__).parents[2] / "data" / "lint" / "fat.txt"


def context(**files: int) -> ContextFacts:
    entries = [Entry("", Kind.DIRECTORY, 0o755)]
    entries += [
        Entry(name.replace("__", "."), Kind.FILE, size=size, content=Inline(b"x" * size))
        for name, size in files.items()
    ]
    return context_facts(Tree({entry.path: entry for entry in sorted(entries, key=lambda entry: entry.path)}))


def findings(
    code: str, text: str, *, given: ContextFacts | None = None, shown: tuple[Shown, ...] = ()
) -> list[tuple[int, Found]]:
    dockerfile = parse(text)
    found = RULE[code].check(subject_of(dockerfile, context=given, shown=shown))
    return sorted(((dockerfile.source.line_col(one.span.start)[0], one) for one in found), key=lambda one: one[0])


def lines(code: str, text: str, *, given: ContextFacts | None = None) -> list[int]:
    return [line for line, _ in findings(code, text, given=given)]


CAUGHT: list[tuple[str, str, str, list[int]]] = [
    ("deleted-later", "copied", "COPY a.bin /a.bin\nRUN rm /a.bin", [2]),
    ("deleted-later", "by-glob", "COPY a.bin /tmp/\nRUN rm -rf /tmp/*", [2]),
    ("deleted-later", "directory", "COPY src /src\nRUN make -C /src\nRUN rm -rf /src", [2]),
    ("deleted-later", "downloaded", "RUN curl -fsSo /x.tgz https://h/x\nRUN tar xf /x.tgz\nRUN rm /x.tgz", [2]),
    ("deleted-later", "multi-line", "RUN true \\\n && wget -O /x https://h/x\nRUN rm -f /x", [3]),
    ("deleted-later", "workdir", "WORKDIR /w\nADD https://h/x.zip .\nRUN unzip x.zip && rm x.zip", [3]),
    ("deleted-later", "clone", "RUN git clone https://g/x /x\nRUN rm -rf /x/.git", [2]),
    ("deleted-later", "built", "WORKDIR /a\nRUN npm ci\nRUN rm -rf /a/node_modules", [3]),
    ("deleted-later", "variable", "ARG V=1\nRUN wget -O /x-$V https://h/x\nRUN rm /x-${V}", [3]),
    ("deleted-later", "packages", "RUN apt-get install -y gcc\nRUN apt-get purge -y gcc", [2]),
    ("deleted-later", "dd", "RUN dd if=/dev/zero of=/b bs=1M count=9\nRUN rm /b", [2]),
    ("deleted-later", "secret", "COPY id_rsa /root/.ssh/\nRUN true\nRUN rm /root/.ssh/id_rsa", [2]),
    ("deleted-later", "from-a-stage", "COPY --from=x /a /a\nRUN rm -rf /a", [2]),
    ("late-removal", "lists", "RUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*", [3]),
    ("late-removal", "apt-clean", "RUN apt-get install -y x\nRUN apt-get clean", [3]),
    ("late-removal", "documentation", "RUN rm -rf /usr/share/doc /usr/share/man", [2]),
    ("late-removal", "copied", "COPY a /a\nRUN rm /a", [3]),
    ("late-removal", "own-file-too", "COPY a /a\nRUN touch /b && rm /a", [3]),
    ("late-removal", "cache-directory", "RUN pip install x\nRUN rm -rf /root/.cache", [3]),
    ("late-removal", "conda", "RUN conda install x\nRUN conda clean -afy", [3]),
    ("late-removal", "purge", "RUN apt-get install -y gcc\nRUN apt-get purge -y gcc", [3]),
    ("rewritten", "mode", "COPY a.sh /a.sh\nRUN chmod +x /a.sh", [3]),
    ("rewritten", "owner-of-tree", "COPY . /app\nRUN chown -R app /app", [3]),
    ("rewritten", "from-above", "COPY site /var/www/html\nRUN chown -R www-data /var/www", [3]),
    ("rewritten", "within-a-tree", "COPY . /app\nRUN chmod 755 /app/run.sh", [3]),
    ("rewritten", "second-line", "COPY . /app\nRUN true && \\\n    chown -R 1 /app", [4]),
    ("rewritten", "of-a-run", "RUN tar xf /x -C /opt\nRUN chown -R 1 /opt", [3]),
    ("rewritten", "of-a-build", "WORKDIR /app\nRUN npm ci\nRUN chown -R node /app", [4]),
    ("rewritten", "move", "COPY big /tmp/big\nRUN mv /tmp/big /opt/", [3]),
    ("rewritten", "strip", "COPY app /app\nRUN strip /app", [3]),
    ("rewritten", "base", "RUN chmod -R 777 /usr/local/lib", [2]),
    ("rewritten", "find", "COPY . /app\nRUN find /app -type f -exec chmod 644 {} +", [3]),
    ("rewritten", "acl", "COPY . /app\nRUN setfacl -R -m u:app:rx /app", [3]),
    ("join-runs", "update-apart", "RUN apt-get update\nRUN apt-get install -y x", [3]),
    ("join-runs", "three", "RUN apt-get update\nRUN apt-get install -y x\nRUN apt-get install -y y", [3, 4]),
    ("join-runs", "behind-env", "RUN apt-get install -y x\nENV a=b\nRUN apt-get install -y y", [4]),
    ("join-runs", "update-far", "RUN apt-get update\nCOPY a /a\nRUN apt-get install -y y", [4]),
    ("join-runs", "apk-update", "RUN apk update\nRUN apk add x", [3]),
    ("download-left", "curl-tar", "RUN curl -o /x.tgz https://h/x && tar xzf /x.tgz -C /o", [2]),
    ("download-left", "wget-unzip", "RUN cd /o && wget https://h/x.zip && unzip x.zip", [2]),
    ("download-left", "deb", "RUN wget -O /x.deb https://h/x.deb && dpkg -i /x.deb", [2]),
    ("download-left", "apt-deb", "RUN wget -O /x.deb https://h/x && apt-get install -y /x.deb", [2]),
    ("download-left", "installer", "RUN curl -o /i.sh https://h/i.sh && bash /i.sh", [2]),
    ("download-left", "add-url", "ADD https://h/x.tar.gz /x.tar.gz\nRUN tar xf /x.tar.gz", [2]),
    ("download-left", "copied-zip", "COPY x.zip /x.zip\nRUN unzip /x.zip", [2]),
    ("download-left", "line", "RUN true && \\\n  wget -P /t \\\n   https://h/x.tgz && tar xf /t/x.tgz", [4]),
    ("unpack-with-add", "plain", "COPY x.tar.gz /x.tar.gz\nRUN tar xf /x.tar.gz -C /o", [2]),
    ("unpack-with-add", "into", "COPY x.tar.xz /tmp/\nRUN tar -xJf /tmp/x.tar.xz -C /o && rm /tmp/x.tar.xz", [2]),
    ("copy-before-install", "npm", "COPY . .\nRUN npm ci", [2]),
    ("copy-before-install", "pip", "COPY . /a\nRUN pip3 install -r /a/requirements.txt", [2]),
    ("copy-before-install", "add", "ADD . /a\nRUN bundle install", [2]),
    ("copy-before-install", "later", "COPY . .\nENV a=b\nRUN true\nRUN yarn", [2]),
    ("git-history", "clone", "RUN git clone https://g/x /x", [2]),
    ("git-history", "shallow", "RUN git clone --depth=1 https://g/x /x", [2]),
    ("git-history", "copied", "COPY .git /app/.git", [2]),
    ("build-tools", "apt", "RUN apt-get install -y curl \\\n build-essential", [3]),
    ("build-tools", "pacman", "RUN pacman -Syu --noconfirm nginx base-devel", [2]),
    ("build-tools", "apk", "RUN apk add --no-cache gcc musl-dev", [2]),
    ("build-tools", "version", "RUN apt-get install -y gcc-12=12.2.0-14", [2]),
    ("build-tools", "dnf", "RUN dnf install -y openssl-devel", [2]),
    ("tools-left", "editor", "RUN apt-get install -y nginx vim", [2]),
    ("tools-left", "fetcher", "RUN apt-get install -y curl && curl -o /x https://h/x", [2]),
    ("debug-build", "go", "RUN go build -o /x .", [2]),
    ("debug-build", "cargo", "RUN cargo build", [2]),
    ("debug-build", "gcc", "RUN gcc -g -O0 -o /x x.c", [2]),
    ("debug-build", "cmake", "RUN cmake -DCMAKE_BUILD_TYPE=Debug .", [2]),
    ("duplicate-copy", "twice", "COPY m.bin /a/\nCOPY m.bin /b/", [3]),
    ("duplicate-copy", "cp", "COPY . /src\nRUN cp -r /src/site /var/www/site", [3]),
    ("volume-write", "chown", "VOLUME /data\nRUN chown 1 /data", [3]),
    ("volume-write", "copy", 'VOLUME ["/data"]\nCOPY a /data/a', [3]),
    ("cache-order", "copy-first", "COPY . /a\nRUN apt-get update && apt-get install -y x", [2]),
    ("cache-order", "commit", "ARG GIT_COMMIT\nRUN apt-get install -y x\nLABEL c=$GIT_COMMIT", [2]),
    ("cache-order", "build-date", "ENV BUILD_DATE=1\nRUN pip install x", [2]),
    ("cache-order", "download", "COPY . /a\nRUN wget -O /m.bin https://h/m.bin", [2]),
    ("build-tree-left", "clone", "RUN git clone https://g/x /s/x && make -C /s/x install", [2]),
    (
        "build-tree-left",
        "unpacked",
        "WORKDIR /s\nRUN curl https://h/x | tar xz\nRUN cd x-1 && make && make install",
        [4],
    ),
    (
        "build-tree-left",
        "copied",
        "COPY . /s\nWORKDIR /s/build\nRUN cmake .. && cmake --build . && cmake --install .",
        [4],
    ),
    ("download-left", "unpacked-later", "RUN wget -O /x.tgz https://h/x\nRUN tar xf /x.tgz", [2]),
    ("rewritten", "flag-behind", "COPY . /a\nRUN chown nginx.nginx /a -R", [3]),
    ("idle-copy", "tests", "COPY src /src\nCOPY tests/ /tests/", [3]),
    ("idle-copy", "modules", "COPY package.json node_modules /app/", [2]),
    ("duplicate-copy", "of-the-base", "RUN cp -r /usr/share/x /srv/x", [2]),
    ("rewritten", "base-moved", "RUN mv /usr/lib/x /opt/x", [2]),
    ("tools-left", "documentation", "RUN apt-get install -y x x-doc x-dbg", [2]),
    ("late-removal", "found", "RUN find /usr -name '*.a' -delete", [2]),
    ("rewritten", "stripped-libraries", "RUN strip --strip-unneeded /usr/lib/x86_64-linux-gnu/*.so", [2]),
    ("duplicate-copy", "all-again", "COPY . /app\nRUN make -C /app\nCOPY . /app", [4]),
    ("duplicate-copy", "packed", "COPY data /data\nRUN tar czf /backup.tgz /data", [3]),
    ("rewritten", "owner-of-what-may-be-a-file", "COPY server /srv/server\nRUN chown app /srv/server", [3]),
    ("log-left", "redirected", "RUN make -C /s > /s/build.log 2>&1", [2]),
    ("log-left", "tee", "RUN make | tee /tmp/make.log", [2]),
    ("duplicate-copy", "fetched-twice", "RUN wget -O /a https://h/x\nRUN wget -O /b https://h/x", [3]),
    ("duplicate-copy", "fetched-and-copied", "RUN wget -O /tmp/m.bin https://h/x && cp /tmp/m.bin /opt/m.bin", [2]),
    ("debug-build", "flags", 'ENV CFLAGS="-g -O0"\nRUN make', [2]),
    ("debug-build", "configured", "RUN ./configure --enable-debug && make", [2]),
    ("dev-dependencies", "npm", "RUN npm ci", [2]),
    ("dev-dependencies", "composer", "RUN composer install", [2]),
    ("dev-dependencies", "pip", "RUN pip install -r requirements-dev.txt", [2]),
    ("download-left", "script", "RUN curl -o get-pip.py https://h/p && python3.10 get-pip.py", [2]),
    ("rewritten", "unknown-maker", "RUN fetch-model /models\nRUN mv /models /opt/models", [3]),
    ("late-removal", "found-in-copied", "COPY data /data\nRUN find /data -name '*.tmp' -delete", [3]),
    ("late-removal", "uninstalled", "RUN apt-get install -y gcc\nRUN pip install a && apt-get purge -y gcc", [3]),
    ("late-removal", "pruned", "RUN npm ci\nRUN npm run build && npm prune --omit=dev", [3]),
    ("rewritten", "unpacked", "RUN curl https://h/a.tgz | tar xz\nRUN mv /a-1 /opt/a", [3]),
    ("cache-order", "label", "ARG GIT_SHA\nLABEL r=$GIT_SHA\nRUN apt-get install -y b", [3]),
]

LEFT_ALONE: list[tuple[str, str, str]] = [
    ("deleted-later", "same-run", "RUN wget -O /x https://h/x && rm /x"),
    ("deleted-later", "other-path", "COPY a /a\nRUN rm -rf /b"),
    ("deleted-later", "made-again", "RUN rm -rf /a\nCOPY a /a"),
    (
        "deleted-later",
        "small-note",
        "RUN echo deb > /etc/apt/sources.list.d/x.list\nRUN rm /etc/apt/sources.list.d/x.list",
    ),
    ("deleted-later", "generated-not-copied", "COPY . /a\nRUN rm -rf /a/node_modules"),
    ("deleted-later", "find", "COPY . /a\nRUN find / -name '*.pyc' -delete"),
    ("deleted-later", "archive-of-another-rule", "COPY x.tgz /x.tgz\nRUN tar xf /x.tgz -C /o && rm /x.tgz"),
    ("late-removal", "same-run", "RUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*"),
    ("late-removal", "own-file", "RUN wget -O /opt/x https://h/x && rm /opt/x"),
    ("late-removal", "configuration", "RUN rm -f /etc/nginx/sites-enabled/default"),
    ("late-removal", "welcome-page", "RUN rm -rf /usr/share/nginx/html/*"),
    ("late-removal", "what-a-build-made", "COPY . /a\nRUN cd /a && make && rm -rf /a/obj"),
    ("late-removal", "npm-own", "RUN npm ci && rm -rf /root/.npm"),
    ("rewritten", "same-run", "RUN wget -O /x https://h/x && chmod +x /x"),
    ("rewritten", "empty-directory", "RUN mkdir -p /data\nRUN chown app /data"),
    ("rewritten", "home", "RUN useradd -m app\nRUN chown -R app /home/app"),
    ("rewritten", "directory-only", "COPY . /app\nRUN chown app /app"),
    ("rewritten", "owned-already", "COPY --chown=app:app . /app\nRUN chown -R app:app /app"),
    ("rewritten", "another-tree", "COPY . /app\nRUN chown -R app /data"),
    ("rewritten", "settings", "COPY a.conf /etc/a.conf\nRUN sed -i s/a/b/ /etc/a.conf"),
    ("rewritten", "nginx-empty", "RUN chown -R nginx /usr/share/nginx/html"),
    ("join-runs", "nothing-shared", "RUN apt-get install -y x\nRUN pip install y"),
    ("join-runs", "plain", "RUN mkdir /a\nRUN mkdir /b"),
    ("join-runs", "apk", "RUN apk add --no-cache x\nRUN apk add --no-cache y"),
    ("join-runs", "copy-between", "RUN apt-get install -y x\nCOPY a /a\nRUN apt-get install -y y"),
    ("join-runs", "one", "RUN apt-get update && apt-get install -y x"),
    ("download-left", "piped", "RUN curl https://h/x | tar xz -C /o"),
    ("download-left", "removed", "RUN wget -O /x.tgz https://h/x && tar xf /x.tgz && rm /x.tgz"),
    ("download-left", "removed-by-glob", "RUN cd /t && wget https://h/x.tgz && tar xf x.tgz && rm -rf *.tgz"),
    ("download-left", "directory-removed", "RUN wget -P /t https://h/x.tgz && tar xf /t/x.tgz && rm -rf /t"),
    ("download-left", "a-program", "RUN curl -o /usr/local/bin/x https://h/x && chmod +x /usr/local/bin/x"),
    ("download-left", "moved", "RUN wget -O /x.bin https://h/x && mv /x.bin /opt/x"),
    ("download-left", "script-of-the-context", "COPY setup.sh /setup.sh\nRUN sh /setup.sh"),
    ("unpack-with-add", "zip", "COPY x.zip /x.zip\nRUN unzip /x.zip"),
    ("unpack-with-add", "not-unpacked", "COPY x.tar.gz /srv/download/"),
    ("unpack-with-add", "other-stage", "COPY --from=a /x.tgz /x.tgz\nRUN tar xf /x.tgz"),
    ("copy-before-install", "manifest-first", "COPY package.json ./\nRUN npm ci\nCOPY . ."),
    ("copy-before-install", "named-package", "COPY . .\nRUN npm install -g serve"),
    ("copy-before-install", "one-directory", "COPY src src\nRUN npm ci"),
    ("copy-before-install", "other-stage", "COPY --from=x . .\nRUN npm ci"),
    ("git-history", "removed", "RUN git clone https://g/x /x && rm -rf /x/.git"),
    ("git-history", "all-removed", "RUN git clone https://g/x && make -C x install && rm -rf x"),
    ("build-tools", "virtual", "RUN apk add --virtual .b gcc && make && apk del .b"),
    ("build-tools", "purged", "RUN apt-get install -y gcc && make && apt-get purge -y gcc"),
    ("build-tools", "variable", "RUN d='gcc make' && apt-get install -y $d && apt-get purge -y $d"),
    ("build-tools", "names", "RUN apt-get install -y device-tree libdevmapper1.02.1 python3-devel-info.x"),
    ("tools-left", "app", "RUN apt-get install -y nginx redis"),
    ("tools-left", "health", "RUN apt-get install -y curl && curl -o /x https://h\nHEALTHCHECK CMD curl -f http://a"),
    ("debug-build", "stripped", "RUN go build -o /x . && strip /x"),
    ("debug-build", "flags", "RUN go build -ldflags '-s -w' -o /x ."),
    ("debug-build", "release", "RUN cargo build --release"),
    ("duplicate-copy", "manifests", "COPY package.json /a/\nCOPY package.json /b/"),
    ("duplicate-copy", "same-run", "RUN make && cp x /usr/bin/x"),
    ("duplicate-copy", "different", "COPY a /a\nCOPY b /b"),
    ("volume-write", "before", "RUN mkdir /data\nVOLUME /data"),
    ("volume-write", "beside", "VOLUME /data\nRUN mkdir /database"),
    ("cache-order", "local-package", "COPY . /a\nRUN apt-get install -y /a/x.deb"),
    ("cache-order", "used", "ARG GIT_COMMIT\nRUN echo $GIT_COMMIT && apt-get install -y x"),
    ("cache-order", "below", "RUN apt-get install -y x\nARG GIT_COMMIT\nLABEL c=$GIT_COMMIT"),
    ("cache-order", "download-of-what-was-copied", "COPY . /a\nRUN wget -i /a/list"),
    ("build-tree-left", "removed", "RUN git clone https://g/x /s/x && make -C /s/x install && rm -rf /s"),
    (
        "build-tree-left",
        "removed-by-glob",
        "RUN cd /s && curl https://h/x | tar xz && cd x-1 && make install && rm -rf /s/x-*",
    ),
    ("build-tree-left", "not-installed", "RUN git clone https://g/x /s/x && make -C /s/x"),
    ("build-tree-left", "nothing-brought", "RUN make -C /s install"),
    ("idle-copy", "app", "COPY app docs.py contest /srv/"),
    ("idle-copy", "other-stage", "COPY --from=x /app/tests /tests"),
    ("duplicate-copy", "own-file", "RUN make install && cp -r /usr/local/x /srv/x || cp -r /a /b"),
    ("rewritten", "own-move", "RUN tar xf /x -C /opt && mv /opt/x-1 /opt/x"),
    ("late-removal", "uninstalled-in-own", "RUN apt-get install -y gcc && make && apt-get purge -y gcc"),
    ("late-removal", "uninstalled-other", "RUN apt-get install -y gcc\nRUN apt-get install g && m && apt-get purge g"),
    ("late-removal", "pruned-in-own", "RUN npm ci && npm run build && npm prune"),
    ("rewritten", "unknown-maker-in-own", "RUN fetch-model /models && mv /models /opt/models"),
    ("late-removal", "found-in-own", "RUN pip install x && find / -name '*.pyc' -delete"),
    ("log-left", "removed", "RUN make > /b.log && rm /b.log"),
    ("log-left", "linked", "RUN echo > /var/log/a.log && ln -sf /dev/stdout /var/log/a.log"),
    ("duplicate-copy", "fetched-and-moved", "RUN wget -O /tmp/m.bin https://h/x && mv /tmp/m.bin /opt/m.bin"),
    ("duplicate-copy", "copied-then-removed", "RUN wget -O /t/m https://h/x && cp /t/m /opt/m && rm -rf /t"),
    ("debug-build", "optimised", 'ENV CFLAGS="-O2"\nRUN ./configure --disable-debug && make'),
    ("dev-dependencies", "omitted", "RUN npm ci --omit=dev"),
    ("dev-dependencies", "environment", "ENV NODE_ENV=production\nRUN npm ci"),
    ("dev-dependencies", "global", "RUN npm install -g npm"),
    ("fat-base", "slim", "CMD true"),
    ("measured-waste", "no-image", "COPY . ."),
]


@pytest.mark.parametrize(
    ("code", "text", "at"), [(c, t, a) for c, _, t, a in CAUGHT], ids=[f"{c}-{n}" for c, n, *_ in CAUGHT]
)
def test_it_is_caught_on_its_line(code: str, text: str, at: list[int]) -> None:
    assert lines(code, f"{SLIM}{text}\n") == at


@pytest.mark.parametrize(
    ("code", "text"), [(c, t) for c, _, t in LEFT_ALONE], ids=[f"{c}-{n}" for c, n, _ in LEFT_ALONE]
)
def test_it_is_left_alone(code: str, text: str) -> None:
    assert [one.message for _, one in findings(code, f"{SLIM}{text}\n")] == []


SIZE_CODES = (
    *("deleted-later", "late-removal", "rewritten", "join-runs", "download-left", "unpack-with-add", "git-history"),
    *("build-tools", "tools-left", "duplicate-copy", "build-tree-left"),
)


@pytest.mark.parametrize("code", SIZE_CODES)
def test_stages_whose_layers_are_thrown_away_are_left_alone(code: str) -> None:
    for _, _, text, _ in (one for one in CAUGHT if one[0] == code):
        assert lines(code, f"FROM debian:bookworm AS build\n{text}\nFROM scratch\nCOPY --from=build /x /x\n") == [], (
            text
        )


@pytest.mark.parametrize("code", SIZE_CODES)
def test_stages_that_the_last_one_stands_on_count(code: str) -> None:
    for _, _, text, at in (one for one in CAUGHT if one[0] == code):
        assert lines(code, f"FROM debian:bookworm-slim AS below\n{text}\nFROM below\nCMD true\n") == at, text


def test_what_a_stage_adds_and_the_next_one_removes() -> None:
    text = "FROM debian AS a\nCOPY big /big\nFROM a\nRUN rm /big\n"
    assert lines("deleted-later", text) == [2]
    assert lines("late-removal", text) == [4]


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("node:20", "node:20-slim"),
        ("python:3.12", "python:3.12-slim"),
        ("debian", "debian:stable-slim"),
        ("openjdk:17", "eclipse-temurin:17-jre"),
        ("eclipse-temurin:21-jdk", "eclipse-temurin:21-jre"),
        ("golang:1.22", "golang"),
        ("maven:3.9", "maven"),
        ("mcr.microsoft.com/dotnet/sdk:8.0", "mcr.microsoft.com/dotnet/aspnet"),
        ("pytorch/pytorch:2.1-cuda12-devel", "pytorch/pytorch:2.1-cuda12-runtime"),
    ],
)
def test_full_bases(image: str, told: str) -> None:
    found = findings("fat-base", f"FROM {image}\nCMD true\n")
    assert [line for line, _ in found] == [1]
    assert told in found[0][1].message


@pytest.mark.parametrize(
    "image",
    ["node:20-slim", "python:3.12-alpine", "alpine:3", "scratch", "nginx", "redis:7", "eclipse-temurin:17-jre", "${X}"],
)
def test_small_bases(image: str) -> None:
    assert lines("fat-base", f"FROM {image}\nCMD true\n") == []


def test_the_base_of_a_build_stage_may_be_full() -> None:
    assert lines("fat-base", "FROM golang:1.22 AS b\nRUN true\nFROM scratch\nCOPY --from=b /x /x\n") == []


@pytest.mark.parametrize(
    ("source", "told"),
    [("/", True), ("/usr/local", True), ("/app/node_modules", True), ("/app/dist", False), ("/usr/local/bin/x", False)],
)
def test_copies_of_whole_stages(source: str, told: bool) -> None:
    text = f"FROM node:20 AS b\nRUN npm ci\nFROM debian:bookworm-slim\nCOPY --from=b {source} /x/\n"
    assert lines("whole-stage", text) == ([4] if told else [])


@pytest.mark.parametrize(
    ("build", "source", "told"),
    [
        ("cargo build --release", "/src", True),
        ("go build -o /out/x .", "/out", False),
        ("npm run build", "/src/build", False),
        ("gradle build", "/src/build", True),
    ],
)
def test_copies_of_the_tree_that_was_built_in(build: str, source: str, told: bool) -> None:
    text = f"FROM x AS b\nWORKDIR /src\nCOPY . .\nRUN {build}\nFROM debian\nCOPY --from=b {source} /app\n"
    assert lines("whole-stage", text) == ([6] if told else [])


def test_pruned_dependencies_may_be_copied_whole() -> None:
    text = "FROM node:20 AS b\nRUN npm ci && npm prune --omit=dev\nFROM debian\nCOPY --from=b /a/node_modules /a/\n"
    assert lines("whole-stage", text) == []


def test_unused_stages_without_a_name() -> None:
    assert lines("unused-stage", "FROM a\nFROM b\n") == [1]
    assert lines("unused-stage", "FROM a AS test\nFROM b\n") == []
    assert lines("unused-stage", "FROM a\nFROM b\nCOPY --from=0 /x /x\n") == []


def test_what_is_removed_below_a_copied_directory_is_known_from_the_context() -> None:
    text = "FROM debian\nCOPY . /a\nRUN rm -rf /a/big.bin /a/made.bin\n"
    assert lines("deleted-later", text, given=context(big__bin=9)) == [2]
    assert lines("deleted-later", "FROM debian\nCOPY . /a\nRUN rm /a/made.bin\n", given=context(big__bin=9)) == []


def test_bytes_come_from_the_image() -> None:
    text = "FROM debian\nCOPY big /big\nRUN rm /big\nCOPY . /app\nRUN chown -R 1 /app\n"
    shown = (
        Shown("deleted", (2, 2), 7_000_000, ("big",), "", (3, 3)),
        Shown("rewritten", (4, 4), 5_000_000, ("app/x",), "", (5, 5)),
    )
    assert [one.saves for _, one in findings("deleted-later", text, shown=shown)] == [7_000_000]
    assert [one.saves for _, one in findings("rewritten", text, shown=shown)] == [5_000_000]


def test_what_only_the_image_shows_is_told_once() -> None:
    text = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y x \\\n && true\nCOPY a /a\nRUN rm /a\n"
    shown = (
        Shown("docs", (2, 3), 3_000_000, ("usr/share/doc/x",), "documentation"),
        Shown("docs", (4, 4), 3_000, ("usr/share/doc/y",), "documentation"),
        Shown("package_lists", (2, 3), 9_000_000, ("var/lib/apt/lists/x",), "apt lists"),
        Shown("deleted", (4, 4), 9_000_000, ("a",), "", (5, 5)),
        Shown("duplicate", (4, 4), 9_000_000, ("b",), ""),
    )
    found = findings("measured-waste", text, shown=shown)
    assert [(line, one.saves) for line, one in found] == [(2, 3_000_000), (4, 9_000_000)]
    assert "`/usr/share/doc/x`" in found[0][1].message


USERS_MOVED = [
    (
        "WORKDIR /app\nCOPY . .\nRUN useradd -m app && chown -R app:app /app\nUSER app\n",
        "WORKDIR /app\nRUN useradd -m app\nCOPY --chown=app:app . .\nRUN chown app:app /app\nUSER app\n",
    ),
    (
        "COPY x.sh /x.sh\nRUN groupadd g && \\\n    useradd -g g u\n# his\nRUN true && chown u:g /x.sh\n",
        "RUN groupadd g && useradd -g g u\nCOPY --chown=u:g x.sh /x.sh\n# his\nRUN true\n",
    ),
    (
        "COPY x.sh /x.sh\nCOPY y.sh /y.sh\nRUN adduser -D a && chown a /x.sh /y.sh && echo > /z\n",
        "RUN adduser -D a\nCOPY --chown=a:0 x.sh /x.sh\nCOPY --chown=a:0 y.sh /y.sh\nRUN echo > /z\n",
    ),
    ("COPY . /a\nRUN useradd a && mkdir /b && chown -R a:a /a\n", None),
    ("COPY x.sh /x.sh\nRUN bash -c 'chown 7:7 /x.sh && touch /y'\n", None),
    ("COPY . /a\nRUN useradd a && id a\nRUN chown -R a:a /a\n", None),
]


@pytest.mark.parametrize(
    ("text", "expected"), USERS_MOVED, ids=["same-run", "own-run", "two-copies", "mixed", "shell", "other"]
)
def test_users_are_made_before_copy_gives_them_files(text: str, expected: str | None) -> None:
    dockerfile = parse(SLIM + text)
    fixes = [one.fix for one in RULE["rewritten"].check(subject_of(dockerfile)) if one.fix]
    assert [dockerfile.source.apply(fix.edits) for fix in fixes] == ([SLIM + expected] if expected else [])


MOVED = [
    (
        "copy-before-install",
        "WORKDIR /a\n# all\nCOPY . .\n\n# packages\nRUN npm ci\nCMD x\n",
        "WORKDIR /a\nCOPY package*.json ./\n# packages\nRUN npm ci\n# all\nCOPY . .\n\nCMD x\n",
    ),
    (
        "copy-before-install",
        "WORKDIR /a\nCOPY . .\nRUN pip install --no-cache-dir \\\n    -r req.txt",
        "WORKDIR /a\nCOPY req.txt ./\nRUN pip install --no-cache-dir \\\n    -r req.txt\nCOPY . .",
    ),
    ("copy-before-install", "WORKDIR /a\nCOPY . .\nRUN npm ci && npm run build\n", None),
    ("copy-before-install", "WORKDIR /a\nCOPY . /b\nRUN npm ci\n", None),
    ("copy-before-install", "WORKDIR /a\nCOPY . .\nRUN yarn install\n", None),
    (
        "cache-order",
        "# all\nCOPY . /a\n# tools\nRUN apt-get update && apt-get install -y x\nCMD x\n",
        "# tools\nRUN apt-get update && apt-get install -y x\n# all\nCOPY . /a\nCMD x\n",
    ),
    (
        "cache-order",
        "ARG GIT_SHA\nRUN apt-get install -y x\nLABEL sha=$GIT_SHA\n",
        "RUN apt-get install -y x\nARG GIT_SHA\nLABEL sha=$GIT_SHA\n",
    ),
]


@pytest.mark.parametrize(("code", "text", "expected"), MOVED, ids=range(len(MOVED)))
def test_instructions_move_with_their_comments(code: str, text: str, expected: str | None) -> None:
    dockerfile = parse(SLIM + text)
    fixes = [one.fix for one in RULE[code].check(subject_of(dockerfile)) if one.fix]
    assert [dockerfile.source.apply(fix.edits) for fix in fixes] == ([SLIM + expected] if expected else [])


LEFT_OUT = [
    ("RUN apt-get install -y nginx vim\nCOPY a /a\n", "RUN apt-get install -y nginx\nCOPY a /a\n"),
    ("RUN apt-get install -y vim nginx\n", "RUN apt-get install -y nginx\n"),
    ("RUN apt-get install -y \\\n  nginx \\\n  vim\nCOPY a /a\n", "RUN apt-get install -y \\\n  nginx\nCOPY a /a\n"),
    ("RUN apt-get install -y \\\n  vim \\\n  nginx\n", "RUN apt-get install -y \\\n  nginx\n"),
    ("RUN apt-get install -y \\\n  vim nginx \\\n  less\n", "RUN apt-get install -y \\\n  nginx\n"),
    ("RUN apt-get install -y nginx \\\n  # why\n  vim\nCOPY a /a\n", None),
    ("RUN apt-get install -y nginx \\\n  vim \\\n  less\nCOPY a /a\n", None),
    ("RUN apt-get install -y vim\n", None),
]


@pytest.mark.parametrize(
    ("text", "expected"), LEFT_OUT, ids=["end", "begin", "last", "own", "two", "note", "both", "all"]
)
def test_packages_are_left_out_with_their_lines(text: str, expected: str | None) -> None:
    dockerfile = parse(SLIM + text)
    fixes = [one.fix for one in RULE["tools-left"].check(subject_of(dockerfile)) if one.fix]
    assert [dockerfile.source.apply(fix.edits) for fix in fixes] == ([SLIM + expected] if expected else [])


def _fat() -> list[tuple[str, str, dict[int, str]]]:
    found: list[tuple[str, str, dict[int, str]]] = []
    for block in re.split(r"^=== ", FAT.read_text(), flags=re.MULTILINE)[1:]:
        name, body = block.split("\n", 1)
        rows = body.rstrip("\n").split("\n")
        marks = {at: match[1] for at, row in enumerate(rows, 1) if (match := re.match(r"§(.*?)§", row))}
        found.append((name, "\n".join(re.sub(r"^§.*?§", "", row) for row in rows) + "\n", marks))
    return found


def test_nine_of_ten_marks_in_fat_dockerfiles_are_named_on_their_line() -> None:
    marked = missed = 0
    for _, text, marks in _fat():
        dockerfile = parse(text)
        subject = subject_of(dockerfile)
        named: set[int] = set()
        for rule in RULES:
            if rule.default and (rule.category.value in ("size", "speed") or rule.code == "volume-write"):
                for one in rule.check(subject):
                    first = dockerfile.source.line_col(one.span.start)[0]
                    named |= set(range(first, dockerfile.source.line_col(max(one.span.end - 1, 0))[0] + 1))
        marked += len(marks)
        missed += len(set(marks) - named)
    assert marked > 90
    assert missed <= marked // 10
