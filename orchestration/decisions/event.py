"""One event of the log of decisions, and how it is chained to the one before."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Self

from orchestration.landing.entry import FIRST, canonical

Kind = Literal["proposed", "approved", "rejected"]
ID_LENGTH: Final = 16


class DecisionError(Exception):
    """A decision cannot be taken as it was asked, or the log of decisions is not what was written."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person says, before it has its place in the log. ``content`` is plain JSON data."""

    kind: Kind
    person: str
    content: Mapping[str, Any]
    decision_id: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What stands in the log. ``content`` is canonical JSON, ``at`` ISO 8601 in UTC, ``signature`` base64 of Ed25519.

    A verdict's content names the hash of the event it is about, which covers what was proposed to the last letter.
    """

    sequence: int
    at: str
    person: str
    kind: Kind
    decision_id: str
    content: str
    signature: str
    previous_hash: str = FIRST
    hash: str = ""

    @classmethod
    def begun(cls, draft: Draft, at: str, last: "Event | None") -> Self:
        """The draft behind the last event, not signed yet; a proposal gets its number here."""
        previous = last.hash if last else FIRST
        content = canonical(draft.content)
        number = draft.decision_id or hashlib.sha256(f"{previous}{at}{content}".encode()).hexdigest()[:ID_LENGTH]
        sequence = last.sequence + 1 if last else 1
        return cls(sequence, at, draft.person, draft.kind, number, content, "", previous)

    @property
    def facts(self) -> Mapping[str, Any]:
        """The content as data."""
        found: dict[str, Any] = json.loads(self.content)
        return found

    @property
    def message(self) -> bytes:
        """What the person signs: everything said, and the hash before, so that it fits at one place of one log only."""
        said = asdict(self)
        del said["signature"], said["hash"]
        return canonical(said).encode()

    def signed(self, signature: str) -> Self:
        """With its signature and its own hash."""
        event = replace(self, signature=signature)
        return replace(event, hash=event.own_hash())

    def own_hash(self) -> str:
        """The digest over everything but ``hash`` itself."""
        said = asdict(self)
        del said["hash"]
        return hashlib.sha256(canonical(said).encode()).hexdigest()


def first_break(events: Sequence[Event]) -> str | None:
    """What is wrong with the first event that does not follow from the one before; None when all do."""
    previous = FIRST
    for place, event in enumerate(events, start=1):
        if event.sequence != place:
            return f"event {place} is gone; the next one carries sequence {event.sequence}"
        if event.previous_hash != previous:
            return f"event {place} does not name the event before it"
        if event.own_hash() != event.hash:
            return f"event {place} was changed after it was written"
        previous = event.hash
    return None
