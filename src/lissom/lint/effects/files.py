"""Commands that make, move, remove and change single files and directories."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lissom.dockerfile.shell.script import Word
from lissom.lint.effects.act import Act, Deed
from lissom.lint.effects.arguments import Arguments
from lissom.lint.effects.call import Call, Unclear

__all__ = ["COMMANDS"]


def _rm(call: Call) -> list[Act]:
    given = call.arguments()
    return call.acts(Deed.REMOVE, given.operands, deep=given.has("-r", "-R", "--recursive"))


def _rmdir(call: Call) -> list[Act]:
    return call.acts(Deed.REMOVE, call.arguments().operands)


def _mkdir(call: Call) -> list[Act]:
    return call.acts(Deed.MKDIR, call.arguments(short="m", long=("--mode",)).operands)


def _touch(call: Call) -> list[Act]:
    return call.acts(Deed.TIMES, call.arguments(short="drt", long=("--date", "--reference", "--time")).operands)


def _transfer(call: Call, deed: Deed, given: Arguments, *, deep: bool) -> list[Act]:
    """Sources to a target, which is a directory if it ends in a slash, is named by ``-t``, or takes several."""
    option = given.last("-t", "--target-directory")
    words = list(given.operands)
    if option:
        target, into = call.place(option.value), True
    else:
        if len(words) < 2:
            raise Unclear
        last = words.pop()
        text = call.text(last) or ""
        target, into = call.path(last), text.endswith(("/", "/.")) or text in (".", "..") or len(words) > 1
        into = (into or words[0].glob) and not given.has("-T")
    found: list[Act] = []
    for word in words:
        source = call.path(word)
        contents = (call.text(word) or "").endswith("/.")
        path = target if contents or not into else call.place(source.rpartition("/")[2] or "/", target)
        found.append(call.act(deed, path, word, source=source, deep=deep))
    return found


def _cp(call: Call) -> list[Act]:
    given = call.arguments(short="tS", long=("--target-directory", "--suffix"))
    if given.has("-l", "--link", "-s", "--symbolic-link"):
        return _transfer(call, Deed.LINK, given, deep=False)
    deep = given.has("-r", "-R", "-a", "--recursive", "--archive")
    return _transfer(call, Deed.COPY, given, deep=deep)


def _mv(call: Call) -> list[Act]:
    given = call.arguments(short="tS", long=("--target-directory", "--suffix"))
    return _transfer(call, Deed.MOVE, given, deep=True)


def _install(call: Call) -> list[Act]:
    long = ("--mode", "--owner", "--group", "--target-directory", "--suffix")
    given = call.arguments(short="mogtS", long=long)
    if given.has("-d", "--directory"):
        return call.acts(Deed.MKDIR, given.operands)
    return _transfer(call, Deed.COPY, given, deep=False)


def _ln(call: Call) -> list[Act]:
    given = call.arguments(short="tS", long=("--target-directory", "--suffix"))
    words = given.operands
    if not words or given.has("-t", "--target-directory"):
        raise Unclear
    source = call.text(words[0]) or ""
    last = words[-1] if len(words) > 1 else None
    path = call.path(last) if last else call.place(source.rpartition("/")[2])
    kind = "symbolic" if given.has("-s", "--symbolic") else "hard"
    return [call.act(Deed.LINK, path, last, source=source, detail=kind)]


def _changing(deed: Deed) -> Callable[[Call], list[Act]]:
    def change(call: Call) -> list[Act]:
        given = call.arguments(long=("--reference", "--from"))
        deep = given.has("-R", "--recursive")
        words = given.operands
        if given.has("--reference"):
            return call.acts(deed, words, deep=deep)
        # A mode such as -x looks like an option: then all operands are paths.
        minus = [option for option in given.options if deed is Deed.MODE and option.name[1:2] in tuple("rwxst")]
        if minus:
            return call.acts(deed, words, deep=deep, detail="-" + "".join(option.name[1:] for option in minus))
        if len(words) < 2:
            raise Unclear
        return call.acts(deed, words[1:], deep=deep, detail=call.text(words[0]) or "")

    return change


def _setfacl(call: Call) -> list[Act]:
    given = call.arguments(short="mxMX", long=("--modify", "--remove", "--modify-file", "--remove-file"))
    return call.acts(Deed.MODE, given.operands, deep=given.has("-R", "--recursive"), detail="acl")


def _setcap(call: Call) -> list[Act]:
    words = call.arguments().operands
    return call.acts(Deed.EDIT, words[1::2])


def _sed(call: Call) -> list[Act]:
    given = call.arguments(short="efl", long=("--expression", "--file", "--line-length"))
    named = given.has("-e", "-f", "--expression", "--file")
    words = given.operands if named else given.operands[1:]
    in_place = any(option.name in ("-i", "--in-place") for option in given.options)
    return call.acts(Deed.EDIT if in_place else Deed.READ, words)


def _editing(call: Call) -> list[Act]:
    """strip, dos2unix, patchelf and their like: every operand is stored again."""
    long = ("--set-rpath", "--set-interpreter", "--add-needed", "--remove-section", "--strip-program")
    return call.acts(Deed.EDIT, call.arguments(short="RKN", long=long).operands)


def _tee(call: Call) -> list[Act]:
    given = call.arguments()
    return call.acts(Deed.EDIT if given.has("-a", "--append") else Deed.WRITE, given.operands)


def _truncate(call: Call) -> list[Act]:
    return call.acts(Deed.WRITE, call.arguments(short="sorl", long=("--size", "--reference", "--length")).operands)


def _dd(call: Call) -> list[Act]:
    targets = [(word, text) for word in call.words[1:] if (text := call.text(word) or "").startswith("of=")]
    return [call.act(Deed.WRITE, call.place(text[3:]), word) for word, text in targets]


def _find(call: Call) -> list[Act]:
    """What find removes lies somewhere below the places that it starts from."""
    words = list(call.words[1:])
    texts = [call.text(word) or "" for word in words]
    starts: list[Word] = []
    for word, text in zip(words, texts, strict=True):
        if text.startswith(("-", "(", "!")) or text == "":
            break
        starts.append(word)
    runs = [texts[at + 1] for at, text in enumerate(texts[:-1]) if text in ("-exec", "-execdir", "-ok")]
    if "-delete" in texts or "rm" in runs:
        return call.acts(Deed.REMOVE, starts, detail="find")
    if runs and not set(runs) <= {"echo", "grep", "ls", "test", "cat", "file"}:
        deed = {"chmod": Deed.MODE, "chown": Deed.OWNER, "strip": Deed.EDIT, "sed": Deed.EDIT, "touch": Deed.TIMES}
        if len(runs) == 1 and runs[0] in deed:
            return call.acts(deed[runs[0]], starts, deep=True, detail="find")
        raise Unclear
    return call.acts(Deed.READ, starts, deep=True)


def _reading(call: Call) -> list[Act]:
    """Operands that may be files are read; those whose text is not known are left out."""
    return [
        call.act(Deed.READ, call.place(text), word)
        for word in call.arguments().operands
        if (text := call.text(word)) and not text.startswith("+")
    ]


COMMANDS: Mapping[str, Callable[[Call], list[Act]]] = {
    "rm": _rm,
    "unlink": _rm,
    "rmdir": _rmdir,
    "mkdir": _mkdir,
    "touch": _touch,
    "cp": _cp,
    "mv": _mv,
    "install": _install,
    "ln": _ln,
    "chmod": _changing(Deed.MODE),
    "chown": _changing(Deed.OWNER),
    "chgrp": _changing(Deed.OWNER),
    "setfacl": _setfacl,
    "setcap": _setcap,
    "sed": _sed,
    "strip": _editing,
    "dos2unix": _editing,
    "patchelf": _editing,
    "upx": _editing,
    "tee": _tee,
    "truncate": _truncate,
    "fallocate": _truncate,
    "dd": _dd,
    "find": _find,
    **dict.fromkeys(("cat", "ls", "grep", "head", "tail", "wc", "sha256sum", "sha512sum", "md5sum", "stat"), _reading),
}
