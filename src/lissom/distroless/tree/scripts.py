"""What is made of scripts that do not run: links of alternatives, and warnings of what is not made of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from lissom.distroless.spec.spec import Spec
from lissom.distroless.tree.accounts import account_names
from lissom.distroless.tree.alternatives import links, offered
from lissom.distroless.tree.assembled import Origin
from lissom.distroless.tree.draft import Draft
from lissom.distroless.tree.leading import leads
from lissom.distroless.tree.wanted_accounts import wanted_accounts
from lissom.events import Listener, Warned

__all__ = ["link_alternatives", "tell_of_accounts"]


def link_alternatives(draft: Draft, scripts: Mapping[str, str], listener: Listener) -> None:
    """Add the links that postinst ``scripts``, by package, install to files of ``draft``; tell of unread ones."""
    tree, found = draft.tree, []
    for name, script in scripts.items():
        alternatives, whole = offered(script)
        found += alternatives
        if not whole:
            message = f"cannot read all alternatives of `{name}`: its script computes them"
            listener(Warned(message, "state in `links` those that your program needs"))

    draft.add(links(found, partial(leads, tree)), Origin(reason="an alternative that a package offers"))


def tell_of_accounts(spec: Spec, scripts: Mapping[str, str], listener: Listener) -> None:
    """Say which users and groups nobody makes; who takes slices of a package knows it well enough."""
    known, cut = account_names(spec), {wish.name for wish in spec.packages if wish.slices}
    for name, script in scripts.items():
        missing = [f"`{one}`" for one in wanted_accounts(script) if one not in known and name not in cut]
        if missing:
            cause = f"only its script, which is not run, makes {' and '.join(missing)}"
            hint = "state in `users` and `groups` those that your program needs"
            listener(Warned(f"cannot add accounts of `{name}`: {cause}", hint))
