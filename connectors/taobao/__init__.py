"""Taobao and Tmall through the open platform (TOP): trades, their details, refunds."""

from connectors.core.protocol import Source
from connectors.taobao.client import HOSTS
from connectors.taobao.streams import DETAILS, REFUNDS, TRADES, recognises

SOURCE = Source(
    name="taobao",
    platform="taobao",
    default_expect="daily",
    credentials=("app_key", "app_secret", "session"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(TRADES, DETAILS, REFUNDS),
    recognises=recognises,
)
