"""Kuaidi100's answers about waybills, one a question; the one raw table has the one column ``record``."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from connectors.core.answers import RECORD, answers, is_answer
from connectors.core.asking import Refusals
from connectors.core.canonical import collected
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError
from connectors.core.protocol import Canonical, Connection, Delivery, Number, Stream, Tools, Unpacked, Window
from connectors.core.text import Refused
from connectors.kuaidi100.client import client_for

MARKS = frozenset({"nu", "com", "state", "data"})
CARRIERS: Mapping[str, str] = MappingProxyType({
    "圆通": "yuantong",
    "中通": "zhongtong",
    "申通": "shentong",
    "韵达": "yunda",
    "极兔": "jtexpress",
    "顺丰": "shunfeng",
    "京东": "jd",
    "京东物流": "jd",
    "邮政": "youzhengguonei",
    "EMS": "ems",
    "邮政EMS": "ems",
    "德邦": "debangkuaidi",
})  # fmt: skip
"""What a shop calls a carrier, without the word for parcel service → the source's code; it lists some thousand."""
SERVICE = re.compile("(快递包裹|快递|速递|速运)$")
NEEDS_PHONE = frozenset({"shunfeng", "zhongtong"})
SIGNED, RETURNED = "3", "4"


def _code(number: Number, connection: Connection) -> str | None:
    """The source's code of a parcel's carrier; a freight service of the same house is another carrier."""
    carriers = CARRIERS | connection.options.get("carriers", {})
    name = (number.carrier or "").strip()
    code = carriers.get(name) or carriers.get(SERVICE.sub("", name.upper()))
    return code or (name.lower() if name.lower() in carriers.values() else None)


def fetch_waybills(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """What is known of the merchant's parcels whose carrier has a code; the others are left to other sources.

    A waybill that is refused is told at the end, when all others have been asked.
    """
    if connection.path is not None:
        yield from delivered_files(connection, tools, ("*.json",))
        return
    day = window.start.astimezone(connection.timezone).date()
    phone = str(connection.options.get("phone") or "")[-4:]
    coded = [(number.value, _code(number, connection)) for number in connection.numbers]
    asked = [(value, code) for value, code in coded if code and (phone or code not in NEEDS_PHONE)]
    if not asked:
        return
    refusals = Refusals()
    try:
        client = client_for(connection, tools)
        for value, code in asked:
            question = {"com": code, "num": value, "resultv2": "1"} | ({"phone": phone} if phone else {})
            body = refusals.ask(value, partial(client.ask, question))
            if body is not None:
                yield Delivery(
                    body=body,
                    suffix="json",
                    day=day,
                    window=None,
                    request={"com": code, "num": value},
                    name=f"tracking_{value}.json",
                )
        refusals.tell()
    except ConnectorError as error:
        raise error.at(source="kuaidi100", stream="waybills", window=window) from error.__cause__


def _waybill_at(document: Any) -> str:
    is_one = isinstance(document, dict) and document.keys() >= MARKS and isinstance(document["data"], list)
    if not is_one or not document["nu"] or not all(isinstance(scan, dict) for scan in document["data"]):
        raise Refused("is no answer about a waybill with nu, com, state and a list data")
    return ""


def canonical(unpacked: Unpacked, connection: Connection) -> Canonical:
    """One of ``trackings`` per answer: first and last scan, and the signature where the state says so."""
    del connection
    return collected(unpacked, lambda record: {"trackings": [_tracking(record)]}, {"trackings": ()})


def _tracking(record: Mapping[str, Any]) -> dict[str, Any]:
    times = sorted(str(scan.get("time")) for scan in record["data"] if scan.get("time"))
    state = str(record.get("state"))
    return {
        "waybill_no": str(record["nu"]),
        "carrier": record.get("com"),
        "picked_up_at": times[0] if times else None,
        "delivered_at": times[-1] if times and state == SIGNED else None,
        "returned_at": times[-1] if times and state == RETURNED else None,
        "last_scan_at": times[-1] if times else None,
    }


def recognises(path: Path) -> bool:
    """Whether the file is an answer about a waybill."""
    return is_answer(path, _waybill_at)


WAYBILLS = Stream(
    name="waybills",
    day_kind="window",
    tables={"waybills": RECORD},
    fetch=fetch_waybills,
    unpack=answers("waybills", _waybill_at),
    canonical=canonical,
    reads=recognises,
    asks="waybills",
)
