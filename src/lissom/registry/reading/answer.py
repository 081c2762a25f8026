"""What the places of a route answer, and which of their refusals counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lissom.errors import RegistryError
from lissom.registry.endpoint import Endpoint
from lissom.registry.session import Host
from lissom.registry.wire.network import Network
from lissom.registry.wire.transport import TRY_AGAIN, Response, discard, failure

__all__ = ["NOT_FOR_US", "Answer", "Refusal", "drop", "verdict"]

NOT_FOR_US = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Answer:
    """What one place answered, its body unread; ``network`` has the deadlines that hold for reading it.

    ``others`` is what places that were asked before had to say.
    """

    response: Response
    endpoint: Endpoint
    host: Host
    url: str
    network: Network
    others: str = ""

    def failure(self, method: str) -> RegistryError:
        """The error for an answer that is not what was asked for."""
        refused = self.response.status in NOT_FOR_US
        login = self.host.hint(self.endpoint.repository) if refused else None
        return _with_others(failure(self.response, method, self.url, hint=login), self.others)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one place did not help: an ``error``, or its ``answer``; ``wait`` is what it asks for, in seconds."""

    endpoint: Endpoint
    error: RegistryError | None = None
    answer: Answer | None = None
    wait: float | None = None

    @property
    def temporary(self) -> bool:
        """Whether another try may help."""
        return self.error.temporary if self.error else bool(self.answer and self.answer.response.status in TRY_AGAIN)

    def __str__(self) -> str:
        if self.error:
            cause = self.error.message.partition("`: ")[2]
        else:
            response = self.answer.response if self.answer else None
            cause = f"{response.status} {response.reason or ''}".strip() if response else ""
        return f"`{self.endpoint.host}`: {cause}"


def verdict(refusals: list[Refusal]) -> Answer:
    """The refusal that counts, as an answer or an error: the registry's own, else the last one."""
    counts = next((r for r in refusals if not r.endpoint.mirror), refusals[-1])
    others = "; ".join(str(r) for r in refusals if r is not counts)
    drop(r for r in refusals if r is not counts)
    if counts.answer:
        return replace(counts.answer, others=others)
    assert counts.error is not None
    raise _with_others(counts.error, others)


def drop(refusals: Iterable[Refusal]) -> None:
    """Be done with answers that nobody will read."""
    for refusal in refusals:
        if refusal.answer:
            discard(refusal.answer.response)


def _with_others(error: RegistryError, others: str) -> RegistryError:
    if not others:
        return error
    said = f"mirrors said {others}"
    hint = f"{error.hint}; {said}" if error.hint else said
    return RegistryError(error.message, hint=hint, temporary=error.temporary)
