"""JD POP (京东): orders and refund applications over the open platform, settlements and the wallet from its exports."""

from connectors.core.protocol import Source
from connectors.jd.client import HOSTS
from connectors.jd.streams import BILLS, ORDERS, REFUNDS, recognises

SOURCE = Source(
    name="jd",
    platform="jd",
    default_expect="daily",
    credentials=("app_key", "app_secret", "access_token"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(ORDERS, REFUNDS, BILLS),
    recognises=recognises,
)
