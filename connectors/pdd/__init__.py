"""Pinduoduo through its open platform: orders, refunds, the daily money file (货款)."""

from connectors.core.protocol import Source
from connectors.pdd.client import HOSTS
from connectors.pdd.streams import BILLS, ORDERS, REFUNDS, recognises

SOURCE = Source(
    name="pdd",
    platform="pdd",
    default_expect="daily",
    credentials=("client_id", "client_secret", "access_token"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(ORDERS, REFUNDS, BILLS),
    recognises=recognises,
)
