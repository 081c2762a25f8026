"""What stays by reason and what went by package, as sections of the page of a slim."""

from __future__ import annotations

from collections.abc import Sequence

from lissom.report.harmless import harmless
from lissom.report.page import group_of
from lissom.report.terminal import size
from lissom.slim.account import Account, Gone

__all__ = ["stays", "went"]

_PACKAGES = 25


def stays(account: Account) -> str:
    """A line for each reason; it opens to its paths."""
    largest = max((group.size for group in account.groups), default=0)
    groups = [
        group_of(("r", number), group.reason, group.says, (group.files, group.size), largest)
        for number, group in enumerate(account.groups)
        if group.files
    ]
    return f"""<section id="stays">
<h2>Why it stays</h2>
<p class="lead">What was seen used, what that needs, and what belongs to it though the probes did not come by.</p>
<div class="card">{"".join(groups)}</div>
</section>"""


def went(account: Account, packages: Sequence[str]) -> str:
    """A line for each package that lost files; ``packages`` are those of the data, by number."""
    numbers = {name: number for number, name in enumerate(packages)}
    groups = [group for group in account.gone if group.files]
    largest = max((group.size for group in groups), default=0)
    rows = [
        group_of(
            ("g", numbers[name]),
            group.package or "no package",
            _rest(group),
            (group.files, group.size),
            largest,
        )
        for group in groups
        if (name := harmless(group.package)) in numbers
    ]
    more = "".join(rows[_PACKAGES:])
    rest = (
        f'<details class="group"><summary class="more">{len(rows) - _PACKAGES} more packages</summary>{more}</details>'
    )
    shown = "".join(rows[:_PACKAGES]) + (rest if more else "")
    return f"""<section id="went">
<h2>What went</h2>
<p class="lead">By the package that it came with.</p>
<div class="card">{shown or '<p class="more">Nothing went: the image was minimal already.</p>'}</div>
</section>"""


def _rest(gone: Gone) -> str:
    if not gone.files_kept:
        return "went as a whole"
    return f"{gone.files_kept:,} file{'' if gone.files_kept == 1 else 's'} of it, {size(gone.size_kept)}, stay"
