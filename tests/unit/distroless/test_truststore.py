import shutil
import subprocess

import pytest

from lissom.distroless.spec import Spec
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
