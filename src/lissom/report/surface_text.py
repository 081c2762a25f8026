"""Surfaces as text: of one image, and of two side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lissom.analysis.surface import GROUPS, Secret, Surface
from lissom.report.terminal import table

__all__ = ["facts", "lost", "surface_text", "surfaces_text"]

Shown = Callable[[str], str]
"""Makes names of strangers harmless."""


def surface_text(surface: Surface, shown: Shown, *, limit: int | None) -> str:
    """One image: what it is, then each group with at most ``limit`` paths."""
    lines = [["user", shown(_user(surface))], ["ports", ", ".join(surface.ports) or "none"]]
    lines.append(["packages", _packages(surface)])
    parts = [table(["WHAT", "FOUND"], lines)]
    parts += [
        _listed(group.title, [f"/{path}" for path in surface.group(group.field)], shown, limit) for group in GROUPS
    ]
    parts.append(_listed("secrets", [secret_text(secret) for secret in surface.secrets], shown, limit))
    return "\n\n".join(part for part in parts if part)


def surfaces_text(left: Surface, right: Surface, names: tuple[str, str], shown: Shown, *, limit: int | None) -> str:
    """Two images side by side in numbers, then what only one of them has."""
    rows = [[title, before, after] for title, before, after in facts(left, right)]
    parts = [table(["WHAT", *map(shown, names)], [list(map(shown, row)) for row in rows])]
    titles = [*((group.title, group.field) for group in GROUPS), ("secrets", "secrets")]
    for name, one, other in ((names[0], left, right), (names[1], right, left)):
        lines = [f"{title}: {_some(found, limit)}" for title, field in titles if (found := _only(one, other, field))]
        if lines:
            parts.append(shown(f"only in {name}") + "".join(f"\n  {shown(line)}" for line in lines))
    return "\n\n".join(parts)


def facts(before: Surface, after: Surface) -> list[tuple[str, str, str]]:
    """What is compared, before and after, in a few words; lines that say nothing on either side are left out."""
    rows = [
        ("user", _user(before), _user(after)),
        ("ports", ", ".join(before.ports) or "none", ", ".join(after.ports) or "none"),
        ("packages", _packages(before), _packages(after)),
        *((g.title, str(len(before.group(g.field))), str(len(after.group(g.field)))) for g in GROUPS),
        ("secrets", str(len(before.secrets)), str(len(after.secrets))),
    ]
    return [row for row in rows if row[1:] != ("0", "0")]


def lost(before: Surface, after: Surface) -> list[tuple[str, tuple[str, ...]]]:
    """What ``after`` no longer has, by group."""
    found = [(group.title, tuple(_only(before, after, group.field))) for group in GROUPS]
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


def _only(one: Surface, other: Surface, field: str) -> list[str]:
    if field == "secrets":
        theirs = {(secret.path, secret.what) for secret in other.secrets}
        return [secret_text(secret) for secret in one.secrets if (secret.path, secret.what) not in theirs]
    rest = set(other.group(field))
    return [f"/{path}" for path in one.group(field) if path not in rest]


def _some(lines: Sequence[str], limit: int | None) -> str:
    some = lines if limit is None else lines[:limit]
    more = f" … and {len(lines) - len(some)} more" if len(some) < len(lines) else ""
    return ", ".join(some) + more
