"""The sources that Cargo downloaded stay in the layer.

What: `cargo build`, `cargo install`, `cargo fetch` and their like in a stage that is shipped, without a cache mount,
and nothing behind it in the same RUN that removes Cargo's registry.
Why: sources and archives of all crates stay; the program needs none of it.
Bad:
    FROM rust:1.80
    RUN cargo install ripgrep
Good:
    FROM rust:1.80
    RUN cargo install ripgrep && rm -rf "${CARGO_HOME:-$HOME/.cargo}/registry"
Fix: safe (E1) when nothing later in the file calls cargo; none when something does. Building in a stage of its own
saves the compiler too.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import CARGO
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="cargo-cache",
    title="The sources that Cargo downloaded stay in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(CARGO),
    page=__doc__ or "",
)
