"""Real applications: each app of the corpus is built by lissom and must still do what it has to do.

LISSOM_CORPUS names the corpus; LISSOM_CORPUS_BASES an OCI layout with its base images. The checks run in docker.
"""

from __future__ import annotations

from oracle import engine
from oracle.corpus import EACH_APP, MARKS, Corpus

pytestmark = MARKS


@EACH_APP
def test_app_builds_and_works(app: str, corpus: Corpus, docker: engine.Docker) -> None:
    corpus.check(app, corpus.image(app), docker)
