"""What becomes of the tree that maintainer scripts leave: traces go, settings and what the spec says come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lissom.analysis.secrets import secrets_in_layers
from lissom.distroless.configured.accounts import configured_accounts
from lissom.distroless.configured.hygiene import is_kept, settings
from lissom.distroless.configured.origins import MADE, configured_origins
from lissom.distroless.paths import kept, merged_links
from lissom.distroless.spec.spec import Spec
from lissom.distroless.supply.supply import Supply
from lissom.distroless.tree.additions import additions
from lissom.distroless.tree.assembled import FRAME, STATED, Assembled, LeftOut, Origin
from lissom.distroless.tree.draft import Draft
from lissom.distroless.tree.truststore import TRUST_STORE, dated
from lissom.events import Listener, Warned
from lissom.rootfs.entry import Entry, Inline
from lissom.rootfs.tree import Changeset, Tree

__all__ = ["OWN_CERTIFICATE", "finished"]

OWN_CERTIFICATE = "usr/local/share/ca-certificates/spec-"
"""How the paths of the spec's own certificates begin."""
_LARGEST = 64 << 20


def finished(
    spec: Spec, supplied: Supply, tree: Tree, left_out: Iterable[LeftOut], *, timestamp: int, listener: Listener
) -> Assembled:
    """``tree`` as an image has it. Warns of secrets that scripts made, which are no secrets in an image."""
    draft = Draft()
    draft.left_out += left_out
    draft.entries = _stays(spec, tree)
    stays = draft.tree
    draft.origins = dict(configured_origins(stays, _own(supplied, draft.entries)))
    _warn(draft, stays, listener)
    _settle(draft, timestamp)
    draft.put(settings(spec, supplied, draft.entries), Origin(reason="apt and dpkg set as in docker's bases"))
    if spec.users or spec.groups:
        found = configured_accounts(spec, draft.entries, timestamp)
        draft.put(found, Origin(reason="accounts, those of the spec added"))
    draft.put(draft.placed(additions(spec)), STATED)
    return draft.finished()


def _stays(spec: Spec, tree: Tree) -> dict[str, Entry]:
    """Without what ``exclude`` names: dpkg knew of it, the scripts did not."""
    found = {path: entry for path, entry in tree.items() if path and is_kept(path)}
    if not spec.exclude:
        return found
    rules = [f"path-exclude={glob}" for glob in spec.exclude] + [f"path-include={glob}" for glob in spec.keep]
    return dict(kept(Changeset.of(found.values()), rules).entries)


def _own(supplied: Supply, entries: Mapping[str, Entry]) -> dict[str, Origin]:
    """The origins of what neither a package brings nor a script made."""
    frame = {link.path: FRAME for link in merged_links(supplied.architecture)}
    return {path: frame.get(path, STATED) for path in entries if path in frame or path.startswith(OWN_CERTIFICATE)}


def _warn(draft: Draft, tree: Tree, listener: Listener) -> None:
    made = [entry for path, entry in draft.entries.items() if draft.origins.get(path) == MADE]
    found = secrets_in_layers([Changeset.of(made)], tree)
    if not found:
        return
    first, *others = (f"`/{secret.path}`" for secret in found)
    more = f" and {len(others)} more" if others else ""
    listener(
        Warned(
            f"a maintainer script made {first}{more}: every container will have the same {found[0].what}",
            hint="leave it out with `exclude`, and let containers make their own",
        )
    )


def _settle(draft: Draft, timestamp: int) -> None:
    """Java's trust store says when each certificate came into it."""
    entry = draft.entries.get(TRUST_STORE)
    if entry is not None and entry.content is not None and entry.size <= _LARGEST:
        with entry.content.open() as stream:
            data = dated(stream.read(), timestamp)
        draft.entries[TRUST_STORE] = replace(entry, size=len(data), content=Inline(data))
