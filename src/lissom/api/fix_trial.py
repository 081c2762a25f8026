"""Build drafts of one Dockerfile from the same inputs: one context, one store, one cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lissom.api.build_request import BuildRequest, Output
from lissom.api.opened import unpacked
from lissom.api.world import World
from lissom.errors import DockerfileError, LissomError, RegistryError, StepError, UsageError
from lissom.events import Decision, Listener
from lissom.image.image import Image
from lissom.lint.fixed import Draft
from lissom.lint.proof import Weight
from lissom.rootfs.tree import Tree
from lissom.verify.container import chain_of

__all__ = ["TrialError", "Trials"]

_LINES = 5
_CACHED = (Output("cacheonly"),)


class TrialError(Exception):
    """A draft cannot be built; the message says why, on one line or with the last lines of a step's output."""


class Trials:
    """Builds of drafts. ``request`` says how to build; its context must be a directory of this machine.

    The Dockerfile and the ignore file of a draft are read from ``scratch``; what is in the context stays as it is, so a
    COPY that takes the Dockerfile itself takes the original.
    """

    def __init__(self, request: BuildRequest, name: str, world: World, listener: Listener, scratch: Path) -> None:
        self._request = request
        self._name = name
        self._world = world
        self._listener = listener
        self._file = scratch / "Dockerfile"
        self._ignore = _ignore_text(request)
        self._images: dict[tuple[str, ...], Image] = {}
        self.builds = 0

    def image(self, draft: Draft, why: str, *, fresh: bool = False) -> Image:
        """The image of a draft, built when no equal one was. Raises TrialError.

        ``fresh`` runs every step; the cache has its results from then on, so that image takes the other one's place.
        """
        key = (draft.text, *(word for pair in sorted(draft.files.items()) for word in pair))
        if fresh or key not in self._images:
            try:
                self._images[key] = self._build(draft, why, fresh=fresh)
            except (DockerfileError, StepError, RegistryError, UsageError) as error:
                raise TrialError(self._shown(error)) from error
        return self._images[key]

    def original(self, draft: Draft) -> Image:
        """The image of the file as it is. Raises what a build raises, with the file's own name."""
        try:
            return self.image(draft, "as it is")
        except TrialError as error:
            cause = error.__cause__
            assert isinstance(cause, LissomError)
            cause.message = cause.message.replace(str(self._file), self._name)
            cause.args = (cause.message,)
            cause.hint = (
                cause.hint
                or "what cannot be built cannot be compared: mend that first, perhaps by `lissom fix` without --verify"
            )
            raise cause from None

    def tree(self, image: Image) -> Tree:
        """The image's files, which can be read."""
        return unpacked(chain_of(image, self._world.snapshots), self._world.snapshots)

    def weight(self, image: Image) -> Weight:
        snapshots = self._world.snapshots
        sizes = [snapshots.shape(snapshots.adopt(layer)).size for layer in image.layers]
        return Weight(str(image.digest), sum(sizes), sum(layer.descriptor.size for layer in image.layers))

    def size(self, draft: Draft) -> int | None:
        """Bytes of the layers' files of a draft's image; None when it cannot be built."""
        try:
            return self.weight(self.image(draft, "to tell what an edit saves")).size
        except TrialError:
            return None

    def files(self, draft: Draft) -> tuple[str, ...]:
        """What the layers of a draft's image are, which was built before."""
        return tuple(str(layer.diff_id) for layer in self.image(draft, "as before").layers)

    def _build(self, draft: Draft, why: str, *, fresh: bool) -> Image:
        from lissom.api.build import build

        self.builds += 1
        self._listener(Decision(f"build {self._name}", why, telling=True))
        self._file.write_text(draft.text, encoding="utf-8", errors="surrogateescape", newline="")
        self._write_ignore(draft.files)
        request = replace(
            self._request,
            dockerfile=str(self._file),
            tags=(),
            outputs=_CACHED,
            no_cache=self._request.no_cache or fresh,
        )
        built = build(request, self._world, self._listener)
        assert built.descriptor is not None
        return self._world.store.image(built.descriptor)

    def _write_ignore(self, files: Mapping[str, str]) -> None:
        """Beside the Dockerfile it counts before the context's own, also when it is empty."""
        text = next((text for name, text in files.items() if name.endswith(".dockerignore")), self._ignore)
        place = self._file.with_name(f"{self._file.name}.dockerignore")
        place.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")

    def _shown(self, error: LissomError) -> str:
        message = error.message.replace(str(self._file), self._name)
        output = error.output[-_LINES:] if isinstance(error, StepError) else ()
        return "\n".join([message, *(line for line in output if line not in message)])


def _ignore_text(request: BuildRequest) -> str:
    """What the ignore file of the original says; nothing without one. A Dockerfile from stdin has none of its own."""
    places = [Path(request.context) / ".dockerignore"]
    if request.dockerfile is not None:
        named = Path(request.dockerfile)
        places.insert(0, named.with_name(f"{named.name}.dockerignore"))
    for place in places:
        try:
            return place.read_bytes().decode("utf-8", "surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise UsageError(f"cannot read `{place}`: {error.strerror}") from error
    return ""
