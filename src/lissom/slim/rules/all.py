"""All rules, in the order in which their reasons count."""

from __future__ import annotations

from lissom.slim.rule import Rule
from lissom.slim.rules import (
    alias,
    certificates,
    config,
    data,
    distribution,
    dlopen,
    fonts,
    gconv,
    java,
    kin,
    level_package,
    library_data,
    linker,
    listing,
    locale,
    mentions,
    node,
    nss,
    package_data,
    perl,
    php,
    plugins,
    python,
    ruby,
    shebang,
    shell,
    subprocesses,
    system,
    terminal,
    zoneinfo,
)

__all__ = ["RULES"]

_FILES = (config, kin, linker, shebang, shell, subprocesses, dlopen)
_LANGUAGES = (python, node, java, ruby, php, perl, mentions)
_FAMILIES = (listing, data, plugins, package_data, library_data, distribution, level_package)
_SYSTEM = (nss, gconv, locale, certificates, zoneinfo, fonts, terminal, system, alias)

RULES: tuple[Rule, ...] = tuple(
    rule for module in (*_FILES, *_LANGUAGES, *_FAMILIES, *_SYSTEM) for rule in module.RULES
)
