"""WeChat Pay (APIv3): trade bill and fund-flow bill of a merchant."""

from connectors.core.protocol import Source
from connectors.wechatpay.client import HOSTS
from connectors.wechatpay.streams import FUNDS, TRADES, recognises

SOURCE = Source(
    name="wechatpay",
    platform="wechatpay",
    default_expect="daily",
    credentials=("mch_id", "serial_no", "private_key"),
    optional_credentials=("platform_public_key", "apiv3_key"),
    hosts=HOSTS,
    streams=(TRADES, FUNDS),
    recognises=recognises,
    account_kind="channel",
)
