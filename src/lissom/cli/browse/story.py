"""What became of a file, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.text import Text

from lissom.analysis.ledger.share import Ledger, Share
from lissom.cli.browse.node import Node
from lissom.report.harmless import harmless
from lissom.report.instruction_text import instruction_text
from lissom.report.ledger_sums import place_of
from lissom.report.terminal import size
from lissom.report.waste_action import title_of

__all__ = ["layer_story", "story"]


def story(ledger: Ledger, node: Node) -> Text:
    """Which line added a file and which hid it; of a directory what it sums to."""
    text = Text(f"/{harmless(node.path)}", style="bold", overflow="fold")
    share = node.leaf.told if node.leaf is not None else None
    if not isinstance(share, Share):
        gone = f", {size(node.gone)} removed" if node.gone else ""
        text.append(f"\n{node.counted('file')}, {size(node.size)}{gone}", style="not bold")
        return text
    for line in _lines(ledger, share):
        text.append(f"\n{harmless(line)}", style="not bold")
    return text


def layer_story(ledger: Ledger, layer: int) -> Text:
    """What a layer is and was made by, what is waste in it, and what the image sums to."""
    found = ledger.layers[layer]
    text = Text(_step(ledger, layer), style="bold", overflow="fold")
    wastes = Counter[str]()
    for waste in ledger.wastes:
        if waste.layer == layer:
            wastes[title_of(waste.kind)] += waste.size
    dive = f"dive: {ledger.dive_efficiency:.1%}, {size(ledger.dive_wasted)} wasted"
    whole = f"{size(ledger.size)}, {size(ledger.live)} alive, {size(sum(ledger.wasted().values()))} waste"
    lines = [
        f"{found.digest}, {size(found.compressed)} compressed",
        *([", ".join(f"{name} {size(count)}" for name, count in wastes.most_common(6))] if wastes else []),
        f"image: {whole}, {ledger.efficiency:.1%} efficient ({dive})",
    ]
    for line in lines:
        text.append(f"\n{harmless(line)}", style="not bold")
    return text


def _lines(ledger: Ledger, share: Share) -> Iterator[str]:
    yield f"{size(share.size)} added by {_step(ledger, share.layer)}"
    if share.hidden_by is not None:
        how = f": {share.how.value}" if share.how else ""
        at = f" (/{share.hidden_at})" if share.hidden_at not in ("", share.path) else ""
        yield f"hidden by {_step(ledger, share.hidden_by)}{how}{at}"
    if share.waste is not None:
        detail = f", {share.detail}" if share.detail else ""
        part = f", {size(share.wasted)} of it" if share.wasted != share.size else ""
        yield f"waste: {title_of(share.waste)}{detail}{part}"
    named = {"same content as /": share.same_as, "another name of /": share.link, "of ": share.package}
    named |= {"looks like a secret: ": share.secret}
    yield from (f"{words}{text}" for words, text in named.items() if text)


def _step(ledger: Ledger, layer: int) -> str:
    step = ledger.step_of(layer)
    return f"{place_of(ledger, layer)}: {instruction_text(step.created_by if step else '')}"
