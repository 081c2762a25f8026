"""Dependencies for development are in the image.

What: commands of a stage whose layers are shipped that install what only development needs: npm, yarn and pnpm without
leaving development dependencies out, Composer without --no-dev, Bundler without `without`, Poetry and uv with their
groups, pip with requirements named for development or tests. Where a later RUN prunes them, that comes too late and is
named as well. With NODE_ENV=production in force nothing is said.
Why: compilers, linters and test runners often weigh more than the app, and none of them runs.
Bad:
    FROM node:20-slim
    WORKDIR /app
    COPY package.json package-lock.json ./
    RUN npm ci
    COPY . .
    CMD ["node", "server.js"]
Good:
    FROM node:20-slim
    WORKDIR /app
    COPY package.json package-lock.json ./
    RUN npm ci --omit=dev
    COPY . .
    CMD ["node", "server.js"]
Fix: unsafe (E3) for npm when the stage builds nothing with them: `--omit=dev` is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lissom.dockerfile.source import Edit, Span
from lissom.dockerfile.syntax import Cmd, Entrypoint
from lissom.lint.calls.call import Call
from lissom.lint.calls.reading import calls_of
from lissom.lint.fix import Equivalence, Fix, Safety
from lissom.lint.lineage import steps_below
from lissom.lint.packages.manifests import ecosystem_of, manifests_named
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]

_LEFT_OUT = {
    "npm": r"omit[= ]dev|--production|--only[= ]prod|--prod\b",
    "yarn": r"--production|--prod\b|workspaces focus",
    "pnpm": r"--prod\b|-P\b|--production",
    "bun": r"--production|-p\b",
    "Composer": r"--no-dev",
    "Bundler": r"--without|--deployment",
    "Poetry": r"--no-dev|--only|--without",
    "uv": r"--no-dev|--only",
    "Pipenv": r"",
}
_ENVIRONMENT = ("NODE_ENV", "BUNDLE_WITHOUT", "COMPOSER_NO_DEV", "POETRY_WITHOUT", "NPM_CONFIG_OMIT", "UV_NO_DEV")
_BUILDS = ("run", "build", "exec", "x")
_BUNDLERS = "npx tsc webpack vite rollup esbuild parcel ng nest next nuxt gulp grunt babel lerna nx turbo make node-gyp"
_BUILDERS = frozenset(_BUNDLERS.split())
_DEVELOPERS = frozenset(
    ("dev", "start:dev", "develop", "nodemon", "watch", "test", "--reload", "ts-node", "tsx", "vite")
)
_FOR_PEOPLE = re.compile(r"(.*[-_./])?(dev|develop|development|test|tests|testing|lint|ci|docs)([-_.].*)?\.txt")


def _check(subject: Subject) -> Iterator[Found]:
    if _serves_developers(subject):
        return
    steps = steps_below(subject, subject.final)
    everything = [(step, call) for step in steps for call in calls_of(step)]
    configured = " ".join(" ".join(call.args) for _, call in everything if call.verb in ("config", "set"))
    for step, call in everything:
        same = [one for one in calls_of(step) if one.program == call.program]
        ecosystem = ecosystem_of(call)
        if ecosystem is None:
            continue
        if ecosystem.name == "pip":
            if any(_FOR_PEOPLE.fullmatch(name) for name in manifests_named(call)):
                yield Found(call.span, "requirements for development are shipped")
            continue
        pattern = _LEFT_OUT.get(ecosystem.name, "")
        settings = " ".join(arg for one in same for arg in one.args)
        if not pattern or re.search(pattern, settings) or _is_set(call) or re.search(r"without|no-dev", configured):
            continue
        if any(one.verb == "prune" for one in same):
            continue
        builds = any(_builds(one, call.program) for _, one in everything)
        severity = Severity.INFO if ecosystem.name in ("Poetry", "uv", "Bundler") else None
        message = f"development dependencies of {ecosystem.name} are shipped"
        yield Found(call.span, message, None if builds else _fix(call), None, severity)


def _serves_developers(subject: Subject) -> bool:
    """Whether what the image starts is a server for development, or its tests."""
    started = [step for step in subject.final.steps if isinstance(step.instruction, Cmd | Entrypoint)]
    words = {word for step in started for call in calls_of(step) for word in (call.program, *call.args)}
    return not words.isdisjoint(_DEVELOPERS)


def _builds(call: Call, program: str) -> bool:
    """Whether a call of ``program``, or of what its development packages bring, needs these: to build, to be pruned."""
    if call.program in _BUILDERS:
        return True
    return call.program == program and call.verb in (*_BUILDS, "prune")


def _is_set(call: Call) -> bool:
    values = [call.env[name] for name in _ENVIRONMENT if name in call.env]
    return any(value is None or value not in ("", "development", "false", "0") for value in values)


def _fix(call: Call) -> Fix | None:
    if call.program != "npm" or not call.exact or call.verb not in ("ci", "install", "i"):
        return None
    end = call.operands[0].span.end
    return Fix(
        title="leave development dependencies out",
        edits=(Edit(Span(end, end), " --omit=dev"),),
        safety=Safety.UNSAFE,
        equivalence=Equivalence.E3,
        because="only the app's probes can tell that it loads none of them",
    )


RULE = Rule(
    code="dev-dependencies",
    title="Dependencies for development are in the image",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=_check,
    page=__doc__ or "",
)
