"""Variables in the words that rules read."""

from __future__ import annotations

from lissom.dockerfile.parser import parse
from lissom.lint.stages.reading import read
from lissom.lint.values import expanded
from lissom.lint.views import subject_of

TEXT = """FROM debian:bookworm
ENV PHP=7 PHP_PACKAGES="php php-cli"
RUN apt-get update && apt-get install -y $PHP_PACKAGES
"""


def test_the_longest_name_is_meant() -> None:
    assert expanded("$APP_DIR/x", {"APP": "a", "APP_DIR": "d"}) == "d/x"
    assert expanded("${APP}_DIR", {"APP": "a"}) == "a_DIR"
    assert expanded("$APP_DIR", {"APP": "a"}) is None
    assert expanded("$APP", {"APP": None}) is None


def test_packages_that_a_variable_names_are_known() -> None:
    subject = subject_of(parse(TEXT))
    assert read(subject, subject.final).packages == ("php", "php-cli")
