"""Commands that pack, unpack and install from archives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lissom.dockerfile.shell.script import Word
from lissom.lint.effects.act import Act, Deed
from lissom.lint.effects.call import Call, Unclear

__all__ = ["COMMANDS", "is_archive"]

_SUFFIXES = (
    *(".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".tar.lz4"),
    *(".zip", ".7z", ".rar", ".gz", ".bz2", ".xz", ".zst", ".deb", ".rpm", ".apk", ".whl", ".run", ".bin", ".jar.pack"),
)
_ENDS = {"gzip": ".gz", "bzip2": ".bz2", "xz": ".xz", "zstd": ".zst"}
_TAR_LONG = (
    *("--file", "--directory", "--strip-components", "--exclude", "--owner", "--group", "--mode", "--transform"),
    *("--wildcards-match", "--files-from", "--use-compress-program", "--xform", "--one-top-level"),
)


def is_archive(path: str) -> bool:
    """Whether the name is one that archives and packages have."""
    return path.lower().endswith(_SUFFIXES)


def _tar(call: Call) -> list[Act]:
    words = list(call.words[1:])
    first = call.text(words[0]) if words else None
    bundled = ""
    if first and not first.startswith("-") and words:
        bundled = first
        words = words[1:]
    given = Call(call.command, [call.words[0], *words], call.cwd, call.variables).arguments(
        short="fCXTIbHKN", long=_TAR_LONG
    )
    letters = bundled + "".join(option.name[1:] for option in given.options if len(option.name) == 2)
    operands = list(given.operands)
    archive = given.last("-f", "--file")
    name, word = (archive.value, archive.word) if archive else (None, None)
    if "f" in bundled and operands:
        word = operands.pop(0)
        name = call.text(word)
    directory = given.last("-C", "--directory")
    target = call.place(directory.value) if directory else call.cwd
    source = "-" if name in (None, "-") and (call.piped or not word) else call.place(name)
    if "x" in letters or given.has("--extract", "--get"):
        return [call.act(Deed.UNPACK, target, word, source=source, deep=True, detail="tar")]
    if "t" in letters or given.has("--list"):
        return [] if source == "-" else [call.act(Deed.READ, source, word)]
    if "c" in letters or given.has("--create"):
        return [] if source == "-" else [call.act(Deed.WRITE, source, word), *_packed(call, source, operands, target)]
    raise Unclear


def _packed(call: Call, archive: str, words: list[Word], directory: str) -> list[Act]:
    """What goes into an archive is copied there."""
    return [call.act(Deed.COPY, archive, word, source=call.path(word, directory), deep=True) for word in words]


def _unzip(call: Call) -> list[Act]:
    given = call.arguments(short="dxP")
    if not given.operands:
        raise Unclear
    archive = given.operands[0]
    if given.has("-l", "-t", "-p", "-Z", "-v"):
        return [call.act(Deed.READ, call.path(archive), archive)]
    directory = given.last("-d")
    target = call.place(directory.value) if directory else call.cwd
    return [call.act(Deed.UNPACK, target, archive, source=call.path(archive), deep=True, detail="unzip")]


def _seven(call: Call) -> list[Act]:
    given = call.arguments()
    if len(given.operands) < 2 or call.text(given.operands[0]) not in ("x", "e"):
        raise Unclear
    archive = given.operands[1]
    out = next((option for option in call.words if (call.text(option) or "").startswith("-o")), None)
    target = call.place((call.text(out) or "")[2:] or ".") if out else call.cwd
    return [call.act(Deed.UNPACK, target, archive, source=call.path(archive), deep=True, detail="7z")]


def _gunzip(call: Call) -> list[Act]:
    given = call.arguments(short="S", long=("--suffix",))
    packing = call.words[0].text.rpartition("/")[2] in ("gzip", "bzip2", "xz", "zstd")
    if given.has("-c", "--stdout", "--to-stdout", "-t"):
        return call.acts(Deed.READ, given.operands)
    packing = packing and not given.has("-d", "--decompress", "--uncompress")
    found: list[Act] = []
    for word in given.operands:
        path = call.path(word)
        if packing:
            found.append(call.act(Deed.WRITE, path + _ENDS.get(call.words[0].text.rpartition("/")[2], ""), word))
        else:
            found.append(call.act(Deed.UNPACK, path.rpartition(".")[0] or path, word, source=path))
        if not given.has("-k", "--keep"):
            found.append(call.act(Deed.REMOVE, path, word))
    return found


def _from_packages(*verbs: str) -> Callable[[Call], list[Act]]:
    """dpkg -i, rpm -U: what lies in the files goes to the root."""

    def install(call: Call) -> list[Act]:
        given = call.arguments()
        if verbs and not given.has(*verbs):
            return []
        return [_installed(call, word) for word in given.operands]

    return install


def _installed(call: Call, word: Word) -> Act:
    return call.act(Deed.UNPACK, "/", word, source=call.path(word), detail="package")


_dpkg = _from_packages("-i", "--install", "--unpack")
_rpm = _from_packages("-i", "-U", "-F", "--install", "--upgrade", "-ivh", "-Uvh")

COMMANDS: Mapping[str, Callable[[Call], list[Act]]] = {
    **dict.fromkeys(("tar", "bsdtar", "gtar"), _tar),
    "unzip": _unzip,
    "7z": _seven,
    "7za": _seven,
    **dict.fromkeys(("gunzip", "gzip", "bunzip2", "bzip2", "unxz", "xz", "unzstd", "zstd"), _gunzip),
    "dpkg": _dpkg,
    "rpm": _rpm,
}
