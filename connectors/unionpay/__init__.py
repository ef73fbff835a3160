"""UnionPay (银联全渠道): the daily reconciliation file of a merchant, by file transfer or from a folder."""

from connectors.core.protocol import Source
from connectors.unionpay.client import HOSTS
from connectors.unionpay.streams import TRADES, recognises

SOURCE = Source(
    name="unionpay",
    platform="unionpay",
    default_expect="daily",
    credentials=("mer_id", "cert_id", "private_key"),
    optional_credentials=("platform_public_key",),
    hosts=HOSTS,
    streams=(TRADES,),
    recognises=recognises,
    account_kind="channel",
)
