"""EasyPost's trackers of the merchant's own waybills, one number a question.

The one raw table has the one column ``record``: a tracker. Trackers are read, never made: making one may cost money.
"""

import re
from collections.abc import Iterator
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from connectors.core.answers import RECORD, answers, is_answer
from connectors.core.asking import Refusals
from connectors.core.canonical import text_of
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError, UnexpectedShape
from connectors.core.protocol import Connection, Delivery, Number, Stream, Tools, Window
from connectors.core.scans import bare
from connectors.core.text import Refused
from connectors.easypost.client import EasypostClient, client_for
from connectors.easypost.records import tracker_records

CARRIERS = ("UPS", "USPS", "FEDEX", "DHL EXPRESS", "DHLEXPRESS", "CANADA POST", "CANADAPOST", "ONTRAC", "LASERSHIP")
"""Carriers that EasyPost tracks, by the words in a shop's name of them; it knows some hundred more."""
OLDEST = timedelta(days=60)
"""Carriers use a number again: a tracker made longer ago is of another parcel."""
LIST_MARKS = frozenset({"trackers", "has_more"})
TRACKER_MARKS = frozenset({"object", "tracking_code", "status", "tracking_details", "carrier"})


def is_asked(number: Number, connection: Connection) -> bool:
    """Whether the parcel's carrier is one that EasyPost is asked about."""
    if (number.carrier or "").strip() in connection.options.get("carriers", {}):
        return True
    words = re.findall("[A-Z0-9]+", (number.carrier or "").upper())
    return any(set(name.split()) <= set(words) for name in CARRIERS)


def _trackers(client: EasypostClient, number: str, window: Window, connection: Connection) -> list[Delivery]:
    since = (window.start - OLDEST).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    day = window.start.astimezone(connection.timezone).date()
    found = []
    for place, page in enumerate(client.pages({"tracking_code": number, "start_datetime": since}), start=1):
        if any(bare(text_of(one, "tracking_code")) != bare(number) for one in page.trackers):
            raise UnexpectedShape(f"EasyPost was asked about {number} and answered about another number")
        delivery = Delivery(
            body=page.body,
            suffix="json",
            day=day,
            window=None,
            request={"tracking_code": number, "start_datetime": since, "page": str(place)},
            name=f"trackers_{number}_{place}.json",
            stated={"rows": str(len(page.trackers))},
        )
        found += [delivery] if page.trackers else []
    return found


def fetch_waybills(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """What EasyPost knows of the parcels on their way; a number it does not know brings nothing."""
    if connection.path is not None:
        yield from delivered_files(connection, tools, ("*.json",))
        return
    asked = [number.value for number in connection.numbers if is_asked(number, connection)]
    refusals = Refusals()
    try:
        if asked:
            client = client_for(connection, tools)
            for number in asked:
                yield from refusals.ask(number, partial(_trackers, client, number, window, connection)) or ()
        refusals.tell()
    except ConnectorError as error:
        raise error.at(source="easypost", stream="waybills", window=window) from error.__cause__


def _is_tracker(value: Any) -> bool:
    if not isinstance(value, dict) or not value.keys() >= TRACKER_MARKS or value["object"] != "Tracker":
        return False
    code, scans = value["tracking_code"], value["tracking_details"]
    return isinstance(code, str) and bool(code) and isinstance(scans, list) and all(isinstance(s, dict) for s in scans)


def _trackers_at(document: Any) -> str:
    """A page of trackers, or one tracker."""
    if _is_tracker(document):
        return ""
    trackers = document.get("trackers") if isinstance(document, dict) and document.keys() >= LIST_MARKS else None
    if not isinstance(trackers, list) or not all(map(_is_tracker, trackers)):
        raise Refused(
            "is no answer of EasyPost: a list trackers with has_more, or one tracker, each with tracking_code, "
            "carrier, status and a list tracking_details"
        )
    return "$.trackers"


def recognises(path: Path) -> bool:
    """Whether the file is an answer of EasyPost about trackers."""
    return is_answer(path, _trackers_at)


WAYBILLS = Stream(
    name="waybills",
    day_kind="window",
    tables={"waybills": RECORD},
    fetch=fetch_waybills,
    unpack=answers("waybills", _trackers_at),
    canonical=tracker_records,
    reads=recognises,
    asks="waybills",
)
