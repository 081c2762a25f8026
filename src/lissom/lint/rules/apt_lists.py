"""apt's package lists stay in the layer.

What: `apt-get update` (or `apt update`) in a stage that is shipped, and nothing behind it in the same RUN removes
`/var/lib/apt/lists`: neither `rm`, nor `find … -delete`, nor `apt-get dist-clean`, nor a cache or tmpfs mount at that
path. What removes the lists before they are fetched, or in a later RUN, does not count.
Why: the lists weigh 20 to 90 MB. They are old the day after, and a later RUN that deletes them only hides them.
Bad:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends curl
Good:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
Fix: safe (E1) where nothing later in this stage, a stage on it or ONBUILD can use the lists; provable where a later
step runs something that the text does not show, such as a script. None where a later RUN installs without an update of
its own: join the two RUNs first.
hadolint: DL3009 looks at words alone: an `rm` before the update is enough for it, `find … -delete` and `apt-get
dist-clean` are not. It does not see behind `sudo` and `sh -c`. A tmpfs mount at the lists counts here like a cache
mount.
"""

from __future__ import annotations

from lissom.lint.caches.apt import APT_LISTS
from lissom.lint.caches.finding import checker
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="apt-lists",
    title="apt's package lists stay in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(APT_LISTS),
    page=__doc__ or "",
    aliases=("DL3009",),
)
