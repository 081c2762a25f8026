"""A file of secrets is copied into the image.

What: a COPY or ADD of a file whose name is one of secrets: `.env`, `id_rsa`, `.npmrc`, `.pypirc`, `.netrc`, `*.pem`,
`*.key`, `credentials.json`, `.aws/credentials`, `.docker/config.json` and their like; with a context, also one that a
copied directory holds. Certificates (`*.crt`) and examples (`.env.example`) are none. In stages that are thrown away,
and for names that only sound like one (`secret.txt`), it is a hint.
Why: whoever can pull the image reads it, even when a later instruction deletes the file: the layer stays.
Bad:
    FROM node:22
    COPY .npmrc package.json /app/
Good:
    FROM node:22
    COPY package.json /app/
    RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm install --prefix /app
Fix: none: who runs the build has to hand the secret over.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.lint.copies.copied import taken
from lissom.lint.copies.from_context import FromContext, sources_of
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.secrets.files import UNSURE, secret_file
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_MOST = 5


def _check(subject: Subject) -> Iterator[Found]:
    for source in sources_of(subject, acting(subject)):
        yield from _told(subject, source)


def _told(subject: Subject, source: FromContext) -> Iterator[Found]:
    step, _, path, place = source
    shipped = subject.stages[step.stage].shipped
    what = secret_file(path.rstrip("/"))
    if what is not None:
        message = f"`{path}` ({what}) stays readable in the image"
        yield Found(place, message, severity=_severity(what, shipped=shipped))
        return
    if subject.context is None:
        return
    secrets = [(one, what) for one in taken(subject.context, path) if (what := secret_file(one))]
    for one, what in secrets[:_MOST]:
        message = f"`{one}` ({what}) is copied with `{path}`"
        yield Found(place, message, severity=_severity(what, shipped=shipped))


def _severity(what: str, *, shipped: bool) -> Severity | None:
    return None if shipped and what not in UNSURE else Severity.INFO


RULE = Rule(
    code="copied-secret",
    title="No files of secrets in the image",
    category=Category.SAFETY,
    severity=Severity.ERROR,
    check=_check,
    page=__doc__ or "",
)
