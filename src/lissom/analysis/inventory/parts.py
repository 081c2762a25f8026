"""Each kind of thing in an image as a component: its package URL, and what its record says."""

from __future__ import annotations

import hashlib
import re

from lissom.analysis.inventory.component import Component, Maintainer, Making
from lissom.analysis.inventory.details import Details, first_line, web_page
from lissom.analysis.inventory.go_modules import Module
from lissom.analysis.inventory.jars import Jar
from lissom.analysis.inventory.licence import stated
from lissom.analysis.inventory.purl import purl
from lissom.analysis.inventory.runtimes import Runtime
from lissom.analysis.inventory.system import System
from lissom.analysis.package import Package, normal_name

__all__ = ["go_part", "jar_part", "package_part", "runtime_part", "system_part"]

_UNFIT = re.compile(r"[^A-Za-z0-9.]+")
_NAMESPACES = {"deb": "debian", "apk": "alpine"}


def package_part(package: Package, said: Details, system: System, making: Making) -> Component:
    """An installed package. Those of the operating system are named within ``system``."""
    url = _package_url(package, said, system)
    return Component(
        _ref(package.kind, package.name, package.version, url, package.root or said.found),
        package.kind,
        package.name,
        package.version,
        url,
        architecture=package.architecture,
        licence=said.licence,
        maintainer=said.maintainer,
        homepage=said.homepage,
        summary=said.summary,
        source=f"{said.source} {said.source_version}".strip(),
        making=making,
        found=f"/{said.found}" if said.found else "",
    )


def jar_part(jar: Jar) -> Component:
    """A project in a Java archive; one without a group stands for its own, as in Maven's early days."""
    url = purl("maven", (jar.group or jar.name).replace("/", "."), jar.name, jar.version)
    return Component(
        _ref("java", jar.name, jar.version, url, jar.path),
        "java",
        jar.name,
        jar.version,
        url,
        group=jar.group,
        licence=stated(jar.licence),
        maintainer=Maintainer(first_line(jar.vendor)) if jar.vendor.strip() else None,
        found=f"/{jar.path}",
    )


def go_part(module: Module) -> Component:
    """A module that a Go program is linked of."""
    above, _, name = module.name.lower().rpartition("/")
    url = purl("golang", above, name, module.version)
    ref = _ref("go", module.name, module.version, url, module.path)
    return Component(ref, "go", module.name, module.version, url, found=f"/{module.path}")


def runtime_part(runtime: Runtime) -> Component:
    """A runtime that came without a package."""
    name, version = runtime.name, runtime.version
    url = purl("generic", "", name, version)
    ref = _ref("runtime", name, version, url, runtime.path)
    return Component(ref, "runtime", name, version, url, cpe=runtime.cpe, found=f"/{runtime.path}")


def system_part(system: System) -> Component:
    """The operating system: what scanners look for before they look at its packages."""
    return Component(
        _ref("os", system.id, system.version, "", ""),
        "os",
        system.id,
        system.version,
        homepage=web_page(system.homepage),
        summary=first_line(system.title),
        found=f"/{system.path}",
    )


def _package_url(package: Package, said: Details, system: System) -> str:
    name, version = package.name, package.version
    if package.kind in _NAMESPACES:
        upstream = said.source
        if said.source_version and said.source_version != version:
            upstream = f"{said.source}@{said.source_version}"
        vendor = system.id or _NAMESPACES[package.kind]
        more = {"arch": package.architecture, "distro": system.distro, "upstream": upstream}
        return purl(package.kind, vendor, name.lower(), version, more)
    if package.kind == "python":
        return purl("pypi", "", normal_name("python", name), version)
    if package.kind == "npm":
        scope, _, rest = name.rpartition("/")
        return purl("npm", scope.lower(), rest.lower(), version)
    return purl("gem", "", name, version)


def _ref(kind: str, name: str, version: str, url: str, place: str) -> str:
    """A name within the inventory: of components that are alike, each place has its own."""
    identity = f"{kind}\0{name}\0{version}\0{url}\0{place}".encode("utf-8", "surrogatepass")
    stem = _UNFIT.sub("-", f"{kind}-{name}"[:60]).strip("-")
    return f"{stem}-{hashlib.sha256(identity).hexdigest()[:12]}"
