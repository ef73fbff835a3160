"""Shippo's answers as the stream ``trackings``, for ``tieout inspect``. Staging does the same in SQL."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from connectors.core.canonical import Made, Unusable, collected, text_of
from connectors.core.protocol import Canonical, Connection, Unpacked
from connectors.core.scans import Kind, scan_times

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "PRE_TRANSIT": "label",
        "UNKNOWN": "unclear",
        "": "unclear",
        "TRANSIT": "moved",
        "DELIVERED": "delivered",
        "RETURNED": "returned",
    }
)
"""What a scan's status means; any other one is a scan that proves no pick-up, as ``FAILURE`` is."""


def tracking_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """One of ``trackings`` per answer; the newest status counts as a scan beside the history."""
    belonging = {"statement": None, "account": None, "currency": connection.currency}
    return collected(unpacked, _trackings, {"trackings": ()}, belonging)


def _trackings(record: Mapping[str, Any]) -> Made:
    newest = [record["tracking_status"]] if record["tracking_status"] else []
    times = scan_times(
        (text_of(scan, "status_date"), KINDS.get(text_of(scan, "status"), "seen"))
        for scan in [*record["tracking_history"], *newest]
    )
    if times is None:
        raise Unusable("last_scan_at", "a status_date is no ISO 8601 time")
    parcel = {"waybill_no": text_of(record, "tracking_number"), "carrier": text_of(record, "carrier") or None}
    return {"trackings": [parcel | times | {"freight_cost": None}]}
