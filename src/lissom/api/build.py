"""Build an image: open the context, plan, solve, assemble, and put the result where it is wanted."""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lissom.api.build_bases import Bases, NamedInputs
from lissom.api.build_index import check_annotations, index_of
from lissom.api.build_output import deliver
from lissom.api.build_request import BuildRequest
from lissom.api.world import World
from lissom.build.assemble import assemble
from lissom.build.inputs import Inputs, Sources
from lissom.build.lines import lines_of, put_lines
from lissom.build.ops import Bench
from lissom.build.plan import PlanOptions, plan, show
from lissom.build.solve import Solver, State, base_of
from lissom.build.step import Plan, PlannedStage, StageInput
from lissom.context.context import Context, open_context, open_named
from lissom.dockerfile.parser import parse
from lissom.dockerfile.syntax import Run
from lissom.events import Decision, Listener, Warned, silent
from lissom.image.image import Image
from lissom.oci.annotation import MANIFEST, chosen
from lissom.oci.digest import Digest
from lissom.oci.document import Descriptor
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference
from lissom.sandbox.mounts import Limits
from lissom.store.cache import Cache

if TYPE_CHECKING:
    from urllib3 import PoolManager

    from lissom.build.exchange import RemoteCache

__all__ = ["Built", "StageSize", "build", "dry_run"]


@dataclass(frozen=True)
class StageSize:
    """What a stage added on top of its base, in bytes as files, and whether it is in the image."""

    name: str
    size: int
    kept: bool


@dataclass(frozen=True)
class Built:
    """What a build made. ``image_id`` is docker's: the digest of the config (of the index for several platforms)."""

    descriptor: Descriptor | None
    image_id: Digest | None
    tags: tuple[Reference, ...]
    stages: tuple[StageSize, ...]
    wrote_stdout: bool = False

    def metadata_json(self) -> str:
        """What ``--metadata-file`` holds, under the names that docker's has."""
        document: dict[str, Any] = {}
        if self.descriptor:
            document["containerimage.config.digest"] = str(self.image_id)
            document["containerimage.descriptor"] = self.descriptor.to_json()
            document["containerimage.digest"] = str(self.descriptor.digest)
        if self.tags:
            document["image.name"] = ",".join(str(tag) for tag in self.tags)
        return json.dumps(document, indent=2) + "\n"


def dry_run(request: BuildRequest, world: World) -> str:
    """The plan as text, nothing done (base images are looked up and fetched: a plan depends on their configs)."""
    with _scratch(world) as scratch:
        job = _Job(request, world, silent, scratch)
        syntax = f"syntax {job.syntax} (read, not run)\n" if job.syntax else ""
        return syntax + show(job.plan(_platforms(request)[0]))


def build(request: BuildRequest, world: World, listener: Listener = silent) -> Built:
    """Build what ``request`` asks for.

    Raises DockerfileError, StepError, SandboxError, RegistryError, StoreError or IntegrityError; what was built before
    the error stays in the cache, and no name, file or registry has changed.
    """
    images: list[Image] = []
    sizes: tuple[StageSize, ...] = ()
    check_annotations(request.annotations, _platforms(request))
    with _scratch(world) as scratch:
        job = _Job(request, world, listener, scratch)
        for platform in _platforms(request):
            image, sizes = job.image(platform)
            images.append(image)
    if len(images) == 1:
        image = images[0]
        descriptor, image_id = image.manifest.descriptor, image.config.digest
    else:
        index = index_of(images, request.annotations, _platforms(request))
        descriptor, image_id = world.store.put_manifest(index.raw, index.media_type, None), index.digest
    wrote = deliver(request, descriptor, images, world, listener)
    return Built(descriptor, image_id, request.tags, sizes, wrote)


def _scratch(world: World) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="build-", dir=world.store.temporary)


def _platforms(request: BuildRequest) -> tuple[Platform, ...]:
    return request.platforms or (Platform.host(),)


class _Job:
    """One request on its way: the context and the Dockerfile are read once, for however many platforms."""

    def __init__(self, request: BuildRequest, world: World, listener: Listener, scratch: str) -> None:
        self._request = request
        self._world = world
        self._listener = listener
        self._snapshots = world.snapshots
        self._scratch = Path(scratch)
        self._context: Context = open_context(
            request.context, dockerfile=request.dockerfile, stdin=request.stdin, scratch=self._scratch, pools=self._pool
        )
        self._dockerfile = parse(self._context.dockerfile_text, self._context.dockerfile_name)
        self._named = {
            name: open_named(text, self._scratch, self._pool) for name, text in request.build_contexts.items()
        }
        self._bases = Bases(world, listener, pull=request.pull, unpack=self._runs() and not request.cache_from)

    def _pool(self, url: str) -> PoolManager:
        """What ADD names is reached as registries are: by the same proxies, with the same authorities."""
        return self._world.access.session.transport.pool(url)

    def _runs(self) -> bool:
        """Whether a base may have to be unpacked: what is only copied upon stays packed."""
        return any(isinstance(instruction, Run) for instruction in self._dockerfile.instructions)

    @property
    def syntax(self) -> str:
        """The frontend that a ``# syntax=`` line names; empty without one."""
        return self._dockerfile.directives.get("syntax", "")

    def _tell_syntax(self) -> None:
        if not self.syntax:
            return
        if self.syntax.removeprefix("docker.io/").startswith("docker/dockerfile"):
            self._listener(Decision(f"# syntax={self.syntax}", "read, not run: lissom knows the language itself"))
            return
        self._listener(
            Warned(
                f"`# syntax={self.syntax}` is read, not run: lissom reads this file as an ordinary Dockerfile",
                "a frontend of another language needs docker build",
            )
        )

    def plan(self, platform: Platform) -> Plan:
        request = self._request
        self._tell_syntax()
        options = PlanOptions(
            build_args=request.build_args,
            labels=request.labels,
            target=request.target,
            platform=platform,
            build_platform=Platform.host(),
            build_contexts=NamedInputs(self._named, self._bases, platform),
        )
        made = plan(self._dockerfile, options, self._bases.resolve)
        for message in made.warnings:
            self._listener(Warned(message))
        return made

    def image(self, platform: Platform) -> tuple[Image, tuple[StageSize, ...]]:
        made = self.plan(platform)
        request, store = self._request, self._world.store
        with self._agents() as ssh:
            solver = self._solver(made, ssh)
            state = solver.solve()
        base = base_of(made.target, made).image
        image = assemble(
            made.target,
            state,
            snapshots=self._snapshots,
            sink=store,
            compression=request.compression,
            timestamp=request.timestamp,
            inherited=len(base.config.history) if base else 0,
            annotations=chosen(request.annotations, MANIFEST, platform),
        )
        if request.squash:
            from lissom.image.mutate import squash

            image = squash(image, store, keep=len(base.layers) if base else 0, compression=request.compression)
        if request.cache_to:
            from lissom.api.build_cache import write_caches

            write_caches(request.cache_to, made, solver, world=self._world, compression=request.compression)
        if any(output.type != "cacheonly" for output in request.outputs):
            # An image that nobody gets may be one that somebody built before, from a file with a name of its own.
            put_lines(store, image.digest, lines_of(made, self._dockerfile.source))
        return image, self._sizes(made, solver)

    def _agents(self) -> AbstractContextManager[Mapping[str, Path]]:
        if not self._request.ssh:
            return nullcontext({})
        from lissom.build.ssh import agents

        return agents(self._request.ssh, self._scratch)

    def _solver(self, made: Plan, ssh: Mapping[str, Path]) -> Solver:
        request, world = self._request, self._world
        cache = Cache(world.store)
        sources = Sources(
            context=lambda name: self._named[name].tree() if name else self._context.tree(),
            download=self._context.download,
            clone=self._context.clone,
            stage=lambda index: solver.state_of(index).chain,
            hidden_by=self._context.hidden_by,
        )
        caches = self._caches()

        def remote(key: str) -> Any:
            return next((f for c in caches if (f := c.find(key, world.store, self._snapshots))), None)

        bench = Bench(
            inputs=Inputs(
                sources, self._snapshots, cache, world.store.private / "digests" / _digest(self._context.name)[:16]
            ),
            snapshots=self._snapshots,
            cache=cache,
            cache_mounts=world.store.private / "mounts",
            scope=f"{self._context.name}:{self._context.dockerfile_name}",
            compression=request.compression,
            listener=self._listener,
            stop=threading.Event(),
            machine=_digest([request.hosts, request.shm_size, request.ulimits, request.network]),
            network=request.network,
            hosts=request.hosts,
            shm_size=request.shm_size,
            limits=Limits(request.ulimits),
            secrets=request.secrets,
            ssh=ssh,
            host=request.host,
            timestamp=request.timestamp,
            no_cache=request.no_cache,
            no_cache_stages=request.no_cache_stages,
            wants_tree=any(o.type in ("tar", "local") for o in request.outputs) or request.timestamp is not None,
            remote=remote,
        )
        solver = Solver(made, bench)
        return solver

    def _caches(self) -> Sequence[RemoteCache]:
        if not self._request.cache_from:
            return ()
        from lissom.api.build_cache import open_caches

        return open_caches(self._request.cache_from, self._world, self._listener)

    def _sizes(self, made: Plan, solver: Solver) -> tuple[StageSize, ...]:
        kept = set(_ancestry(made))
        return tuple(
            StageSize(
                stage.name or str(stage.index), self._own_size(solver.state_of(stage.index), stage), stage.index in kept
            )
            for stage in made.stages
        )

    def _own_size(self, state: State, stage: PlannedStage) -> int:
        own = state.chain[len(state.chain) - len(stage.steps) :]
        return sum(self._snapshots.shape(delta).size for delta in own)


def _ancestry(made: Plan) -> list[int]:
    stages = {stage.index: stage for stage in made.stages}
    found, stage = [made.target.index], made.target
    while isinstance(stage.base, StageInput):
        stage = stages[stage.base.index]
        found.append(stage.index)
    return found


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
