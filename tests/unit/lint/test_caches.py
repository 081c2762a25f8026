"""What package managers leave: which commands are named, at which line, and which are not."""

from __future__ import annotations

import pytest

from lissom.analysis.ledger.kinds import by_place
from lissom.dockerfile.parser import parse
from lissom.lint.caches import apt, javascript, languages, python, system
from lissom.lint.caches.cache import Cache
from lissom.lint.rules.all import RULES
from lissom.lint.subject import Shown
from lissom.lint.views import subject_of

BY_CODE = {rule.code: rule for rule in RULES}


def lines(code: str, text: str) -> list[int]:
    """The lines that a rule names."""
    dockerfile = parse(text)
    found = BY_CODE[code].check(subject_of(dockerfile))
    return sorted(dockerfile.source.line_col(one.span.start)[0] for one in found)


# code, the Dockerfile behind `FROM debian:bookworm` (line 1; another FROM is line 1 itself), lines that are named
CASES: list[tuple[str, str, list[int]]] = [
    ("apt-lists", "RUN apt-get update && apt-get install -y jq", [2]),
    ("apt-lists", "RUN set -e; \\\n    cd /; \\\n    apt-get -qq update; \\\n    apt-get install -y jq", [4]),
    ("apt-lists", "RUN apt update", [2]),
    ("apt-lists", "RUN aptitude update", [2]),
    ("apt-lists", "RUN /usr/bin/apt-get -o Acquire::Retries=3 update", [2]),
    ("apt-lists", "RUN sudo -E DEBIAN_FRONTEND=noninteractive apt-get update", [2]),
    ("apt-lists", "RUN env -u A B=c nice -n 5 apt-get update", [2]),
    ("apt-lists", "RUN timeout -k 5 60 apt-get update", [2]),
    ("apt-lists", "RUN bash -lc 'apt-get update && apt-get install -y jq'", [2]),
    ("apt-lists", "RUN su - root -c 'apt-get update'", [2]),
    ("apt-lists", 'RUN ["apt-get", "update"]', [2]),
    ("apt-lists", 'RUN ["/bin/sh", "-c", "apt-get update"]', [2]),
    ("apt-lists", "RUN if true; then apt-get update; fi", [2]),
    ("apt-lists", "RUN for p in a b; do apt-get update; done", [2]),
    ("apt-lists", "RUN yes | apt-get update", [2]),
    ("apt-lists", "RUN (apt-get update) || true", [2]),
    ("apt-lists", "RUN X=$(apt-get update) echo $X", [2]),
    ("apt-lists", "RUN <<EOF\nset -e\napt-get update\nEOF", [4]),
    ("apt-lists", "RUN X=$(apt-get update) && rm -rf /var/lib/apt/lists/*", []),
    ("apt-lists", "RUN <<EOF bash\nset -ex\napt-get update\nEOF", [4]),
    ("apt-lists", "RUN bash -ex <<EOF\napt-get update\nrm -rf /var/lib/apt/lists/*\nEOF", []),
    ("apt-lists", "RUN cat <<EOF > /x\napt-get update\nEOF", []),
    ("apt-lists", "ONBUILD RUN apt-get update", [2]),
    ("apt-lists", "RUN rm -rf /var/lib/apt/lists/* && apt-get update", [2]),
    ("apt-lists", "RUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*", [2]),
    ("apt-lists", "RUN apt-get update && rm -rf /var/lib/apt/lists/* && apt-get update", [2]),
    ("apt-lists", "RUN apt-get update && rm -rf /var/cache/apt", [2]),
    ("apt-lists", "RUN apt-get update && apt-get clean", [2]),
    ("apt-lists", "RUN --mount=type=cache,target=/var/cache/apt apt-get update", [2]),
    ("apt-lists", "FROM debian AS a\nRUN apt-get update\nFROM a\nRUN true", [2]),
    ("apt-lists", "RUN curl -fsSL https://deb.nodesource.com/setup_20.x | bash - && apt-get install -y nodejs", [2]),
    ("apt-lists", "RUN npx playwright install --with-deps", [2]),
    ("apt-lists", "RUN curl -fsSL https://example.com/setup | bash -", []),
    ("apt-lists", "RUN echo apt-get update", []),
    ("apt-lists", "RUN apt-get install -y jq", []),
    ("apt-lists", "RUN apt-get update && rm -rf /var/lib/apt/lists/*", []),
    ("apt-lists", "RUN apt-get update && rm -r /var/lib/apt/lists", []),
    ("apt-lists", "RUN apt-get update && rm -f /var/lib/apt/lists/*_*", []),
    ("apt-lists", "RUN apt-get update && rm -rf /var/lib/{apt,dpkg,cache}/", []),
    ("apt-lists", 'RUN apt-get update && rm -rf "/var/lib/apt/lists/"*', []),
    ("apt-lists", "RUN apt-get update && sudo rm -rf /tmp/* /var/lib/apt/lists/*", []),
    ("apt-lists", "RUN apt-get update && find /var/lib/apt/lists -mindepth 1 -delete", []),
    ("apt-lists", "RUN apt-get update && find /var/lib/apt -type f -exec rm {} +", []),
    ("apt-lists", "RUN apt-get update && apt-get dist-clean", []),
    ("apt-lists", "RUN bash -c 'apt-get update && rm -rf /var/lib/apt/lists/*'", []),
    ("apt-lists", "RUN apt-get update && if true; then rm -rf /var/lib/apt/lists/*; fi", []),
    ("apt-lists", "ARG L=/var/lib/apt/lists\nRUN apt-get update && rm -rf $L/*", []),
    ("apt-lists", "RUN --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update", []),
    ("apt-lists", "RUN --mount=type=tmpfs,target=/var/lib/apt/lists/ apt-get update", []),
    ("apt-lists", "FROM debian AS a\nRUN apt-get update\nFROM debian\nCOPY --from=a /x /x", []),
    ("apt-recommends", "RUN apt-get install -y jq && \\\n apt-get -y install less", [2, 3]),
    ("apt-recommends", "RUN apt install -y jq", [2]),
    ("apt-recommends", "RUN aptitude install -y jq", [2]),
    ("apt-recommends", "RUN apt-get -y --no-install-recommends install jq", []),
    ("apt-recommends", "RUN apt-get -o APT::Install-Recommends=false install -y jq", []),
    ("apt-recommends", "RUN apt-get install -oAPT::Install-Recommends=0 -y jq", []),
    ("apt-recommends", "RUN aptitude -R install jq", []),
    ("apt-recommends", "RUN apt-get install -y --download-only jq", []),
    (
        "apt-recommends",
        "RUN echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/01 \nRUN apt-get install -y jq",
        [],
    ),
    ("apt-recommends", "FROM debian AS a\nRUN apt-get install -y gcc\nFROM debian\nRUN true", []),
    ("apt-archives", "RUN rm -f /etc/apt/apt.conf.d/docker-clean\nRUN apt-get install -y jq", [3]),
    ("apt-archives", "RUN apt-get install -y -d jq", [2]),
    ("apt-archives", "RUN apt-get install -y jq", []),
    ("apt-archives", "RUN rm -f /etc/apt/apt.conf.d/docker-clean; apt-get install -y jq; apt-get clean", []),
    (
        "apt-archives",
        "RUN rm -f /etc/apt/apt.conf.d/docker-clean; \\\n apt-get install -y jq && rm -rf /var/cache/apt/archives",
        [],
    ),
    ("apt-command", "RUN apt update && sudo apt install -y jq", [2, 2]),
    ("apt-command", "RUN apt-get update && apt-cache policy && echo apt", []),
    ("apt-update-alone", "RUN apt-get update\nCOPY . /x\nRUN apt-get install -y jq", [2]),
    ("apt-update-alone", "FROM debian AS a\nRUN apt-get update\nFROM a\nRUN apt-get install -y jq", [2]),
    ("apt-update-alone", "RUN apt-get update\nRUN apt-get update && apt-get install -y jq", []),
    ("apt-update-alone", "RUN apt-get update && apt-get install -y jq\nRUN apt-get install -y less", []),
    ("system-upgrade", "RUN apt-get update && apt-get -y dist-upgrade", [2]),
    (
        "system-upgrade",
        "RUN yum -y update\nRUN dnf upgrade -y\nRUN apk -U upgrade\nRUN pacman -Syu --noconfirm",
        [2, 3, 4, 5],
    ),
    ("system-upgrade", "RUN yum -y update openssl && apk upgrade openssl && pacman -Syu git", []),
    ("release-upgrade", "RUN zypper -n dup\nRUN zypper up", [2]),
    ("apk-cache", "RUN apk add jq", [2]),
    ("apk-cache", "RUN apk update && \\\n apk add --no-cache jq", [2]),
    ("apk-cache", "RUN apk -U add jq", [2]),
    ("apk-cache", "RUN apk --no-cache add jq", []),
    ("apk-cache", "RUN apk add --update jq && rm -rf /var/cache/apk/*", []),
    ("apk-cache", "RUN --mount=type=cache,target=/var/cache/apk apk add jq", []),
    ("apk-cache", "RUN apk del jq", []),
    ("apk-build-packages", "RUN apk add -t .b gcc\nRUN make\nRUN apk del .b", [2]),
    ("apk-build-packages", "RUN apk add --virtual=.b gcc", [2]),
    ("apk-build-packages", "RUN apk add --virtual .b gcc && make && apk del --no-cache .b", []),
    ("yum-cache", "RUN yum -y install a", [2]),
    ("yum-cache", "RUN yum clean all && yum -y update", [2]),
    ("yum-cache", "RUN yum -y install a && yum clean all", []),
    ("yum-cache", "RUN yum -y install a && rm -rf /var/cache/yum/*", []),
    ("yum-cache", "RUN yum -y remove a", []),
    ("dnf-cache", "RUN microdnf install -y a\nRUN tdnf install -y b\nRUN dnf -y --setopt=x=1 install c", [2, 3, 4]),
    ("dnf-cache", "RUN dnf -y install a && dnf clean all -y", []),
    ("dnf-cache", "RUN --mount=type=cache,target=/var/cache/dnf dnf -y install a", []),
    ("zypper-cache", "RUN zypper -n in a\nRUN zypper --non-interactive refresh", [2, 3]),
    ("zypper-cache", "RUN zypper -n in a && zypper cc -a", []),
    ("pacman-cache", "RUN pacman -Sy --noconfirm a", [2]),
    ("pacman-cache", "RUN pacman -Sy --noconfirm a && yes | pacman -Scc\nRUN pacman -Ss x\nRUN pacman -Q", []),
    ("pip-cache", "RUN pip install a && python3 -m pip install b && /venv/bin/pip3.11 install c", [2, 2, 2]),
    ("pip-cache", "RUN pip wheel -r r.txt", [2]),
    ("pip-cache", "RUN cat r.txt | xargs -n 1 pip install", [2]),
    ("pip-cache", "RUN poetry run pip install a", [2]),
    ("pip-cache", "ENV PIP_CACHE_DIR=/c\nRUN pip install a && rm -rf ~/.cache/pip", [3]),
    ("pip-cache", "RUN pip --no-cache-dir install a", []),
    ("pip-cache", "ENV PIP_NO_CACHE_DIR=off\nRUN pip install a", []),
    ("pip-cache", "ARG PIP_NO_CACHE_DIR\nRUN pip install a", []),
    ("pip-cache", "RUN PIP_NO_CACHE_DIR=1 pip install a", []),
    ("pip-cache", "RUN export PIP_NO_CACHE_DIR=1; pip install a", []),
    ("pip-cache", "RUN pip install a && pip cache purge", []),
    ("pip-cache", "RUN pip install a && pip cache list", [2]),
    ("pip-cache", "RUN pip install a && rm -rf /root/.cache", []),
    ("pip-cache", 'RUN pip install a && rm -rf "${HOME}/.cache/pip"', []),
    ("pip-cache", "RUN --mount=type=cache,target=/root/.cache pip install a", []),
    ("pip-cache", "ENV PIP_CACHE_DIR=/c\nRUN --mount=type=cache,target=/c pip install a", []),
    ("pip-cache", "RUN pip config set global.no-cache-dir true && pip install a\nRUN pip install b", []),
    ("pip-cache", "RUN pip list && pip --version && uv pip install a && pipx install b", []),
    ("pip-cache", "FROM python AS a\nRUN pip install x\nFROM python\nCOPY --from=a /x /x", []),
    ("uv-cache", "RUN uv sync --frozen\nRUN uv tool install ruff\nRUN uv pip sync r.txt", [2, 3, 4]),
    ("uv-cache", "ENV UV_NO_CACHE=1\nRUN uv sync", []),
    ("uv-cache", "RUN uv --no-cache sync && uv pip compile a", []),
    ("poetry-cache", "RUN poetry install --only main", [2]),
    ("poetry-cache", "RUN poetry install && poetry cache clear --all pypi", []),
    ("pipenv-cache", "RUN pipenv sync\nRUN pipx install a", [2, 3]),
    ("conda-cache", "RUN conda env create -f e.yml\nRUN micromamba install -y -n base a", [2, 3]),
    ("conda-cache", "RUN conda install -y a && conda clean -afy && conda info", []),
    ("npm-cache", "RUN npm ci\nRUN cd /x && npm --prefix /y i\nRUN npx create-x", [2, 3, 4]),
    ("npm-cache", "RUN npm ci && npm cache verify\nRUN yarn && yarn cache dir && npm i", [2, 3]),
    ("npm-cache", "RUN npm ci && npm --loglevel warn cache clean --force", []),
    ("npm-cache", "RUN npm ci && rm -rf /root/.npm /tmp/*", []),
    ("npm-cache", "RUN --mount=type=cache,target=/root/.npm npm ci", []),
    ("npm-cache", "ENV npm_config_cache=/c\nRUN npm ci && rm -rf /c", []),
    ("npm-cache", "RUN npm run build && npm --version", []),
    ("yarn-cache", "RUN yarn\nRUN yarn install\nRUN yarn global add a\nRUN yarn --cwd /x add b", [2, 3, 4, 5]),
    ("yarn-cache", "RUN yarn --version && yarn build && yarn install && yarn cache clean", []),
    ("yarn-cache", "RUN --mount=type=cache,target=/usr/local/share/.cache/yarn yarn", []),
    ("pnpm-cache", "RUN pnpm i --frozen-lockfile", [2]),
    ("bundler-cache", "FROM ruby\nRUN bundle install", [2]),
    ("gem-docs", "RUN gem install rack -v 3", [2]),
    ("gem-docs", "FROM ruby:3.3\nRUN gem install rack", []),
    ("gem-docs", "FROM ruby AS a\nRUN gem install b\nFROM debian\nRUN gem install rack", [4]),
    ("gem-docs", "RUN echo 'gem: --no-document' > /etc/gemrc\nRUN gem install rack", []),
    ("composer-cache", "RUN composer install --no-dev", [2]),
    ("composer-cache", "ENV COMPOSER_CACHE_DIR=/dev/null\nRUN composer install", []),
    ("composer-cache", "RUN php composer.phar install && php /usr/bin/composer clear-cache", []),
    ("composer-cache", "RUN php /usr/local/bin/composer install", [2]),
    ("go-cache", "RUN go mod download\nRUN CGO_ENABLED=0 go build -o /a .", [2, 3]),
    ("go-cache", "RUN go build . && go clean -cache -modcache", []),
    ("go-cache", "FROM golang AS b\nRUN go build .\nFROM scratch\nCOPY --from=b /a /a", []),
    ("cargo-cache", "RUN cargo +nightly build --release", [2]),
    ("cargo-cache", "RUN cargo build && rm -rf /usr/local/cargo/registry", []),
    ("maven-cache", "RUN mvn -B -q package\nRUN ./mvnw package", [2, 3]),
    ("maven-cache", "RUN mvn -v && mvn package && rm -rf ~/.m2", []),
    ("gradle-cache", "RUN ./gradlew build", [2]),
    ("nuget-cache", "RUN dotnet restore\nRUN dotnet publish -c Release", [2]),
    ("r-cache", "RUN install2.r a\nRUN install2.r b && rm -rf /tmp/downloaded_packages/", [2]),
    ("pip-cache", 'SHELL ["conda", "run", "-n", "a", "/bin/bash", "-c"]\nRUN pip install b', [3]),
    ("cpan-cache", "RUN cpanm Moo", [2]),
    ("cpan-cache", "RUN cpanm Moo && rm -rf ~/.cpanm", []),
    ("pecl-cache", "RUN pecl install redis && rm -rf /tmp/*", []),
    ("useradd-log", "RUN useradd -m -u 1000660000 a\nRUN useradd --uid=200000 b", [2, 3]),
    ("useradd-log", "ARG N=123456\nRUN useradd -u $N a", [3]),
    ("useradd-log", "ARG N=1000\nRUN useradd -lu 1000660000 a && useradd -u $N b && useradd -u 99999 c", []),
    ("dev-dependencies", "RUN npm ci\nRUN composer install", [2, 3]),
    ("dev-dependencies", "ENV NODE_ENV=production\nRUN npm ci && yarn", []),
    ("dev-dependencies", "RUN npm ci --omit=dev && npm i -g pm2 && npm install express", []),
    ("dev-dependencies", "RUN npm ci && npm run build && npm prune --omit=dev", []),
    ("dev-dependencies", 'RUN npm ci\nCMD ["npm", "run", "dev"]', []),
    ("dev-dependencies", "FROM node AS b\nRUN npm ci\nFROM node\nCOPY --from=b /a /a", []),
    ("documentation-packages", "RUN apt-get install -y \\\n  nginx \\\n  man-db \\\n  nginx-doc=1.2", [4, 5]),
    ("documentation-packages", "RUN apk add man-db && apk del man-db", []),
    ("cache-mount", "FROM golang AS b\nRUN go build .\nFROM scratch\nCOPY --from=b /a /a", [2]),
    ("cache-mount", "RUN --mount=type=cache,target=/root/.cache/pip pip install a", []),
]


@pytest.mark.parametrize(
    ("code", "text", "named"), CASES, ids=[f"{number}-{code}" for number, (code, _, _) in enumerate(CASES)]
)
def test_what_is_named_and_where(code, text, named):
    whole = text if text.startswith("FROM") else f"FROM debian:bookworm\n{text}"
    assert lines(code, whole + "\n") == named


def test_a_later_removal_is_named_by_its_line():
    dockerfile = parse("FROM debian\nRUN apt-get update\nRUN true\nRUN rm -rf /var/lib/apt/lists/*\n")
    (found,) = BY_CODE["apt-lists"].check(subject_of(dockerfile))
    assert "line 4" in found.message


def test_a_removal_behind_a_new_update_is_not_in_vain():
    dockerfile = parse("FROM debian\nRUN apt-get update\nRUN apt-get update && rm -rf /var/lib/apt/lists/*\n")
    (found,) = BY_CODE["apt-lists"].check(subject_of(dockerfile))
    assert "line" not in found.message


def test_saves_are_what_a_built_image_shows():
    shown = [
        Shown("package_lists", (2, 2), 700, detail="apt lists"),
        Shown("deleted", (2, 2), 70, detail="apt lists"),
        Shown("package_lists", (3, 3), 5, detail="apt lists"),
        Shown("language_cache", (2, 2), 9, detail="pip cache"),
    ]
    subject = subject_of(parse("FROM debian\nRUN apt-get update\nRUN true\n"), shown=shown)
    (found,) = BY_CODE["apt-lists"].check(subject)
    assert found.saves == 770


CACHES = [
    (f"{name}-{number}", cache)
    for module in (apt, javascript, languages, python, system)
    for name in module.__all__
    for value in [getattr(module, name)]
    for number, cache in enumerate(value if isinstance(value, tuple) else (value,))
    if isinstance(cache, Cache) and cache.measured
]


@pytest.mark.parametrize("cache", [cache for _, cache in CACHES], ids=[name for name, _ in CACHES])
def test_the_ledger_calls_a_cache_as_it_is_called_here(cache):
    places = [path.replace("~", "/root", 1).lstrip("/") for path in cache.paths]
    found = [by_place(f"{place}/a/b") for place in places]
    assert {one[1] for one in found if one} & set(cache.measured)
