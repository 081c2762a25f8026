"""Plans: what the differential record does not show, such as argument lists, mounts, warnings and the texts of faults."""

from __future__ import annotations

from typing import Any

import pytest

from lissom.build.plan import PlanOptions, plan, show
from lissom.build.step import (
    BaseInput,
    ContextInput,
    CopyOp,
    FilesInput,
    GitInput,
    Plan,
    RunMount,
    RunOp,
    StageInput,
    UrlInput,
)
from lissom.dockerfile.parser import parse
from lissom.errors import DockerfileError, RegistryError, UsageError
from lissom.image.image import Image
from lissom.oci.digest import Digest
from lissom.oci.document import CONFIG, Descriptor, ImageConfig, Manifest
from lissom.oci.platform import Platform

AMD64 = Platform("linux", "amd64")
ARM = Platform("linux", "arm", "v7")


class Nothing:
    """A place that holds no blobs."""

    def has(self, digest: Digest) -> bool:
        return False


def image(**settings: Any) -> Image:
    document = {
        "architecture": "amd64",
        "os": "linux",
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    config = ImageConfig.make(document)
    return Image(Manifest.make(Descriptor(CONFIG, config.digest, len(config.raw)), []), config, Nothing())


ASKED: list[tuple[str, Platform]] = []


def resolve(name: str, platform: Platform) -> BaseInput:
    ASKED.append((name, platform))
    settings: dict[str, dict[str, Any]] = {
        "bash": {"Shell": ["/bin/bash", "-c"], "Cmd": ["x"], "Entrypoint": ["y"]},
        "trigger": {"OnBuild": ["COPY --from=tools /a /b", "RUN echo $X"]},
        "bad-trigger": {"OnBuild": ["COPY onlyone"]},
    }
    return BaseInput(name, image(**settings.get(name, {"Env": ["PATH=/bin"]})))


def made(text: str, **options: Any) -> Plan:
    ASKED.clear()
    options.setdefault("platform", AMD64)
    options.setdefault("build_platform", AMD64)
    return plan(parse(text), PlanOptions(**options), resolve)


def operations(text: str, **options: Any) -> list[Any]:
    return [op for step in made(text, **options).target.steps for op in step.operations]


def run(text: str, **options: Any) -> RunOp:
    found = operations(text, **options)[-1]
    assert isinstance(found, RunOp)
    return found


def history(text: str, **options: Any) -> list[str]:
    return [line["created_by"] for line in made(text, **options).target.config["history"]]


def test_only_what_the_target_needs_is_planned_and_asked_for() -> None:
    text = "FROM one AS a\nRUN a\nFROM two AS b\nRUN b\nFROM three AS c\nCOPY --from=A /x /x\nFROM four\nRUN d\n"
    planned = made(text, target="C")
    assert [stage.name for stage in planned.stages] == ["a", "c"]
    assert planned.skipped == ("b", "3")
    assert ASKED == [("three", AMD64), ("one", AMD64)]


def test_names_of_steps_and_their_places() -> None:
    planned = made("FROM a AS b\nFROM x\nWORKDIR /w\nENV A=1\nRUN make\n")
    assert [step.name for step in planned.target.steps] == ["[stage-1 2/3] WORKDIR /w", "[stage-1 3/3] RUN make"]
    assert [step.history for step in planned.target.steps] == [0, 2]
    assert made("FROM x\nRUN make").target.steps[0].name == "[2/2] RUN make"


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ("FROM a\nRUN echo $A", ("/bin/sh", "-c", "echo $A")),
        ('FROM a\nRUN ["a", "$B"]', ("a", "$B")),
        ("FROM bash\nRUN a", ("/bin/bash", "-c", "a")),
        ('FROM a\nSHELL ["x", "y"]\nRUN a', ("x", "y", "a")),
        ("FROM a\nRUN <<E\na\nb\nE\n", ("/bin/sh", "-c", "a\nb\n")),
        ("FROM a\nRUN cat <<E >x\na\nE\n", ("/bin/sh", "-c", "cat <<E >x\na\nE")),
        ("FROM a\nRUN <<A cat && <<B cat\n1\nA\n2\nB\n", ("/bin/sh", "-c", "<<A cat && <<B cat\n1\nA\n2\nB")),
        ("FROM a\nRUN <<-E\n\ta\n\tE\n", ("/bin/sh", "-c", "a\n")),
    ],
)
def test_argument_lists(text: str, argv: tuple[str, ...]) -> None:
    assert run(text).argv == argv


def test_a_script_with_an_interpreter_is_a_file() -> None:
    found = run("FROM a\nRUN <<EOT\n#!/usr/bin/python3\nprint(1)\nEOT\n")
    assert found.argv == ("/bin/sh", "-c", "/dev/pipes/EOT")
    assert found.files == (("/dev/pipes/EOT", b"#!/usr/bin/python3\nprint(1)\n"),)


def test_later_lines_of_env_and_arg_win_for_the_process() -> None:
    found = run("FROM a\nARG X=arg\nENV X=env Y=1\nARG Y=2\nARG Z\nRUN a", build_args={"Y": "3"})
    assert dict(found.env) == {"PATH": "/bin", "X": "env", "Y": "3"}
    assert found.args == ("X", "Y")
    assert history("FROM a\nARG X=1\nARG Z\nENV X=2\nRUN a")[-1] == "RUN |2 X=2 Z= /bin/sh -c a # buildkit"


def test_args_of_a_parent_stage_are_seen_but_not_declared() -> None:
    text = "FROM a AS p\nARG X\nFROM p\nRUN a"
    assert dict(run(text, build_args={"X": "1"}).env)["X"] == "1"
    assert history(text, build_args={"X": "1"})[-1] == "RUN /bin/sh -c a # buildkit"


def test_platforms() -> None:
    text = "ARG TARGETARCH\nFROM --platform=$BUILDPLATFORM a$TARGETARCH AS x\nARG TARGETPLATFORM TARGETVARIANT TARGETSTAGE\nRUN a"
    planned = made(text, platform=ARM)
    assert ASKED == [("aarm", AMD64)]
    step = planned.target.steps[0].operations[0]
    assert isinstance(step, RunOp)
    assert dict(step.env)["TARGETPLATFORM"] == "linux/arm/v7"
    assert (dict(step.env)["TARGETVARIANT"], dict(step.env)["TARGETSTAGE"]) == ("v7", "default")
    assert "TARGETOS" not in dict(step.env)


def test_proxies_reach_the_process_only() -> None:
    planned = made("FROM a\nRUN a", build_args={"http_proxy": "u"}, proxies={"NO_PROXY": "n", "HTTP_PROXY": "other"})
    found = planned.target.steps[0].operations[0]
    assert isinstance(found, RunOp)
    assert found.proxies == (("HTTP_PROXY", "u"), ("http_proxy", "u"), ("NO_PROXY", "n"), ("no_proxy", "n"))
    assert "u" not in dict(found.env).values()
    assert planned.target.config["history"][-1]["created_by"] == "RUN /bin/sh -c a # buildkit"
    assert planned.warnings == ()


def test_a_build_argument_that_nothing_declares() -> None:
    assert made("FROM a\nARG Y", build_args={"X": "1", "Y": "2", "BUILDKIT_INLINE_CACHE": "1"}).warnings == (
        "no ARG declares `X`: the build argument has no effect",
    )


def test_what_entrypoint_resets() -> None:
    def settings(text: str) -> tuple[Any, Any]:
        config = made(text).target.config["config"]
        return config.get("Entrypoint"), config.get("Cmd")

    assert settings('FROM bash\nENTRYPOINT ["e"]') == (["e"], None)
    assert settings('FROM bash\nCMD ["c"]\nENTRYPOINT ["e"]') == (["e"], ["c"])
    assert settings('FROM bash AS x\nCMD ["c"]\nFROM x\nENTRYPOINT ["e"]') == (["e"], None)
    assert settings('FROM bash\nCMD ["c"]') == (["y"], ["c"])


def test_triggers_run_and_copy_from_stages_of_the_file() -> None:
    planned = made("FROM a AS tools\nFROM trigger\nRUN b")
    assert [stage.index for stage in planned.stages] == [0, 1]
    assert [step.name for step in planned.target.steps] == [
        "[stage-1 2/4] ONBUILD COPY --from=tools /a /b",
        "[stage-1 3/4] ONBUILD RUN echo $X",
        "[stage-1 4/4] RUN b",
    ]
    assert "OnBuild" not in planned.target.config["config"]


def test_labels_of_the_command_line_come_last() -> None:
    planned = made("FROM a\nLABEL a=1 b=2", labels={"b": "3", "c": "4"})
    assert planned.target.config["config"]["Labels"] == {"a": "1", "b": "3", "c": "4"}


def test_named_contexts_replace_bases_stages_and_inputs() -> None:
    other = BaseInput("other", image())
    assert made("FROM debian:latest", build_contexts={"debian": other}).target.base == other
    assert ASKED == []
    planned = made("FROM a AS s\nRUN x\nFROM b\nCOPY --from=s / /", build_contexts={"s": ContextInput("s")})
    assert [stage.index for stage in planned.stages] == [1]
    found = planned.target.steps[0].operations[0]
    assert isinstance(found, CopyOp)
    assert found.input == ContextInput("s")
    files = made("FROM src", build_contexts={"src": ContextInput("src")}).target
    assert files.base == BaseInput("scratch", None)
    assert files.steps[0].operations == (CopyOp(ContextInput("src"), ("/",), "/"),)


def test_inputs_of_copy_and_add() -> None:
    text = (
        "FROM x AS s\nFROM y\nWORKDIR /w\nENV V=v\n"
        "COPY --from=0 --chown=$V:1 --chmod=u+x --link a$V /b c/\n"
        "COPY <<A <<'B' ./\n$V \"q\"\nA\n$V\nB\n"
        "ADD --keep-git-dir=true https://h/r.git#ref:sub a.tar https://h/f.tgz?x=1 /d\n"
        "ADD --unpack=true https://h/f.tgz /d\nADD --unpack=false a.tar /d"
    )
    copied, first, second, git, local, url, unpacked, kept = operations(text)[1:]
    assert copied == CopyOp(StageInput(0), ("av", "/b"), "/w/c/", chown="v:1", chmod="u+x", link=True)
    assert first == CopyOp(FilesInput((("A", b'v "q"\n'),)), ("A",), "/w/")
    assert second.input == FilesInput((("B", b"$V\n"),))
    assert git == CopyOp(GitInput("https://h/r.git", "ref", "sub", True), ("/",), "/d")
    assert (local.sources, local.unpack) == (("a.tar",), True)
    assert url == CopyOp(UrlInput("https://h/f.tgz?x=1"), ("f.tgz",), "/d")
    assert (unpacked.unpack, kept.unpack) == (True, False)


MOUNTS = [
    ("type=bind,target=/t", RunMount("bind", "/t", input=ContextInput(), readonly=True)),
    ("source=a/../b,target=t,rw", RunMount("bind", "/w/t", source="b", input=ContextInput())),
    ("from=s,src=/x,dst=/t", RunMount("bind", "/t", source="x", input=StageInput(0), readonly=True)),
    ("type=cache,target=$V", RunMount("cache", "/w/v", id="v", mode=0o755)),
    ("type=cache,target=/c/,id=x,sharing=locked,mode=0700,uid=5,gid=6,ro",
     RunMount("cache", "/c", id="x", sharing="locked", readonly=True, mode=0o700, uid=5, gid=6)),
    ("type=tmpfs,target=/t,size=1.5m", RunMount("tmpfs", "/t", size=1536 << 10)),
    ("type=secret,id=a/b", RunMount("secret", "/run/secrets/b", id="a/b", mode=0o400)),
    ("type=secret,target=/etc/s,required", RunMount("secret", "/etc/s", id="s", required=True, mode=0o400)),
    ("type=secret,id=a,env=A", RunMount("secret", "", id="a", env="A", mode=0o400)),
    ("type=ssh,required=true", RunMount("ssh", "", id="default", required=True, mode=0o600)),
]  # fmt: skip


@pytest.mark.parametrize(("flag", "expected"), MOUNTS, ids=[flag for flag, _ in MOUNTS])
def test_mounts(flag: str, expected: RunMount) -> None:
    assert run(f"FROM x AS s\nFROM a\nENV V=v\nWORKDIR /w\nRUN --mount={flag} a").mounts == (expected,)


FAULTS = [
    ("FROM $X",
     "Dockerfile:1:6: base name `$X` should not be blank\n 1 | FROM $X\n   |      ^^\nhint: a variable in it is empty"),
    ("FROM a AS build\nFROM b\nCOPY --from=BIULD: / /",
     ("Dockerfile:3:6: cannot read image reference `BIULD:`: `` is not a tag\n"
     " 3 | COPY --from=BIULD: / /\n   |      ^^^^^^^^^^^^^\nhint: did you mean the stage `build`?")),
    ("FROM a\nCOPY --from=1 / /",
     "Dockerfile:2:6: there is no stage 1\n 2 | COPY --from=1 / /\n   |      ^^^^^^^^\nhint: the stages are 0 to 0"),
    ("FROM a\nCOPY --from=0 / /",
     ("Dockerfile:2:6: cannot copy from stage `0`: it needs to be defined before the stage that copies\n"
     " 2 | COPY --from=0 / /\n   |      ^^^^^^^^")),
    ("FROM --platform=$X a",
     "Dockerfile:1:6: empty platform value from expression `$X`\n 1 | FROM --platform=$X a\n   |      ^^^^^^^^^^^^^"),
    ("FROM a\nCOPY --chmod=9 a b",
     ("Dockerfile:2:6: invalid chmod parameter `9`: an octal mode has the digits 0 to 7\n"
     " 2 | COPY --chmod=9 a b\n   |      ^^^^^^^^^")),
    ("FROM a\nCOPY https://x.org/a b",
     ("Dockerfile:2:1: source can't be a URL for COPY: `https://x.org/a`\n 2 | COPY https://x.org/a b\n"
     "   | ^^^^^^^^^^^^^^^^^^^^^^\nhint: use ADD")),
    ("FROM a\nADD --checksum=sha256:1 https://x.org/a b",
     ("Dockerfile:2:5: invalid checksum `sha256:1`\n 2 | ADD --checksum=sha256:1 https://x.org/a b\n"
     "   |     ^^^^^^^^^^^^^^^^^^^\nhint: write sha256: and 64 hex digits")),
    ("FROM a\nEXPOSE 70000",
     "Dockerfile:2:1: cannot expose `70000`: port 70000 is larger than 65535\n 2 | EXPOSE 70000\n   | ^^^^^^^^^^^^"),
    ("FROM a\nSTOPSIGNAL SIGNOT",
     ("Dockerfile:2:1: `SIGNOT` is not a signal\n 2 | STOPSIGNAL SIGNOT\n   | ^^^^^^^^^^^^^^^^^\n"
     "hint: write a name, as SIGTERM, or a number")),
    ("FROM a\nLABEL a=${X:?none}",
     "Dockerfile:2:9: cannot expand `${X:?none}`: X: none\n 2 | LABEL a=${X:?none}\n   |         ^^^^^^^^^^"),
    ("FROM bad-trigger", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[text.split("\n")[-1] for text, _ in FAULTS])
def test_faults(text: str, message: str | None) -> None:
    with pytest.raises(DockerfileError) as caught:
        made(text)
    if message is not None:
        assert str(caught.value) == message


def test_a_base_that_was_meant_to_be_a_stage() -> None:
    def refuse(name: str, platform: Platform) -> BaseInput:
        if name == "biuld":
            raise RegistryError("cannot pull `biuld`")
        return BaseInput(name, None)

    with pytest.raises(RegistryError) as caught:
        plan(parse("FROM a AS build\nFROM biuld"), PlanOptions(), refuse)
    assert caught.value.hint == "did you mean the stage `build`?"


def test_an_unknown_target() -> None:
    with pytest.raises(UsageError) as caught:
        made("FROM a AS build\nFROM b AS test", target="tets")
    assert str(caught.value) == "cannot build target `tets`: there is no stage of that name in `Dockerfile`"
    assert caught.value.hint == "did you mean `test`?"


def test_a_plan_in_words() -> None:
    text = "FROM a AS b\nRUN make\nFROM scratch\nCOPY --from=b /x /\nFROM b AS other\n"
    digest = resolve("a", AMD64).image
    assert digest is not None
    assert show(made(text, target="other", build_args={"Q": ""})) == (
        f"stage 0 (b) from a@{digest.digest}\n  platform linux/amd64\n  [b 2/2] RUN make\n"
        "stage 2 (other) from stage 0\n  platform linux/amd64\nskipped: stage 1\n"
        "warning: no ARG declares `Q`: the build argument has no effect"
    )
