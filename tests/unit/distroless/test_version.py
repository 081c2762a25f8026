import shutil
import subprocess

import pytest

from lissom.distroless.archive.version import compare, satisfies

VERSIONS = [
    "0", "1", "1.0", "1.0-1", "1.0-1+b1", "1.0~rc1-1", "1.0~~", "1.0~~a", "1.0~", "1:0.1", "1.10", "1.9", "2.36-9+deb12u10",
    "2.36-9+deb12u9", "2.36-9", "1.2.3-4.1", "1.2.3-4", "0:1", "1a", "1+", "1-0", "1-0~", "1-~", "09", "9", "1.0-1~bpo12+1", "3.0.17-1~deb12u2",
]  # fmt: skip


@pytest.mark.skipif(not shutil.which("dpkg"), reason="needs dpkg as the witness")
def test_order_is_dpkgs_for_all_pairs():
    pairs = [(one, other) for one in VERSIONS for other in VERSIONS]
    script = "".join(
        f"dpkg --compare-versions '{a}' lt '{b}' && echo -1 || {{ dpkg --compare-versions '{a}' eq '{b}' && echo 0 || echo 1; }}\n"
        for a, b in pairs
    )
    said = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True).stdout.split()
    assert [compare(a, b) for a, b in pairs] == [int(word) for word in said]


@pytest.mark.parametrize(
    ("relation", "holds"), [("<<", False), ("<=", True), ("=", True), (">=", True), (">>", False), ("<", True)]
)
def test_relations_of_equal_versions(relation, holds):
    assert satisfies("1.0", relation, "1.0") is holds
