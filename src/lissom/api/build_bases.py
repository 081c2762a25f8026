"""Base images of a build: from the store, else pulled; each is looked up once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING

from lissom.api.world import World
from lissom.build.step import BaseInput, ContextInput
from lissom.context.named import NamedContext
from lissom.errors import LissomError, StoreError
from lissom.events import Decision, Listener
from lissom.image.image import Image, read_blob
from lissom.oci.document import Descriptor
from lissom.oci.platform import Platform
from lissom.oci.reference import Reference

if TYPE_CHECKING:
    from lissom.registry.client import Registry

__all__ = ["Bases", "NamedInputs"]


class Bases:
    """The resolver that a plan is made with. ``pull`` asks the registry even for what the store has.

    With ``unpack`` what is pulled is unpacked while it arrives.
    """

    def __init__(self, world: World, listener: Listener, *, pull: bool, unpack: bool) -> None:
        self._world = world
        self._pull = pull
        self._unpack = unpack
        self._listener = listener
        self._known: dict[tuple[str, Platform], BaseInput] = {}
        self._lock = Lock()

    def resolve(self, name: str, platform: Platform) -> BaseInput:
        """The image that ``name`` is for ``platform``. Raises RegistryError when nobody has it."""
        with self._lock:
            if (name, platform) not in self._known:
                self._known[name, platform] = BaseInput(name, self._image(Reference.parse(name), platform))
            return self._known[name, platform]

    def context(self, name: str, context: NamedContext, platform: Platform) -> BaseInput | ContextInput:
        """What ``--build-context name=…`` stands for: an image or files."""
        if context.image:
            return self.resolve(context.image, platform)
        if context.layout:
            return BaseInput(name, self._from_layout(context, platform))
        return ContextInput(name)

    def _image(self, reference: Reference, platform: Platform) -> Image:
        if not self._pull and (image := self._stored(reference, platform)):
            return image
        from lissom.api.transfer import choose

        registry = self._world.access.registry(reference)
        try:
            found = choose(registry.get_manifest(reference), registry, platform)
        except LissomError as error:
            there = self._platforms(reference)
            error.hint = error.hint or (
                f"the store has it for {there}, not for {platform}: build it for that platform, or give --platform"
                if there
                else "build or load it into the store first, or name a registry that has it"
            )
            raise
        return self._fetch(reference, found, registry, platform)

    def _platforms(self, reference: Reference) -> str:
        """What the store has of an image, when that is not what was asked for."""
        try:
            return str(self._world.store.image(self._world.store.get_manifest(reference), None).platform)
        except LissomError:
            return ""

    def _fetch(self, reference: Reference, found: Descriptor, registry: Registry, platform: Platform) -> Image:
        from lissom.api.arriving import Arriving
        from lissom.api.transfer import transfer

        store = self._world.store
        named = reference if platform == Platform.host() and not reference.digest else None
        if self._unpack:
            arriving = Arriving(read_blob(registry, found), store, self._world.snapshots)
            moved = transfer(found, registry, store, named, arrival=arriving, listener=self._listener)
        else:
            moved = transfer(found, registry, store, named, listener=self._listener)
        self._listener(Decision(reference.familiar, f"pulled {found.digest}"))
        return store.image(moved.descriptor, platform)

    def _stored(self, reference: Reference, platform: Platform) -> Image | None:
        try:
            image = self._world.store.image(self._world.store.get_manifest(reference), platform)
        except StoreError:
            return None
        if not platform.runs(image.platform):
            self._listener(Decision(reference.familiar, f"the store has it for {image.platform}, not for {platform}"))
            return None
        return image

    def _from_layout(self, context: NamedContext, platform: Platform) -> Image:
        from lissom.api.transfer import choose, transfer
        from lissom.archive.layout import Layout

        assert context.layout is not None
        layout = Layout.open_directory(context.layout)
        found = choose(layout.find(context.layout_name), layout, platform)
        moved = transfer(found, layout, self._world.store, None, listener=self._listener)
        return self._world.store.image(moved.descriptor, platform)


class NamedInputs(Mapping[str, BaseInput | ContextInput]):
    """What ``--build-context`` names stand for; an image is fetched when a Dockerfile uses its name, not before."""

    def __init__(self, named: Mapping[str, NamedContext], bases: Bases, platform: Platform) -> None:
        self._named = named
        self._bases = bases
        self._platform = platform

    def __getitem__(self, name: str) -> BaseInput | ContextInput:
        return self._bases.context(name, self._named[name], self._platform)

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)
