"""Edits that a reviewer would refuse: a build would break on them, or a container would not start."""

from __future__ import annotations

import pytest

from lissom.api.fix import fix_text
from lissom.dockerfile.source import Source
from lissom.lint.fix import Safety
from lissom.lint.settings import Settings


def _fixed(text: str) -> str:
    return fix_text(Source("Dockerfile", text), Settings(), None, allowed=tuple(Safety)).draft.text


def test_a_removal_goes_with_the_archive_that_add_unpacks() -> None:
    text = "FROM debian:bookworm-slim\nCOPY a.tar.gz /tmp/a.tar.gz\nRUN tar xzf /tmp/a.tar.gz -C /srv\n"
    assert _fixed(f'{text}RUN rm /tmp/a.tar.gz\nCMD ["x"]\n') == (
        'FROM debian:bookworm-slim\nADD a.tar.gz /srv/\nCMD ["x"]\n'
    )


def test_an_archive_that_is_read_again_is_left_to_copy() -> None:
    text = "FROM debian:bookworm-slim\nCOPY a.tar.gz /tmp/a.tar.gz\nRUN tar xzf /tmp/a.tar.gz -C /srv\n"
    assert _fixed(f"{text}RUN sha256sum /tmp/a.tar.gz\n") == f"{text}RUN sha256sum /tmp/a.tar.gz\n"


@pytest.mark.parametrize(
    ("script", "removal"),
    [
        pytest.param('curl -fsSLO "https://e.org/a-$V.tgz" && tar xzf "a-$V.tgz" -C /o', 'rm "a-$V.tgz"', id="quoted"),
        pytest.param("wget https://e.org/a-$V.tgz && tar xzf a-$V.tgz -C /o", "rm a-$V.tgz", id="plain"),
        pytest.param("curl -fo /t/a-$V.tgz https://e.org/a && tar xf /t/a-$V.tgz", "rm /t/a-$V.tgz", id="absolute"),
        pytest.param("cd /t && curl -fO https://e.org/a-$V.tgz && tar xf a-$V.tgz", "rm /t/a-$V.tgz", id="cd"),
        pytest.param("wget https://e.org/a.tgz && tar xzf a.tgz -C /o", "rm /a.tgz", id="constant"),
    ],
)
def test_a_download_is_removed_by_the_name_that_the_run_gives_it(script: str, removal: str) -> None:
    fixed = _fixed(f"FROM debian:bookworm-slim\nENV V=1.2\nRUN {script}\n")
    assert fixed == f"FROM debian:bookworm-slim\nENV V=1.2\nRUN {script} && {removal}\n"


def test_a_download_that_a_later_run_names_by_a_variable_stays() -> None:
    text = (
        "FROM debian:bookworm-slim\nENV V=1.2\nRUN wget https://e.org/a-$V.tgz && tar xzf a-$V.tgz -C /o\n"
        "RUN sha256sum a-$V.tgz\n"
    )
    assert _fixed(text) == text


@pytest.mark.parametrize(
    "run",
    [
        pytest.param("RUN curl -sS https://e.org/key | apt-key add -", id="curl"),
        pytest.param("COPY Gemfile Gemfile.lock ./\nRUN bundle install && echo $(date) > /stamp", id="compiles"),
        pytest.param("ONBUILD RUN bundle install", id="children"),
    ],
)
def test_no_slim_base_below_what_only_the_full_one_can_do(run: str) -> None:
    assert _fixed(f"FROM ruby:3.2\n{run}\n").startswith("FROM ruby:3.2\n")


def test_a_slim_base_where_nothing_calls_what_is_missing() -> None:
    assert _fixed('FROM ruby:3.2\nCOPY app.rb /\nCMD ["ruby", "/app.rb"]\n').startswith("FROM ruby:3.2-slim\n")


_POETRY = """\
FROM python:3.12
RUN pip install poetry
WORKDIR /code
COPY . .
RUN poetry install
"""


def test_the_last_stage_starts_without_the_tool_that_only_the_build_has() -> None:
    fixed = _fixed(f'{_POETRY}CMD ["poetry", "run", "uvicorn", "app:app"]\n')
    assert fixed.endswith('CMD ["uvicorn", "app:app"]\n')
    assert "FROM python:3.12-slim\n" in fixed


def test_no_split_where_the_entrypoint_is_a_tool_that_only_the_build_has() -> None:
    fixed = _fixed(f'{_POETRY}ENTRYPOINT ["poetry", "run"]\nCMD ["uvicorn", "app:app"]\n')
    assert fixed.count("FROM") == 1


@pytest.mark.parametrize("after", ["RUN tsc", "RUN npm prune --omit=dev", "RUN npx webpack"])
def test_development_dependencies_stay_for_what_needs_them(after: str) -> None:
    text = f"FROM node:20-slim\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY src src\n{after}\n"
    assert "npm ci --omit=dev" not in _fixed(text)


@pytest.mark.parametrize("packages", ["curl gnupg", "git", "wget"])
def test_certificates_are_named_where_they_came_by_recommendation(packages: str) -> None:
    fixed = _fixed(f"FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y {packages}\n")
    assert f"apt-get install --no-install-recommends -y {packages} ca-certificates && rm" in fixed


def test_certificates_are_not_named_twice() -> None:
    run = "RUN apt-get update && apt-get install -y"
    assert _fixed(f"FROM debian:bookworm-slim\n{run} ca-certificates\n{run} curl\n").count("ca-certificates") == 1


def test_no_mount_for_a_file_that_the_run_changes() -> None:
    text = "FROM debian:bookworm-slim\nCOPY i.sh /i.sh\nRUN chmod +x /i.sh && /i.sh && rm /i.sh\n"
    assert "--mount" not in _fixed(text)
    assert "--mount" in _fixed(text.replace("chmod +x", "bash"))


@pytest.mark.parametrize(
    ("base", "run"), [("perl:5.36", "cpanm DBI"), ("elixir:1.15", "mix deps.get"), ("swift:5.9", "swift build")]
)
def test_no_slim_base_below_a_build(base: str, run: str) -> None:
    assert _fixed(f"FROM {base}\nWORKDIR /app\nCOPY lib lib\nRUN {run}\n").startswith(f"FROM {base}\n")


@pytest.mark.parametrize("package", ["apt-file", "command-not-found"])
def test_lists_that_a_package_looks_up_are_not_removed_without_a_proof(package: str) -> None:
    text = f"FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y {package}\n"
    assert fix_text(Source("Dockerfile", text), Settings(), None).draft.text == text


def test_certificates_get_a_line_of_their_own_where_packages_have_one() -> None:
    text = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y \\\n    git \\\n    jq \\\n && git clone x\n"
    assert "    jq \\\n    ca-certificates \\\n && git" in _fixed(text)


def test_sudo_stays_where_the_user_of_the_base_is_not_known() -> None:
    assert "sudo mkdir" in _fixed("FROM example.org/dev:1\nRUN sudo mkdir /x\n")
    assert "sudo" not in _fixed("FROM debian:bookworm-slim\nRUN sudo mkdir /x\n")
