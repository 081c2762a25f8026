"""Digests are well-formed at birth."""

import pytest

from lissom.errors import IntegrityError
from lissom.oci.digest import Digest

HEX = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


def test_the_digest_of_bytes() -> None:
    digest = Digest.of(b"hello")
    assert digest == f"sha256:{HEX}"
    assert (digest.algorithm, digest.hex, digest.short) == ("sha256", HEX, HEX[:12])


def test_sha512_is_accepted() -> None:
    digest = Digest("sha512:" + "0" * 128)
    assert digest.hasher().name == "sha512"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not of the form algorithm:hex"),
        ("sha256", "is not of the form algorithm:hex"),
        (HEX, "is not of the form algorithm:hex"),
        ("sha256:" + HEX[:-1], "sha256 needs 64 lower-case hex digits"),
        ("sha256:" + HEX.upper(), "sha256 needs 64 lower-case hex digits"),
        ("sha256:../../etc/passwd", "is not of the form algorithm:hex"),
        ("md5:d41d8cd98f00b204e9800998ecf8427e", "algorithm `md5` is not supported"),
        ("sha256:" + HEX + "\n", "is not of the form algorithm:hex"),
    ],
)
def test_what_is_no_digest_is_refused(text: str, message: str) -> None:
    with pytest.raises(IntegrityError, match=message):
        Digest(text)
