"""A file of secrets is copied into the image.

What: a COPY or ADD of a file whose name is one of secrets: `.env`, `id_rsa`, `.npmrc`, `.pypirc`, `.netrc`, `*.pem`,
`*.key`, `credentials.json`, `.aws/credentials`, `.docker/config.json` and their like; with a context, also one that a
copied directory holds. Certificates (`*.crt`) and examples (`.env.example`) are none.
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

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Add, Copy
from lissom.lint.copied import taken
from lissom.lint.places import arguments
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.secret_files import secret_file
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_MOST = 5


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        found = step.instruction
        if not isinstance(found, Copy | Add) or (isinstance(found, Copy) and found.from_):
            continue
        words = arguments(subject.dockerfile, found)
        for source in found.sources:
            place = next((word.span for word in words if source in word.text), words[0].span)
            yield from _told(subject, step.stage, source, place)


def _told(subject: Subject, stage: int, source: str, place: Span) -> Iterator[Found]:
    severity = None if subject.stages[stage].shipped else Severity.INFO
    path = source.strip("\"'")
    what = secret_file(path.rstrip("/"))
    if what is not None:
        yield Found(place, f"`{path}` ({what}) stays readable in the image", severity=severity)
        return
    if subject.context is None:
        return
    paths = [one for one in taken(subject.context, path) if secret_file(one) is not None]
    for one in paths[:_MOST]:
        yield Found(place, f"`{one}` ({secret_file(one)}) is copied with `{path}`", severity=severity)


RULE = Rule(
    code="copied-secret",
    title="No files of secrets in the image",
    category=Category.SAFETY,
    severity=Severity.ERROR,
    check=_check,
    page=__doc__ or "",
)
