"""What opam downloaded and built stays in the layer.

What: `opam install` or `opam init` in a stage that is shipped, and neither `opam clean` nor a removal of its caches
behind it in the same RUN.
Why: downloads, sources and logs of all packages stay.
Bad:
    FROM ocaml/opam:debian-12
    RUN opam install dune
Good:
    FROM ocaml/opam:debian-12
    RUN opam install dune && opam clean --all-switches --download-cache --logs --repo-cache
Fix: provable: what else `opam clean` removes depends on its version.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import OPAM
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="opam-cache",
    title="What opam downloaded and built stays in the layer",
    category=Category.SIZE,
    severity=Severity.INFO,
    check=checker(OPAM, doubt=lambda _left: "what else it removes depends on the version of opam"),
    page=__doc__ or "",
)
