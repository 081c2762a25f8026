"""Platforms in Go's words."""

import pytest

from lissom.errors import UsageError
from lissom.oci.platform import Platform


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("amd64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/6", "linux/arm/v6"),
        ("linux/armel", "linux/arm/v6"),
        ("Linux/AMD64", "linux/amd64"),
        ("windows/amd64", "windows/amd64"),
    ],
)
def test_forms(text: str, same: str) -> None:
    assert str(Platform.parse(text)) == same
    assert str(Platform.parse(same)) == same


@pytest.mark.parametrize("text", ["", "linux/", "a/b/c/d", "nonsense", "linux/am d64"])
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot read platform"):
        Platform.parse(text)


@pytest.mark.parametrize(
    ("machine", "image", "runs"),
    [
        ("linux/amd64", "linux/amd64", True),
        ("linux/amd64", "linux/amd64/v3", False),
        ("linux/amd64/v3", "linux/amd64", True),
        ("linux/arm/v7", "linux/arm/v6", True),
        ("linux/arm/v6", "linux/arm/v7", False),
        ("linux/amd64", "linux/arm64", False),
        ("linux/amd64", "windows/amd64", False),
    ],
)
def test_older_variants_run(machine: str, image: str, runs: bool) -> None:
    assert Platform.parse(machine).runs(Platform.parse(image)) is runs


def test_a_config_without_fields_is_for_linux() -> None:
    assert str(Platform.of({"architecture": "arm64"})) == "linux/arm64"
