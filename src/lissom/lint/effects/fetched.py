"""Commands that bring files from elsewhere: curl, wget, git."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lissom.lint.effects.act import Act, Deed
from lissom.lint.effects.arguments import Arguments
from lissom.lint.effects.call import Call, Unclear

__all__ = ["COMMANDS"]

_CURL_SHORT = "AbcCdDeEFhHKmoPQrtTuUwxXyYz"
_CURL_VALUED = (
    "output output-dir user user-agent header data data-raw data-binary data-urlencode form request proxy "
    "max-time connect-timeout retry retry-delay retry-max-time cacert capath cert key cookie cookie-jar "
    "referer range max-redirs resolve url write-out limit-rate proto proto-redir interface ciphers tls- "
    "max speed-limit speed-time continue-at upload-file netrc-file noproxy config oauth2-bearer aws-sigv4"
)
_CURL_LONG = frozenset("--" + name for name in _CURL_VALUED.split())
_WGET_SHORT = "oaeitTOwQPUlARDIXBY"
_WGET_VALUED = (
    "output-document output-file directory-prefix tries timeout header user password user-agent input- "
    "file execute post-data method body-data ca-certificate certificate private-key referer wait quota "
    "level limit-rate dns-timeout connect-timeout read-timeout waitretry"
)
_WGET_LONG = frozenset("--" + name for name in _WGET_VALUED.split())
_GIT_SHORT = "bcCjou"
_GIT_LONG = frozenset(
    ("--branch", "--depth", "--config", "--origin", "--jobs", "--reference", "--filter", "--template")
)
_GIT_QUIET = frozenset(("config", "submodule", "fetch", "checkout", "reset", "pull", "lfs", "init", "remote", "add"))


def _basename(url: str) -> str:
    return url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]


def _addresses(call: Call, given: Arguments) -> list[tuple[str, int]]:
    """The addresses among the operands, with their places."""
    texts = [call.text(word) for word in given.operands]
    return [(text, at) for at, text in enumerate(texts) if text]


def _curl(call: Call) -> list[Act]:
    given = call.arguments(short=_CURL_SHORT, long=_CURL_LONG)
    if given.has("-K", "--config"):
        raise Unclear
    urls = [text for text, _ in _addresses(call, given)]
    urls += [option.value or "" for option in given.options if option.name == "--url"]
    url = urls[0] if urls else ""
    directory_option = given.last("--output-dir")
    directory = call.place(directory_option.value) if directory_option else None
    found = [
        call.act(Deed.FETCH, call.place(option.value, directory), option.word, source=url)
        for option in given.options
        if option.name in ("-o", "--output") and option.value not in ("-", "/dev/null", "/dev/stdout")
    ]
    if given.has("-O", "--remote-name", "--remote-name-all") and not found:
        words = {text: given.operands[at] for text, at in _addresses(call, given)}
        if not urls:
            raise Unclear
        found = [
            call.act(Deed.FETCH, call.place(_basename(url), directory), words.get(url), source=url)
            for url in urls
            if _basename(url)
        ]
    return found


def _wget(call: Call) -> list[Act]:
    given = call.arguments(short=_WGET_SHORT, long=_WGET_LONG)
    if given.has("-i", "--input-file", "-r", "--recursive", "-m", "--mirror"):
        raise Unclear
    urls = _addresses(call, given)
    output = given.last("-O", "--output-document")
    if output:
        if output.value in ("-", "/dev/stdout", "/dev/null"):
            return []
        return [call.act(Deed.FETCH, call.place(output.value), output.word, source=urls[0][0] if urls else "")]
    if not urls:
        raise Unclear
    prefix = given.last("-P", "--directory-prefix")
    directory = call.place(prefix.value) if prefix else None
    return [
        call.act(Deed.FETCH, call.place(_basename(url), directory), given.operands[at], source=url)
        for url, at in urls
        if _basename(url)
    ]


def _git(call: Call) -> list[Act]:
    words = list(call.words[1:])
    cwd: str | None = None
    while len(words) > 1 and call.text(words[0]) in ("-C", "-c"):
        if call.text(words[0]) == "-C":
            cwd = call.path(words[1])
        del words[:2]
    what = call.text(words[0]) if words else None
    if what in _GIT_QUIET:
        return [call.act(Deed.EDIT, call.place(".git", cwd), detail=f"git {what}")]
    if what != "clone":
        raise Unclear
    given = Call(call.command, words, call.cwd, call.variables).arguments(short=_GIT_SHORT, long=_GIT_LONG)
    if not given.operands:
        raise Unclear
    url = call.text(given.operands[0]) or ""
    name = _basename(url).removesuffix(".git")
    path = call.path(given.operands[1], cwd) if len(given.operands) > 1 else call.place(name, cwd)
    shallow = given.has("--depth")
    return [call.act(Deed.CLONE, path, given.operands[0], source=url, deep=True, detail="shallow" if shallow else "")]


COMMANDS: Mapping[str, Callable[[Call], list[Act]]] = {"curl": _curl, "wget": _wget, "git": _git}
