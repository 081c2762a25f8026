"""From text to lines: comments, directives, continued lines joined, heredoc bodies cut out."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from lissom.dockerfile.expand import SPACE, ExpandError, process
from lissom.dockerfile.fault import Fault
from lissom.dockerfile.source import Source, Span
from lissom.dockerfile.syntax import Blank, Comment, Directive, Heredoc
from lissom.dockerfile.words import NotStringsError, flags_of, json_array, keyword_of

__all__ = ["Body", "Lexed", "Line", "heredoc_name", "lex", "line_at"]

_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*")
_HEREDOC = re.compile(r"[0-9]*<<(-?)([^<]+)")
_TABS = re.compile(r"^\t+", re.MULTILINE)
_DIRECTIVES = ("syntax", "escape", "check")


@dataclass(frozen=True, slots=True)
class Body:
    """A heredoc of a line; ``raw`` is its body as written, tabs included."""

    heredoc: Heredoc
    raw: str


@dataclass(frozen=True, slots=True)
class Line:
    """An instruction with its continued lines joined; ``starts`` and ``origins`` lead back to the source."""

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    span: Span
    empty: tuple[Span, ...] = ()
    bodies: tuple[Body, ...] = ()

    def origin(self, offset: int) -> int:
        """The offset in the source of a character of ``text``."""
        piece = bisect_right(self.starts, offset) - 1
        return self.origins[piece] + offset - self.starts[piece]

    def span_of(self, start: int, end: int) -> Span:
        """The span in the source of a part of ``text``."""
        return Span(self.origin(start), self.origin(end - 1) + 1 if end > start else self.origin(start))


@dataclass(frozen=True, slots=True)
class Lexed:
    """The pieces of a file in order (they tile the text), what it says about itself, and what is wrong with it."""

    pieces: tuple[Line | Comment | Directive | Blank, ...]
    directives: dict[str, str]
    escape: str
    faults: tuple[Fault, ...]


def lex(source: Source) -> Lexed:
    """Cut a file into pieces; never raises."""
    return _Lexer(source).run()


def line_at(source: Source, start: int, escape: str) -> Line:
    """The instruction whose first character stands at ``start``."""
    lexer = _Lexer(source)
    lexer.at = start
    lexer.escape = escape
    first = lexer._next_line()  # noqa: SLF001 - one module
    return lexer._instruction(start, first, start + len(first))  # noqa: SLF001


def heredoc_name(word: str) -> tuple[str, bool, bool] | None:
    """Name, ``strip_tabs`` and ``expand`` of a word such as ``<<EOF``; None if it is no heredoc."""
    match = _HEREDOC.fullmatch(word)
    if match is None:
        return None
    try:
        plain = process(match[2], _nothing, keep_unset=True).words
        raw = process(match[2], _nothing, keep_unset=True, raw_quotes=True, raw_escapes=True).words
    except ExpandError:
        return None
    if len(plain) != 1 or len(raw) != 1:
        return None
    return plain[0], match[1] == "-", plain == raw


def _nothing(_name: str) -> None:
    return None


class _Lexer:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.pieces: list[Line | Comment | Directive | Blank] = []
        self.directives: dict[str, str] = {}
        self.in_directives = True
        self.escape = "\\"
        self.faults: list[Fault] = []

    def run(self) -> Lexed:
        if self.text.startswith("\ufeff"):
            self.at = 1
            self._blank(0, 1)
        while self.at < len(self.text):
            start = self.at
            content = self._next_line()
            stripped = content.lstrip(SPACE)
            if not stripped:
                self.in_directives = False
                self._blank(start, self.at)
            elif stripped[0] == "#":
                self._comment(Span(start, self.at), stripped)
            else:
                self.in_directives = False
                begin = start + len(content) - len(stripped)
                self._blank(start, begin)
                line = self._instruction(begin, stripped, start + len(content))
                self.pieces.append(line)
                self._blank(line.span.end, self.at)
        return Lexed(tuple(self.pieces), self.directives, self.escape, tuple(self.faults))

    def _next_line(self) -> str:
        """The line at hand without its line end; moves behind it."""
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end + 1
        line = self.text[self.at : end].rstrip("\r\n")
        self.at = end
        return line

    def _blank(self, start: int, end: int) -> None:
        if start == end:
            return
        if self.pieces and isinstance(last := self.pieces[-1], Blank):
            self.pieces[-1] = Blank(Span(last.span.start, end))
        else:
            self.pieces.append(Blank(Span(start, end)))

    def _comment(self, span: Span, stripped: str) -> None:
        match = _DIRECTIVE.fullmatch(stripped) if self.in_directives else None
        if match is None or (name := match[1].lower()) not in _DIRECTIVES:
            self.in_directives = False
            self.pieces.append(Comment(span, stripped))
            return
        self.pieces.append(Directive(span, name, match[2]))
        shown = Span(self.text.index("#", span.start), self.text.index("#", span.start) + len(stripped))
        if name in self.directives:
            self.faults.append(Fault(shown, f"the directive `{name}` is given twice"))
        elif name == "escape" and match[2] not in ("\\", "`"):
            self.faults.append(Fault(shown, f"cannot escape with `{match[2]}`", hint="escape is ` or \\"))
        elif name == "escape":
            self.escape = match[2]
        self.directives.setdefault(name, match[2])

    def _continued(self, content: str) -> tuple[str, bool]:
        """The line without the escape that ends it, and whether there was one."""
        bare = content.rstrip(" \t")
        if bare.endswith(self.escape) and not bare.endswith(self.escape * 2):
            return bare[:-1], True
        return content, False

    def _instruction(self, begin: int, first: str, end: int) -> Line:
        part, more = self._continued(first)
        parts, starts, origins, empty = [part], [0], [begin], []
        length = len(part)
        while more and self.at < len(self.text):
            start = self.at
            content = self._next_line()
            end = start + len(content)
            stripped = content.lstrip(SPACE)
            if not stripped:
                empty.append(Span(start, self.at))
            elif stripped[0] != "#":
                part, more = self._continued(content)
                if part:
                    starts.append(length)
                    origins.append(start)
                    parts.append(part)
                    length += len(part)
        text = "".join(parts)
        line = Line(text, tuple(starts), tuple(origins), Span(begin, end), tuple(empty))
        return self._with_bodies(line) if "<<" in text else line

    def _with_bodies(self, line: Line) -> Line:
        if not _takes_heredocs(line.text):
            return line
        try:
            words = process(line.text, _nothing, raw_quotes=True, raw_escapes=True, keep_unset=True).words
        except ExpandError:
            return line
        bodies: list[Body] = []
        end = line.span.end
        for word in words:
            named = heredoc_name(word)
            if named is None:
                continue
            body = self._body(*named)
            if body is None:
                where = line.text.find(word)
                span = line.span_of(where, where + len(word)) if where >= 0 else line.span
                self.faults.append(Fault(span, f"the heredoc `{named[0]}` has no end", self._end_hint(named[0], line)))
                end = len(self.text.rstrip("\r\n"))
                break
            bodies.append(body)
            end = body.heredoc.span.end
        return Line(line.text, line.starts, line.origins, Span(line.span.start, end), line.empty, tuple(bodies))

    def _end_hint(self, name: str, line: Line) -> str:
        if ")" in name:
            return "if this is a shift and no heredoc, write it without blanks: $((1<<2))"
        for number, text in enumerate(self.text[line.span.end :].split("\n")):
            if text.strip() == name:
                place = self.source.line_col(line.span.end)[0] + number
                return f"line {place} has blanks beside {name}; nothing may stand there (tabs before it may, with <<-)"
        return f"write a line that holds nothing but {name} behind its text"

    def _body(self, name: str, strip_tabs: bool, expand: bool) -> Body | None:
        start = self.at
        while self.at < len(self.text):
            line_start = self.at
            content = self._next_line()
            if (content.lstrip("\t") if strip_tabs else content) == name:
                raw = self.text[start:line_start]
                data = _TABS.sub("", raw) if strip_tabs else raw
                return Body(Heredoc(name, data, strip_tabs, expand, Span(start, line_start + len(content))), raw)
        return None


def _takes_heredocs(text: str) -> bool:
    word = keyword_of(text)
    _, start = flags_of(text, word.end)
    if word.text.upper() == "ONBUILD":
        text = text[start:]
        word = keyword_of(text)
        _, start = flags_of(text, word.end)
    if word.text.upper() not in ("ADD", "COPY", "RUN"):
        return False
    try:
        return json_array(text[start:]) is None
    except NotStringsError:
        return False
