"""What Python distributions, npm packages and gems say of themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from email.parser import HeaderParser
from typing import Any

from lissom.analysis.inventory.details import NOTHING, Details, address, first_line, web_page
from lissom.analysis.inventory.licence import UNKNOWN, Licence, all_of, one_named, stated
from lissom.analysis.package import Package
from lissom.analysis.root import Root

__all__ = ["language_details", "licence_of_npm", "people_of_npm"]

_LARGEST = 4 << 20
_CLASSIFIER = re.compile(r"License :: (?:OSI Approved :: )?(.+)")
_TOO_GENERAL = frozenset(
    ("OSI Approved", "BSD License", "GNU General Public License (GPL)", "Other/Proprietary License")
)
_QUOTED = re.compile(r"""%q<([^>\n]*)>|"([^"\n]*)"|'([^'\n]*)'""")
_GEM = re.compile(
    r"^[ \t]*\w+\.(licenses?|authors?|email|homepage|summary)[ \t]*=[ \t]*(\[[^\]]{0,4000}\]|[^\n]*)", re.MULTILINE
)


def language_details(root: Root, package: Package) -> Details:
    """Read the record of ``package``; a record that cannot be read says nothing."""
    readers = {"python": _python, "npm": _npm, "gem": _gem}
    ends = {"python": ("/METADATA", "/PKG-INFO", ".egg-info"), "npm": ("/package.json",), "gem": (".gemspec",)}
    path = next((one for end in ends[package.kind] for one in sorted(package.records) if one.endswith(end)), "")
    return readers[package.kind](path, root.text(path, _LARGEST)) if path else NOTHING


def _python(path: str, text: str) -> Details:
    """Core metadata; an expression beats classifiers, these the free text that was there before them."""
    said = HeaderParser().parsestr(text)

    def each(name: str) -> list[str]:
        return [str(value) for value in said.get_all(name, ())]

    links = dict(reversed([_pair(link) for link in each("Project-URL")]))
    return Details(
        path,
        licence=_python_licence(each("License-Expression"), each("Classifier"), each("License")),
        maintainer=address([*each("Maintainer-email"), *each("Maintainer"), *each("Author-email"), *each("Author")]),
        homepage=web_page(*each("Home-page"), *(links.get(name, "") for name in ("homepage", "source", "repository"))),
        summary=first_line("".join(each("Summary")[:1])),
    )


def _python_licence(expressions: list[str], classifiers: list[str], texts: list[str]) -> Licence:
    if expressions:
        return stated(expressions[0])
    text = stated(texts[0]) if texts else UNKNOWN
    if text.expression and not text.names:
        return text
    classes = (match[1] for one in classifiers if (match := _CLASSIFIER.fullmatch(one.strip())))
    return all_of(one_named(name) for name in classes if name not in _TOO_GENERAL) if classifiers else text


def _pair(link: str) -> tuple[str, str]:
    """A label, in small letters and without a word's ending, and the address behind it."""
    label, _, target = link.partition(",")
    return label.strip().lower().replace("home page", "homepage").removesuffix(" code"), target.strip()


def _npm(path: str, text: str) -> Details:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return NOTHING
    if not isinstance(said, Mapping):
        return NOTHING
    return Details(
        path,
        licence=licence_of_npm(said),
        maintainer=address(people_of_npm([said.get("author"), *_list(said.get("maintainers"))])),
        homepage=web_page(_text(said.get("homepage"))),
        summary=first_line(_text(said.get("description"))),
    )


def licence_of_npm(said: Mapping[str, Any]) -> Licence:
    """The licence of a package.json, in the forms of long ago too: an object, or a list of which one may choose."""
    given = [said["license"]] if said.get("license") else _list(said.get("licenses"))
    names = [_text(one.get("type")) if isinstance(one, Mapping) else _text(one) for one in given]
    return stated(" OR ".join(filter(None, names)))


def people_of_npm(given: Iterable[Any]) -> Iterator[str]:
    """People as ``Name <mail>``, from texts or objects."""
    for one in given:
        if isinstance(one, Mapping):
            mail = _text(one.get("email"))
            yield _text(one.get("name")) + (f" <{mail}>" if mail else "")
        else:
            yield _text(one)


def _gem(path: str, text: str) -> Details:
    said: dict[str, list[str]] = {}
    for name, value in _GEM.findall(text):
        said.setdefault(name.removesuffix("s"), ["".join(found) for found in _QUOTED.findall(value)])
    mails = said.get("email", [])
    people = [f"{name} <{mails[0]}>" if mails else name for name in said.get("author", [])]
    return Details(
        path,
        licence=all_of(map(stated, said.get("license", []))),
        maintainer=address(people),
        homepage=web_page(*said.get("homepage", [])),
        summary=first_line("".join(said.get("summary", [])[:1])),
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
