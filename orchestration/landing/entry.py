"""One entry of the archive's manifest, and how it is chained to the one before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Literal, Self

Status = Literal["arrived", "nothing", "missing", "unchanged"]
FIRST = "0" * 64
"""What the first entry names as the one before it."""


class BrokenArchive(Exception):  # noqa: N818 - it is a finding about the archive
    """The manifest or a file of the archive is not what was written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What came of asking one source for one stream of one day.

    ``pull`` is the sequence of the first entry of the same answer, ``pull_size`` how many entries it has: an
    answer is there as a whole or not at all. ``digest``, ``size`` and ``suffix`` name the file of an ``arrived``
    or ``unchanged`` entry.
    """

    sequence: int
    pull: int
    pull_size: int
    status: Status
    connection: str
    source: str
    stream: str
    day: str
    window: tuple[str, str] | None
    request: Mapping[str, str]
    name: str
    received_at: str
    digest: str | None
    size: int
    suffix: str
    stated: Mapping[str, str]
    error_class: str | None
    error_code: str | None
    reason: str | None
    previous: str = FIRST
    hash: str = ""

    @property
    def local_day(self) -> date:
        """The day it is filed under."""
        return date.fromisoformat(self.day)

    def chained(self, sequence: int, pull: int, pull_size: int, previous: str) -> Self:
        """This entry at its place in the chain."""
        placed = replace(self, sequence=sequence, pull=pull, pull_size=pull_size, previous=previous, hash="")
        return replace(placed, hash=placed.own_hash())

    def own_hash(self) -> str:
        """The digest over everything but ``hash`` itself; ``previous`` is part of it, and so is the whole past."""
        facts = asdict(self)
        del facts["hash"]
        return hashlib.sha256(canonical(facts).encode()).hexdigest()

    @property
    def place(self) -> tuple[str, str, str]:
        """Connection, stream and day."""
        return self.connection, self.stream, self.day

    def line(self) -> str:
        """As it stands in the manifest."""
        return canonical(asdict(self)) + "\n"

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read a line of the manifest; raises ValueError when it is none."""
        facts = json.loads(line)
        if not isinstance(facts, dict) or set(facts) != {item.name for item in fields(cls)}:
            raise ValueError("no manifest entry")
        window = facts["window"]
        return cls(**{**facts, "window": None if window is None else (window[0], window[1])})


def canonical(facts: Mapping[str, Any]) -> str:
    """One text for one meaning: sorted keys, no blanks, UTF-8 as it is."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
