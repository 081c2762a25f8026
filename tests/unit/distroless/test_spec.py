import pytest

from lissom.distroless.spec_file import READY, load, parse
from lissom.errors import UsageError


@pytest.mark.parametrize("name", sorted(path.stem for path in READY.glob("*.yaml")))
def test_ready_specs_are_read(name):
    assert load(name).packages


ERRORS = {
    "an unknown setting": (
        "suite: bookworm\npackage: [a]\n",
        "x.yaml:2:1: unknown setting `package`\n 2 | package: [a]\n   | ^^^^^^^\nhint: did you mean `packages`?",
    ),
    "no list": ("packages: bash\n", "x.yaml:1:11: this is to be a list\n 1 | packages: bash\n   |           ^^^^"),
    "a bad bootstrap": (
        "bootstrap: big",
        "x.yaml:1:12: unknown bootstrap `big`\n 1 | bootstrap: big\n   |            ^^^\nhint: known: minbase, essential, none",
    ),
    "a path that leaves the root": (
        "files:\n  /etc/../../x: hi\n",
        "x.yaml:2:3: `/etc/../../x` is not a clean absolute path\n 2 |   /etc/../../x: hi\n   |   ^^^^^^^^^^^^",
    ),
}


@pytest.mark.parametrize("summary", ERRORS)
def test_errors_show_the_place(summary):
    text, message = ERRORS[summary]
    with pytest.raises(UsageError) as caught:
        parse(text, "x.yaml")
    assert caught.value.message == message


def test_an_unknown_name_offers_the_ready_specs():
    with pytest.raises(UsageError) as caught:
        load("debain")
    assert caught.value.hint == "did you mean `debian`?"
