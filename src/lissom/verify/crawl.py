"""Follow a site's own links and look at every page, without asking for anything that could change something."""

from __future__ import annotations

import html
import re
import time
from collections import deque
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from lissom.verify.answer import Answer
from lissom.verify.http import NoAnswerError, Server
from lissom.verify.observation import Observation, observe

__all__ = ["crawl", "links_in"]

_DEEPEST = 3
_MOST_PAGES = 200
_MOST_LINKS = 2000
_MOST_VARIANTS = 8
_STARTS = ("/", "/robots.txt", "/sitemap.xml", "/favicon.ico")
_ATTRIBUTE = re.compile(
    r"""(?:href|src|srcset|action|poster|data|content)\s{0,8}=\s{0,8}"""
    r"""(?:"([^"]{1,2000})"|'([^']{1,2000})'|([^\s"'>]{1,2000}))""",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"<(a|link|script|img|iframe|frame|source|video|audio|object|embed|area|meta|form|use|image)\b([^<>]{1,4000})>",
    re.IGNORECASE,
)
_CSS = re.compile(r"""url\(\s{0,8}["']?([^"')]{1,2000})|@import\s{1,8}["']([^"']{1,2000})""", re.IGNORECASE)
_LOCATION = re.compile(r"<loc>\s{0,80}([^<\s]{1,2000})")
_ROBOTS = re.compile(r"^(?:allow|disallow|sitemap):\s{0,8}(\S{1,2000})", re.IGNORECASE | re.MULTILINE)
_DANGEROUS = re.compile(
    r"log[-_]?(?:out|off)|sign[-_]?(?:out|off)|delete|remove|destroy|drop|purge|reset|shut[-_]?down|restart|reboot"
    r"|unsubscribe|cancel|revoke|disable|uninstall",
    re.IGNORECASE,
)


def crawl(server: Server) -> Iterator[Observation]:
    """Every page that can be reached from the front page, with GET only: at most 200, three links deep."""
    waiting: deque[tuple[str, int]] = deque((path, 0) for path in _STARTS)
    known = set(_STARTS)
    variants: dict[str, int] = {}
    pages = 0
    while waiting and pages < _MOST_PAGES:
        path, depth = waiting.popleft()
        bare = path.partition("?")[0]
        variants[bare] = variants.get(bare, 0) + 1
        if variants[bare] > _MOST_VARIANTS:
            continue  # a calendar, or a sort order: the same page with ever other parameters
        pages += 1
        begin = time.monotonic()
        try:
            answer = server.get(path)
        except NoAnswerError as error:
            yield Observation(_name(path), "crawl", seconds=time.monotonic() - begin, failure=error.message)
            continue
        if path in _STARTS[1:] and answer.status == 404:
            continue  # nobody promised it
        yield observe(_name(path), "crawl", answer, seconds=time.monotonic() - begin, failure=None)
        if depth < _DEEPEST:
            found = [link for link in links_in(answer, path) if link not in known]
            known.update(found)
            waiting.extend((link, depth + 1) for link in dict.fromkeys(found))


def links_in(answer: Answer, path: str) -> list[str]:
    """Paths of the same site that a page, style sheet, sitemap or robots.txt names; dangerous ones left out."""
    text, kind = answer.body.text[: 4 << 20], answer.header("content-type").lower()
    words: list[str] = [answer.header("location")]
    if "html" in kind or "svg" in kind:
        for tag in _TAG.finditer(text):
            words += _words_of(tag[1].lower(), tag[2])
        words += _first_groups(_CSS, text)
    elif "css" in kind:
        words += _first_groups(_CSS, text)
    elif "xml" in kind:
        words += _first_groups(_LOCATION, text)
    elif path == "/robots.txt":
        words += [word for word in _first_groups(_ROBOTS, text) if "*" not in word and "$" not in word]
    found = (_local(html.unescape(word), path) for word in words[:_MOST_LINKS] if word)
    return list(dict.fromkeys(link for link in found if link and not _DANGEROUS.search(link)))


def _words_of(tag: str, attributes: str) -> list[str]:
    if tag == "form" and re.search(r"method\s{0,8}=\s{0,8}[\"']?post", attributes, re.IGNORECASE):
        return []
    if tag == "meta":
        refresh = re.search(r"url=([^\"'>\s]{1,2000})", attributes, re.IGNORECASE)
        return [refresh[1]] if refresh else []
    return [
        part.split()[0] for word in _first_groups(_ATTRIBUTE, attributes) for part in word.split(", ") if part.split()
    ]


def _first_groups(pattern: re.Pattern[str], text: str) -> list[str]:
    return [next((group for group in match.groups() if group), "") for match in pattern.finditer(text)]


def _local(word: str, path: str) -> str | None:
    """The path and query of a link when it leads to this site, else None."""
    try:
        url = urlsplit(urljoin(f"http://localhost{path}", word.strip()))
        port = url.port
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or url.hostname not in ("localhost", "127.0.0.1"):
        return None
    if port is not None and url.netloc.lower() != "localhost":
        return None
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def _name(path: str) -> str:
    return f"crawl GET {path}"
