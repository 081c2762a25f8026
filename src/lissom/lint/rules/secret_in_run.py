"""A secret stands in a command.

What: in RUN, CMD, ENTRYPOINT, HEALTHCHECK, LABEL, ADD and USER: a token or key of a known form, a password in an
address (`https://user:password@…`), `curl -u user:password`, `PGPASSWORD=…` before a command, `mysql -p…`,
`--password=…`, `sshpass -p`, `Authorization:` with a constant. Variables are not secrets themselves, but a RUN that
writes the value of one with a secret's name to a file that stays leaves it in a layer that is shipped.
Why: the instruction is in the history of the image, and the file in its layer: who can pull it can read both.
Bad:
    FROM debian:bookworm
    RUN curl -fsSLO -u deploy:hunter22 https://example.com/app
Good:
    FROM debian:bookworm
    RUN --mount=type=secret,id=netrc,target=/root/.netrc curl -fsSLO --netrc https://example.com/app
Fix: none: who runs the build has to hand the secret over. The secret is spent: change it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.analysis.secrets import secret_in
from lissom.dockerfile.shell.script import Script
from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Arg, Copy, Env, From, Run
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.calls.wrappers import text_of
from lissom.lint.places import first_line
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.secrets.names import Suspicion, suspicion
from lissom.lint.subject import StepView, Subject
from lissom.lint.triggers import acting

__all__ = ["RULE"]
_VARIABLE = re.compile(r"(?<!\\)\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_USER = re.compile(r"[^:$\s'\"]+:[^$:\s'\"]{3,}")
_OPTION = re.compile(r"--(password|passwd|token|api-?key|secret|http-password|auth-token)(=|$)", re.IGNORECASE)
_HEADER = re.compile(r"(authorization|private-token|x-api-key|job-token)\s*:\s*(?!.*\$)\S.*", re.IGNORECASE | re.DOTALL)
_USER_OPTIONS = {"curl": ("-u", "--user", "-U", "--proxy-user")}
_BEHIND = {"sshpass": ("-p",), "wget": ("--password", "--http-password"), "htpasswd": ("-b", "-nb", "-bn", "-cb")}


def _check(subject: Subject) -> Iterator[Found]:
    for step in acting(subject):
        found = step.instruction
        if isinstance(found, Arg | Env | From | Copy):
            continue
        spans: list[Span] = []
        for call in calls_of(step):
            spans += _spans(call)
        if not spans:
            spans += _token(subject, step)
        for span in dict.fromkeys(spans):
            message = f"a secret stands in {found.keyword}, so it stays readable in the history of the image"
            yield Found(span, message)
        if isinstance(found, Run) and step.script is not None and subject.stages[step.stage].shipped:
            for span, name, path in _written(step.script):
                yield Found(span, f"writes the secret in `{name}` to `{path}`, which stays in this layer")


def _written(script: Script) -> Iterator[tuple[Span, str, str]]:
    """The commands that write variables with a secret's name to files which the script does not remove."""
    commands = list(script.commands())
    removed = {value.rpartition("/")[2] for one in commands if one.name in ("rm", "shred") for value in one.values}
    for command in commands:
        if command.name not in ("echo", "printf", "cat"):
            continue
        names = [name for word in command.words if word.value is None for name in _VARIABLE.findall(word.text)]
        secret = next((name for name in names if suspicion(name, None) is Suspicion.NAME), None)
        for one in command.redirections if secret else ():
            path = text_of(one.target) if one.target else ""
            stays = one.operator in (">", ">>", ">|") and not path.startswith(("/dev/", "&"))
            if secret and stays and path.rpartition("/")[2] not in removed:
                yield command.span, secret, path


def _spans(call: Call) -> Iterator[Span]:
    args = call.args
    for place, (word, text) in enumerate(zip(call.words, args, strict=True)):
        following = args[place + 1] if place + 1 < len(args) else ""
        if _holds(call, text, following):
            yield word.span
        elif _announces(call, text, following):
            yield call.words[place + 1].span
    for word in (*call.simple.assignments, *(call.words if call.program == "export" else ())):
        name, _, value = text_of(word).partition("=")
        if _is_constant(value) and suspicion(name, value) in (Suspicion.NAME, Suspicion.VALUE):
            yield word.span


def _holds(call: Call, text: str, following: str) -> bool:
    """Whether a word has a secret in it, or is the option that a secret follows."""
    if secret_in(text.encode(errors="replace")) is not None or _HEADER.search(text):
        return True
    if call.program.startswith(("mysql", "mariadb")) and text.startswith("-p") and _is_constant(text[2:]):
        return True
    match = _OPTION.match(text)
    return match is not None and _is_constant(text[match.end() :] if match[2] else following)


def _announces(call: Call, text: str, following: str) -> bool:
    """Whether the word behind an option of this program is a secret."""
    if text in _USER_OPTIONS.get(call.program, ()):
        return _USER.fullmatch(following) is not None
    return text in _BEHIND.get(call.program, ()) and _is_constant(following)


def _is_constant(value: str) -> bool:
    return bool(value) and not value.startswith(("-", "$", "/", '"$', "'$", "<", "{")) and "$" not in value


def _token(subject: Subject, step: StepView) -> Iterator[Span]:
    """The place of a secret of a known form anywhere in the instruction."""
    found = step.instruction
    if secret_in(subject.dockerfile.source.cut(found.span).encode(errors="replace")) is None:
        return
    source = subject.dockerfile.source
    first, last = subject.lines(found)
    for number in range(first, last + 1):
        line = source.line(number)
        if secret_in(source.cut(line).encode(errors="replace")) is not None:
            yield Span(max(line.start, found.span.start), min(line.end, found.span.end))
            return
    yield first_line(subject.dockerfile, found)


RULE = Rule(
    code="secret-in-run",
    title="No secrets in commands",
    category=Category.SAFETY,
    severity=Severity.ERROR,
    check=_check,
    page=__doc__ or "",
)
