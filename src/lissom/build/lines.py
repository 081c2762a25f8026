"""Which lines of the Dockerfile an image's steps came from: what a build keeps of itself beside the image.

It is a property of the plan, not of what was done: a build from the cache keeps the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lissom.build.solve import base_of
from lissom.build.step import Plan
from lissom.dockerfile.source import Source
from lissom.errors import IntegrityError
from lissom.oci.digest import Digest
from lissom.store import accounts
from lissom.store.store import Store

__all__ = ["Lines", "find_lines", "lines_of", "put_lines", "text_digest"]

_FOLDER = "builds"
_WHAT = "what a build kept of an image"


@dataclass(frozen=True)
class Lines:
    """``steps`` leads from the number of a line of the history to first and last line in ``file``, whose text has
    ``digest``. ``base`` is the image from outside at the bottom, with so many layers and lines of history.
    """

    file: str
    digest: str
    steps: Mapping[int, tuple[int, int]]
    base: str = ""
    base_layers: int = 0
    base_steps: int = 0


def text_digest(text: str) -> str:
    """The digest of a Dockerfile's text."""
    return str(Digest.of(text.encode("utf-8", "surrogateescape")))


def lines_of(plan: Plan, source: Source) -> Lines:
    """Where the steps of the plan's target stand in ``source``."""
    base = base_of(plan.target, plan)
    image = base.image
    steps = {
        number: (source.line_col(span.start)[0], source.line_col(max(span.end - 1, span.start))[0])
        for number, span in plan.target.origins.items()
    }
    return Lines(
        source.name,
        text_digest(source.text),
        steps,
        base.name if image else "",
        len(image.layers) if image else 0,
        len(image.config.history) if image else 0,
    )


def put_lines(store: Store, digest: Digest, lines: Lines) -> None:
    """Keep ``lines`` for the image of that digest. Raises StoreError."""
    document = {
        "file": lines.file,
        "digest": lines.digest,
        "steps": [[number, *where] for number, where in sorted(lines.steps.items())],
        "base": {"name": lines.base, "layers": lines.base_layers, "steps": lines.base_steps},
    }
    accounts.put(store, _FOLDER, digest, accounts.packed(document), _WHAT)


def find_lines(store: Store, digest: Digest) -> Lines | None:
    """What the build of an image kept; None where it was not built here. Raises IntegrityError."""
    data = accounts.find(store, _FOLDER, digest)
    return None if data is None else _parse(accounts.unpacked(data, _WHAT))


def _parse(document: Any) -> Lines:
    try:
        steps = {int(number): (int(first), int(last)) for number, first, last in document["steps"]}
        base = document["base"]
        return Lines(
            str(document["file"]), str(document["digest"]), steps, str(base["name"]), int(base["layers"]),
            int(base["steps"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise IntegrityError(f"cannot read {_WHAT}: {error!r}") from error
