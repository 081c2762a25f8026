"""Licences as packages state them, in the language of SPDX (annex D of its specification, and its list)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

__all__ = ["UNKNOWN", "Licence", "all_of", "one_named", "stated"]

_LONGEST = 200
_UNFIT = re.compile(r"[^A-Za-z0-9.]+")
_ALIASES = {
    "apache": "Apache-2.0", "apache 2": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache-2": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0", "apache license 2.0": "Apache-2.0", "apache license version 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0", "the apache software license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0", "apache software license 2.0": "Apache-2.0",
    "bsd-2": "BSD-2-Clause", "bsd 2-clause": "BSD-2-Clause", "bsd-3": "BSD-3-Clause", "bsd 3-clause": "BSD-3-Clause",
    "3-clause bsd": "BSD-3-Clause", "bsd 3-clause license": "BSD-3-Clause", "new bsd": "BSD-3-Clause",
    "new bsd license": "BSD-3-Clause", "cc0": "CC0-1.0", "expat": "MIT", "mit license": "MIT",
    "the mit license": "MIT", "isc license": "ISC", "isc license (iscl)": "ISC", "mpl 2.0": "MPL-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "python software foundation license": "PSF-2.0",
    "psf": "PSF-2.0", "psf license": "PSF-2.0", "the unlicense (unlicense)": "Unlicense",
}  # fmt: skip

_PAGE = re.compile(r"https?://(?:www\.)?(\S+?)(?:\.txt|\.html|\.php|/)?")
_PAGES = {
    "apache.org/licenses/license-2.0": "Apache-2.0", "opensource.org/licenses/apache2.0": "Apache-2.0",
    "opensource.org/licenses/mit": "MIT", "opensource.org/license/mit": "MIT",
    "opensource.org/licenses/bsd-3-clause": "BSD-3-Clause", "eclipse.org/legal/epl-2.0": "EPL-2.0",
    "eclipse.org/legal/epl-v10": "EPL-1.0", "gnu.org/licenses/gpl-2.0": "GPL-2.0-only",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Licence:
    """An expression of SPDX's, empty when unknown; ``names`` are what the LicenseRefs in it were called."""

    expression: str = ""
    names: tuple[tuple[str, str], ...] = ()


UNKNOWN = Licence()


def stated(text: str) -> Licence:
    """What a field says that should hold an expression or a name. A whole licence in it, or nothing, is unknown."""
    words = " ".join(text.split())
    if match := _PAGE.fullmatch(words):
        return Licence(_PAGES.get(match[1].lower(), ""))
    if not words or len(words) > _LONGEST or words.upper() in ("UNKNOWN", "NONE", "NOASSERTION"):
        return UNKNOWN
    try:
        return Licence(_known(words))
    except InvalidLicenseExpression:
        return one_named(words)


def one_named(name: str) -> Licence:
    """One licence by SPDX's name, a usual other one, or else as a LicenseRef."""
    alias = _ALIASES.get(name.lower())
    if alias:
        return Licence(alias)
    if not re.search(r"[\s()]", name):
        try:
            return Licence(_known(name))
        except InvalidLicenseExpression:
            pass
    name = re.sub(r"^licenseref-", "", name, flags=re.IGNORECASE)
    ref = _UNFIT.sub("-", name.replace("+", "-or-later")).strip("-")
    return Licence(f"LicenseRef-{ref}", ((f"LicenseRef-{ref}", name),)) if ref else UNKNOWN


def all_of(licences: Iterable[Licence]) -> Licence:
    """All of the licences at once, each said once; unknown ones say nothing."""
    known = {licence.expression: licence for licence in licences if licence.expression}
    if len(known) == 1:
        return next(iter(known.values()))
    parts = [f"({text})" if " OR " in text else text for text in known]
    return Licence(" AND ".join(parts), tuple(dict.fromkeys(name for one in known.values() for name in one.names)))


def _known(text: str) -> str:
    if "licenseref-" in text.lower():
        raise InvalidLicenseExpression("a reference whose text is elsewhere")
    return canonicalize_license_expression(text)
