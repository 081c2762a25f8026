"""An image comes from a registry that is not allowed.

What: a `FROM` or `COPY --from` whose registry is not among the setting `allowed-registries` of the config file. Names
without a registry are Docker Hub's (`docker.io`). A `*` at the begin of an entry stands for any text.
Why: some houses take images only from registries that they watch. Without the setting the rule says nothing.
Settings:
    allowed-registries = ["registry.example.com"]
Bad:
    FROM debian:bookworm
Good:
    FROM registry.example.com/debian:bookworm
Fix: none: whether the other registry has the image is not in the text.
hadolint: agrees on FROM (`trustedRegistries` there); it takes `hub.docker.com` for Docker Hub too, and so does
lissom.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from lissom.lint.images.outside import outside_images
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]
_HUB = ("docker.io", "hub.docker.com", "index.docker.io")


def _check(subject: Subject) -> Iterator[Found]:
    allowed = subject.settings.get("allowed-registries")
    patterns = [str(one) for one in allowed] if isinstance(allowed, list | tuple) else []
    if not patterns:
        return
    for image in outside_images(subject):
        names = _HUB if image.registry in ("", *_HUB) else (image.registry,)
        known = any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
        if not known and image.name != "scratch":
            yield Found(image.span, f"the registry of `{image.text}` is not allowed")


RULE = Rule(
    code="disallowed-registry",
    title="Images come from allowed registries",
    category=Category.SAFETY,
    severity=Severity.ERROR,
    aliases=("DL3026",),
    check=_check,
    page=__doc__ or "",
)
