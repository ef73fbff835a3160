"""Shippo's answers about the merchant's own waybills, one number a question.

The one raw table has the one column ``record``: an answer. Numbers are asked about, never registered.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from connectors.core.answers import RECORD, answers, is_answer
from connectors.core.asking import Refusals
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError, UnexpectedShape
from connectors.core.protocol import Connection, Delivery, Number, Stream, Tools, Window
from connectors.core.scans import bare
from connectors.core.text import Refused
from connectors.shippo.client import ShippoClient, client_for
from connectors.shippo.records import tracking_records

MARKS = frozenset({"carrier", "tracking_number", "tracking_status", "tracking_history"})
CARRIERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AUSTRALIA POST": ("australia_post",),
        "CANADA POST": ("canada_post",),
        "CHRONOPOST": ("chronopost",),
        "COLISSIMO": ("colissimo",),
        "CORREOS": ("correos_espana",),
        "DEUTSCHE POST": ("deutsche_post",),
        "DHL BENELUX": ("dhl_benelux",),
        "DHL ECOMMERCE": ("dhl_ecommerce",),
        "DHL EXPRESS": ("dhl_express",),
        "DHL GERMANY": ("dhl_germany",),
        "DHL PAKET": ("dhl_germany",),
        "DHL": ("dhl_germany", "dhl_express", "dhl_ecommerce"),
        "DPD DE": ("dpd_de",),
        "DPD UK": ("dpd_uk",),
        "DPD": ("dpd_de", "dpd_uk"),
        "EVRI": ("hermes_uk",),
        "FEDEX": ("fedex",),
        "LA POSTE": ("la_poste",),
        "MONDIAL RELAY": ("mondial_relay",),
        "ONTRAC": ("ontrac",),
        "POSTE ITALIANE": ("poste_italiane",),
        "ROYAL MAIL": ("royal_mail",),
        "UPS": ("ups",),
        "USPS": ("usps",),
    }
)
"""What a shop calls a carrier, by its words → Shippo's tokens, asked in this order until one knows the number."""


def tokens(number: Number, connection: Connection) -> tuple[str, ...]:
    """Whom to ask about a parcel: the most exact name wins; none where Shippo is not asked about its carrier."""
    own = connection.options.get("carriers", {}).get((number.carrier or "").strip())
    if own:
        return (own,)
    words = set(re.findall("[A-Z0-9]+", (number.carrier or "").upper()))
    fitting = [name for name in CARRIERS if words.issuperset(name.split())]
    return CARRIERS[max(fitting, key=lambda name: (len(name.split()), name))] if fitting else ()


def _asked(
    client: ShippoClient, number: Number, window: Window, connection: Connection, refusals: Refusals
) -> Iterator[Delivery]:
    for carrier in tokens(number, connection):
        reply = refusals.ask(number.value, partial(client.ask, carrier, number.value))
        if reply is None:
            continue
        if bare(reply.number) != bare(number.value):
            raise UnexpectedShape(f"Shippo was asked about {number.value} and answered about another number")
        yield Delivery(
            body=reply.body,
            suffix="json",
            day=window.start.astimezone(connection.timezone).date(),
            window=None,
            request={"carrier": carrier, "tracking_number": number.value},
            name=f"tracking_{number.value}.json",
        )
        return


def fetch_waybills(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """What Shippo knows of the parcels on their way; a number it does not know brings nothing."""
    if connection.path is not None:
        yield from delivered_files(connection, tools, ("*.json",))
        return
    asked = [number for number in connection.numbers if tokens(number, connection)]
    refusals = Refusals()
    try:
        if asked:
            client = client_for(connection, tools)
            for number in asked:
                yield from _asked(client, number, window, connection, refusals)
        refusals.tell()
    except ConnectorError as error:
        raise error.at(source="shippo", stream="waybills", window=window) from error.__cause__


def _answer_at(document: Any) -> str:
    if not isinstance(document, dict) or not document.keys() >= MARKS or not _is_whole(document):
        raise Refused(
            "is no answer of Shippo about a number: tracking_number, carrier, tracking_status and a list "
            "tracking_history"
        )
    return ""


def _is_whole(document: Mapping[str, Any]) -> bool:
    number, history, status = (document[name] for name in ("tracking_number", "tracking_history", "tracking_status"))
    return (
        isinstance(number, str)
        and bool(number)
        and isinstance(status, dict | None)
        and isinstance(history, list)
        and all(isinstance(scan, dict) for scan in history)
    )


def recognises(path: Path) -> bool:
    """Whether the file is an answer of Shippo about a number."""
    return is_answer(path, _answer_at)


WAYBILLS = Stream(
    name="waybills",
    day_kind="window",
    tables={"waybills": RECORD},
    fetch=fetch_waybills,
    unpack=answers("waybills", _answer_at),
    canonical=tracking_records,
    reads=recognises,
    asks="waybills",
)
