"""The documented file is one that is read, and every key that is read is documented."""

import re
from pathlib import Path

from lissom.verify.check_reader import KEYS
from lissom.verify.expect_reader import EXPECTED
from lissom.verify.probes_file import INSTANCE, STOP, parse_probes
from lissom.verify.words import parse_http

PAGE = (Path(__file__).parents[3] / "docs" / "probes.md").read_text()


def test_the_example_is_read():
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    probes = parse_probes(text, "probes.yaml")
    assert probes.checks[0].name == "front page"
    assert probes.instances["default"].ready == "/healthz"


def test_the_lines_are_read():
    lines = re.findall(r"`--http '(.*?)'`", PAGE)
    assert len(lines) >= 7
    for line in lines:
        parse_http(line.replace("\\|", "|").replace("sha256:…", f"sha256:{'0' * 64}"))


def test_every_key_is_there():
    named = set(re.findall(r"\w+", PAGE))
    known = {*INSTANCE, *STOP, *KEYS} | {key for keys in (*KEYS.values(), *EXPECTED.values()) for key in keys}
    assert known <= named
