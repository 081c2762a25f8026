"""What of jlink's result takes the place of a package's JDK."""

import hashlib

import pytest

from lissom.distroless.spec.spec import Java, Spec
from lissom.errors import UsageError
from unit.distroless.fake_debs import assembled, deb, text

HOME = "usr/lib/jvm/java-17-openjdk-amd64"
JDK = {
    f"{HOME}/bin/java 755": b"java",
    f"{HOME}/bin/javac 755": b"javac",
    f"{HOME}/bin/jlink 755": b"jlink",
    f"{HOME}/conf/net.properties": "@/etc/java-17-openjdk/net.properties",
    f"{HOME}/jmods/java.base.jmod": b"jmod",
    f"{HOME}/jmods": 0o755,
    f"{HOME}/lib/libjava.so": b"libjava",
    f"{HOME}/lib/jexec 755": b"jexec",
    f"{HOME}/lib/libawt.so": b"libawt",
    f"{HOME}/lib/modules": b"all modules",
    f"{HOME}/lib/security/default.policy": "@/etc/java-17-openjdk/default.policy",
    f"{HOME}/man": "@../man",
    f"{HOME}/release": b'IMPLEMENTOR="Debian"\nJAVA_VERSION="17.0.1"\nMODULES="all of them"\n',
    "etc/java-17-openjdk/net.properties": b"net",
    "etc/java-17-openjdk/default.policy": b"policy",
}
MADE = {
    "bin/java": b"another java",
    "bin/keytool": b"not in the package",
    "conf/net.properties": b"another",
    "lib/jexec": b"jexec",
    "lib/libjava.so": b"another libjava",
    "lib/modules": b"few",
    "release": b'JAVA_VERSION="17.0.1"\nMODULES="java.base java.logging"\n',
}
SPEC = Spec(java=Java(("java.logging",), 0))


@pytest.fixture
def jlink(monkeypatch):
    """Stands in for the sandbox; what it was asked to run."""
    asked = []

    def run(process, on_output, *, stop):
        asked.append(process)
        if "java.nonsense" in process.argv[process.argv.index("--add-modules") + 1]:
            on_output(2, b"Error: Module java.nonsense not found\n")
            return 1
        assert (process.lowers[0] / HOME / "jmods/java.base.jmod").read_bytes() == b"jmod"
        for name, data in MADE.items():
            path = process.mounts[0].source / "home" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return 0

    monkeypatch.setattr("lissom.sandbox.jlink.run", run)
    return asked


def test_the_runtime_takes_the_jdks_place(tmp_path, jlink):
    made = assembled(tmp_path, deb(tmp_path, "jdk", JDK), spec=SPEC)
    files = {path[len(HOME) + 1 :] for path, entry in made.entries.items() if path.startswith(f"{HOME}/")}
    assert files == {
        *("bin", "bin/java", "conf", "conf/net.properties", "lib", "lib/libjava.so", "lib/modules"),
        *("lib/security", "lib/security/default.policy", "release"),
    }
    assert text(made, f"{HOME}/lib/modules") == "few"
    assert text(made, f"{HOME}/bin/java") == "java"
    assert text(made, "etc/java-17-openjdk/net.properties") == "net"
    assert text(made, f"{HOME}/release").splitlines() == [
        'IMPLEMENTOR="Debian"',
        'JAVA_VERSION="17.0.1"',
        'MODULES="java.base java.logging"',
    ]
    assert made.origins[f"{HOME}/lib/modules"].reason == "linked of the spec's modules"
    assert {one.path for one in made.left_out} >= {f"{HOME}/bin/javac", f"{HOME}/jmods/java.base.jmod"}


def test_jlink_gets_what_the_spec_says(tmp_path, jlink):
    assembled(tmp_path, deb(tmp_path, "jdk", JDK), spec=SPEC)
    (process,) = jlink
    assert process.argv[0] == f"/{HOME}/bin/jlink"
    assert process.argv[process.argv.index("--add-modules") + 1] == "java.base,java.logging"
    assert "--compress=0" in process.argv
    assert "--strip-java-debug-attributes" in process.argv
    assert process.network == "none"
    assert process.readonly


def test_the_record_has_the_sums_of_what_was_made(tmp_path, jlink):
    sums = "".join(
        f"{hashlib.md5(data).hexdigest()}  {path.partition(' ')[0]}\n"
        for path, data in JDK.items()
        if isinstance(data, bytes)
    )
    made = assembled(tmp_path, deb(tmp_path, "jdk", JDK, {"md5sums": sums}), spec=SPEC)
    listed = dict(reversed(line.split("  ")) for line in text(made, "var/lib/dpkg/status.d/jdk.md5sums").splitlines())
    assert listed[f"{HOME}/lib/modules"] == hashlib.md5(b"few").hexdigest()
    assert listed[f"{HOME}/bin/java"] == hashlib.md5(b"java").hexdigest()
    assert f"{HOME}/bin/javac" not in listed


def test_what_jlink_refuses_is_told(tmp_path, jlink):
    with pytest.raises(UsageError) as caught:
        assembled(tmp_path, deb(tmp_path, "jdk", JDK), spec=Spec(java=Java(("java.nonsense",))))
    assert caught.value.message == (
        f"cannot link a Java runtime of `/{HOME}`: cannot run `/{HOME}/bin/jlink`: it exited with status 1: "
        "Error: Module java.nonsense not found"
    )


def test_without_a_jdk_nothing_can_be_linked(tmp_path):
    with pytest.raises(UsageError) as caught:
        assembled(tmp_path, spec=SPEC)
    assert caught.value.message == "cannot link a Java runtime: no package has a JDK with its modules"
