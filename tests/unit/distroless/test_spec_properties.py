"""Whatever a spec says, it becomes a value or an error that a user can read."""

import contextlib

import yaml
from hypothesis import given
from hypothesis import strategies as st

from lissom.distroless.spec.file import parse
from lissom.distroless.spec.settings import SETTINGS
from lissom.distroless.spec.spec import Spec
from lissom.errors import UsageError

WORDS = st.sampled_from(["", "a1", "/a", "/a/../b", "755", "base", "x=1", "true", "~", "-1", "name", "uid", "modules"])
SCALARS = WORDS | st.text(max_size=5) | st.integers() | st.booleans() | st.none()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=6
)
KEYS = st.sampled_from([*SETTINGS, "variants", "other"])


def read(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert isinstance(parse(text, "x.yaml"), Spec)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_settings_of_any_shape(settings):
    read(yaml.safe_dump(settings))


@given(st.text(alphabet="{}[]:,-#&*!|>'\"%@`?<=~\\ \n\tax/1", max_size=40))
def test_any_text(text):
    read(text)
