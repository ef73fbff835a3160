"""SF's routes and fees as the stream ``trackings``, for ``tieout inspect``. Staging does the same in SQL."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core.canonical import Made, Unusable, collected, local_time, signed, text_of
from connectors.core.protocol import Canonical, Connection, Unpacked
from connectors.core.text import amount, plain

ZONE = ZoneInfo("Asia/Shanghai")
CARRIER = "顺丰速运"
PICKED_UP = frozenset({"50", "54"})
SIGNED = "80"


def items(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, whatever else stands in its place."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def opcode(event: dict[str, Any]) -> str:
    """The kind of scan; older answers write its name in small letters."""
    return text_of(event, "opCode") or text_of(event, "opcode")


def is_picked_up(parcel: dict[str, Any]) -> bool:
    """Whether a courier has taken the parcel."""
    return any(opcode(event) in PICKED_UP for event in items(parcel.get("routes")))


def _routes(parcel: dict[str, Any]) -> dict[str, str | None]:
    """Scans by time, never by place in the list."""
    times = [(text_of(event, "acceptTime"), opcode(event)) for event in items(parcel.get("routes"))]
    times = [(time, code) for time, code in times if time]
    return {
        "waybill_no": text_of(parcel, "mailNo") or None,
        "picked_up_at": min((time for time, code in times if code in PICKED_UP), default=None),
        "delivered_at": min((time for time, code in times if code == SIGNED), default=None),
        "last_scan_at": max((time for time, _ in times), default=None),
        "freight_cost": None,
    }


def _fee(record: dict[str, Any]) -> dict[str, str | None]:
    answer = record.get("answer")
    data = answer.get("msgData") if isinstance(answer, dict) else None
    values = [text_of(fee, "value") for fee in items(data.get("waybillFeeList") if isinstance(data, dict) else None)]
    known = [amount(value) for value in values]
    bad = next((value for value, number in zip(values, known, strict=True) if number is None), None)
    total = sum((number for number in known if number is not None), Decimal())
    return {
        "waybill_no": text_of(record, "waybill_no") or None,
        "picked_up_at": None,
        "delivered_at": None,
        "last_scan_at": None,
        "freight_cost": (bad if bad is not None else plain(total)) if values else None,
    }


def waybill_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Waybills as ``trackings``: one per answer about one."""
    belonging = {"statement": None, "account": None, "currency": connection.currency}
    return collected(unpacked, _trackings, {"trackings": ("waybill_no",)}, belonging)


def _trackings(record: dict[str, Any]) -> Made:
    said = _fee(record) if "answer" in record else _routes(record)
    made: dict[str, Any] = {"waybill_no": said["waybill_no"], "carrier": CARRIER}
    for name in ("picked_up_at", "delivered_at", "last_scan_at"):
        text = said[name]
        made[name] = None if text is None else local_time(text, ZONE)
    cost = said["freight_cost"]
    made["freight_cost"] = None if cost is None else signed(cost)
    for name, text in said.items():
        if text is not None and made[name] is None:
            raise Unusable(name)
    return {"trackings": [made]}
