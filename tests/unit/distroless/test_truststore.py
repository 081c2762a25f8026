import shutil
import subprocess

import pytest

from lissom.distroless.spec.spec import Spec
from lissom.distroless.tree.truststore import dated
from unit.distroless.fake_debs import assembled, deb

STORE = "etc/ssl/certs/java/cacerts"
HOME = "usr/lib/jvm/java-17"
JVM = {f"{HOME}/lib/server/libjvm.so": b"", f"{HOME}/lib/security/cacerts": "@/elsewhere"}


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    path = tmp_path_factory.mktemp("pki") / "ca.crt"
    words = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{path}.key"]
    command = ["openssl", "req", "-x509", *words, "-out", str(path), "-subj", "/CN=corp root"]
    subprocess.run(command, check=True, capture_output=True)
    return path.read_text()


@pytest.mark.skipif(not shutil.which("keytool"), reason="needs keytool")
def test_java_trusts_what_the_bundle_has(tmp_path, pem):
    debian = deb(tmp_path, "ca-certificates", {"usr/share/ca-certificates/mozilla/Főtanúsítvány.crt": pem.encode()})
    made = assembled(tmp_path, debian, deb(tmp_path, "jvm", JVM))
    assert made.entries[f"{HOME}/lib/security/cacerts"].link == f"/{STORE}"
    with made.entries[STORE].content.open() as stream:
        (tmp_path / "cacerts").write_bytes(stream.read())
    command = ["keytool", "-list", "-rfc", "-keystore", str(tmp_path / "cacerts"), "-storepass", "changeit"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert listed.returncode == 0, listed.stdout
    assert "Your keystore contains 1 entry" in listed.stdout
    assert "".join(pem.split()) in "".join(listed.stdout.split())


def test_no_jvm_no_store(tmp_path, pem):
    assert STORE not in assembled(tmp_path, spec=Spec(ca=(pem,))).entries
    assert STORE not in assembled(tmp_path, deb(tmp_path, "jvm", JVM)).entries


@pytest.mark.skipif(not shutil.which("keytool"), reason="needs keytool")
def test_times_in_a_store_are_set_and_nothing_else(tmp_path, pem):
    (tmp_path / "ca.crt").write_text(pem)
    path = tmp_path / "made"
    words = ["-storetype", "JKS", "-keystore", str(path), "-storepass", "changeit", "-noprompt"]
    for alias in ("one", "two"):
        command = ["keytool", "-importcert", "-alias", alias, "-file", str(tmp_path / "ca.crt"), *words]
        subprocess.run(command, check=True, capture_output=True)
    made = path.read_bytes()
    settled = dated(made, 1_000_000_000)
    assert settled != made
    assert len(settled) == len(made)
    path.write_bytes(settled)
    command = ["keytool", "-J-Duser.timezone=UTC", "-J-Duser.language=en", "-list", *words[2:-1]]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert listed.count("Sep 9, 2001") == 2
    assert dated(settled, 1_000_000_000) == settled


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04" * 20,
        bytes.fromhex("feedfeed00000002ffffffff") + bytes(60),
        bytes.fromhex("feedfeed0000000200000001000000010002") + b"ab" + bytes(60),
        bytes.fromhex("feedfeed00000002000000010000000200026162") + bytes(8) + b"\0\1X\xff\xff\xff\xff" + bytes(20),
    ],
)
def test_what_is_no_store_of_certificates_stays(data):
    assert dated(data, 5) == data
