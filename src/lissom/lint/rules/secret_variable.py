"""A secret is in ARG or ENV.

What: an ARG or ENV whose name says secret (password, token, api key, private key …), or whose value looks like one (a
GitHub token, an AWS key, a password in an address). A hint only where the name says no more than that one may be near
(`USERNAME`). Not told: `…_FILE` and `…_PATH`, and values such as `true` or the path of a mounted secret.
Why: ENV is in the config of the image, and so is a build argument in its history: whoever can pull the image reads
both.
Bad:
    FROM debian:bookworm
    ARG API_TOKEN
    RUN curl -fsSL -H "Authorization: $API_TOKEN" https://example.com/app -o /app
Good:
    FROM debian:bookworm
    RUN --mount=type=secret,id=api_token \\
        curl -fsSL -H "Authorization: $(cat /run/secrets/api_token)" https://example.com/app -o /app
Fix: none: who hands the secret over has to hand it over in another way.
hadolint: agrees; but it tells names alone, so also `TOKEN_FILE=/run/secrets/x` and `TOKENIZERS_PARALLELISM=false`,
and knows no `PASSWD`, `PASSPHRASE` and `CREDENTIALS`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lissom.dockerfile.syntax import Arg, Env
from lissom.lint.places import pairs
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.secrets.names import Suspicion, suspicion
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    instructions = [*subject.dockerfile.meta_args, *(step.instruction for step in acting(subject))]
    for found in instructions:
        if not isinstance(found, Arg | Env):
            continue
        kept = "the config" if isinstance(found, Env) else "the history"
        places = pairs(subject.dockerfile, found)
        for (name, value), place in zip(found.pairs, places, strict=False):
            suspected = suspicion(name, value)
            if suspected is Suspicion.NONE:
                continue
            if suspected is Suspicion.NEAR:
                message = f"a secret in `{name}` would stay readable in {kept} of the image"
                yield Found(place.span, message, severity=Severity.INFO)
            else:
                message = f"the secret in `{name}` stays readable in {kept} of the image"
                sure = Severity.ERROR if suspected is Suspicion.VALUE else None
                yield Found(place.span, message, severity=sure)


RULE = Rule(
    code="secret-variable",
    title="No secrets in ARG and ENV",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    aliases=("DL3064", "SecretsUsedInArgOrEnv"),
    check=_check,
    page=__doc__ or "",
)
