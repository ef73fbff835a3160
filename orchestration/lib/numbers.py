"""What sources that list nothing by themselves are asked about: numbers the merchant knows from other sources.

They come from the published snapshot, so that a landing never waits for the warehouse; before the first publication
there is nothing to ask about.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from connectors.core.protocol import Number, Stream
from orchestration.settings import ConnectionSettings, Settings
from orchestration.warehouse import read_published

ASKED_DAYS: Final = 30
"""After this long without an answer a number is no longer asked about: it is an exception by then."""

_QUESTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "waybills": """
            select distinct waybill_no, carrier from marts.shipments
            where delivered_at is null and business_date > $since
                and ($store is null and entity = $entity or store = $store)
            order by waybill_no
        """,
        "payments": """
            select distinct coalesce(merchant_pay_no, order_no) as pay_no, null from marts.orders
            where match_status in ('timing', 'open') and business_date > $since
                and ($store is null and entity = $entity or store = $store)
            order by pay_no
        """,
    }
)


def numbers_for(settings: Settings, connection: ConnectionSettings, stream: Stream, today: date) -> tuple[Number, ...]:
    """The numbers a stream asks about, in a fixed order; none for a stream that lists by itself."""
    if not stream.asks:
        return ()
    rows = read_published(
        settings,
        _QUESTIONS[stream.asks],
        {"since": today - timedelta(days=ASKED_DAYS), "store": connection.store, "entity": connection.entity},
    )
    return tuple(Number(str(value), carrier) for value, carrier in rows)
