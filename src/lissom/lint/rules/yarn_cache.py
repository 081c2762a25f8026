"""yarn's cache stays in the layer.

What: `yarn`, `yarn install`, `yarn add` or `yarn global add` in a stage that is shipped, without a cache mount at
yarn's cache, and no `yarn cache clean` (nor a removal of the cache) behind it in the same RUN.
Why: yarn keeps every package unpacked: `node_modules` once more.
Bad:
    FROM node:22
    RUN yarn install --production
Good:
    FROM node:22
    RUN yarn install --production && yarn cache clean
Fix: safe (E1) where the command surely runs and an option shows that this is yarn 1 (`--production`,
`--pure-lockfile`, `--non-interactive`, `global add`); else provable, since the cache of yarn 2 and later can be a
part of the project.
hadolint: DL3060 knows only `yarn install` written out, takes a `yarn cache clean` anywhere in the RUN for good, sees
no mounts and no `rm`, and names stages that are thrown away too.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.javascript import YARN
from lissom.lint.caches.left import Left
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

_CLASSIC = ("--production", "--prod", "--pure-lockfile", "--non-interactive", "--ignore-optional", "--network-timeout")


def _doubt(left: Left) -> str:
    classic = left.call.has(*_CLASSIC) or left.call.verb == "global"
    return "" if classic else "from yarn 2 on the cache can be a part of the project"


RULE = Rule(
    code="yarn-cache",
    title="yarn's cache stays in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(YARN, doubt=_doubt),
    page=__doc__ or "",
    aliases=("DL3060",),
)
