"""Shippo for the market's parcels that DHL carries: one number of one carrier a question.

A token that is no carrier is refused with 400; a number nobody knows is a 404 as HTML; a number of another house of DHL
has a null status and no history. Scans may repeat and stand in any order, some say UNKNOWN.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.apis.scene import Api, Scene

_CARRIER, _TOKEN = "DHL", "dhl_germany"
_OTHER_HOUSES = frozenset({"dhl_express", "dhl_ecommerce", "dhl_benelux"})
_CARRIERS = _OTHER_HOUSES | {_TOKEN, "usps", "ups", "fedex", "dpd_de", "deutsche_post", "royal_mail", "la_poste"}
_ROOT = "/shippo/tracks"
_STEPS = 4
"""The steps of ``/shippo/tracks/carrier/number``."""
_SOME, _OTHER, _SLOW = 4, 7, 5
"""Every so many-th parcel has a repeated scan, its scans the other way round, or a history behind its status."""


def handle(request: Request, scene: Scene) -> Response:
    """Answer one request."""
    scene.market.ensure(scene.now.date())
    scheme, _, token = request.header("Authorization").partition(" ")
    if scheme != "ShippoToken" or not hmac.compare_digest(token.encode(), scene.keys["SHIPPO_API_TOKEN"].encode()):
        return json_response({"detail": "Invalid token"}, 401)
    steps = [unquote(step) for step in request.path.strip("/").split("/")]
    if not request.path.startswith(f"{_ROOT}/") or len(steps) != _STEPS:
        return _unknown()
    if request.method != "GET":
        return json_response({"detail": f'Method "{request.method}" not allowed.'}, 405)
    carrier, number = steps[2:]
    if carrier not in _CARRIERS:
        return json_response({"carrier": [f"Invalid value specified for provider '{carrier}'"]}, 400)
    return _tracked(carrier, number, scene)


def limited(scene: Scene) -> Response:
    """Too many questions at once."""
    del scene
    return json_response({"detail": "Request was throttled."}, 429, {"Retry-After": "1"})


def late(scene: Scene) -> Response:
    """The carrier has not answered."""
    del scene
    return Response(503, b"<html>Service Unavailable</html>", "text/html")


def _unknown() -> Response:
    return Response(404, b"<!DOCTYPE html><html><body><h1>Not Found</h1></body></html>", "text/html")


def _tracked(carrier: str, number: str, scene: Scene) -> Response:
    rows = scene.market.records(
        "select * from market.orders where carrier = ? and waybill_no = ? and shipped_at <= ?",
        [_CARRIER, number, scene.now],
    )
    if not rows or carrier not in {_TOKEN, *_OTHER_HOUSES}:
        return _unknown()
    scans = _scans(rows[0], scene) if carrier == _TOKEN else []
    newest = max(scans, key=lambda scan: scan["status_date"], default=None)
    history = [scan for scan in scans if scan is not newest] if rows[0]["n"] % _SLOW == 0 else scans
    if history and rows[0]["n"] % _SOME == 0:
        history = [*history, history[-1]]
    if rows[0]["n"] % _OTHER == 0:
        history = history[::-1]
    return json_response(
        {
            "carrier": carrier,
            "tracking_number": number,
            "address_from": {"city": "", "state": "", "zip": "", "country": "DE"},
            "address_to": {"city": "Berlin", "state": "", "zip": "10115", "country": "DE"} if scans else None,
            "eta": None,
            "servicelevel": {"token": None, "name": None},
            "metadata": None,
            "tracking_status": newest and newest | {"object_updated": newest["object_created"]},
            "tracking_history": history,
        }
    )


def _scans(row: dict[str, Any], scene: Scene) -> list[dict[str, Any]]:
    picked_up, delivered = row["picked_up_at"], row["delivered_at"]
    told = [
        (row["shipped_at"], "UNKNOWN", "The shipping label has been created.", None),
        (picked_up, "TRANSIT", "The shipment has been accepted.", "Leipzig"),
        (picked_up + timedelta(hours=3), "UNKNOWN", "The instruction data was amended.", None),
        (delivered - timedelta(hours=2), "TRANSIT", "The shipment is out for delivery.", "Berlin"),
        (delivered, "DELIVERED", "The shipment has been delivered.", "Berlin"),
    ]
    seen = [scan for scan in told if scan[0] <= scene.now]
    return [
        {"object_id": hashlib.md5(f"{row['waybill_no']}|{place}".encode(), usedforsecurity=False).hexdigest()}
        | _scan(*scan, scene)
        for place, scan in enumerate(seen)
    ]


def _scan(moment: datetime, status: str, details: str, city: str | None, scene: Scene) -> dict[str, Any]:
    at = moment.replace(tzinfo=scene.world.config.timezone).astimezone(UTC)
    return {
        "object_created": at.strftime("%Y-%m-%dT%H:%M:%S.250Z"),
        "status": status,
        "status_details": details,
        "status_date": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "location": city and {"city": city, "state": "", "zip": "", "country": "DE"},
    }


API = Api(handle, limited, late)
