"""SF's answers about waybills: routes of several at a time, the fee of each that has been picked up.

The one raw table has the one column ``record``: a waybill with its routes, or a waybill with its fee answer.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.core.answers import RECORD
from connectors.core.asking import Refusals
from connectors.core.drops import delivered_files
from connectors.core.errors import BadRequest, ConnectorError, UnexpectedShape
from connectors.core.protocol import Connection, Delivery, Part, Stream, Tools, Unpacked, Window
from connectors.core.transport import Reply
from connectors.sf.client import SfClient, client_for
from connectors.sf.records import is_picked_up, items, waybill_records

ROUTES = "EXP_RECE_SEARCH_ROUTES"
FEE = "EXP_RECE_QUERY_SFWAYBILL"
BATCH = 10
DROP_PATTERNS = ("*.json",)
OURS = re.compile("顺丰|sf", re.IGNORECASE)
FEE_NAME = re.compile(r"fee_([0-9A-Za-z]+)\.json")


def _routes(client: SfClient, numbers: tuple[str, ...], day: date, connection: Connection) -> Iterator[Delivery]:
    phone = str(connection.options.get("phone") or "")[-4:]
    refusals = Refusals()
    size = int(connection.options.get("batch_size", BATCH))
    for start in range(0, len(numbers), size):
        batch = numbers[start : start + size]
        question: dict[str, Any] = {"language": "0", "trackingType": "1", "trackingNumber": list(batch)}
        reply = client.call(ROUTES, question | ({"checkPhoneNo": phone} if phone else {}))
        parcels = items(reply.content.get("routeResps"))
        strange = sorted({str(parcel.get("mailNo")) for parcel in parcels} - set(batch))
        if strange:
            raise UnexpectedShape(f"{ROUTES} answered about {strange[0]}, which was not asked for")
        if any(items(parcel.get("routes")) for parcel in parcels):
            yield Delivery(
                body=reply.body,
                suffix="json",
                day=day,
                window=None,
                request={"service": ROUTES, "trackingNumber": ",".join(batch)},
                name=f"routes_{day.isoformat()}_{start // size + 1}.json",
                stated={"rows": str(len(parcels))},
            )
        for parcel in parcels:
            if is_picked_up(parcel):
                yield from _fee(client, str(parcel["mailNo"]), day, connection, refusals)
    refusals.tell()


def _fee(client: SfClient, number: str, day: date, connection: Connection, refusals: Refusals) -> Iterator[Delivery]:
    """What a parcel cost; refusals named in ``not_ready_codes`` mean that it is not known yet."""
    reply = refusals.ask(number, lambda: _fee_answer(client, number, connection))
    if reply is not None and items(reply.content.get("waybillFeeList")):
        yield Delivery(
            body=reply.body,
            suffix="json",
            day=day,
            window=None,
            request={"service": FEE, "trackingNum": number},
            name=f"fee_{number}.json",
        )


def _fee_answer(client: SfClient, number: str, connection: Connection) -> Reply | None:
    try:
        return client.call(FEE, {"trackingType": "2", "trackingNum": number})
    except BadRequest as error:
        if error.code and error.code in connection.options.get("not_ready_codes", ()):
            return None
        raise


def fetch_waybills(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Routes and fees of the merchant's own waybills that SF carries."""
    if connection.path is not None:
        yield from delivered_files(connection, tools, DROP_PATTERNS)
        return
    ours = tuple(n.value for n in connection.numbers if n.carrier is None or OURS.search(n.carrier))
    day = window.start.astimezone(connection.timezone).date()
    try:
        if ours:
            yield from _routes(client_for(connection, tools), ours, day, connection)
    except ConnectorError as error:
        raise error.at(source="sf", stream="waybills", window=window) from error.__cause__


def _answer(path: Path) -> tuple[str, Mapping[str, Any]] | None:
    """The inner text of an answer and what it says; None where it is none."""
    document = json.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    if not isinstance(document, dict) or not isinstance(document.get("apiResultData"), str):
        return None
    inner = json.loads(document["apiResultData"], parse_float=Decimal)
    data = inner.get("msgData") if isinstance(inner, dict) else None
    return (document["apiResultData"], data) if isinstance(data, dict) else None


def _old(path: Path) -> list[dict[str, Any]] | None:
    """The scans of an answer of the platform before: one list of scans, each with its waybill."""
    document = json.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    data = document.get("data") if isinstance(document, dict) else None
    scans = data.get("body") if isinstance(data, dict) else None
    marks = {"mailNo", "acceptTime", "opcode"}
    if not isinstance(scans, list) or not scans:
        return None
    return scans if all(isinstance(scan, dict) and scan.keys() >= marks for scan in scans) else None


def unpack_waybills(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """An answer with routes, with the fee of one waybill, or with the scans of the platform before."""
    del suffix, connection
    name = name or path.name
    target = workdir / f"{path.stem}_waybills.json"
    try:
        text, where = _inner(path, name)
    except (ValueError, RecursionError):
        return Unpacked(refused=f"{name} is no JSON in UTF-8, or its apiResultData is none; fetch it again")
    if not text:
        return Unpacked(refused=f"{name} is no answer of SF with {where}; fetch it again")
    target.write_text(text, encoding="utf-8")
    return Unpacked(parts=(Part(table="waybills", kind="json", path=target, columns=RECORD, first_row=1, items=where),))


def _inner(path: Path, name: str) -> tuple[str, str]:
    """The document to load and the place of its records; no document, and what was missed."""
    old = _old(path)
    if old is not None:
        parcels: dict[str, list[dict[str, Any]]] = {}
        for scan in old:
            parcels.setdefault(str(scan["mailNo"]), []).append(scan)
        made = [{"mailNo": number, "routes": scans} for number, scans in parcels.items()]
        return json.dumps(made, ensure_ascii=False), ""
    answer = _answer(path)
    if answer is None:
        return "", "JSON text in apiResultData"
    text, data = answer
    routes = data.get("routeResps")
    if isinstance(routes, list):
        whole = all(isinstance(parcel, dict) and isinstance(parcel.get("routes"), list) for parcel in routes)
        return (text, "$.msgData.routeResps") if whole else ("", "routes of every waybill")
    if not isinstance(data.get("waybillFeeList"), list):
        return "", "routeResps or waybillFeeList"
    info = data.get("waybillInfo")
    number = str(info.get("waybillNo") or "") if isinstance(info, dict) else ""
    found = FEE_NAME.fullmatch(name)
    number = number or (found[1] if found else "")
    if not number:
        return "", "a waybill number, neither inside nor in its name fee_<number>.json"
    return f'{{"waybill_no":{json.dumps(number)},"answer":{text}}}', ""


def recognises(path: Path) -> bool:
    """Whether the file is an answer about waybills."""
    try:
        return path.suffix.lower() == ".json" and bool(_inner(path, path.name)[0])
    except (OSError, ValueError, RecursionError):
        return False


WAYBILLS = Stream(
    name="waybills",
    day_kind="window",
    tables={"waybills": RECORD},
    fetch=fetch_waybills,
    unpack=unpack_waybills,
    canonical=waybill_records,
    reads=recognises,
    asks="waybills",
)
