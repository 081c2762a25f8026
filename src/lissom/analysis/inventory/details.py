"""What packages say of themselves beside name and version: licence, maintainer, homepage, source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lissom.analysis.inventory.component import Maintainer
from lissom.analysis.inventory.licence import UNKNOWN, Licence

__all__ = ["NOTHING", "Details", "address", "first_line", "web_page"]

_LONGEST = 200
_LONGEST_PAGE = 2000
_PAGE = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class Details:
    """``found`` is the path of the record that says so; ``source`` and its version are empty unless they differ."""

    found: str
    licence: Licence = UNKNOWN
    maintainer: Maintainer | None = None
    homepage: str = ""
    summary: str = ""
    source: str = ""
    source_version: str = ""


NOTHING = Details("")


def address(texts: Iterable[str]) -> Maintainer | None:
    """The first of ``texts`` that names somebody: ``Name <mail>``, a name or a mail alone."""
    for text in texts:
        name, _, rest = first_line(text).partition("<")
        name, mail = name.strip(' \t"'), rest.partition(">")[0].strip()
        if _MAIL.fullmatch(name):
            name, mail = "", name
        mail = mail if _MAIL.fullmatch(mail) else ""
        if name or mail:
            return Maintainer(name or mail, mail)
    return None


def web_page(*texts: str) -> str:
    """The first of ``texts`` that is the address of a page; others would not pass as URIs."""
    lines = (text.strip() for text in texts)
    return next((line for line in lines if len(line) <= _LONGEST_PAGE and _PAGE.fullmatch(line)), "")


def first_line(text: str) -> str:
    """The first line, no longer than a line should be."""
    return (text.strip().splitlines() or [""])[0].strip()[:_LONGEST]
