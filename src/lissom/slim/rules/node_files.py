"""What of an npm package stays: what may be loaded; not what tests it, documents it, or is for another platform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lissom.slim.scene import Level

if TYPE_CHECKING:
    from lissom.analysis.package import Package
    from lissom.slim.scene import Scene

__all__ = ["fits", "manifest", "package_files"]

_LARGEST = 4 << 20
_DOCUMENTS = re.compile(
    r"(?:^|/)(?!licen[cs]e|notice|copying)[^/]*\.(?:md|markdown|mkd)$|\.(?:map|flow|tsbuildinfo|d\.[cm]?ts)$"
    r"|\.(?:o|a|c|cc|cpp|cxx|h|hh|hpp|gyp|gypi|mk|vcxproj|sln|exe|dll|dylib|lib|pdb|coffee|cmd|ps1|bat)$"
    r"|(?:^|/)(?:\.github|\.circleci|\.vscode|\.idea|\.nyc_output|obj\.target|__tests__|__mocks__)/"
    r"|^\.(?!yarn|next|env)[^/]*$|(?:^|/)\.(?:eslint|prettier|editorconfig|travis|npmignore|gitattributes|nycrc)[^/]*$",
    re.IGNORECASE,
)
_TESTS = re.compile(r"^(tests?|__tests__|specs?|examples?|docs?|benchmarks?|bench|man|coverage|website|fixtures)/")
_TYPESCRIPT = re.compile(r"\.([cm]?)tsx?$")
_PREBUILD = re.compile(r"(?:^|/)prebuilds/(\w+)-([\w+]+)/")
_UNUSED = {
    "node-gyp": re.compile("gyp/"),
    "npm": re.compile(r"bin/(?:\w+$|node-gyp-bin/)"),
    "yarn": re.compile(r"bin/\w+$"),
}
"""What of installers is in another language: for compiling, and for who starts them by a shell."""

_CPUS = {62: "x64", 183: "arm64", 40: "arm", 3: "ia32", 21: "ppc64", 22: "s390x", 243: "riscv64", 8: "mips"}


def manifest(scene: Scene, directory: str) -> Mapping[str, Any]:
    """The package.json of a directory; empty when there is none that makes sense. Read once."""
    known: dict[str, Mapping[str, Any]] = scene.memo.setdefault("node.manifests", {})
    if directory not in known:
        try:
            said = json.loads(scene.read(f"{directory}/package.json".lstrip("/"), _LARGEST))
        except (ValueError, RecursionError):
            said = None
        known[directory] = said if isinstance(said, Mapping) else {}
    return known[directory]


def package_files(scene: Scene, package: Package) -> Iterator[str]:
    """The files of a package in use that stay."""
    yield from sorted(package.records)
    relative = {path[len(package.root) + 1 :]: path for path in sorted(package.files)}
    if scene.level is Level.PACKAGE:
        yield from relative.values()
        return
    loaded = _test_directories_in_use(scene, package, relative)
    unused = _UNUSED.get(package.name)
    for name, path in relative.items():
        match = _TESTS.match(name)
        idle = match is not None and match[1] not in loaded
        told = _DOCUMENTS.search(name) or _is_typescript(name, relative) or (unused and unused.match(name))
        if not idle and not told and _is_for_us(scene, name):
            yield path


def _is_typescript(name: str, names: Mapping[str, str]) -> bool:
    """Whether a TypeScript source is there in a form that Node reads too."""
    match = _TYPESCRIPT.search(name)
    if match is None:
        return False
    stem = name[: match.start()]
    return name.startswith("src/") or any(f"{stem}.{kind}" in names for kind in ("js", "mjs", "cjs"))


def _test_directories_in_use(scene: Scene, package: Package, names: Mapping[str, str]) -> set[str]:
    """Of directories with the name of tests and the like, those that the package itself loads something of."""
    here = {match[1] for name in names if (match := _TESTS.match(name))}
    if not here:
        return here
    words = "|".join(sorted(map(re.escape, here)))
    pattern = re.compile(rf"['\"](?:\.\.?/)+(?:[\w-]+/)*({words})(?:/[^'\"\n]*)?['\"]")
    said = json.dumps(manifest(scene, package.root).get("exports") or "") + json.dumps(
        [manifest(scene, package.root).get(key) or "" for key in ("main", "module", "browser", "bin")]
    )
    used = {name for name in here if re.search(rf"[\"/]{re.escape(name)}/", said)}
    for name, path in names.items():
        if name.endswith((".js", ".cjs", ".mjs")) and not _TESTS.match(name) and scene.tree[path].size < _LARGEST:
            used.update(pattern.findall(scene.text(path)))
    return used


def _is_for_us(scene: Scene, name: str) -> bool:
    match = _PREBUILD.search(name)
    return match is None or (match[1] == "linux" and _cpu(scene) in ("", *match[2].split("+")))


def fits(scene: Scene, package: Package) -> bool:
    """Whether a package is for this operating system, processor and C library, as its package.json says."""
    said = manifest(scene, package.root)
    cpu, libc = _cpu(scene), _libc(scene)
    return (
        _allows(said.get("os"), "linux")
        and (not cpu or _allows(said.get("cpu"), cpu))
        and _allows(said.get("libc"), libc)
    )


def _allows(listed: Any, value: str) -> bool:
    words = [listed] if isinstance(listed, str) else listed
    if not isinstance(words, list) or not words:
        return True
    if f"!{value}" in words:
        return False
    return value in words or all(str(word).startswith("!") for word in words)


def _cpu(scene: Scene) -> str:
    """The image's processor as Node calls it; empty when nothing tells."""
    if "node.cpu" not in scene.memo:
        programs = [scene.program(name) for name in ("node", "nodejs", "sh", "bash", "busybox")]
        elves = [scene.elf(path) for path in programs if path]
        scene.memo["node.cpu"] = next((_CPUS.get(elf.machine, "") for elf in elves if elf is not None), "")
    return str(scene.memo["node.cpu"])


def _libc(scene: Scene) -> str:
    musl = any(path.rpartition("/")[2].startswith("ld-musl-") for path in scene.children("lib"))
    return "musl" if musl else "glibc"
