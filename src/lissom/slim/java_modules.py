"""Which of a JDK's modules an app needs, and why; what can be left out of them when nothing names it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lissom.slim.java_home import Module
from lissom.slim.java_names import Names

__all__ = ["FAMILIES", "Family", "choose", "left_out"]

_NEEDED = {
    "java.base": "what every program needs",
    "jdk.crypto.ec": "TLS with elliptic curves, found by the name of an algorithm",
    "jdk.unsupported": "sun.misc.Unsafe, found by reflection",
}
_GENEROUS = {
    "java.instrument": "agents, given on the command line",
    "java.logging": "what libraries log to when nothing else is there",
    "java.management": "what the JVM tells of itself, asked for by name",
    "java.naming": "JNDI and LDAP, found by the name of a factory",
    "java.xml": "parsers, found by the name of a factory",
    "jdk.charsets": "encodings, found by name",
    "jdk.localedata": "what languages other than English call days and money",
    "jdk.management": "what the JVM tells of the machine, found by service",
    "jdk.naming.dns": "names by DNS, found by the scheme of an address",
    "jdk.net": "options of sockets, found by service",
    "jdk.nio.mapmode": "kinds of memory, found by name",
    "jdk.random": "random numbers, found by the name of an algorithm",
    "jdk.zipfs": "archives as file systems, found by service",
}
_BY_HINT = {
    "SunPKCS11": ("jdk.crypto.cryptoki",),
    "Kerberos": ("java.security.jgss", "jdk.security.jgss"),
    "JMX from outside": ("jdk.management.agent",),
    "flight recorder": ("jdk.jfr",),
    "javac": ("jdk.compiler",),
}
_BY_OPTION = {
    "jdk.jdwp.agent": re.compile(r"\bjdwp\b|\bjpda\b|\bJPDA_"),
    "jdk.management.agent": re.compile(r"com\.sun\.management|management-agent"),
    "jdk.jfr": re.compile(r"FlightRecord"),
}
_ADDED = re.compile(r"--add-modules[= ]([\w.,-]+)")
_BY_NAME_ONLY = frozenset((
    "java.se", "jdk.compiler", "jdk.editpad", "jdk.hotspot.agent", "jdk.jartool", "jdk.javadoc", "jdk.jconsole",
    "jdk.jdeps", "jdk.jlink", "jdk.jpackage", "jdk.jshell", "jdk.jstatd",
))  # fmt: skip
"""What its own command, a hint or an option brings, but not a name: development tools are large, and named by many who
can do without; ``java.se`` is nothing but all the others."""


@dataclass(frozen=True)
class Family:
    """A part of a module that goes when the app cannot ask for it: packages, and class files of others, by pattern.

    ``named`` are prefixes of packages, ``hint`` is one of ``java_names.HINTS``: either of them keeps it.
    ``core`` are class files that other parts of the library refer to in passing: those stay.
    """

    name: str
    module: str
    says: str
    packages: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    hint: str = ""
    core: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


FAMILIES = (
    Family(
        "swing",
        "java.desktop",
        "windows on a screen",
        packages=("javax.swing", "sun.swing", "com.sun.java.swing", "com.sun.swing"),
        named=("javax.swing", "sun.swing", "com.sun.java.swing"),
        core=(
            "AncestorNotifier",
            "DebugGraphics",
            "JComponent",
            "JInternalFrame",
            "JLayeredPane",
            "JRootPane",
            "KeyStroke",
            "RootPaneContainer",
            "SwingAccessor",
            "SwingContainer",
            "Timer",
            "TransferHandler",
            "WindowConstants",
            "FontUIResource",
            "UIResource",
            "GTKConstants",
            "InteropProvider",
        ),
    ),
    Family(
        "sound",
        "java.desktop",
        "recording and playing of sound",
        packages=("javax.sound", "com.sun.media.sound"),
        named=("javax.sound", "com.sun.media.sound", "java.applet", "javax.swing"),
        libraries=("libjsound.so",),
    ),
    Family(
        "printing",
        "java.desktop",
        "printers",
        packages=("javax.print", "sun.print"),
        named=("javax.print", "sun.print", "java.awt.print", "javax.swing"),
        core=("PrintJob2D", "PrinterGraphicsConfig"),
    ),
    Family(
        "names of languages and countries",
        "jdk.localedata",
        "what a language calls other languages and countries; without it the names are English",
        classes=(r"sun/util/resources/(cldr/)?ext/LocaleNames_[^/]*",),
        hint="display names of locales",
    ),
)


def choose(
    modules: Mapping[str, Module],
    names: Names,
    *,
    options: str = "",
    commands: Iterable[str] = (),
    generous: bool = True,
) -> dict[str, str]:
    """Modules that an app needs, each with the reason: what names it, or why it stays without being named.

    ``options`` is text with the JVM's options, ``commands`` are programs of the JDK that the app runs. Without
    ``generous`` only what is named, or what no runtime does without, is chosen.
    """
    found = dict(_NEEDED)
    asked = (_named(modules, names), _hinted(names), _by_option(options), _by_command(modules, commands))
    for name, why in (pair for group in asked for pair in group):
        found.setdefault(name, why)
    for name, why in _GENEROUS.items() if generous else ():
        found.setdefault(name, why)
    return _closed({name: why for name, why in found.items() if name in modules}, modules)


def left_out(chosen: Iterable[str], names: Names) -> tuple[Family, ...]:
    """Families of the chosen modules that nothing names."""
    present = set(chosen)
    return tuple(
        family
        for family in FAMILIES
        if family.module in present
        and family.hint not in names.hints
        and not any(_is_in(package, family.named) for package in names.packages)
    )


def _is_in(package: str, prefixes: Iterable[str]) -> bool:
    return any(package == prefix or package.startswith(f"{prefix}.") for prefix in prefixes)


def _module_of(package: str, places: Mapping[str, str], modules: Mapping[str, Module]) -> str | None:
    """The module of the longest part of ``package`` that is one, or that is a module's own name."""
    while package:
        if package in places:
            return places[package]
        if package in modules:
            return package
        package = package.rpartition(".")[0]
    return None


def _closed(found: dict[str, str], modules: Mapping[str, Module]) -> dict[str, str]:
    waiting = list(found)
    while waiting:
        name = waiting.pop()
        for other in sorted(modules[name].requires):
            if other in modules and other not in found:
                found[other] = f"{name} requires it"
                waiting.append(other)
    return dict(sorted(found.items()))


def _named(modules: Mapping[str, Module], names: Names) -> Iterator[tuple[str, str]]:
    places = {package: name for name, module in modules.items() for package in module.packages}
    for package, path in names.packages.items():
        name = _module_of(package, places, modules)
        if name is not None and name not in _BY_NAME_ONLY:
            yield name, f"{path} names {package}"


def _hinted(names: Names) -> Iterator[tuple[str, str]]:
    for hint, path in names.hints.items():
        for name in _BY_HINT.get(hint, ()):
            yield name, f"{path} names {hint}"


def _by_option(options: str) -> Iterator[tuple[str, str]]:
    for name, pattern in _BY_OPTION.items():
        if pattern.search(options):
            yield name, "an option of the JVM"
    for words in _ADDED.findall(options):
        for word in words.split(","):
            yield word, "--add-modules"


def _by_command(modules: Mapping[str, Module], commands: Iterable[str]) -> Iterator[tuple[str, str]]:
    for command in commands:
        for module in modules.values():
            if command in module.commands:
                yield module.name, f"runs {command}"
