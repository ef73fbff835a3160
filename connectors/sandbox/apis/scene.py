"""What every API of the sandbox sees, and what it has to be able to say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from connectors.sandbox.apis.http import Request, Response
from connectors.sandbox.market import Market
from connectors.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Scene:
    """``now`` is the world's time, local and naive: nothing later shows. ``clock`` is the machine's, for signatures."""

    world: World
    market: Market
    keys: Mapping[str, str]
    now: datetime
    clock: datetime

    @property
    def local_clock(self) -> datetime:
        """The machine's time as the world writes times: local and naive."""
        return self.clock.astimezone(self.world.config.timezone).replace(tzinfo=None)


class Handle(Protocol):
    """Answers one request."""

    def __call__(self, request: Request, scene: Scene) -> Response:
        """The answer in the source's own words, refusals included."""
        ...


@dataclass(frozen=True, slots=True)
class Api:
    """One source's API: its answers, and how it says "too many", "not yet" and "we failed".

    ``spoilt``: kinds of bad weather only this API knows, each turning a good answer into a bad one.
    """

    handle: Handle
    limited: Callable[[Scene], Response]
    late: Callable[[Scene], Response]
    failed: Callable[[Scene], Response] | None = None
    spoilt: Mapping[str, Callable[[Response], Response]] = field(default_factory=dict)
