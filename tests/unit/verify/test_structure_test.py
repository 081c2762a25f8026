"""Files for container-structure-test."""

import pytest

from lissom.errors import UsageError
from lissom.verify.expectation import Expectation
from lissom.verify.probe import Config, Files, Run, Wanted
from lissom.verify.probes_file import parse_probes

TEXT = """\
schemaVersion: "2.0.0"
globalEnvVars:
  - key: "LANG"
    value: "C"
commandTests:
  - name: "version"
    setup: [["mkdir", "/x"]]
    command: "go"
    args: ["version"]
    envVars: [{key: A, value: b}]
    expectedOutput: ["go1.*"]
    excludedError: [warning]
    exitCode: 3
fileExistenceTests:
  - name: root
    path: '/'
    permissions: 'drwxr-sr-t'
    uid: 0
    isExecutableBy: group
  - {name: gone, path: etc/none, shouldExist: false}
fileContentTests:
  - {name: debian, path: /etc/os-release, expectedContents: ['debian'], excludedContents: ['alpine']}
metadataTest:
  envVars: [{key: foo, value: 'b.*', isRegex: true}]
  labels: [{key: l, value: v}]
  exposedPorts: ["8080"]
  unmountedVolumes: ["/v"]
  entrypoint: []
  cmd: ["/bin/bash"]
  workdir: "/app"
"""


def test_all_kinds():
    probes = parse_probes(TEXT, "t.yaml")
    assert [(probe.name, probe.action, probe.expect) for probe in probes.checks] == [
        ("version", Run(("go", "version"), (), (("LANG", "C"), ("A", "b")), before=(("mkdir", "/x"),)), Expectation(exit=(3,), stdout=("go1.*",), stderr_without=("warning",))),
        ("root", Files("/", mode=0o3755, kind="d", uid=0, executable="group"), Expectation()),
        ("gone", Files("/etc/none", exists=False), Expectation()),
        ("debian", Files("/etc/os-release"), Expectation(body=("debian",), without=("alpine",))),
        (
            "metadata",
            Config((
                Wanted("env", "foo", ("b.*",), True), Wanted("labels", "l", ("v",)), Wanted("ports", "8080"),
                Wanted("volumes", "/v", absent=True), Wanted("entrypoint"), Wanted("cmd", values=("/bin/bash",)),
                Wanted("workdir", values=("/app",)),
            )),
            Expectation(),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schemaVersion: 1.0.0", "schema version 1.0.0 is not supported, 2.0.0 is"),
        ("schemaVersion: 2.0.0\nlicenseTests: []", "t:2:1: licenseTests is not supported"),
        ("schemaVersion: 2.0.0\ncommandTest: []", "did you mean `commandTests`?"),
        ("schemaVersion: 2.0.0\ncommandTests: [{name: a}]", "`command` is missing"),
        (
            "schemaVersion: 2.0.0\nfileExistenceTests: [{name: a, path: /, permissions: x}]",
            "`x` is no permissions such as",
        ),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(UsageError) as caught:
        parse_probes(text, "t")
    assert message in caught.value.message
