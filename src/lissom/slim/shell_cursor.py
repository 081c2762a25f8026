"""A place in a text of shell, and how to get over the parts of it that hold no commands."""

from __future__ import annotations

__all__ = ["Cursor"]


class Cursor:
    """``at`` is where ``text`` is read next; it may get behind the end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def until(self, quote: str) -> str:
        """The text up to the next ``quote`` after the one here."""
        start = self.at + (2 if self.text[self.at] == "$" else 1)
        end = start
        while (end := self.text.find(quote, end)) >= 0 and quote == "`" and self.text[end - 1] == "\\":
            end += 1
        end = len(self.text) if end < 0 else end
        self.at = end + 1
        return self.text[start:end]

    def skip_arithmetic(self) -> None:
        """Go behind the bracket that closes the one here."""
        depth = 0
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            depth += (char == "(") - (char == ")")
            if depth == 0:
                return

    def skip_blanks(self) -> None:
        """Go to what is no blank; a line's end is none."""
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1

    def line_end(self) -> int:
        """Where this line ends."""
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end
