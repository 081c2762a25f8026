"""The ready images of ``lissom distroless``, each with a program of its kind and an authority in it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from oracle.builders import lissom_command

DATA = Path(__file__).parents[1] / "data/distroless"
PROGRAMS = {
    "python3": ("probe.py", ["/usr/bin/python3", "/app/probe.py"]),
    "nodejs": ("probe.js", ["/usr/bin/node", "/app/probe.js"]),
    "java17": ("Probe.java", ["/usr/bin/java", "/app/Probe.java"]),
    "java-jlink": ("Probe.class", ["/usr/bin/java", "-cp", "/app", "Probe"]),
    "perl": ("probe.pl", ["/usr/bin/perl", "/app/probe.pl"]),
    "ruby": ("probe.rb", ["/usr/bin/ruby", "/app/probe.rb"]),
}
"""Files of the programs of languages, and how they are started; the others are compiled and named as their images."""
SPEC = """\
include: {name}:nonroot
ca: [ca.crt]
files:
  /app/{program}: {{source: {program}, mode: 755}}
  /app/site.pem: {{source: site.pem}}
  /app/site.p12: {{source: site.p12}}
entrypoint: {command}
"""
JAVAC = "jdk.compiler/com.sun.tools.javac.Main"


class Ready:
    """A store below ``directory``, in which images are made when they are asked for, each once."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.store = directory / "store"
        self.made: set[str] = set()
        for path in DATA.glob("[pP]robe.*"):
            shutil.copy(path, directory)
        certify(directory)

    def call(self, *words: str, status: int = 0, directory: Path | None = None) -> str:
        """What lissom prints in ``directory``, else in that of the specs."""
        command = [*lissom_command(), "--root", str(self.store), "--progress", "quiet", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=directory or self.directory)
        assert done.returncode == status, done.stderr
        return done.stdout

    def probe(self, name: str) -> str:
        """The image ``name`` with its program, for the ordinary user."""
        program, command = PROGRAMS.get(name, (name, [f"/app/{name}"]))
        if name not in self.made:
            self.provide(program)
            text = SPEC.format(name=name, program=program, command=command)
            (self.directory / f"{name}.yaml").write_text(text)
            self.call("distroless", f"{name}.yaml", "-t", f"probe:{name}", "--compression", "none")
            self.made.add(name)
        return f"probe:{name}"

    def provide(self, program: str) -> Path:
        """The file of a program: Java's is compiled by the image that has the compiler, C's by one made for it."""
        path = self.directory / program
        if not path.exists() and program.endswith(".class"):
            compiler = ("--entrypoint", "/usr/bin/java", "-u", "0", self.probe("java17"), "-m", JAVAC)
            self.call("run", "--rm", "-v", f"{self.directory}:/out", *compiler, "-d", "/out", "/app/Probe.java")
        elif not path.exists():
            self.call("distroless", str(DATA / "toolchain.yaml"), "--compression", "none")
            self.call("build", "-t", "programs", "-o", f"type=local,dest={self.directory}", str(DATA))
        return path


def certify(directory: Path) -> None:
    """An authority, ``ca.crt``, and a site ``localhost`` that it vouches for, ``site.pem`` and ``site.p12``."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)

    key = ("-newkey", "rsa:2048", "-nodes")
    openssl("req", "-x509", *key, "-days", "2", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=authority")
    openssl("req", *key, "-keyout", "site.key", "-out", "site.csr", "-subj", "/CN=localhost")
    (directory / "names").write_text("subjectAltName = DNS:localhost\n")
    by = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-days", "2")
    openssl("x509", "-req", "-in", "site.csr", "-out", "site.crt", *by)
    openssl("pkcs12", "-export", "-in", "site.crt", "-inkey", "site.key", "-out", "site.p12", "-passout", "pass:secret")
    (directory / "site.pem").write_bytes((directory / "site.key").read_bytes() + (directory / "site.crt").read_bytes())
