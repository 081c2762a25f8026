import os
import shutil
import ssl
import subprocess

import pytest

from lissom.distroless.spec.spec import Spec
from lissom.errors import IntegrityError
from unit.distroless.fake_debs import assembled, deb, text

BUNDLE = "etc/ssl/certs/ca-certificates.crt"


@pytest.fixture(scope="module")
def pems(tmp_path_factory):
    """Certificates of two authorities, and one that the first has signed."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    path = tmp_path_factory.mktemp("pki")

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=path, check=True, capture_output=True)

    for name in ("one", "two"):
        words = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key")
        openssl("req", "-x509", *words, "-out", f"{name}.crt", "-days", "9999", "-subj", f"/CN={name}")
    openssl("req", *words[:4], "-nodes", "-keyout", "site.key", "-out", "site.csr", "-subj", "/CN=site")
    openssl(
        "x509", "-req", "-in", "site.csr", "-CA", "one.crt", "-CAkey", "one.key", "-out", "site.crt", "-days", "999"
    )
    return {name: (path / f"{name}.crt").read_bytes() for name in ("one", "two", "site")}


def debian(tmp_path, **named):
    files = {f"usr/share/ca-certificates/mozilla/{name}.crt": data for name, data in named.items()}
    return deb(tmp_path, "ca-certificates", files)


def test_debians_and_the_specs_are_trusted_once(tmp_path, pems):
    made = assembled(
        tmp_path, debian(tmp_path, Two=pems["two"]), spec=Spec(ca=(pems["one"].decode(), pems["two"].decode()))
    )
    assert text(made, BUNDLE).count("BEGIN CERTIFICATE") == 2
    assert made.origins[BUNDLE].package == "", "it is not the package's alone"
    assert not [path for path in made.entries if path.endswith("/Two.crt")]
    (tmp_path / "ca.crt").write_text(text(made, BUNDLE))
    (tmp_path / "site.crt").write_bytes(pems["site"])
    done = subprocess.run(
        ["openssl", "verify", "-CAfile", "ca.crt", "site.crt"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SSL_CERT_DIR": "/nonexistent"},
    )
    assert done.stdout == "site.crt: OK\n"


def test_single_files_stay_when_asked_for(tmp_path, pems):
    spec = Spec(keep=("/usr/share/ca-certificates/*",))
    made = assembled(tmp_path, debian(tmp_path, Two=pems["two"]), spec=spec)
    assert made.origins[BUNDLE].package == "ca-certificates"
    assert "usr/share/ca-certificates/mozilla/Two.crt" in made.entries


def test_openssl_finds_the_bundle_by_its_own_name(tmp_path, pems):
    library = deb(tmp_path, "libssl3", {"usr/lib/x86_64-linux-gnu/libcrypto.so.3": b""})
    made = assembled(tmp_path, library, spec=Spec(ca=(pems["one"].decode(),)))
    assert made.entries["usr/lib/ssl/cert.pem"].link == f"/{BUNDLE}"
    assert text(made, BUNDLE) == ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(pems["one"].decode()))


def test_no_certificates_no_bundle(tmp_path):
    assert BUNDLE not in assembled(tmp_path).entries


def test_what_is_no_certificate_is_refused(tmp_path):
    with pytest.raises(IntegrityError) as caught:
        assembled(tmp_path, debian(tmp_path, Bad=b"hello"))
    assert caught.value.message == "cannot read certificate `/usr/share/ca-certificates/mozilla/Bad.crt`: it is not PEM"
