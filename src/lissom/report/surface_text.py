"""Surfaces as text: of one image, and of several side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lissom.analysis.surface import GROUPS, Measured, Secret, Surface
from lissom.report.terminal import size, table

__all__ = ["facts", "lost", "surface_text", "surfaces_text"]

Shown = Callable[[str], str]
"""Makes names of strangers harmless."""


def surface_text(found: Measured, shown: Shown, *, limit: int | None) -> str:
    """One image: what it is, then each group with at most ``limit`` paths."""
    surface = found.surface
    lines = [["user", shown(_user(surface))], ["ports", ", ".join(surface.ports) or "none"]]
    lines += [["packages", _packages(surface)], *([title, text] for title, text in _sizes([found]))]
    parts = [table(["WHAT", "FOUND"], lines)]
    parts += [
        _listed(group.title, [f"/{path}" for path in surface.group(group.field)], shown, limit) for group in GROUPS
    ]
    parts.append(_listed("secrets", [secret_text(secret) for secret in surface.secrets], shown, limit))
    return "\n\n".join(part for part in parts if part)


def surfaces_text(found: Sequence[Measured], shown: Shown, *, limit: int | None) -> str:
    """Several images side by side in numbers, then what only one of them has."""
    rows = [*_sizes(found), *_facts([one.surface for one in found])]
    parts = [table(["WHAT", *(shown(one.name) for one in found)], [list(map(shown, row)) for row in rows])]
    titles = [*((group.title, group.field) for group in GROUPS), ("secrets", "secrets")]
    for number, one in enumerate(found):
        others = [other.surface for at, other in enumerate(found) if at != number]
        own = ((title, _only(one.surface, others, field)) for title, field in titles)
        lines = [f"{title}: {_some(paths, limit)}" for title, paths in own if paths]
        if lines:
            parts.append(shown(f"only in {one.name}") + "".join(f"\n  {shown(line)}" for line in lines))
    return "\n\n".join(parts)


def facts(before: Surface, after: Surface) -> list[tuple[str, str, str]]:
    """What is compared, before and after, in a few words; lines that say nothing on either side are left out."""
    return [(title, old, new) for title, old, new in _facts([before, after])]


def _facts(surfaces: Sequence[Surface]) -> list[tuple[str, ...]]:
    rows = [
        ("user", *map(_user, surfaces)),
        ("ports", *(", ".join(one.ports) or "none" for one in surfaces)),
        ("packages", *map(_packages, surfaces)),
        *((group.title, *(str(len(one.group(group.field))) for one in surfaces)) for group in GROUPS),
        ("secrets", *(str(len(one.secrets)) for one in surfaces)),
    ]
    return [row for row in rows if set(row[1:]) != {"0"}]


def _sizes(found: Sequence[Measured]) -> list[tuple[str, ...]]:
    return [
        ("size", *(size(one.size) for one in found)),
        ("compressed", *(size(one.compressed) for one in found)),
        ("files", *(f"{one.files:,}" for one in found)),
    ]


def lost(before: Surface, after: Surface) -> list[tuple[str, tuple[str, ...]]]:
    """What ``after`` no longer has, by group."""
    found = [(group.title, tuple(_only(before, [after], group.field))) for group in GROUPS]
    return [(title, paths) for title, paths in found if paths]


def secret_text(secret: Secret) -> str:
    """One secret, without the secret."""
    if not secret.path:
        return f"config: {secret.what}"
    where = f"layer {secret.layer}" if secret.layer else "the image"
    return f"/{secret.path}: {secret.what}, in {where}{', hidden by a later one' if secret.hidden else ''}"


def _user(surface: Surface) -> str:
    name = surface.user or "root"
    return f"{name} (root)" if surface.root and name not in ("root", "0") else name


def _packages(surface: Surface) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in surface.packages.items()) or "none"


def _listed(title: str, lines: Sequence[str], shown: Shown, limit: int | None) -> str:
    if not lines:
        return ""
    some = lines if limit is None else lines[:limit]
    more = [f"  … and {len(lines) - len(some)} more: --all shows them"] if len(some) < len(lines) else []
    return "\n".join([f"{title} ({len(lines)})", *(f"  {shown(line)}" for line in some), *more])


def _only(one: Surface, others: Iterable[Surface], field: str) -> list[str]:
    if field == "secrets":
        theirs = {(secret.path, secret.what) for other in others for secret in other.secrets}
        return [secret_text(secret) for secret in one.secrets if (secret.path, secret.what) not in theirs]
    rest = {path for other in others for path in other.group(field)}
    return [f"/{path}" for path in one.group(field) if path not in rest]


def _some(lines: Sequence[str], limit: int | None) -> str:
    some = lines if limit is None else lines[:limit]
    more = f" … and {len(lines) - len(some)} more" if len(some) < len(lines) else ""
    return ", ".join(some) + more
