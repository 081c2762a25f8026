"""A label is missing, or its value is not what it has to be.

What: the setting `rules.label-schema.labels` names labels and what their values are: `text`, `url`, `time` (RFC
3339), `spdx`, `hash` (of git), `semver` or `email`. The last stage has to have each of them, and where it is set its
value has to fit. With `rules.label-schema.strict = true` others are told too. Values with variables are not looked
at. Without the setting the rule says nothing.
Why: whoever looks for an image's owner or source finds it in one place.
Settings:
    rules.label-schema.labels = { "org.opencontainers.image.source" = "url" }
Bad:
    FROM debian:bookworm
    CMD ["app"]
Good:
    FROM debian:bookworm
    LABEL org.opencontainers.image.source=https://example.com/app
    CMD ["app"]
Fix: none: the value is not in the file.
hadolint: agrees (`label-schema` there); but asks every stage for the labels, takes variables by the letter, and knows
no SPDX expressions (`MIT OR Apache-2.0`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lissom.dockerfile.source import Span
from lissom.dockerfile.syntax import Label
from lissom.lint.label_values import fits
from lissom.lint.lineage import steps_below
from lissom.lint.places import keyword_span, pairs
from lissom.lint.rule import Category, Found, Rule, Severity
from lissom.lint.subject import Subject

__all__ = ["RULE"]


def _check(subject: Subject) -> Iterator[Found]:
    table = subject.settings.get("label-schema")
    wanted = table.get("labels") if isinstance(table, Mapping) else None
    if not isinstance(table, Mapping) or not isinstance(wanted, Mapping) or not wanted:
        return
    kinds = {str(name): str(kind) for name, kind in wanted.items()}
    strict = table.get("strict") is True
    given: set[str] = set()
    for step in steps_below(subject, subject.final):
        if isinstance(step.instruction, Label):
            given.update(name.strip("\"'") for name, _ in step.instruction.pairs)
            yield from _wrong(subject, step.instruction, kinds, strict=strict)
    for name in sorted(kinds.keys() - given):
        yield Found(keyword_span(subject.final.stage.from_), f"the image has no label `{name}`")


def _wrong(subject: Subject, label: Label, kinds: Mapping[str, str], *, strict: bool) -> Iterator[Found]:
    for (name, value), place in zip(label.pairs, pairs(subject.dockerfile, label), strict=False):
        key, span = name.strip("\"'"), Span(*place.span)
        if key not in kinds:
            if strict:
                yield Found(span, f"the label `{key}` is not among those that are allowed")
        elif "$" not in value:
            text = value.strip("\"'")
            if not text:
                yield Found(span, f"the label `{key}` is empty")
            elif not fits(text, kinds[key]):
                yield Found(span, f"the value of the label `{key}` is no {kinds[key]}")


RULE = Rule(
    code="label-schema",
    title="Labels that have to be there",
    category=Category.CORRECTNESS,
    severity=Severity.INFO,
    aliases=("DL3049", "DL3050", "DL3051", "DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3058"),
    check=_check,
    page=__doc__ or "",
)
