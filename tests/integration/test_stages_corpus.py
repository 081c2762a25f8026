"""Every app of the corpus that is built in one stage does the same when it is split in two, and is half as large."""

from __future__ import annotations

import json

import pytest

from lissom.context.files import scan_files
from lissom.dockerfile.parser import parse
from lissom.lint.build_context.facts import context_facts
from lissom.lint.rules.single_stage import RULE
from lissom.lint.views import subject_of
from oracle.corpus import APPS, CORPUS, MARKS, Corpus

pytestmark = MARKS
# What these run comes as packages of the last stage's own: nothing is built.
WHOLE = {"nginx-site", "php-guestbook", "redis-cache", "shell-report"}


def split(corpus: Corpus, app: str) -> str | None:
    """The app's Dockerfile in two stages."""
    directory = corpus.directory / app
    text = (directory / "Dockerfile").read_text()
    subject = subject_of(parse(text), context=context_facts(scan_files(directory)))
    fixes = [one.fix for one in RULE.check(subject) if one.fix is not None]
    return subject.dockerfile.source.apply(fixes[0].edits) if fixes else None


def size(corpus: Corpus, name: str) -> int:
    [image] = json.loads(corpus("images", "--json", name))
    return int(image["size"])


@pytest.mark.parametrize("app", APPS)
def test_an_app_in_two_stages_does_what_it_did(corpus, app):
    before = corpus.image(app)
    text = split(corpus, app)
    if app in WHOLE:
        assert text is None
        return
    assert text is not None
    file = corpus.directory / f"{app}.Dockerfile"
    file.write_text(text)
    after = f"corpus/{app}:split"
    corpus("build", "--host-settings", *corpus.flags, "-f", file, "-t", after, corpus.directory / app)
    probes = CORPUS / "apps" / app / "probe.json"
    corpus("slim", "--verify-only", before, after, "--probes", probes, "--patience", "3")
    assert size(corpus, after) * 2 < size(corpus, before)
