"""A download does not look whom it talks to.

What: `curl -k`, `wget --no-check-certificate`, `npm config set strict-ssl false`, `NODE_TLS_REJECT_UNAUTHORIZED=0`,
`pip --trusted-host`, `git -c http.sslVerify=false`, `GIT_SSL_NO_VERIFY`, `PYTHONHTTPSVERIFY=0`, `yum … sslverify=0`,
`apt … Verify-Peer=false`, `ssh -o StrictHostKeyChecking=no` and their like, in RUN, ENV and ARG.
Why: TLS without a look at the certificate is no protection at all: anybody on the way can hand out what he likes.
Bad:
    FROM debian:bookworm
    RUN curl -fsSLk -o /tmp/app https://example.com/app
Good:
    FROM debian:bookworm
    COPY example-ca.crt /usr/local/share/ca-certificates/
    RUN update-ca-certificates && curl -fsSL -o /tmp/app https://example.com/app
Fix: none: the build then fails where the certificate is indeed wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.syntax import Arg, Env
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.calls.wrappers import text_of
from lissom.lint.places import pairs
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_OPTIONS = {
    "curl": ("-k", "--insecure", "--proxy-insecure"),
    "wget": ("--no-check-certificate",),
    "pip": ("--trusted-host",),
    "uv": ("--allow-insecure-host", "--trusted-host"),
    "conda": ("--insecure", "-k"),
    "helm": ("--insecure-skip-tls-verify",),
    "kubectl": ("--insecure-skip-tls-verify",),
    "svn": ("--trust-server-cert",),
    "aria2c": ("--check-certificate=false",),
}
_WORDS = re.compile(
    r"http\.sslverify=?(false|0)?|strict-ssl=?(false)?|sslverify=(0|false|no)|verify-peer=false"
    r"|stricthostkeychecking[= ](no|accept-new|off)|acquire::https.*verify.*false|--strict-ssl=false|ssl_verify",
    re.IGNORECASE,
)
_VARIABLES = re.compile(
    r"(NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY)=[\"']?0|GIT_SSL_NO_VERIFY=[\"']?(1|true)"
    r"|PIP_TRUSTED_HOST=.|npm_config_strict_ssl=[\"']?false|GOINSECURE=.|GONOSUMCHECK=.|GOFLAGS=.*-insecure",
    re.IGNORECASE,
)
_OFF = frozenset(("false", "0", "no"))


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        found = step.instruction
        if isinstance(found, Env | Arg):
            for place in pairs(subject.dockerfile, found):
                if _VARIABLES.match(place.text):
                    yield Found(place.span, "certificates are not looked at, here and in every container of the image")
            continue
        for call in calls_of(step):
            yield from _of_call(call)


def _of_call(call: Call) -> Iterator[Found]:
    message = f"`{call.program}` does not look whom it talks to"
    options = _OPTIONS.get(call.program, ())
    for place, word in enumerate(call.words):
        text = text_of(word)
        given = any(_is_option(text, option) for option in options)
        match = _WORDS.search(text)
        if match and match[0].lower() in ("http.sslverify", "strict-ssl", "ssl_verify"):
            following = text_of(call.words[place + 1]).lower() if place + 1 < len(call.words) else ""
            match = match if following in _OFF else None
        if given or match or _VARIABLES.match(text):
            yield Found(word.span, message)
            return
    for assignment in call.simple.assignments:
        if _VARIABLES.match(assignment.text):
            yield Found(assignment.span, message)


def _is_option(text: str, option: str) -> bool:
    if option.startswith("--"):
        return text == option or text.startswith(option + "=")
    return re.fullmatch(rf"-[A-Za-z]*{option[1]}[A-Za-z]*", text) is not None and not text.startswith(
        ("-H", "-o", "-X")
    )


RULE = Rule(
    code="certificates-unchecked",
    title="Certificates are looked at",
    category=Category.SAFETY,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
