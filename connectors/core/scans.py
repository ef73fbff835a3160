"""What the scans of a parcel say about it, whoever tells them. No source's words are known here."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from connectors.core.canonical import local_time

Kind = Literal["label", "unclear", "seen", "moved", "delivered", "returned"]
"""label: the carrier knows of the parcel and has not got it. unclear: a scan only once the parcel has moved.
seen: a scan that proves no pick-up. moved, delivered, returned: the carrier has the parcel, or had it."""

UTC_ZONE = ZoneInfo("UTC")
CARRIED = frozenset({"moved", "delivered", "returned"})


def bare(number: str) -> str:
    """A waybill's number as carriers compare it: without blanks and dashes, in capitals."""
    return re.sub("[^A-Z0-9]", "", number.upper())


def scan_times(scans: Iterable[tuple[str, Kind]]) -> dict[str, str | None] | None:
    """The times of ``trackings`` by instant, whatever the order and the repetitions; None where one is no time.

    What is delivered after it was sent back has come back to its sender: that is no delivery.
    """
    read = [(local_time(text, UTC_ZONE), kind) for text, kind in scans if text]
    if any(text is None for text, _ in read):
        return None
    moments = [(datetime.fromisoformat(text), kind) for text, kind in read if text]
    picked_up = min((at for at, kind in moments if kind in CARRIED), default=None)
    returned = min((at for at, kind in moments if kind == "returned"), default=None)
    delivered = [at for at, kind in moments if kind == "delivered" and (returned is None or at < returned)]
    seen = [
        at
        for at, kind in moments
        if kind == "seen" or kind in CARRIED or (kind == "unclear" and picked_up is not None and at > picked_up)
    ]
    return {
        "picked_up_at": _iso(picked_up),
        "delivered_at": _iso(min(delivered, default=None)),
        "returned_at": _iso(returned),
        "last_scan_at": _iso(max(seen, default=None)),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
