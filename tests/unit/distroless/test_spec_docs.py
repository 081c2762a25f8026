"""docs/distroless.md shows specs that work, and knows every word of the language."""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from lissom.distroless.spec.file import load
from lissom.distroless.spec.include import ready_specs
from lissom.distroless.spec.schema import schema
from lissom.distroless.spec.settings import SETTINGS
from lissom.distroless.spec.trims import TRIMS

PAGE = (Path(__file__).parents[3] / "docs/distroless.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
CELLS = {
    word
    for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    for word in re.findall(r"`([a-z0-9-]+)`", row)
}  # fmt: skip


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_are_specs(text, tmp_path):
    for source in re.findall(r"source: ([\w/.]+)", text):
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / source).write_bytes(b"\x7fELF")
    (tmp_path / "app.yaml").write_text(text)
    assert load(str(tmp_path / "app.yaml")).packages
    Draft202012Validator(json.loads(schema())).validate(yaml.safe_load(text))


@pytest.mark.parametrize("known", [SETTINGS, TRIMS, ready_specs()], ids=["settings", "trims", "ready specs"])
def test_every_word_is_in_a_table(known):
    assert not set(known) - CELLS
