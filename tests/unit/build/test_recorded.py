"""The recorded cases of the differential suite, as far as planning and copying go: in memory, without running anything.

The config of every case is compared with what docker made of it; the tree where no step is a RUN.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from lissom.build.copy import copy, owner_of
from lissom.build.plan import PlanOptions, plan
from lissom.build.step import (
    BaseInput,
    ContextInput,
    CopyOp,
    FilesInput,
    Plan,
    RunOp,
    StageInput,
    Step,
    WorkdirOp,
)
from lissom.context.context import Context, open_context, open_named
from lissom.dockerfile.parser import parse
from lissom.errors import LissomError, StepError, UsageError
from lissom.image.image import Image
from lissom.oci.digest import Digest
from lissom.oci.document import CONFIG, Descriptor, ImageConfig, Manifest
from lissom.oci.platform import Platform
from lissom.rootfs.entry import Entry, Inline, Kind, parent_of
from lissom.rootfs.tar import read_changeset, write_layer
from lissom.rootfs.tree import Changeset, Tree
from lissom.sandbox.user import Account, find_account
from oracle.bases import bases, busybox, document
from oracle.cases import Case, all_cases
from oracle.flatten import difference, flatten, words
from oracle.observe import COMPARED, Built

pytestmark = pytest.mark.skipif(busybox() is None, reason="needs a static busybox")

VALUED = {"--build-arg", "--label", "--target", "--platform", "--build-context"}


class Everything:
    """A place that has no blobs: planning asks for configs only."""

    def has(self, digest: Digest) -> bool:
        return False


@lru_cache
def worlds() -> dict[str, tuple[Image, Tree, dict[str, str], Built]]:
    found = {}
    for base in bases():
        config = ImageConfig.parse(document(base))
        layers = [Descriptor("application/vnd.oci.image.layer.v1.tar", Digest(d), 1) for d in base.diff_ids]
        manifest = Manifest.make(Descriptor(CONFIG, config.digest, len(config.raw)), layers)
        tree = Tree()
        for number, layer in enumerate(base.layers):
            content = lambda at, size, data=layer: Inline(data[at : at + size])  # noqa: E731
            tree = tree.apply(read_changeset(io.BytesIO(layer), origin=f"{number}", content=content))
        built = Built(dict(config.document), config.raw, base.layers)
        found[base.name] = (Image(manifest, config, Everything()), tree, words(flatten(base.layers)), built)
    return found


def resolve(name: str, platform: Platform) -> BaseInput:
    short = name.removeprefix("docker.io/").removeprefix("library/")
    if short not in worlds():
        raise UsageError(f"cannot find image `{name}`")
    return BaseInput(name, worlds()[short][0])


def flags_of(case: Case, work: Path) -> tuple[dict[str, Any], str | None]:
    values: dict[str, list[str]] = {}
    flags = iter(case.arguments(case.builds(oracle=False)[0], work)[:-1])
    for flag in flags:
        name, equals, value = flag.partition("=")
        if flag in ("-f", "--file") or flag in VALUED:
            name, value = flag, next(flags)
        elif not equals:
            continue
        values.setdefault(name, []).append(value)
    environment = case.environment(work)
    options: dict[str, Any] = {}
    arguments = [pair.partition("=") for pair in values.get("--build-arg", [])]
    options["build_args"] = {
        name: value if equals else environment[name]
        for name, equals, value in arguments
        if equals or name in environment
    }
    options["labels"] = {name: value for name, _, value in (pair.partition("=") for pair in values.get("--label", []))}
    options["target"] = values.get("--target", [None])[-1]
    options["contexts"] = dict(pair.split("=", 1) for pair in values.get("--build-context", []))
    return options, (values.get("-f") or values.get("--file") or [None])[-1]


class Simulation:
    """A build in memory: trees of stages made by WORKDIR and COPY alone."""

    def __init__(self, made: Plan, context: Context, named: dict[str, Tree]) -> None:
        self.made = made
        self.context = context
        self.named = named
        self.trees: dict[int, Tree] = {}

    def run(self) -> Tree:
        for stage in self.made.stages:
            tree = self.of(stage.base)
            for step in stage.steps:
                tree = self.step(step, tree)
            self.trees[stage.index] = tree
        return self.trees[self.made.target.index]

    def of(self, source: Any) -> Tree:
        match source:
            case StageInput(index):
                return self.trees[index]
            case BaseInput(name):
                return worlds()[name.removeprefix("docker.io/").removeprefix("library/")][1] if source.image else Tree()
            case ContextInput(name):
                return self.named[name] if name else self.context.tree()
            case FilesInput(files):
                return Tree({n: Entry(n, Kind.FILE, 0o644, size=len(d), content=Inline(d)) for n, d in files})
        pytest.skip("needs a network")

    def step(self, step: Step, tree: Tree) -> Tree:
        for operation in step.operations:
            assert not isinstance(operation, RunOp)

            def account(name: str, tree: Tree = tree) -> Account:
                return find_account(name, text(tree, "etc/passwd"), text(tree, "etc/group"))

            if isinstance(operation, WorkdirOp):
                tree = tree.apply(workdir(operation, tree, account))
            else:
                assert isinstance(operation, CopyOp)
                tree = tree.apply(copy(operation, self.of(operation.input), tree, account=account, now=0))
        return tree


def workdir(operation: WorkdirOp, tree: Tree, account: Any) -> Changeset:
    path, made = tree.resolve(operation.path), []
    uid, gid = owner_of(operation.user, account) or (0, 0)
    while path and path not in tree:
        made.append(Entry(path, Kind.DIRECTORY, 0o755, uid, gid))
        path = parent_of(path)
    if not tree[path].is_directory:
        raise StepError("not a directory")
    return Changeset.of(made)


def text(tree: Tree, path: str) -> str:
    entry = tree.get(tree.resolve(path))
    if entry is None or entry.content is None:
        return ""
    with entry.content.open() as stream:
        return stream.read().decode()


def build(case: Case, work: Path) -> tuple[Plan, Tree | None]:
    case.prepare(work, oracle=False)
    options, dockerfile = flags_of(case, work)
    scratch = work / "scratch"
    scratch.mkdir(exist_ok=True)
    context = open_context(
        case.arguments(case.builds(oracle=False)[0], work)[-1],
        dockerfile=dockerfile,
        stdin=io.BytesIO(case.stdin(work)),
        scratch=scratch,
    )
    named = {name: open_named(value, scratch) for name, value in options.pop("contexts").items()}
    contexts = {
        name: resolve(opened.image, Platform.host()) if opened.image else ContextInput(name)
        for name, opened in named.items()
    }
    parsed = parse(context.dockerfile_text, context.dockerfile_name)
    made = plan(parsed, PlanOptions(**options, build_contexts=contexts), resolve)
    if any(isinstance(op, RunOp) for stage in made.stages for step in stage.steps for op in step.operations):
        return made, None
    trees = {name: opened.tree() for name, opened in named.items() if not opened.image}
    return made, Simulation(made, context, trees).run()


def observed(made: Plan, case: Case) -> dict[str, Any]:
    """The config as the suite compares it, and how many lines of history there are above the base's."""
    config = made.target.config
    settings = {key: config["config"][key] for key in COMPARED if config["config"].get(key)}
    inherited = worlds()[case.base][3].config["history"] if case.base in worlds() else []
    return {
        "config": settings | {key: config[key] for key in ("architecture", "author", "os") if config.get(key)},
        "history": len(config["history"]) - len(inherited),
    }


def changed(tree: Tree, case: Case) -> dict[str, str]:
    """What ``tree`` has otherwise than the case's base."""
    buffer = io.BytesIO()
    write_layer(Changeset.of(entry for path, entry in tree.items() if path), buffer)
    below = worlds()[case.base][2] if case.base in worlds() else {}
    return difference(dict(below), words(flatten((buffer.getvalue(),))))


def check_failure(case: Case, work: Path) -> None:
    """The case is refused, or there is a step left that can fail when it runs."""
    said = ""
    try:
        _, tree = build(case, work)
    except LissomError as error:
        said = f"{error} {error.hint}".lower()
    if said:
        missing = [phrase for phrase in case.settings.get("says", []) if phrase.lower() not in said]
        assert not missing
    else:
        assert tree is None, "accepted"


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_like_the_record(case: Case, tmp_path: Path) -> None:
    if case.expected is None or len(case.builds(oracle=False)) > 1:
        pytest.skip("not recorded, or several builds")
    if case.fails:
        check_failure(case, tmp_path / "w")
        return
    made, tree = build(case, tmp_path / "w")
    seen = observed(made, case)
    if "config" not in case.loose:
        assert seen["config"] == case.expected["config"]
    if "history" not in case.loose:
        assert seen["history"] == len(case.expected["history"])
    if "tree" not in case.loose and tree is not None:
        assert changed(tree, case) == case.expected["tree"]
