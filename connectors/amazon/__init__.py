"""Amazon (Selling Partner API): orders, settlement reports, payouts."""

from connectors.amazon.client import HOSTS
from connectors.amazon.streams import ORDERS, PAYOUTS, SETTLEMENTS, recognises
from connectors.core.protocol import Source

SOURCE = Source(
    name="amazon",
    platform="amazon",
    default_expect="daily",
    credentials=("client_id", "client_secret", "refresh_token"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(ORDERS, SETTLEMENTS, PAYOUTS),
    recognises=recognises,
)
