"""Odd Dockerfiles: those of the test data, and texts made of what Dockerfiles are made of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

__all__ = ["DATA", "altered_dockerfiles", "given_dockerfiles", "odd_dockerfiles"]

DATA = Path(__file__).parent / "data"

_BASES = ["debian:bookworm", "alpine:3.19", "node:${V}-slim", "$B", "scratch", "a", "build", "x@sha256:0", "fedora"]
_COMMANDS = """
apt-get update; apt-get install -y curl gcc; apt install git=1:2; rm -rf /var/lib/apt/lists/*; apt-get clean
apk add --no-cache curl; apk add --virtual .deps gcc; apk del .deps; apk update; yum install -y make; dnf clean all
zypper in -y vim; pip install -r requirements.txt; pip3 install --no-cache-dir flask==1.0; npm ci; npm cache clean --force
yarn install; go build -o /app ./...; go mod download; cargo build --release; mvn package; ./gradlew build
gem install rails; bundle install; composer install; conda install -y numpy; curl -fsSL https://x.y/z.tgz | tar xz -C /opt
wget -q http://x/y.zip; unzip y.zip; rm y.zip; cd /src; make -j$(nproc) install; cd -; chmod -R 755 /app; chown app /app
useradd -u 70000 app; adduser -D app; ln -s /bin/bash /bin/sh; sudo a; ssh b; export A=1; set -e; exit 0; A=1 b $C; mv a b
(a; b) > f; { c; }; if [ -f a ]; then rm a; fi; for i in 1 2; do rm $i; done; a 'b; echo "$(curl x)" `y`; ; # note; a \\
dotnet publish -c Release; git clone https://x/y.git /src; cp -r /src /app; strip /app; mkdir -p /a/b; rm -r /a; touch /a; tee f
""".replace("\n", ";").split(";")
_OTHERS = (
    """
COPY . .|COPY . /app/|COPY --chown=1:1 a b /c|COPY --from=build /app /app|COPY --from=0 / /|COPY a.tar.gz /|ADD a.tar.gz /x
ADD https://x/y /z|ADD . /app|COPY package.json .|COPY ["a b", "c"]|COPY <<EOF /f\nx\nEOF|ENV A=1 B=$A|ENV A b c|ARG V=1
ARG TOKEN|ENV PASSWORD=x|USER root|USER app|USER 1000:1|WORKDIR app|WORKDIR /a/$B|SHELL ["/bin/bash", "-o", "pipefail", "-c"]
SHELL ["powershell"]|CMD a $B|CMD ["a", "b"]|CMD ['a']|ENTRYPOINT a|ENTRYPOINT ["a"]|EXPOSE 80/TCP|EXPOSE 99999 1-2|EXPOSE $P
VOLUME /data|LABEL a=b|LABEL a b|MAINTAINER me|HEALTHCHECK CMD curl x \\|\\| exit 1|HEALTHCHECK NONE|STOPSIGNAL 9|ONBUILD RUN a
ONBUILD COPY . .|# note|# hadolint ignore=DL3008|# lissom ignore=size|RUN ["a", "b"]|RUN <<EOF\napt-get update\nrm -r /a\nEOF
RUN --mount=type=cache,target=/var/cache/apt apt-get update|RUN --mount=type=bind,from=build,target=/x cp /x /y|copy a b|Run a
""".replace("\n", "|")
    .replace("\\|\\|", "\0")
    .split("|")
)

_BLANKS = st.sampled_from([" ", "  ", " \\\n  ", " \\\n# note\n  ", " \\\r\n\t", " \\\n\n "])
_JOINERS = st.sampled_from(["&&", "&&", "&&", ";", "||", "|", "&"])


@st.composite
def _run(draw: st.DrawFn) -> str:
    text = "RUN " + draw(st.sampled_from(["", "", "", "--network=none ", "--mount=type=tmpfs,target=/tmp "]))
    for number, command in enumerate(draw(st.lists(st.sampled_from(_COMMANDS), min_size=1, max_size=6))):
        joint = draw(_BLANKS) + draw(_JOINERS) + draw(_BLANKS) if number else ""
        text += joint + command.strip().replace(" ", draw(_BLANKS))
    return text


@st.composite
def given_dockerfiles(draw: st.DrawFn) -> str:
    """A Dockerfile with up to three stages; some cannot be parsed."""
    head = draw(st.sampled_from(["", "", "# escape=`\n", "# check=skip=all\n", "ARG B=debian\nARG V\n", "\ufeff"]))
    other = st.sampled_from(_OTHERS).map(lambda text: text.replace("\0", "||"))
    stages: list[str] = []
    for number in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(["", " AS build", " as b", " AS Final"]))
        lines = draw(st.lists(st.one_of(_run(), _run(), other), max_size=8))
        base = draw(st.sampled_from(_BASES if number else _BASES[:5]))
        stages.append("\n".join([f"FROM {base}{name}", *lines]))
    text = head + "\n".join(stages) + draw(st.sampled_from(["\n", "", "\n\n"]))
    return text.replace("\n", "\r\n") if draw(st.integers(0, 9)) == 0 else text


@cache
def _texts() -> list[str]:
    return [
        text for path in odd_dockerfiles() if len(text := path.read_bytes().decode("utf-8", "surrogateescape")) < 3000
    ]


_STROKES = st.sampled_from(
    [" ", "\\\n", "&&", ";", "|", '"', "'", "$", "(", ")", "{", "}", "\r\n", "\n", "#", "<<EOF", "\0", "é"]
)


@st.composite
def altered_dockerfiles(draw: st.DrawFn) -> str:
    """A Dockerfile of the test data with lines of others in it, lines gone, and slips of the pen."""
    lines = draw(st.sampled_from(_texts())).splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, len(lines)))
        kind = draw(st.integers(0, 2))
        if kind == 0:
            lines.insert(
                place, draw(st.sampled_from(draw(st.sampled_from(_texts())).splitlines(keepends=True) or [""]))
            )
        elif place < len(lines) and kind == 1:
            del lines[place]
        elif place < len(lines):
            at = draw(st.integers(0, len(lines[place])))
            gone = draw(st.integers(0, 3))
            lines[place] = lines[place][:at] + draw(_STROKES) + lines[place][at + gone :]
    return "".join(lines)


def odd_dockerfiles() -> Iterator[Path]:
    """Every Dockerfile of the test data, those for errors too."""
    for name in ("dockerfile", "dockerfile-parse", "dockerfile-errors", "article", "lint"):
        yield from sorted(path for path in (DATA / name).rglob("*ockerfile*") if path.is_file())
