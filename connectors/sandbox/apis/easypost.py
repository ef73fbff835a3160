"""EasyPost for the market's parcels that UPS carries: lists of trackers, newest first, and one tracker by its id.

Basic authentication with the key as user and no password. A page ends by ``has_more``; the next one comes before the
last id. Every label has its tracker; a number without one is in no list. Scans may repeat and stand in any order.
"""

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_CARRIER = "UPS"
_USUAL, _MOST = 20, 100
_ROOT = "/easypost/v2/trackers"
_KNOWN = frozenset({"tracking_code", "carrier", "page_size", "before_id", "start_datetime", "end_datetime"})
_BUYERS_ZONE = timezone(timedelta(hours=-5))
_ID = "'trk_' || md5(waybill_no)"
_SOME, _OTHER = 4, 7
"""Every so many-th parcel has a repeated scan, or its scans in another order."""


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    return json_response({"error": {"code": code, "message": message, "errors": []}}, status, headers)


def handle(request: Request, scene: Scene) -> Response:
    """Answer one request."""
    scene.market.ensure(scene.now.date())
    if not _is_let_in(request, scene):
        return _error(401, "APIKEY.INACTIVE", "This api key is no longer active.")
    if request.method != "GET":
        return _error(405, "METHOD.NOT_ALLOWED", "Only GET is served here.")
    if request.path == _ROOT:
        return _listed(request.query, scene)
    if request.path.startswith(f"{_ROOT}/"):
        rows = _rows(scene, f"{_ID} = ?", [request.path.removeprefix(f"{_ROOT}/")], 1)
        return json_response(_tracker(rows[0], scene)) if rows else _missing()
    return _missing()


def limited(scene: Scene) -> Response:
    """More than five lists a second."""
    del scene
    return _error(429, "RATE_LIMITED", "You have exceeded the rate limit.", {"Retry-After": "1"})


def late(scene: Scene) -> Response:
    """EasyPost is away for a moment."""
    del scene
    return _error(503, "SERVICE.UNAVAILABLE", "The service is unavailable; try again later.")


def _missing() -> Response:
    return _error(404, "NOT_FOUND", "The requested resource could not be found.")


def _is_let_in(request: Request, scene: Scene) -> bool:
    scheme, _, pair = request.header("Authorization").partition(" ")
    try:
        given = base64.b64decode(pair, validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = f"{scene.keys['EASYPOST_API_KEY']}:".encode()
    return scheme.lower() == "basic" and hmac.compare_digest(expected, given)


def _listed(query: dict[str, str], scene: Scene) -> Response:
    strange = query.keys() - _KNOWN
    size = query.get("page_size", str(_USUAL))
    if strange or not size.isdecimal() or not 1 <= int(size) <= _MOST:
        return _error(422, "PARAMETER.INVALID", "A parameter is not known, or page_size is not 1 to 100.")
    wheres: list[str] = ["true"]
    values: list[Any] = []
    if "tracking_code" in query:
        wheres.append("waybill_no = ?")
        values.append(query["tracking_code"])
    if "carrier" in query:
        wheres.append("carrier = ?")
        values.append(query["carrier"])
    for name, sign in (("start_datetime", ">="), ("end_datetime", "<")):
        if name in query:
            moment = _read(query[name], scene)
            if moment is None:
                return _error(422, "PARAMETER.INVALID", f"{name} is no time.")
            wheres.append(f"shipped_at {sign} ?")
            values.append(moment)
    if "before_id" in query:
        [*known] = _rows(scene, f"{_ID} = ?", [query["before_id"]], 1)
        if not known:
            return _missing()
        wheres.append("(shipped_at, waybill_no) < (?, ?)")
        values += [known[0]["shipped_at"], known[0]["waybill_no"]]
    rows = _rows(scene, " and ".join(wheres), values, int(size) + 1)
    trackers = [_tracker(row, scene) for row in rows[: int(size)]]
    return json_response({"trackers": trackers, "has_more": len(rows) > int(size)})


def _rows(scene: Scene, where: str, values: list[Any], most: int) -> list[dict[str, Any]]:
    return scene.market.records(
        f"select *, {_ID} as tracker_id from market.orders where carrier = ? and waybill_no is not null"
        f" and shipped_at <= ? and {where} order by shipped_at desc, waybill_no desc limit {most}",
        [_CARRIER, scene.now, *values],
    )


def _read(text: str, scene: Scene) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(scene.world.config.timezone).replace(tzinfo=None)


def _utc(moment: datetime, scene: Scene) -> datetime:
    return moment.replace(tzinfo=scene.world.config.timezone).astimezone(UTC)


def _stamp(moment: datetime, scene: Scene) -> str:
    return _utc(moment, scene).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tracker(row: dict[str, Any], scene: Scene) -> dict[str, Any]:
    scans = _scans(row, scene)
    reached = [moment for moment in (row["picked_up_at"], row["delivered_at"]) if moment <= scene.now]
    newest = max([row["shipped_at"], *reached])
    status = "delivered" if len(reached) > 1 else "in_transit" if reached else "pre_transit"
    origin = _location("HOUSTON", "TX", "77063")
    return {
        "id": row["tracker_id"],
        "object": "Tracker",
        "mode": "test",
        "tracking_code": row["waybill_no"],
        "status": status,
        "status_detail": "arrived_at_destination" if status == "delivered" else "status_update",
        "created_at": _stamp(row["shipped_at"], scene),
        "updated_at": _stamp(newest, scene),
        "signed_by": None,
        "weight": None,
        "est_delivery_date": _stamp(row["delivered_at"], scene),
        "shipment_id": f"shp_{row['tracker_id'].removeprefix('trk_')}",
        "carrier": _CARRIER,
        "tracking_details": scans,
        "fees": [{"object": "Fee", "type": "TrackerFee", "amount": "0.02000", "charged": True, "refunded": False}],
        "carrier_detail": {
            "object": "CarrierDetail",
            "service": "Ground",
            "container_type": None,
            "est_delivery_date_local": None,
            "est_delivery_time_local": None,
            "origin_location": "HOUSTON TX, 77001",
            "origin_tracking_location": origin,
            "destination_location": "CHARLESTON SC, 29401",
            "destination_tracking_location": None,
            "guaranteed_delivery_date": None,
            "alternate_identifier": None,
            "initial_delivery_attempt": None,
        },
        "public_url": f"https://track.easypost.com/{row['tracker_id']}",
    }


def _location(city: str | None = None, state: str | None = None, code: str | None = None) -> dict[str, Any]:
    return {"object": "TrackingLocation", "city": city, "state": state, "country": None, "zip": code}


def _scans(row: dict[str, Any], scene: Scene) -> list[dict[str, Any]]:
    picked_up, delivered = row["picked_up_at"], row["delivered_at"]
    told = [
        (
            row["shipped_at"],
            "pre_transit",
            "Shipper created a label, UPS has not received the package yet.",
            _location(),
        ),
        (picked_up, "in_transit", "Origin Scan", _location("HOUSTON", "TX", "77063")),
        (picked_up + timedelta(hours=3), "in_transit", "Departed from Facility", _location("HOUSTON", "TX", "77063")),
        (
            delivered - timedelta(hours=2),
            "out_for_delivery",
            "Out For Delivery",
            _location("CHARLESTON", "SC", "29407"),
        ),
        (delivered, "delivered", "DELIVERED", _location("CHARLESTON", "SC", "29407")),
    ]
    seen = sorted((scan for scan in told if scan[0] <= scene.now), key=lambda scan: scan[0])
    if row["n"] % _SOME == 0:
        seen.append(seen[-1])
    if row["n"] % _OTHER == 0:
        seen.reverse()
    return [_scan(*scan, scene) for scan in seen]


def _scan(moment: datetime, status: str, message: str, place: dict[str, Any], scene: Scene) -> dict[str, Any]:
    has_place = place["zip"] is not None
    local = _utc(moment, scene).astimezone(_BUYERS_ZONE).isoformat(timespec="seconds")
    return {
        "object": "TrackingDetail",
        "message": message,
        "description": "",
        "status": status,
        "status_detail": "status_update",
        # where the place is known the time is that place's
        "datetime": local if has_place and status == "delivered" else _stamp(moment, scene),
        "source": _CARRIER,
        "carrier_code": "",
        "tracking_location": place,
    }


API = Api(handle, limited, late)
