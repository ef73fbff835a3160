"""EasyPost's trackers as the stream ``trackings``, for ``tieout inspect``. Staging does the same in SQL."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from connectors.core.canonical import Made, Unusable, collected, text_of
from connectors.core.protocol import Canonical, Connection, Unpacked
from connectors.core.scans import Kind, scan_times

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "pre_transit": "label",
        "cancelled": "label",
        "error": "label",
        "unknown": "unclear",
        "": "unclear",
        "in_transit": "moved",
        "out_for_delivery": "moved",
        "available_for_pickup": "moved",
        "delivered": "delivered",
        "return_to_sender": "returned",
    }
)
"""What a scan's status means; any other one is a scan that proves no pick-up, as ``failure`` is."""


def tracker_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """One of ``trackings`` per tracker."""
    belonging = {"statement": None, "account": None, "currency": connection.currency}
    return collected(unpacked, _trackings, {"trackings": ()}, belonging)


def _trackings(record: Mapping[str, Any]) -> Made:
    times = scan_times(
        (text_of(scan, "datetime"), KINDS.get(text_of(scan, "status"), "seen")) for scan in record["tracking_details"]
    )
    if times is None:
        raise Unusable("last_scan_at", "a scan's datetime is no ISO 8601 time")
    parcel = {"waybill_no": text_of(record, "tracking_code"), "carrier": text_of(record, "carrier") or None}
    # fees are those of EasyPost for tracking, not the carrier's
    return {"trackings": [parcel | times | {"freight_cost": None}]}
