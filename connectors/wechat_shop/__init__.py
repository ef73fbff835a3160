"""WeChat's shop (微信小店, Channels): orders, after-sales, and the movements of the shop's balance."""

from connectors.core.protocol import Source
from connectors.wechat_shop.client import HOSTS
from connectors.wechat_shop.streams import FUNDS, ORDERS, REFUNDS, recognises

SOURCE = Source(
    name="wechat_shop",
    platform="wechat_shop",
    default_expect="daily",
    credentials=("app_id", "app_secret"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(ORDERS, REFUNDS, FUNDS),
    recognises=recognises,
)
